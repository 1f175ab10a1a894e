"""Sends what is ripe: each subscription's lanes by themselves, so that an endpoint that hangs slows no other."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from services.notify.delivery.domain import KEPT_FOR
from services.notify.delivery.lanes import Lanes, Slots
from services.notify.delivery.sending import Sending
from shared.clock import monotonic
from shared.errors import fault
from shared.lease import Lease
from shared.loops import Wake

if TYPE_CHECKING:
    from uuid import UUID

    from services.notify.delivery.egress import Egress
    from services.notify.store import NotifyStore
    from shared.decisions import Decisions
    from shared.ports import Ports
    from shared.shell import Shell

LOOK_SECONDS = 0.5
"""How often it is looked for what became ripe while something is going. A commit of this process has it looked at
once; what is queued by another process is found by this.
"""
LED_SECONDS = 1.0
"""For so long a lease that was held is taken to be: it then had 5 s left at least (``Lease.held``)."""
TIDY_EVERY = timedelta(hours=1)
log = structlog.get_logger()


class DeliveryWorker:
    """The delivery loop."""

    def __init__(
        self, shell: Shell[NotifyStore], ports: Ports, decisions: Decisions, egress: Egress, base_url: str
    ) -> None:
        """Prepare; nothing is claimed until the first step."""
        self.shell = shell
        self.egress = egress
        self.sending = Sending(shell, ports, decisions, egress, base_url)
        self.wake = Wake()
        self.lease = Lease(shell.database, shell.tables, "delivery")
        self.led_until = 0.0
        self.slots = Slots()
        self.lanes: dict[UUID, Lanes] = {}
        self.at_work: dict[UUID, asyncio.Task[None]] = {}
        self.tidied_at: datetime | None = None

    async def step(self) -> bool:
        """Start what is ripe, then come back at the first end or at a wake-up; says whether anything was going on."""
        now = self.shell.clock.now()
        ripe = await self.shell.read(lambda store: store.busy(now), once=True)
        for each in self.lanes.keys() - {*ripe, *self.at_work}:
            del self.lanes[each]
        if ripe and await self._led():
            for each in ripe:
                await self._start(each, now)
        if not self.at_work:
            await self._tidy(now)
            return False
        woken = asyncio.create_task(self.wake.wait(LOOK_SECONDS))
        try:
            await asyncio.wait({woken, *self.at_work.values()}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
        for subscription, task in [each for each in self.at_work.items() if each[1].done()]:
            del self.at_work[subscription]
            error = task.exception()
            if error is not None:
                log.error("sending-failed", **fault(error))
        return True

    async def _start(self, subscription: UUID, now: datetime) -> None:
        if subscription in self.at_work:
            self.lanes[subscription].look()
            return
        if subscription not in self.lanes:
            wish = await self.shell.read(lambda store: store.wish(subscription), once=True)
            self.lanes[subscription] = Lanes(wish, self.sending, self._led, self.slots)
        if self.lanes[subscription].may_go(now):
            self.at_work[subscription] = asyncio.create_task(self.lanes[subscription].serve())

    async def _led(self) -> bool:
        """Say whether this process leads, asking the database once a second at most."""
        now = monotonic()
        if now >= self.led_until:
            held = await self.lease.held()
            self.led_until = now + LED_SECONDS if held else 0.0
            return held
        return True

    async def close(self) -> None:
        """Stop sending. What was begun and not recorded is sent again, with its id and number, at the next start."""
        for task in self.at_work.values():
            task.cancel()
        await asyncio.gather(*self.at_work.values(), return_exceptions=True)
        self.at_work.clear()
        await self.egress.aclose()
        await self.lease.release()
        self.led_until = 0.0

    async def _tidy(self, now: datetime) -> None:
        if self.tidied_at is None or now - self.tidied_at > TIDY_EVERY:
            self.tidied_at = now
            async with self.shell.database.write() as connection:
                await self.shell.make_store(connection).tidy(now - KEPT_FOR)
