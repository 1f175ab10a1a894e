"""Hears the bus: each event once, in the order of its stream, whatever the bus does.

At or below the cursor skip; next apply (effects, own facts and cursor in one transaction, then the offset);
beyond it fetch what is missing from the owner's journal. A wrong ``prev`` is a fork: park and alarm. Database
and bus errors stop the consumer; any other error parks that lane at once, and more than five new lanes a
minute stop it: it is the deploy.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import structlog

from shared.clock import monotonic
from shared.cursor_store import CursorStore
from shared.errors import UnavailableError
from shared.event import GENESIS, Event, Recorded, decode
from shared.journal import heads_of
from shared.passes import timer
from shared.shell import Origin, Shell, Tx

if TYPE_CHECKING:
    from uuid import UUID

    from shared.bus import BusConsumer
    from shared.db import Connection

S = TypeVar("S")
E = TypeVar("E", bound=Event)
BATCH = 20
NEW_LANES_A_MINUTE = 5
log = structlog.get_logger()


class Why(StrEnum):
    """Why a lane is parked."""

    ERROR = "error"
    FORK = "fork"
    UNKNOWN_VERSION = "unknown-version"
    BEHIND = "behind-another"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Subscription(Generic[S]):
    """Who listens to what. ``kind`` None hears every event (a projection, a subscriber's feed)."""

    kind: type[Event] | None
    handle: Callable[[Any, Recorded, Tx[S]], Awaitable[None]]


def on(kind: type[E], handle: Callable[[E, Recorded, Tx[S]], Awaitable[None]]) -> Subscription[S]:
    """Listen to one kind of fact."""
    return Subscription(kind, handle)


def on_every(handle: Callable[[Event | None, Recorded, Tx[S]], Awaitable[None]]) -> Subscription[S]:
    """Listen to every fact of the topics; the event is None when this process can't read its version."""
    return Subscription(None, handle)


class Journals(Protocol):
    """Reads what is missing from the owner of a stream."""

    async def span(self, source: str, subject: UUID, first: int, last: int) -> list[bytes]:
        """Give the events ``first`` to ``last`` of a stream, in order."""
        ...


class AvalancheError(RuntimeError):
    """Too many lanes were parked in a minute; the consumer has stopped until a person has looked."""


class Consumer(Generic[S]):
    """The consumer of one service."""

    def __init__(
        self, shell: Shell[S], bus: BusConsumer, journals: Journals, subscriptions: Sequence[Subscription[S]]
    ) -> None:
        """Prepare; ``subscriptions`` is the service's one literal."""
        self.shell = shell
        self.bus = bus
        self.journals = journals
        self.name = shell.tables.prefix
        self.store = CursorStore(shell.tables)
        self.every = [s for s in subscriptions if s.kind is None]
        self.by_type: dict[str, list[Subscription[S]]] = {}
        for s in subscriptions:
            if s.kind is not None:
                self.by_type.setdefault(s.kind.type, []).append(s)
        self.parked_at: deque[float] = deque(maxlen=NEW_LANES_A_MINUTE + 1)

    async def step(self) -> bool:
        """Hear the next batch; says whether there was one. Raises for the bus or the database: nothing is
        then lost.
        """
        records = await self.bus.poll(BATCH)
        if not records:
            return False
        await self.hear([decode(record.value) for record in records])
        await self.bus.commit()
        return True

    async def hear(self, events: Sequence[Recorded]) -> None:
        """Apply events once and in order, in one transaction; each in a savepoint of its own."""
        whole = await self._with_missing(events)
        async with self.shell.database.write() as connection:
            parked = False
            for event in whole:
                parked = not await self._one(connection, event) or parked
        self.shell.wake()
        if parked and len(self.parked_at) > NEW_LANES_A_MINUTE and monotonic() - self.parked_at[0] < 60:
            raise AvalancheError

    async def replay(self) -> int:
        """Try every parked lane again, from its cursor on; says how many lanes go on."""
        async with self.shell.database.read() as connection:
            lanes = await self.store.lanes(connection, self.name)
        healed = 0
        for source, subject in lanes:
            async with self.shell.database.read() as connection:
                last = (await self.store.place(connection, self.name, source, subject))[0]
                beyond = await self.store.last_parked(connection, self.name, source, subject)
            events = [decode(raw) for raw in await self.journals.span(source, subject, last + 1, beyond)]
            async with self.shell.database.write() as connection:
                await self.store.unpark(connection, self.name, source, subject)
                healed += all([await self._one(connection, event) for event in events])
            self.shell.wake()
        return healed

    async def _with_missing(self, events: Sequence[Recorded]) -> list[Recorded]:
        """Put in front of each event what the cursor has not seen and the bus did not bring (backfill
        included).
        """
        whole: list[Recorded] = []
        last: dict[tuple[str, UUID], int] = {}
        async with self.shell.database.read() as connection:
            for event in events:
                lane = (event.source, event.subject)
                if lane not in last:
                    last[lane] = (await self.store.place(connection, self.name, *lane))[0]
                if event.seq > last[lane] + 1:
                    raws = await self.journals.span(*lane, last[lane] + 1, event.seq - 1)
                    whole.extend(decode(raw) for raw in raws)
                whole.append(event)
                last[lane] = max(last[lane], event.seq)
        return whole

    async def _one(self, connection: Connection, event: Recorded) -> bool:
        """Apply, skip or park one event; False when it opened a new parked lane."""
        lane = (self.name, event.source, event.subject)
        seq, last_hash = await self.store.place(connection, *lane)
        if event.seq <= seq:
            return True
        if await self.store.is_parked(connection, *lane):
            await self.store.park(connection, self.name, event, Why.BEHIND, self.shell.clock.now())
            return True
        why = (
            Why.MISSING
            if event.seq != seq + 1
            else Why.FORK
            if event.prev != (last_hash or GENESIS)
            else None
        )
        if why is None:
            why = await self._apply(connection, event)
        if why is None:
            return True
        await self.store.park(connection, self.name, event, why, self.shell.clock.now())
        self.parked_at.append(monotonic())
        log.error(
            "lane-parked",
            consumer=self.name,
            source=event.source,
            seq=event.seq,
            type=event.type,
            why=why.value,
        )
        return False

    async def _apply(self, connection: Connection, event: Recorded) -> Why | None:
        handlers = [*self.by_type.get(event.type, ()), *self.every]
        if self.by_type.get(event.type) and not event.known():
            return Why.UNKNOWN_VERSION
        try:
            async with connection.savepoint():
                if handlers:
                    await self._handle(connection, event, handlers)
                await self.store.advance(connection, self.name, event)
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - one person's lane waits; everyone else goes on
            log.error("handler-failed", consumer=self.name, type=event.type, error=type(error).__name__)
            return Why.ERROR
        return None

    async def _handle(
        self, connection: Connection, event: Recorded, handlers: Sequence[Subscription[S]]
    ) -> None:
        origin = Origin(timer(f"{self.name}-consumer"), event.correlation, cause=event)
        tx = self.shell.transaction(connection, origin)
        typed = event.event() if event.known() else None
        rows = await connection.all(self.shell.tables.heads, subjects=[event.subject])
        for subscription in handlers:
            await subscription.handle(typed, event, tx)
        await self.shell.journal(connection, heads_of(rows, [event.subject]), tx)
