"""``POST /v1/arrivals``: anyone, by any door, with nothing compulsory but a name to be called by (S1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, model_validator
from starlette.responses import Response

from services.intake.arrival import handlers
from services.intake.arrival.domain import Arrival, ArriveKnown, ArriveNew, Came, Held
from services.intake.circle.api import RingBody, as_ringed
from services.intake.circle.domain import Ringed
from services.intake.edge import AnybodyCall, Cursor, KnownCall, Limit, Secret, said_to_writer
from services.intake.need.api import NeedBody, as_named
from services.intake.paging import after, cut
from services.intake.person import handlers as people
from services.intake.person.domain import Identifier, a_phone, an_email, an_nhs_number
from services.intake.reach.api import ReachBody, as_code_word, as_reach, is_writers_own
from services.intake.reach.domain import Reach
from services.intake.story.api import PassageBody, as_told
from services.intake.story.domain import MOST_PASSAGES, written_how
from shared import http
from shared.decisions import Act, Ask, Permit
from shared.errors import InvalidError
from shared.event import Part, Role
from shared.events.intake import Door
from shared.http import Body, Call, Line, answer, page
from shared.ids import new_id

router = http.router("arrivals")
THEIRS = {"called", "nhs_number", "birth_date", "reach", "ring_if_quiet", "circle"}
"""What an arrival says of somebody new, and never changes of somebody known: that has routes of its own."""
VOUCHING = {Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY}


class RecogniseBody(Body):
    """How somebody is known: a supporter names them, or a code word with one thing that finds them (S2)."""

    person: UUID | None = None
    code_word: Secret | None = None
    nhs_number: Line | None = None
    phone: Line | None = None
    email: Line | None = None

    @model_validator(mode="after")
    def one_way(self) -> Self:
        """Take one way of being known at a time."""
        found_by = [each for each in (self.nhs_number, self.phone, self.email) if each is not None]
        named = self.person is not None
        if named is bool(self.code_word) or len(found_by) != (0 if named else 1):
            message = "name a person, or give a code word with one of nhs_number, phone, email"
            raise ValueError(message)
        return self


class ArrivalBody(Body):
    """Somebody comes. Only ``called`` is compulsory."""

    called: Line
    door: Door = Door.SELF
    at: UUID | None = None
    chosen_holder: UUID | None = None
    recognise: RecogniseBody | None = None
    nhs_number: Line | None = None
    birth_date: date | None = None
    reach: ReachBody | None = None
    ring_if_quiet: Annotated[tuple[RingBody, ...], Field(max_length=20)] = ()
    circle: Annotated[tuple[RingBody, ...], Field(max_length=50)] = ()
    needs: Annotated[tuple[NeedBody, ...], Field(max_length=20)] = ()
    passages: Annotated[tuple[PassageBody, ...], Field(max_length=MOST_PASSAGES)] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a body before anything is written: every fault of it is found first."""

    came: Came
    backstop: UUID
    nhs_number: Identifier | None
    reach: Reach | None
    circle: tuple[Ringed, ...]


@router.post("/v1/arrivals", status_code=201)
async def post_arrival(body: ArrivalBody, call: AnybodyCall) -> Response:
    """Arrive by any door: held from this moment, by the backstop until the chosen holder has acknowledged.

    Somebody who is known here (signed in, code word, a supporter who vouches) comes back to their own record. For
    everybody else, a wrong code word included, a new record is begun; the answer has the same fields.
    """
    read = await _read(call, body)
    known = await _who(call, body)
    if known is None:
        held = await _new(call, body, read)
        lead: UUID | None = read.backstop
    else:
        await call.ports.pathway.arrive_again(known, read.came.chosen, call.origin)
        held = await call.run(handlers.come_known, ArriveKnown(known, read.came), Held)
        lead = await call.ports.pathway.lead(known)
    by = held.at + call.ports.community.rulebook().hold_acknowledged_within
    kept = sorted(THEIRS & body.model_fields_set) if known else []
    said = _said(held, lead, read.came.chosen, by, kept)
    if known is not None and not await _may_know(call, body, known, lead):
        said |= {"lead": None, "read_by": said["read_by"] | {"organisation": None}}
    return answer(said, status=201, headers={"Location": f"/v1/people/{held.person}"})


