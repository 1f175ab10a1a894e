"""``/v1/alerts``: what waits for somebody to look, and the acknowledgement that a human is on it (W1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import StringConstraints
from starlette.responses import Response

from services.notify.alert import handlers
from services.notify.alert.domain import Alert, State
from services.notify.message.routes import SHUT_OUT
from services.notify.store import NotifyStore
from shared.decisions import Act, Ask, Permit
from shared.errors import NotFoundError, NotYoursError
from shared.event import Part, Role
from shared.http import Body, Call, Words, answer, calls, page, router

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


@dataclass(frozen=True, slots=True)
class Seen:
    """An alert as the caller may see it: ``named`` opens whom it is about, ``journey`` why and what was said."""

    alert: Alert
    words: str | None = None
    named: Permit | None = None
    journey: Permit | None = None

    def permits(self) -> list[Permit]:
        """Give what a view of it rests on."""
        return [permit for permit in (self.named, self.journey) if permit is not None]


@routes.get("/v1/alerts")
async def get_alerts(
    call: ToldCall,
    state: Literal["open", "acknowledged"] = "open",
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """List what asks your organisation to look, newest first; whom it is about and why, if you may see it."""
    found = await _page(call, State(state), after, limit + 1)
    items = [shown(seen) for seen in found[:limit]]
    permits = [permit for seen in found[:limit] for permit in seen.permits()]
    return call.disclose(permits, page(items, str(items[-1]["id"]) if len(found) > limit else None))


@routes.post("/v1/alerts/{alert_id}/acknowledgement")
async def post_acknowledgement(alert_id: UUID, body: AcknowledgementBody, call: HumanCall) -> Response:
    """Say that you are on it. From now nobody else is asked. The duty worker may answer any."""
    if call.by.member is None:
        raise NotYoursError
    alert = await call.read(lambda store: handlers.readable(store, alert_id, call.by))
    if await _seen(call, alert) is None:
        raise NotFoundError
    await call.run(handlers.acknowledge, handlers.Acknowledge(alert_id, alert.person, call.by, body.words), UUID)
    return answer({"id": alert_id, "state": State.ACKNOWLEDGED.value})


@routes.post("/v1/acknowledgements")
async def post_code(body: CodeBody, call: CodeCall) -> Response:
    """Say that you are on it, with the code of a message that asked you to get in touch."""
    hash_, person = await call.read(lambda store: handlers.person_of_code(store, body.code))
    await call.run(handlers.acknowledge_by_code, handlers.AcknowledgeByCode(hash_, person, body.words), UUID)
    return answer({"state": State.ACKNOWLEDGED.value})


async def _page(call: Call[NotifyStore], state: State, after: UUID | None, most: int) -> list[Seen]:
    """Give alerts that the caller may know of: pages are as long as if there were no others (C4)."""
    found: list[Seen] = []
    while len(found) < most:
        rows = await call.read(partial(handlers.read_alerts, by=call.by, state=state, after=after, most=most))
        seen = [await _seen(call, alert, words) for alert, words in rows]
        found.extend(each for each in seen if each is not None)
        if len(rows) < most:
            break
        after = rows[-1][0].id
    return found[:most]


async def _seen(call: Call[NotifyStore], alert: Alert, words: str | None = None) -> Seen | None:
    """Say how much of an alert the caller may see; None for whom the person has shut out since it was told.

    Who holds the person knows whom to look for, though they may not see why. The duty line sees that all are there.
    """
    ask = Ask(call.by, alert.person, Part.JOURNEY, Act.ALERT, alert.id)
    journey = await call.service.decisions.ask(ask)
    named = await call.service.decisions.ask(replace(ask, part=Part.NAME))
    if isinstance(named, Permit):
        return Seen(alert, words, named, journey if isinstance(journey, Permit) else None)
    if isinstance(journey, Permit):
        return Seen(alert, words, journey, journey)
    out = not SHUT_OUT.isdisjoint({named.why, journey.why})
    return None if out and call.by.role is not Role.DUTY else Seen(alert)


def shown(seen: Seen) -> dict[str, Any]:
    """Give what any organisation that was told may know; beyond that, what it may see of whom it is about."""
    alert = seen.alert
    told: dict[str, Any] = {
        "id": alert.id,
        "reference": alert.reference,
        "state": alert.state.value,
        "raised_at": alert.raised_at,
        "rung": int(alert.rung),
        "ended_at": alert.ended_at,
    }
    told |= {"person": alert.person} if seen.named else {}
    told |= {"kind": str(alert.asked.kind), "repeats": alert.repeats} if seen.journey else {}
    return told | ({"words": seen.words} if seen.journey and seen.words is not None else {})
