"""Sends what is ripe: one slot for each subscription, so that an endpoint that hangs slows no other.

Each delivery is decided as it is sent (C7): asked before the number is given, and again at the last gate before its
first byte and before its body. A crash between sending and recording sends it again with the same id and number.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from random import SystemRandom
from secrets import token_bytes
from typing import TYPE_CHECKING

import structlog
from opentelemetry.trace import Span, SpanKind

from services.notify.delivery import handlers
from services.notify.delivery.domain import KEPT_FOR, TEST, body_of
from services.notify.delivery.egress import DeniedError
from services.notify.delivery.wire import headers_of, trace_of_its_own
from services.notify.figures import TRIED
from services.notify.subscription.domain import KEY_BYTES, told_outside
from shared.clock import monotonic, real_now
from shared.decisions import Act, Ask, No, Permit, Why
from shared.errors import fault
from shared.event import Role
from shared.ids import new_id
from shared.lease import Lease
from shared.loops import Wake
from shared.passes import Origin, Pass, timer
from shared.tracing import allowed, span, span_of

if TYPE_CHECKING:
    from uuid import UUID

    from services.notify.delivery.domain import Delivery
    from services.notify.delivery.egress import Egress, Gate
    from services.notify.store import NotifyStore
    from shared.decisions import Decisions
    from shared.shell import Shell

SENDING_AT_ONCE = 64
ASK_AGAIN = timedelta(seconds=2)
"""When consent can't be asked the answer is no for now; the delivery is kept and asked about again."""
TIDY_EVERY = timedelta(hours=1)
SIT_OUT_SECONDS = 10.0
"""How long nothing is sent for a subscription whose sending broke by a fault of ours."""
PRINCIPAL = timer("notify-delivery")
log = structlog.get_logger()