async def _read(call: Call[Any], body: ArrivalBody) -> Read:
    backstop = await call.ports.community.backstop()
    at = body.at or call.by.organisation
    chosen = await _chosen(call, body, at)
    came = Came(
        body.door, at, chosen, None, tuple(as_told(each) for each in body.passages),
        tuple(as_named(each) for each in body.needs),
    )  # fmt: skip
    for how in (*(each.how for each in body.passages), *(each.how for each in body.needs)):
        written_how(how, call.by)
    ringed = [replace(await as_ringed(call, each), if_quiet=True) for each in body.ring_if_quiet]
    ringed += [await as_ringed(call, each) for each in body.circle]
    number = an_nhs_number(body.nhs_number) if body.nhs_number else None
    return Read(came, backstop, number, as_reach(body.reach) if body.reach else None, tuple(ringed))


async def _chosen(call: Call[Any], body: ArrivalBody, at: UUID | None) -> UUID | None:
    """Give whom the person wants to lead; where nobody is named, the door if it can (J2a)."""
    door = None if at is None else await call.ports.community.organisation(at)
    if body.chosen_holder is not None:
        chosen = await call.ports.community.organisation(body.chosen_holder)
        if not (chosen.active and chosen.can_lead):
            raise InvalidError(fields=("chosen_holder",))
        return body.chosen_holder
    return at if door is not None and door.active and door.can_lead else None


async def _who(call: Call[Any], body: ArrivalBody) -> UUID | None:
    """Give who this is, when it is known: signed in, vouched for, or by a code word (S2); None for a stranger."""
    if call.by.role is Role.PERSON:
        return call.by.person
    told = body.recognise
    if told is None:
        return None
    if told.person is not None:
        if call.by.role not in VOUCHING or call.by.organisation is None:
            return None
        known = await call.service.decisions.ask(Ask(call.by, told.person, Part.NAME, Act.WRITE))
        return told.person if isinstance(known, Permit) else None
    return await call.read(lambda store: people.recognise(store, _found_by(told), told.code_word or "", _caller(call)))


def _found_by(told: RecogniseBody) -> Identifier:
    if told.nhs_number is not None:
        return an_nhs_number(told.nhs_number)
    return a_phone(told.phone) if told.phone is not None else an_email(told.email or "")


def _caller(call: Call[Any]) -> str:
    """Say who tries: a sign-in, or where a request without one comes from."""
    if call.by.role is not Role.ANYONE:
        return str(call.by.principal)
    return call.request.client.host if call.request.client else "nowhere"


async def _new(call: Call[Any], body: ArrivalBody, read: Read) -> Held:
    command = ArriveNew(
        person=new_id(), called=body.called, lead=read.backstop, came=read.came, born=body.birth_date,
        nhs_number=read.nhs_number, reach=read.reach,
        code_word=await as_code_word(body.reach.code_word if body.reach else None), ringed=read.circle,
        writers_own=await is_writers_own(call, read.reach.email if read.reach else None),
    )  # fmt: skip
    return await call.run(handlers.come_new, command, Held)


async def _may_know(call: Call[Any], body: ArrivalBody, person: UUID, lead: UUID | None) -> bool:
    """Say whether the caller may be told who leads somebody known: they proved it themself, or let the caller see."""
    vouched_for = body.recognise is not None and body.recognise.person is not None
    if call.by.is_person(person) or not vouched_for or (lead is not None and lead == call.by.organisation):
        return True
    return isinstance(await call.service.decisions.ask(Ask(call.by, person, Part.JOURNEY)), Permit)


def _said(held: Held, lead: UUID | None, chosen: UUID | None, by: datetime, kept: list[str]) -> dict[str, Any]:
    return {
        "arrival": held.arrival,
        "person": held.person,
        "at": held.at,
        "lead": lead,
        "chosen": chosen,
        "kept_as_it_was": kept,
        "stories": f"/v1/people/{held.person}/stories",
        **said_to_writer(held.person, lead, by),
    }


@router.get("/v1/people/{person}/arrivals")
async def get_arrivals(person: UUID, call: KnownCall, limit: Limit = 20, cursor: Cursor = None) -> Response:
    """List when and by which door the person came."""
    behind = after(cursor)
    permit = await call.permit(person, Part.JOURNEY)
    found = await call.read(lambda store: handlers.read_arrivals(store, permit, behind, limit + 1))
    items, onwards = cut(found, limit)
    return call.disclose(permit, page([shown(each) for each in items], onwards))


def shown(arrival: Arrival) -> dict[str, Any]:
    """Give an arrival."""
    return {
        "arrival": arrival.id,
        "at": arrival.at,
        "door": arrival.door,
        "organisation": arrival.at_organisation,
        "chosen": arrival.chosen,
    }
