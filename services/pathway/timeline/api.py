"""The route of the timeline (J11)."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from starlette.responses import Response

from services.pathway.paging import Cursor, Limit
from services.pathway.store import PathwayStore
from services.pathway.timeline import handlers
from services.pathway.timeline.domain import Entry, own_id, says
from shared.decisions import Ask, Permit
from shared.errors import InvalidError
from shared.event import Part, Role
from shared.http import Call, calls, page
from shared.http import router as routes

router = routes("timeline")
SUPPORTERS = (Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM)
Reading = Annotated[Call[PathwayStore], calls("pathway", Role.PERSON, Role.CARER, *SUPPORTERS)]
FARTHEST = 1_000_000


@router.get("/v1/people/{person}/timeline", summary="What happened, in order")
async def get_timeline(person: UUID, call: Reading, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Give every event about a person, in order and plain words (J11).

    The person sees all. Others see only events whose part they may see, numbered as if there were no more (C4).
    """
    skip = _skip(cursor)
    journey = await call.permit(person, Part.JOURNEY)
    own = call.by.is_person(person)
    permits = [journey] if own else await _permits(call, journey)
    parts = [permit.ask.part for permit in permits]
    no_news = await _no_news(call, permits)
    found = await call.read(
        lambda store: handlers.read_timeline(store, journey, parts, no_news, own=own, skip=skip, most=limit + 1)
    )
    reader = call.by.person or call.by.organisation or call.by.principal
    items = [_shown(entry, skip + n, reader) for n, entry in enumerate(found[:limit], 1)]
    after = _cursor(skip + limit) if len(found) > limit else None
    return call.disclose(permits, page(items, after))


async def _permits(call: Call[PathwayStore], journey: Permit) -> list[Permit]:
    present = await call.read(lambda store: handlers.read_parts(store, journey.person))
    permits = [journey]
    for part in sorted(present - {Part.JOURNEY}):
        found = await call.service.decisions.sure(Ask(call.by, journey.person, part))
        if isinstance(found, Permit):
            permits.append(found)
    return permits


async def _no_news(call: Call[PathwayStore], permits: list[Permit]) -> frozenset[datetime]:
    """Give when only passages that are withheld from the reader were told or changed: that is not in theirs (S4)."""
    withheld = frozenset[UUID]().union(*(permit.answer.except_for for permit in permits))
    if not withheld:
        return frozenset()
    found: frozenset[datetime] = await call.ports.intake.told_only(permits[0].person, withheld)
    return found


def _shown(entry: Entry, number: int, reader: UUID) -> dict[str, Any]:
    return {
        "number": number,
        "id": own_id(entry, reader),
        "says": says(entry),
        "at": entry.at,
        "by": {"role": entry.role, "organisation": entry.organisation},
        "organisation": entry.about,
    }


def _cursor(skip: int) -> str:
    return urlsafe_b64encode(str(skip).encode()).decode().rstrip("=")


def _skip(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        skip = int(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii"))
    except (binascii.Error, ValueError):
        raise InvalidError(fields=("cursor",)) from None
    if not 0 <= skip <= FARTHEST:
        raise InvalidError(fields=("cursor",))
    return skip
