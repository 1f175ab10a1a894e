"""``/v1/people/{person}/emergency-access``: a named practitioner opens it, the person sees each use (C5)."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from services.consent.decision.domain import IN_EMERGENCY
from services.consent.emergency import handlers
from services.consent.emergency.domain import MOST_HOURS, USUAL_HOURS, Access, OpenInEmergency, may_ask
from services.consent.store import ConsentStore
from shared import http
from shared.errors import NotFoundError, NotYoursError
from shared.event import Role
from shared.http import Body, Call, Words, answer, calls, page

router = http.router("consent")
Theirs = Annotated[Call[ConsentStore], calls("consent", Role.PERSON)]
Practitioners = Annotated[Call[ConsentStore], calls("consent", Role.PRACTITIONER, Role.DUTY)]
OPENED = (
    "You may read their plan and how to reach them safely until then, wherever they have not said no. "
    "They are told, they read your reason, and it is looked at together afterwards."
)


class EmergencyBody(Body):
    """Why, in the practitioner's words, which the person will read; and for how many hours."""

    reason: Words
    hours: Annotated[int, Field(ge=1, le=MOST_HOURS)] = USUAL_HOURS


@router.post("/v1/people/{person}/emergency-access", status_code=201)
async def post_emergency_access(person: UUID, body: EmergencyBody, call: Practitioners) -> Response:
    """Read a plan and a safe contact where the person has not chosen, with a reason, for a while (C5).

    For members of commissioned organisations, each for themself. Whatever the person said stands: then, and for
    somebody unknown, there is nothing here (404). The person sees each use and is told in a way safe for them.
    """
    organisation = call.by.organisation
    if organisation is None or not may_ask(call.by):
        raise NotYoursError
    if not (await call.ports.community.organisation(organisation)).commissioned:
        raise NotYoursError
    exists = await call.ports.intake.exists(person)
    command = OpenInEmergency(person, exists, body.reason, body.hours)
    access = await call.run(handlers.open_in_emergency, command, UUID)
    made = await call.read(lambda s: handlers.read_access(s, person, access))
    said = {"access": access, "at": made.at, "until": made.until, "opens": sorted(IN_EMERGENCY), "says": OPENED}
    return answer(said, status=201)


@router.get("/v1/people/{person}/emergency-access")
async def get_emergency_access(
    person: UUID,
    call: Theirs,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """List who used emergency access to oneself, when and why, newest first. Nobody else may."""
    if not call.by.is_person(person):
        raise NotFoundError
    found = await call.read(lambda s: handlers.read_accesses(s, person, cursor, limit + 1))
    shown = found[:limit]
    ids = frozenset(i for each in shown for i in (each.organisation, each.member))
    names = await call.ports.community.names(ids) if ids else {}
    after = str(shown[-1].id) if len(found) > limit else None
    return answer(page([_shown(each, names) for each in shown], after))


def _shown(access: Access, names: dict[UUID, str]) -> dict[str, Any]:
    return {
        "access": access.id,
        "at": access.at,
        "until": access.until,
        "organisation": access.organisation,
        "organisation_name": names.get(access.organisation),
        "role": access.role,
        "first_name": names.get(access.member),
        "opened": sorted(IN_EMERGENCY),
        "reason": access.reason,
    }
