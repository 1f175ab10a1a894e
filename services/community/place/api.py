"""``/v1/place``: setting a place up (J2a)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Response

from services.community.organisation.api import AnyCall, StewardCall
from services.community.place import handlers
from services.community.place.domain import NameBackstop
from services.community.place.handlers import SetUp
from shared.http import Body, answer
from shared.http import router as new_router

router = new_router("place")


class BackstopBody(Body):
    """Who leads when nobody else does."""

    organisation: UUID


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
    return answer(view(await call.read(handlers.read_set_up)))


@router.put("/v1/place/backstop")
async def put_backstop(body: BackstopBody, call: StewardCall) -> Response:
    """Name the backstop: a funded body, there day and night, that may lead (J2a)."""
    await call.run(handlers.name_backstop, NameBackstop(body.organisation), UUID)
    return answer(view(await call.read(handlers.read_set_up)))
