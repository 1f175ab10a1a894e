"""Routes of contacts, promises and leaving the building (J8, J9, J13, W2)."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field
from starlette.responses import Response

from services.pathway.contact import handlers
from services.pathway.contact.domain import Contact, LogContact, Outcome, Promise
from services.pathway.contact.handlers import LeaveBuilding
from services.pathway.edge import desk
from services.pathway.paging import Cursor, Limit, before, cut
from services.pathway.sleeping import Sleeping
from services.pathway.store import PathwayStore
from shared.decisions import Act
from shared.errors import NotFoundError
from shared.event import Part, Role
from shared.events.pathway import ContactHow
from shared.http import Body, Call, Line, Words, answer, calls, page
from shared.http import router as routes

router = routes("contacts")
SUPPORTERS = (Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM)
Supporting = Annotated[Call[PathwayStore], calls("pathway", *SUPPORTERS)]
Contacting = Annotated[Call[PathwayStore], calls("pathway", Role.CARER, *SUPPORTERS)]
Reading = Annotated[Call[PathwayStore], calls("pathway", Role.PERSON, Role.CARER, *SUPPORTERS)]


class PromiseBody(Body):
    """ "I will ring on Tuesday": by when, and in which words."""

    by: AwareDatetime
    words: Line | None = None


class ContactBody(Body):
    """What came of it and how; a note that the person was shown or read; a promise made in it.

    ``shown_to_person``: they know what is said of them here (W2).
    """

    outcome: Outcome
    how: ContactHow
    happened_at: AwareDatetime | None = None
    note: Words | None = None
    shown_to_person: bool = Field(default=False, strict=True)
    promise: PromiseBody | None = None


class LeavingBody(Body):
    """Which offer was left (none for an emergency department, custody or the like), when, and the person's answer.

    ``sleeping``: where they will sleep for the next seven nights (J13).
    """

    offer: UUID | None = None
    left_at: AwareDatetime | None = None
    sleeping: Sleeping | None = None


@router.post("/v1/people/{person}/contacts", status_code=201, summary="Contact made, tried or turned down")
async def post_contact(person: UUID, body: ContactBody, call: Contacting) -> Response:
    """Keep a contact. Contact made is two-way and live; a text, a reminder or a sighting is contact tried (J8)."""
    await call.permit(person, Part.NAME, Act.WRITE)
    command = LogContact(
        person,
        body.outcome,
        body.how,
        call.by.organisation,
        call.by.member,
        call.by.role,
        body.note,
        body.shown_to_person,
        body.happened_at,
        body.promise.by if body.promise else None,
        body.promise.words if body.promise else None,
        call.ports.community.rulebook().hold_acknowledged_within,
    )
    kept = await desk(call).run(person, handlers.log_contact, command, call.origin, handlers.Kept)
    where = {"Location": f"/v1/people/{person}/contacts"}
    return answer({"contact": kept.contact, "promise": kept.promise}, status=201, headers=where)


@router.get("/v1/people/{person}/contacts", summary="Contacts and promises")
async def get_contacts(person: UUID, call: Reading, limit: Limit = 20, cursor: Cursor = None) -> Response:
    """Give the contacts of a person, newest first, each with the promise made in it (J8)."""
    start = before(cursor)
    permit = await call.permit(person, Part.JOURNEY)
    found = await call.read(lambda store: handlers.read_contacts(store, permit, start.at, start.id, limit + 1))
    items, after = cut(found, limit, lambda pair: pair[0])
    return call.disclose(permit, page([_shown(*pair) for pair in items], after))


@router.post("/v1/people/{person}/left-the-building", status_code=201, summary="They left the building")
async def post_left_the_building(person: UUID, body: LeavingBody, call: Supporting) -> Response:
    """Begin to watch: somebody has to make contact in the rulebook's time, whoever leads (J9).

    Leaving a crisis or inpatient offer needs the person's answer to where they will sleep (J13).
    """
    await call.permit(person, Part.NAME, Act.WRITE)
    if call.by.organisation is None:
        raise NotFoundError
    watched, needs_a_bed = True, False
    if body.offer is not None:
        offer = await call.ports.community.offer(body.offer)
        if offer.organisation != call.by.organisation:
            raise NotFoundError
        watched, needs_a_bed = offer.watched_after_leaving, offer.leaving_needs_a_bed
    after = call.ports.community.rulebook().drift_after if watched else None
    command = LeaveBuilding(person, call.by.organisation, body.left_at, after, needs_a_bed, body.sleeping)
    watching = await desk(call).run(person, handlers.leave_building, command, call.origin, handlers.Watching)
    where = {"Location": f"/v1/people/{person}/contacts"}
    value = {"person": person, "watched": watching.contact_by is not None, "contact_by": watching.contact_by}
    return answer(value, status=201, headers=where)


def _shown(contact: Contact, promise: Promise | None) -> dict[str, Any]:
    promised = None
    if promise is not None:
        kept = {"by": promise.by, "words": promise.words, "kept_at": promise.kept_at}
        promised = {"promise": promise.id, **kept}
    return {
        "contact": contact.id,
        "outcome": contact.outcome,
        "how": contact.how,
        "organisation": contact.organisation,
        "member": contact.member,
        "role": contact.role,
        "note": contact.note,
        "shown_to_person": contact.shown,
        "happened_at": contact.happened_at,
        "promise": promised,
    }
