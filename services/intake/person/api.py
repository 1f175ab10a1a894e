"""``GET /v1/people/{person}``: what somebody likes to be called."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from services.intake.edge import KnownCall
from services.intake.person import handlers
from shared import http
from shared.event import Part

router = http.router("people")


@router.get("/v1/people/{person}")
async def get_person(person: UUID, call: KnownCall) -> Response:
    """Give what the person likes to be called; to the person themself also what we hold to know them by."""
    permit = await call.permit(person, Part.NAME)
    found = await call.read(lambda store: handlers.read_person(store, permit))
    shown = {"person": found.id, "called": found.called}
    if call.by.is_person(person):
        shown |= {"birth_date": found.born, "nhs_number": found.nhs_number, "since": found.at}
    return call.disclose(permit, shown)
