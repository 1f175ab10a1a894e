"""Who looked, for the person alone: who, what, when, why, in plain words (C6)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from services.consent.choice.domain import Choice
from services.consent.emergency.domain import Access
from services.consent.emergency.handlers import read_reasons
from services.consent.ledger import handlers
from services.consent.ledger.domain import Entry, left_says, says
from services.consent.store import ConsentStore
from shared import http
from shared.errors import NotFoundError
from shared.event import Role
from shared.http import Call, answer, calls, page
from shared.ports import Why

router = http.router("consent")
Theirs = Annotated[Call[ConsentStore], calls("consent", Role.PERSON)]


@router.get("/v1/people/{person}/who-looked")
async def get_who_looked(
    person: UUID,
    call: Theirs,
    cursor: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """List who was let see what, when and why, newest first: for oneself only. One's own looking is not in it."""
    if not call.by.is_person(person):
        raise NotFoundError
    found = await call.read(lambda s: handlers.read_who_looked(s, person, cursor, limit + 1))
    shown = found[:limit]
    ids = frozenset(i for entry in shown for i in (entry.organisation, entry.member) if i is not None)
    names = await call.ports.community.names(ids) if ids else {}
    after = str(shown[-1].id) if len(found) > limit else None
    uses = frozenset(entry.choice for entry in shown if entry.why is Why.EMERGENCY and entry.choice is not None)
    reasons = await call.read(lambda s: read_reasons(s, person, uses)) if uses else {}
    return answer(page([_shown(entry, names, reasons) for entry in shown], after))


def _shown(entry: Entry, names: dict[UUID, str], uses: dict[UUID, Access]) -> dict[str, Any]:
    use = uses.get(entry.choice) if entry.choice else None
    organisation = names.get(entry.organisation) if entry.organisation else None
    first_name = names.get(entry.member) if entry.member else None
    return {
        "look": entry.id,
        "at": entry.at,
        "organisation": entry.organisation,
        "organisation_name": organisation,
        "role": entry.role,
        "first_name": first_name,
        "part": entry.part,
        "act": entry.act,
        "purpose": entry.purpose,
        "why": entry.why,
        "choice": None if use else entry.choice,
        "emergency": {"access": use.id, "until": use.until, "reason": use.reason} if use else None,
        "says": says(entry, organisation, first_name),
    }


async def left_before(call: Call[ConsentStore], choice: Choice) -> list[dict[str, Any]]:
    """Give what left before a choice was taken back: to whom, what part, how often and when, plainly (C2)."""
    found = await call.read(lambda s: handlers.read_what_left(s, choice))
    ids = frozenset(left.organisation for left in found if left.organisation is not None)
    names = await call.ports.community.names(ids) if ids else {}
    return [
        {
            "organisation": left.organisation,
            "role": left.role,
            "part": left.part,
            "act": left.act,
            "times": left.times,
            "first": left.first,
            "last": left.last,
            "says": left_says(left, names.get(left.organisation) if left.organisation else None),
        }
        for left in found
    ]


def now_of(call: Call[ConsentStore]) -> datetime:
    """Give the time of the place."""
    return call.service.shell.clock.now()
