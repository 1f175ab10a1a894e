"""``/v1/deliveries``: what was sent to one's own endpoints, and sending it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from services.notify.delivery import handlers
from services.notify.store import NotifyStore
from services.notify.subscription.api import EitherCall, own, whose
from shared.event import Role
from shared.http import Call, answer, calls, page, router

if TYPE_CHECKING:
    from services.notify.delivery.domain import Delivery

routes = router("deliveries")
SystemCall = Annotated[Call[NotifyStore], calls("notify", Role.SYSTEM, scope="subscriptions")]


@routes.get("/v1/deliveries")
async def get_deliveries(
    call: EitherCall,
    subscription: UUID | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """List what went on the wire to your endpoints in the last 30 days, newest first: ids, times, tries; no bodies.

    A steward sees everybody's.
    """
    found = await call.read(lambda store: handlers.read_log(store, whose(call), subscription, after, limit + 1))
    items = [shown(delivery) for delivery in found[:limit]]
    return answer(page(items, str(items[-1]["id"]) if len(found) > limit else None))


@routes.post("/v1/deliveries/{delivery_id}/replay", status_code=202)
async def post_replay(delivery_id: UUID, call: SystemCall) -> Response:
    """Send one again, with the id and the number that it had. It is decided anew."""
    await call.run(handlers.send_again, handlers.SendAgain(own(call), delivery=delivery_id), type(None))
    found = await call.read(lambda store: handlers.read_delivery(store, delivery_id, own(call)))
    return answer(shown(found), status=202)


def shown(delivery: Delivery) -> dict[str, Any]:
    """Give a delivery as its subscriber sees it: nothing of whom it was about."""
    status = "on-its-way" if delivery.state.value in {"ready", "waiting"} else delivery.state.value
    return {
        "id": delivery.id,
        "subscription": delivery.subscription,
        "status": status,
        "tries": delivery.tries,
        "first_at": delivery.first_at,
        "last_at": delivery.last_at,
        "last_answer": delivery.last_status,
        "problem": delivery.problem,
        "next_at": delivery.next_at if status == "on-its-way" else None,
    }
