"""``/v1/place``: setting a place up (J2a)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Response

from services.community.organisation.api import AnyCall, CommunityCall, StewardCall
from services.community.place import handlers
from services.community.place.domain import NameBackstop
from services.community.place.handlers import SetUp
from services.community.route.domain import FAILURES_TO_ALARM
from shared.http import Body, answer
from shared.http import router as new_router

router = new_router("place")


class BackstopBody(Body):
    """Who leads when nobody else does."""

    organisation: UUID


async def _show(call: CommunityCall) -> Response:
    """Answer with how far the place is set up, and how its duty line does."""
    found = await call.read(handlers.read_set_up)
    now, every = call.service.shell.clock.now(), call.ports.community.rulebook().duty_line_tested_every
    line = {
        "tested": sum(route.tested for route in found.duty_line),
        "overdue": sum(route.overdue(now, every) for route in found.duty_line),
        "failing": sum(route.unanswered >= FAILURES_TO_ALARM for route in found.duty_line),
    }
    return answer(view(found) | {"duty_line": line})


def view(found: SetUp) -> dict[str, Any]:
    """Show how far the place is set up."""
    return {
        "ready": found.place.ready,
        "backstop": found.place.backstop,
        "still_needed": [{"code": reason.value, "says": reason.says} for reason in found.still_needed],
    }


@router.get("/v1/place")
async def get_place(call: AnyCall) -> Response:
    """Say whether the place serves people, and what it still needs (J2a)."""
    return await _show(call)


@router.put("/v1/place/backstop")
async def put_backstop(body: BackstopBody, call: StewardCall) -> Response:
    """Name the backstop: a funded body, there day and night, that may lead (J2a)."""
    await call.run(handlers.name_backstop, NameBackstop(body.organisation), UUID)
    return await _show(call)
