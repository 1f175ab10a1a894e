"""``/v1/alerts``: what waits for somebody to look, and the acknowledgement that a human is on it (W1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import Query
from pydantic import StringConstraints
from starlette.responses import Response

from services.notify.alert import handlers
from services.notify.alert.domain import State
from services.notify.store import NotifyStore
from shared.decisions import Act, Decisions, Permit
from shared.errors import NotFoundError, NotYoursError
from shared.event import Part, Role
from shared.http import JSON, Body, Call, Words, answer, calls, page, router

if TYPE_CHECKING:
    from services.notify.alert.domain import Alert

routes = router("alerts")
TOLD = (Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.CARER, Role.DUTY, Role.SYSTEM)
ToldCall = Annotated[Call[NotifyStore], calls("notify", *TOLD)]
HumanCall = Annotated[Call[NotifyStore], calls("notify", Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.CARER, Role.DUTY)]
CodeCall = Annotated[
    Call[NotifyStore],
    calls("notify", Role.ANYONE, Role.PERSON, Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.CARER, Role.DUTY),
]


class AcknowledgementBody(Body):
    """That a human is on it, in their own words if they like."""

    words: Words | None = None


class CodeBody(AcknowledgementBody):
    """The code of a message, as it was written in it."""

    code: Annotated[str, StringConstraints(min_length=12, max_length=20)]


class Disclosures(Response):
    """A response about several people: the last gate stands before the first byte for each of them."""

    def __init__(self, decisions: Decisions, permits: list[Permit], body: bytes) -> None:
        """Keep what the gate needs."""
        super().__init__(body, media_type=JSON)
        self.decisions = decisions
        self.permits = permits

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the gate for everybody, then send."""
        for permit in self.permits:
            await self.decisions.gate(permit)
        await super().__call__(scope, receive, send)


@routes.get("/v1/alerts")
async def get_alerts(
    call: ToldCall,
    state: Literal["open", "acknowledged"] = "open",
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """List what asks your organisation to look, newest first; whom it is about and why, if you may see it."""
    found = await call.read(lambda store: handlers.read_alerts(store, call.by, State(state), after, limit + 1))
    items, permits = [], []
    for alert, words in found[:limit]:
        permit = await _permit(call, alert)
        permits.extend([permit] if permit else [])
        items.append(shown(alert) | (_about(alert, words) if permit else {}))
    body = page(items, str(items[-1]["id"]) if len(found) > limit else None)
    return Disclosures(call.service.decisions, permits, orjson.dumps(body))


@routes.post("/v1/alerts/{alert_id}/acknowledgement")
async def post_acknowledgement(alert_id: UUID, body: AcknowledgementBody, call: HumanCall) -> Response:
    """Say that you are on it. From now nobody else is asked. The duty worker may answer any."""
    if call.by.member is None:
        raise NotYoursError
    alert = await call.read(lambda store: handlers.readable(store, alert_id, call.by))
    await call.run(handlers.acknowledge, handlers.Acknowledge(alert_id, alert.person, call.by, body.words), UUID)
    return answer({"id": alert_id, "state": State.ACKNOWLEDGED.value})


@routes.post("/v1/acknowledgements")
async def post_code(body: CodeBody, call: CodeCall) -> Response:
    """Say that you are on it, with the code of a message that asked you to get in touch."""
    hash_, person = await call.read(lambda store: handlers.person_of_code(store, body.code))
    await call.run(handlers.acknowledge_by_code, handlers.AcknowledgeByCode(hash_, person, body.words), UUID)
    return answer({"state": State.ACKNOWLEDGED.value})


async def _permit(call: Call[NotifyStore], alert: Alert) -> Permit | None:
    try:
        return await call.permit(alert.person, Part.JOURNEY, Act.ALERT, alert.id)
    except NotFoundError:
        return None


def shown(alert: Alert) -> dict[str, Any]:
    """Give what any organisation that was told may know: nothing of whom it is about, nor why."""
    return {
        "id": alert.id,
        "reference": alert.reference,
        "state": alert.state.value,
        "raised_at": alert.raised_at,
        "rung": int(alert.rung),
        "ended_at": alert.ended_at,
    }


def _about(alert: Alert, words: str | None) -> dict[str, Any]:
    return {"person": alert.person, "kind": str(alert.asked.kind), "repeats": alert.repeats} | (
        {"words": words} if words is not None else {}
    )
