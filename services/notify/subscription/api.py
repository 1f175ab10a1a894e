"""``/v1/subscriptions``: a partner system says where it wishes to be told, and of what."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Request
from pydantic import Field, StringConstraints
from starlette.responses import Response

from services.notify.delivery import handlers as deliveries
from services.notify.store import NotifyStore
from services.notify.subscription import handlers
from services.notify.subscription.domain import KEY_BYTES, check_events, secret_of
from services.notify.subscription.urls import check_url
from shared.errors import NotYoursError
from shared.event import Role
from shared.http import Body, Call, answer, calls, page, router
from shared.ids import new_id

if TYPE_CHECKING:
    from services.notify.subscription.domain import Wish

routes = router("subscriptions")
SystemCall = Annotated[Call[NotifyStore], calls("notify", Role.SYSTEM, scope="subscriptions")]
EitherCall = Annotated[Call[NotifyStore], calls("notify", Role.SYSTEM, Role.STEWARD, scope="subscriptions")]


class SubscriptionBody(Body):
    """Where to send, of which event types (``*``: all that may be told), and perhaps of one person only."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    events: Annotated[list[Annotated[str, StringConstraints(max_length=64)]], Field(min_length=1, max_length=100)]
    person: UUID | None = None


class ReplayBody(Body):
    """Whose deliveries to send again, from which order number on."""

    person: UUID
    since: Annotated[int, Field(ge=1, lt=2**31)] = 1


@routes.post("/v1/subscriptions", status_code=201)
async def post_subscription(body: SubscriptionBody, call: SystemCall, request: Request) -> Response:
    """Ask to be told. The secret is in this answer and never shown again; the first 2xx to the test event confirms."""
    settings = request.app.state.kit.settings
    url = check_url(body.url, loopback=settings.demo, besides=settings.demo_host)
    secret, key = secret_of(secrets.token_bytes(KEY_BYTES)), secrets.token_bytes(KEY_BYTES)
    events = check_events(tuple(body.events))
    command = handlers.Subscribe(new_id(), own(call), url, events, body.person, secret, key)
    made = await call.run(handlers.subscribe, command, UUID)
    return await _with_secret(call, made, secret, status=201)


@routes.get("/v1/subscriptions")
async def get_subscriptions(call: EitherCall) -> Response:
    """List your organisation's subscriptions, at most 20. A steward sees everybody's, without persons."""
    if call.by.role is Role.STEWARD:
        every = await call.read(lambda store: handlers.read_wishes(store, None))
        return answer(page([shown_to(call, wish) for wish in every], None))
    found = await call.read(lambda store: handlers.read_wishes(store, own(call)))
    return answer(page([shown(wish) for wish in found], None))


@routes.get("/v1/subscriptions/{subscription_id}")
async def get_subscription(subscription_id: UUID, call: SystemCall) -> Response:
    """Read one of your organisation's subscriptions."""
    return answer(shown(await _read(call, subscription_id)))


@routes.delete("/v1/subscriptions/{subscription_id}", status_code=204)
async def delete_subscription(subscription_id: UUID, call: SystemCall) -> Response:
    """End a subscription. What waits is dropped."""
    await call.run(handlers.end, handlers.OfWish(subscription_id, own(call)), type(None))
    return Response(status_code=204)


@routes.post("/v1/subscriptions/{subscription_id}/pause")
async def post_pause(subscription_id: UUID, call: EitherCall) -> Response:
    """Send nothing until it is resumed; what happens meanwhile is kept. A steward may, of any organisation's."""
    await call.run(handlers.pause, handlers.OfWish(subscription_id, whose(call)), type(None))
    return answer(shown_to(call, await _read(call, subscription_id)))


@routes.post("/v1/subscriptions/{subscription_id}/resume")
async def post_resume(subscription_id: UUID, call: EitherCall) -> Response:
    """Go on where it stopped. A steward may, of any organisation's."""
    await call.run(handlers.resume, handlers.OfWish(subscription_id, whose(call)), type(None))
    return answer(shown_to(call, await _read(call, subscription_id)))


@routes.post("/v1/subscriptions/{subscription_id}/test", status_code=202)
async def post_test(subscription_id: UUID, call: SystemCall) -> Response:
    """Send a test event; its 2xx confirms a subscription that is not confirmed yet. The log shows what came of it."""
    await call.run(handlers.test, handlers.OfWish(subscription_id, own(call)), type(None))
    return answer(shown(await _read(call, subscription_id)), status=202)


@routes.post("/v1/subscriptions/{subscription_id}/secret")
async def post_secret(subscription_id: UUID, call: SystemCall) -> Response:
    """Give a new secret, shown this once. For a day the former one signs too: two signatures, joined by a space."""
    secret = secret_of(secrets.token_bytes(KEY_BYTES))
    await call.run(handlers.rotate, handlers.OfWish(subscription_id, own(call), secret), type(None))
    return await _with_secret(call, subscription_id, secret)


@routes.post("/v1/subscriptions/{subscription_id}/replay", status_code=202)
async def post_replay(subscription_id: UUID, body: ReplayBody, call: SystemCall) -> Response:
    """Send again what went out about one person, from an order number on. Each is decided anew."""
    command = deliveries.SendAgain(own(call), subscription=subscription_id, person=body.person, since=body.since)
    await call.run(deliveries.send_again, command, type(None))
    return answer({}, status=202)


def own(call: Call[NotifyStore]) -> UUID:
    """Give the caller's organisation. Raises NotYoursError for a sign-in without one."""
    if call.by.organisation is None:
        raise NotYoursError
    return call.by.organisation


def whose(call: Call[NotifyStore]) -> UUID | None:
    """Give whose subscriptions the caller sees: their organisation's; None, everybody's, for a steward."""
    return None if call.by.role is Role.STEWARD else own(call)


def shown_to(call: Call[NotifyStore], wish: Wish) -> dict[str, Any]:
    """Give a subscription as the caller may see it: a steward sees whose it is, and of no person that it is of them."""
    of = {"organisation": wish.organisation, "person": None} if call.by.role is Role.STEWARD else {}
    return shown(wish) | of


async def _read(call: Call[NotifyStore], subscription_id: UUID) -> Wish:
    return await call.read(lambda store: handlers.read_wish(store, subscription_id, whose(call)))


async def _with_secret(call: Call[NotifyStore], subscription_id: UUID, secret: str, *, status: int = 200) -> Response:
    """Show the secret if it was made just now: the answer to a repeated request does not show it again."""
    wish = await _read(call, subscription_id)
    made = {"secret": secret} if wish.secret == secret else {}
    return answer(shown(wish) | made, status=status, headers={"Location": f"/v1/subscriptions/{subscription_id}"})


def shown(wish: Wish) -> dict[str, Any]:
    """Give a subscription as its owner sees it; never a secret."""
    return {
        "id": wish.id,
        "state": wish.state.value,
        "url": wish.url,
        "events": list(wish.events),
        "person": wish.person,
        "made_at": wish.made_at,
        "former_secret_until": wish.old_until,
        "failing_since": wish.failing_since,
        "last_problem": wish.last_problem,
        "paused_why": wish.paused_why,
    }