class DeliveryWorker:
    """The delivery loop."""

    def __init__(self, shell: Shell[NotifyStore], decisions: Decisions, egress: Egress, base_url: str) -> None:
        """Prepare; nothing is claimed until the first step."""
        self.shell = shell
        self.decisions = decisions
        self.egress = egress
        self.base_url = base_url.rstrip("/")
        self.wake = Wake()
        self.lease = Lease(shell.database, shell.tables, "delivery")
        self.slots = asyncio.Semaphore(SENDING_AT_ONCE)
        self.at_work: dict[UUID, asyncio.Task[None]] = {}
        self.sat_out: dict[UUID, float] = {}
        self.tidied_at: datetime | None = None
        self.jitter = SystemRandom()

    async def step(self) -> bool:
        """Start what is ripe, then come back at the first end or at a wake-up; says whether anything was going on."""
        now = self.shell.clock.now()
        ripe = await self.shell.read(lambda store: store.busy(now), once=True)
        fresh = [each for each in ripe if each not in self.at_work and self.sat_out.get(each, 0.0) < monotonic()]
        if fresh and await self.lease.held():
            for subscription in fresh:
                self.at_work[subscription] = asyncio.create_task(self._serve(subscription))
        if not self.at_work:
            await self._tidy(now)
            return False
        woken = asyncio.create_task(self.wake.wait(5.0))
        try:
            await asyncio.wait({woken, *self.at_work.values()}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
        ended = {subscription: task for subscription, task in self.at_work.items() if task.done()}
        for subscription, task in ended.items():
            del self.at_work[subscription]
            self._look_at(subscription, task)
        return True

    def _look_at(self, subscription: UUID, task: asyncio.Task[None]) -> None:
        """Have a subscription whose sending broke sit out for a while: everyone else's goes on."""
        error = task.exception()
        if error is not None:
            log.error("sending-failed", **fault(error))
            self.sat_out[subscription] = monotonic() + SIT_OUT_SECONDS
        else:
            self.sat_out.pop(subscription, None)

    async def close(self) -> None:
        """Stop sending. What was begun and not recorded is sent again, with its id and number, at the next start."""
        for task in self.at_work.values():
            task.cancel()
        await asyncio.gather(*self.at_work.values(), return_exceptions=True)
        await self.egress.aclose()
        await self.lease.release()

    async def _serve(self, subscription: UUID) -> None:
        """Send one subscription's ripe deliveries, one after the other."""
        while True:
            now = self.shell.clock.now()
            delivery = await self._next_of(subscription, now)
            if delivery is None or not await self.lease.held():
                return
            async with self.slots:
                with span(
                    f"webhook {delivery.type}",
                    SpanKind.CLIENT,
                    story=delivery.correlation,
                    parent=span_of(delivery.event, self.shell.tables.prefix),
                    type=delivery.type,
                ) as made:
                    await self._send(delivery, made)

    async def _next_of(self, subscription: UUID, now: datetime) -> Delivery | None:
        return await self.shell.read(lambda store: store.next_of(subscription, now), once=True)

    async def _send(self, delivery: Delivery, made: Span) -> None:
        wish = await self.shell.read(lambda store: store.wish(delivery.subscription), once=True)
        answer = await self._decide(delivery, wish.organisation)
        if isinstance(answer, No):
            await self._not_now(delivery, answer)
            return
        async with self.shell.database.write() as connection:
            going = await handlers.begin(self.shell.make_store(connection), delivery, token_bytes(KEY_BYTES))
        if going is None:
            return
        await self._post(going, answer, made)

    async def _post(self, going: handlers.Going, permit: Permit | None, made: Span) -> None:
        delivery, wish = going.delivery, going.wish
        denied: list[No] = []
        body = body_of(delivery, told_outside().get(delivery.type), self.base_url)
        outside = delivery.id or new_id()
        headers = headers_of(outside, wish.secrets_at(self.shell.clock.now()), body, real_now())
        headers |= trace_of_its_own(outside, made)
        try:
            outcome = await self.egress.post(wish.url, headers, body, self._gate(permit, denied))
        except DeniedError:
            await self._not_now(delivery, denied[0])
            return
        made.set_attributes(allowed(status=outcome.status, why=outcome.problem))
        TRIED.labels("taken" if outcome.good else outcome.problem or "failed").inc()
        tried = handlers.Tried(delivery, outcome, self.jitter.uniform(-1, 1))
        origin = Origin(PRINCIPAL, delivery.correlation or new_id())
        await self.shell.run(handlers.record, tried, origin, gives=type(None))

    async def _decide(self, delivery: Delivery, organisation: UUID) -> Permit | No | None:
        """Ask consent; None where nothing of a person is told: a test, or an organisation's own fact."""
        part = told_outside().get(delivery.type)
        if part is None:
            return None if delivery.type == TEST or delivery.type in told_outside() else No(Why.ROLE)
        by = Pass(Role.SYSTEM, delivery.subscription, organisation=organisation)
        return await self.decisions.ask(Ask(by, delivery.subject, part, Act.DELIVERY, delivery.event))

    def _gate(self, permit: Permit | None, denied: list[No]) -> Gate:
        """Give the last gate: it lets a fresh permit by, asks again for an old one, and raises DeniedError."""

        async def gate() -> None:
            nonlocal permit
            if permit is None or permit.fresh():
                return
            answer = await self.decisions.ask(permit.ask)
            if isinstance(answer, No):
                denied.append(answer)
                raise DeniedError
            permit = answer

        return gate

    async def _not_now(self, delivery: Delivery, no: No) -> None:
        """Drop it without a trace; keep it when nobody could be asked."""
        now = self.shell.clock.now()
        async with self.shell.database.write() as connection:
            await connection.lock(self.shell.tables.lock, subjects=[delivery.subject])  # as `Tried` does
            store = self.shell.make_store(connection)
            if no.why is Why.CANNOT_ASK:
                await store.later(delivery, now + ASK_AGAIN)
            else:
                await store.drop(delivery, now, wired=delivery.wired or delivery.sending)

    async def _tidy(self, now: datetime) -> None:
        if self.tidied_at is None or now - self.tidied_at > TIDY_EVERY:
            self.tidied_at = now
            async with self.shell.database.write() as connection:
                await self.shell.make_store(connection).tidy(now - KEPT_FOR)
