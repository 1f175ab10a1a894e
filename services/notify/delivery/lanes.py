"""One subscription's lanes that go at once: up to eight, each about another subject, each in one slot.

A lane is a subscription's deliveries about one subject, of which one at most is ready: the next is let go when that is
recorded. So what goes at once is never of one lane, as long as no lane that is going is handed out again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from services.notify.delivery.sending import Came, Sending
from shared.clock import monotonic
from shared.errors import BusyError, UnavailableError, fault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from uuid import UUID

    from services.notify.delivery.domain import Delivery
    from services.notify.store import NotifyStore
    from services.notify.subscription.domain import Wish

SENDING_AT_ONCE = 96
FURTHER_AT_ONCE = 32
"""Of those, how many may be a subscription's second to eighth: endpoints that hang leave the others' first alone."""
LANES_AT_ONCE = 8
LOOKS_AT = 64
"""How many ripe deliveries are read at a time. Each is looked at again as it begins."""
REST = timedelta(seconds=0.5)
"""When consent can't be asked, or the database not be reached, the subscription rests for so long: nothing is written
for each that waits. Asking takes 0.3 s at most for one (DESIGN, "Consent"), 0.6 s for many.
"""
SIT_OUT_SECONDS = 10.0
"""How long nothing is sent for a subscription whose sending broke by a fault of ours."""
log = structlog.get_logger()


@dataclass(eq=False)
class Slots:
    """What all subscriptions of a process share."""

    first: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SENDING_AT_ONCE - FURTHER_AT_ONCE))
    further: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FURTHER_AT_ONCE))
    weeding: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """Many at a time are dropped by one subscription after another: they are about the same people."""


class Lanes:
    """One subscription's sending."""

    def __init__(self, wish: Wish, sending: Sending, ours: Callable[[], Awaitable[bool]], slots: Slots) -> None:
        """Send nothing yet. ``ours`` says whether this process still leads. One that fails begins with one lane."""
        self.wish = wish
        self.sending = sending
        self.ours = ours
        self.slots = slots
        self.most = LANES_AT_ONCE if wish.failing_since is None else 1
        self.going: dict[UUID, asyncio.Task[Came]] = {}
        self.ripe: deque[Delivery] = deque()
        self.stops = False
        self.fault: BaseException | None = None
        self.rests_until: datetime | None = None
        self.out_until = 0.0
        self._moved = asyncio.Event()

    def look(self) -> None:
        """Look for lanes that have become ripe, where there is room."""
        self._moved.set()

    def may_go(self, now: datetime) -> bool:
        """Say whether it neither rests nor sits out."""
        return (self.rests_until is None or self.rests_until <= now) and self.out_until < monotonic()

    async def serve(self) -> None:
        """Send until nothing is ripe and nothing going. A fault ends it, when what had begun is recorded."""
        self.stops, self.fault = False, None
        try:
            while await self._filled():
                await self._moved.wait()
                self._moved.clear()
                for subject, task in [each for each in self.going.items() if each[1].done()]:
                    del self.going[subject]
                    self._learn(task)
        finally:
            for task in self.going.values():
                task.cancel()
            await asyncio.gather(*self.going.values(), return_exceptions=True)
            self.going.clear()
            self.ripe.clear()
        if self.fault is not None:
            raise self.fault

    def _learn(self, task: asyncio.Task[Came]) -> None:
        """Learn from a try: each that is taken doubles how many go at once, each that fails halves it."""
        error = task.exception()
        came = task.result() if error is None else None
        if came is Came.TAKEN:
            self.most = min(self.most * 2, LANES_AT_ONCE)
        elif came is not Came.DROPPED:
            self.most = max(self.most // 2, 1)
            self.ripe.clear()  # whether the rest may still go is asked anew
        if error is not None:
            self._broke(error)
        elif came is Came.NOT_ASKED:
            self._rest()

    def _broke(self, error: BaseException) -> None:
        if isinstance(error, BusyError | UnavailableError):
            self._rest()
            log.warning("sending-rests", **fault(error))
        else:
            self.stops, self.fault, self.out_until = True, error, monotonic() + SIT_OUT_SECONDS

    def _rest(self) -> None:
        self.stops, self.rests_until = True, self.sending.shell.clock.now() + REST

    async def _filled(self) -> bool:
        """Fill the slots; says whether anything is going. What is going is let end, whatever breaks here."""
        try:
            await self._fill()
        except Exception as error:  # noqa: BLE001 - a fault of ours is raised when what is going has ended
            self._broke(error)
        return bool(self.going)

    async def _fill(self) -> None:
        """Start ripe deliveries in lanes of which none is going: one at a time while the service is behind in hearing,
        as what it has not heard may be somebody who needs a person now.
        """
        while not self.stops and len(self.going) < self._at_once():
            further = bool(self.going)
            if further and self.slots.further.locked():
                break
            if not (self.ripe or await self._read()) or not await self.ours():
                break
            delivery = self.ripe.popleft()
            slot = self.slots.further if further else self.slots.first
            task = asyncio.create_task(self._send(delivery, slot))
            task.add_done_callback(lambda _: self._moved.set())
            self.going[delivery.subject] = task

    async def _send(self, delivery: Delivery, slot: asyncio.Semaphore) -> Came:
        async with slot:
            return await self.sending.send(delivery, self.wish.organisation)

    async def _read(self) -> bool:
        """Read what is ripe, and may perhaps be told. A lane that went as the reading began is left out: what was read
        of it may be old.
        """
        shell = self.sending.shell
        while not self.ripe and not self.stops and await self.ours():
            went = set(self.going)
            found = await shell.read(self._next, once=True)
            ripe = [each for each in found if each.subject not in went]
            if not ripe:
                break
            async with self.slots.weeding:
                self.ripe.extend(await self.sending.weeded(ripe, self.wish.organisation))
        return bool(self.ripe)

    async def _next(self, store: NotifyStore) -> list[Delivery]:
        return await store.next_of(self.wish.id, self.sending.shell.clock.now(), LOOKS_AT)

    def _at_once(self) -> int:
        return 1 if monotonic() < self.sending.shell.busy_until else self.most
