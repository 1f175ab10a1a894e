"""Hears the bus: each event once, in the order of its stream, whatever the bus does.

At or below the cursor skip; next apply (effects, own facts and cursor in one transaction, then the offset);
beyond it fetch what is missing from the owner's journal. A wrong ``prev`` is a fork: park and alarm. Database
and bus errors stop the consumer; any other error parks that lane at once, and more than five new lanes a
minute stop it: it is the deploy. ``replay`` continues both.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from uuid import UUID

import structlog

from shared.bus import KnownBus, topic_of
from shared.clock import monotonic
from shared.cursor_store import UNREADABLE, CursorStore, Places
from shared.db import TakenError
from shared.errors import UnavailableError, fault
from shared.event import Event, Recorded, decode
from shared.journal import Head, hash_of, heads_of
from shared.passes import Origin, timer
from shared.shell import Shell, Tx
from shared.telemetry import BEHIND, HEARD
from shared.tracing import hearing

if TYPE_CHECKING:
    from shared.bus import Bus, Record
    from shared.db import Connection

S = TypeVar("S")
E = TypeVar("E", bound=Event)
BATCH = 20
POLL, KEPT_SECONDS = 100, 0.5
"""How many records are asked for at once; the place on the bus is kept after so many, or so long with no more."""
NEW_LANES_A_MINUTE = 5
MINUTE = 60.0
log = structlog.get_logger()


class Why(StrEnum):
    """Why a lane is parked."""

    ERROR = "error"
    FORK = "fork"
    UNKNOWN_VERSION = "unknown-version"
    UNREADABLE = "unreadable"
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
        """Give the events ``first`` to ``last`` of a stream, in order. Raises UnavailableError."""
        ...


class AvalancheError(RuntimeError):
    """Too many lanes would be parked in a minute: the batch is undone and the consumer stops."""


@dataclass
class Batch:
    """What one transaction of a consumer knows of the streams that it hears."""

    connection: Connection
    places: Places
    heads: dict[UUID, Head]
    wrote: bool = False
    lanes: int = 0
    """How many lanes it parked anew."""


class Consumer(Generic[S]):
    """The consumer of one service."""

    def __init__(
        self,
        shell: Shell[S],
        bus: Bus,
        journals: Journals,
        subscriptions: Sequence[Subscription[S]],
        sources: Sequence[str],
    ) -> None:
        """Prepare; ``subscriptions`` is the service's one literal, ``sources`` names whom it hears."""
        self.shell = shell
        self.name = shell.tables.prefix
        self.bus = bus.consumer(self.name, [topic_of(source) for source in sources])
        self.known = KnownBus(shell.database, shell.tables, bus, {source: topic_of(source) for source in sources})
        self.journals = journals
        self.store = CursorStore(shell.tables, self.name)
        self.principal = timer(f"{self.name}-consumer")
        self.every = [s for s in subscriptions if s.kind is None]
        self.by_type: dict[str, list[Subscription[S]]] = {}
        for s in subscriptions:
            if s.kind is not None:
                self.by_type.setdefault(s.kind.type, []).append(s)
        self.parked_at: deque[float] = deque()
        self.heard, self.kept_at = 0, -inf
        self.stopped = ""

    async def step(self) -> bool:
        """Hear the next batch; says whether there was one. Raises for the bus or the database: it comes again. The
        place on the bus is kept when much was heard, or there is no more and it was not kept just before.
        """
        if self.stopped or not await self._right_bus():
            return False
        records = await self.bus.poll(POLL)
        self.heard += len(records)
        self.shell.busy_until = monotonic() + 1 if len(records) >= BATCH else 0.0
        try:
            events = [event for r in records if (event := await self._read(r))]
            if events:
                await self.hear(events)
            self._tell_how_late(events)
            if self.heard >= POLL or (self.heard and not records and monotonic() - self.kept_at > KEPT_SECONDS):
                await self.bus.commit()
                self.heard, self.kept_at = 0, monotonic()
        except AvalancheError:
            await self.bus.rewind()
            self._stop("avalanche")
            return False
        except BaseException:
            await self.bus.rewind()
            raise
        return bool(records)

    async def hear(self, events: Sequence[Recorded]) -> None:
        """Apply events once and in order, at most ``BATCH`` in a transaction, each in a savepoint of its own."""
        whole = await self._with_missing(events)
        for start in range(0, len(whole), BATCH):
            await self._together(whole[start : start + BATCH])

    async def replay(self) -> int:
        """Try every parked lane again, from its cursor on, and go on; says how many lanes are healed."""
        await self.known.accept()
        self.parked_at.clear()
        async with self.shell.database.read() as connection:
            lanes = await self.store.lanes(connection)
        healed = sum([await self._heal(*lane) for lane in lanes])
        self.stopped = ""
        return healed

    async def _right_bus(self) -> bool:
        right = await self.known.same()
        if not right:
            self._stop("bus-lost-its-data")
        return right

    def _tell_how_late(self, events: Sequence[Recorded]) -> None:
        now = self.shell.clock.now()
        late = [max((now - event.time).total_seconds(), 0.0) for event in events]
        BEHIND.labels(self.name).set(max(late, default=0.0))
        for seconds in late:
            HEARD.labels(self.name).observe(seconds)

    def _stop(self, why: str) -> None:
        self.stopped = why
        log.error("consumer-stopped", consumer=self.name, why=why)

    async def _read(self, record: Record) -> Recorded | None:
        """Read a record; what is no event of its topic and key waits where it can be looked at."""
        try:
            event = decode(record.value)
        except Exception as error:  # noqa: BLE001 - logged by its kind and place; what it says may be somebody's words
            log.error("unreadable", consumer=self.name, **fault(error))
        else:
            if record.key == event.subject.bytes and record.topic in {"", topic_of(event.source)}:
                return event
        number = int(hash_of(record.value)[:15], 16)
        lane = (UNREADABLE, UUID(int=int.from_bytes(record.key[:16], "big")), number)
        async with self.shell.database.write() as connection:
            batch = await self._open(connection, [])
            await self._park(batch, lane, record.value, Why.UNREADABLE)
        self._count(batch)
        return None

    async def _with_missing(self, events: Sequence[Recorded]) -> list[Recorded]:
        """Put in front of each event what the cursor has not seen and the bus did not bring."""
        whole: list[Recorded] = []
        async with self.shell.database.read(once=True) as connection:
            places = await self.store.places(connection, [event.subject for event in events])
        last: dict[tuple[str, UUID], int] = {}
        for event in events:
            lane = (event.source, event.subject)
            seen = last.get(lane, places.of(lane)[0])
            if event.seq > seen + 1 and lane not in places.parked:
                whole.extend(_readable(await self.journals.span(*lane, seen + 1, event.seq - 1)))
            whole.append(event)
            last[lane] = max(seen, event.seq)
        return whole

    async def _together(self, events: Sequence[Recorded]) -> None:
        async with self.shell.database.write(*(event.subject for event in events)) as connection:
            batch = await self._open(connection, [event.subject for event in events])
            for event in events:
                await self._one(batch, event)
            await self.store.keep(connection, batch.places)
        self._count(batch)
        if batch.wrote:
            self.shell.wake()

    def _count(self, batch: Batch) -> None:
        self.parked_at.extend([monotonic()] * batch.lanes)

    async def _open(self, connection: Connection, subjects: list[UUID]) -> Batch:
        if subjects:
            await connection.lock(self.shell.tables.lock, subjects=sorted(set(subjects)))
        heads = heads_of(await connection.all(self.shell.tables.heads, subjects=sorted(set(subjects))), subjects)
        return Batch(connection, await self.store.places(connection, subjects), heads)

    async def _one(self, batch: Batch, event: Recorded, *, new: bool = True) -> None:
        """Apply, skip or park one event."""
        lane = (event.source, event.subject)
        seq, last = batch.places.of(lane)
        if event.seq < seq or (event.seq == seq and event.hash == last):
            return
        key = (*lane, event.seq)
        if lane in batch.places.parked:
            await self._park(batch, key, event.raw, Why.BEHIND)
            return
        why = self._unfit(event, seq, last) or await self._apply(batch, event)
        if why is None:
            batch.places.advance(event)
            return
        batch.places.parked.add(lane)
        await self._park(batch, key, event.raw, why, new=new)

    def _unfit(self, event: Recorded, seq: int, last: str) -> Why | None:
        if event.seq > seq + 1:
            return Why.MISSING
        if event.seq == seq or event.prev != last:
            return Why.FORK
        return Why.UNKNOWN_VERSION if self.by_type.get(event.type) and not event.known() else None

    async def _apply(self, batch: Batch, event: Recorded) -> Why | None:
        handlers = [*self.by_type.get(event.type, ()), *self.every]
        if not handlers:
            return None
        try:
            with hearing(event, self.name):
                try:
                    tx, moved = await self._effects(batch, event, handlers)
                except TakenError:
                    tx, moved = await self._effects(batch, event, handlers)  # it is committed by now, and will be found
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - logged by its kind and place; what it says may be somebody's words
            log.error("handler-failed", consumer=self.name, type=event.type, **fault(error))
            return Why.ERROR
        batch.heads.update(moved)
        batch.wrote = batch.wrote or tx.wakes
        return None

    async def _effects(
        self, batch: Batch, event: Recorded, handlers: Sequence[Subscription[S]]
    ) -> tuple[Tx[S], dict[UUID, Head]]:
        async with batch.connection.savepoint():
            tx = self.shell.transaction(batch.connection, Origin(self.principal, event.correlation, cause=event))
            typed = event.event() if event.known() else None
            for subscription in handlers:
                await subscription.handle(typed, event, tx)
            return tx, await self.shell.journal(batch.connection, batch.heads, tx)

    async def _park(self, batch: Batch, lane: tuple[str, UUID, int], raw: bytes, why: Why, *, new: bool = True) -> None:
        first = await self.store.park(batch.connection, lane, raw, why.value, self.shell.clock.now())
        if not first:
            return
        log.error("lane-parked", consumer=self.name, source=lane[0], seq=lane[2], why=why.value)
        if new and why is not Why.BEHIND:
            batch.lanes += 1
            while self.parked_at and monotonic() - self.parked_at[0] > MINUTE:
                self.parked_at.popleft()
            if len(self.parked_at) + batch.lanes > NEW_LANES_A_MINUTE:
                raise AvalancheError

    async def _heal(self, source: str, subject: UUID) -> bool:
        """Take a lane up at its cursor. What comes to wait in it meanwhile makes us look again."""
        while True:
            async with self.shell.database.read() as connection:
                waiting = await self.store.lane(connection, source, subject)
                seen = (await self.store.places(connection, [subject])).of((source, subject))[0]
            if not waiting:
                return True
            last = max(waiting)
            if source == UNREADABLE:
                return await self._reread(subject, list(waiting.values()), last)
            events = {event.seq: event for event in _readable(waiting.values())}
            owned = await self.journals.span(source, subject, seen + 1, last)
            events |= {event.seq: event for event in _readable(owned)}
            async with self.shell.database.write() as connection:
                await connection.lock(self.shell.tables.lock, subjects=[subject])
                if await self.store.lane(connection, source, subject) != waiting:
                    continue
                await self.store.unpark(connection, source, subject, last)
                batch = await self._open(connection, [subject])
                for seq in sorted(events):
                    await self._one(batch, events[seq], new=False)
                await self.store.keep(connection, batch.places)
            self.shell.wake()
            return (source, subject) not in batch.places.parked

    async def _reread(self, subject: UUID, raws: list[bytes], last: int) -> bool:
        """Hear what can be read by now."""
        events = _readable(raws)
        if len(events) < len(raws):
            return False
        await self.hear(events)
        async with self.shell.database.write() as connection:
            await self.store.unpark(connection, UNREADABLE, subject, last)
        return True


def _readable(raws: Iterable[bytes]) -> list[Recorded]:
    """Give the events up to the first that can't be read: behind a gap nothing is applied."""
    events: list[Recorded] = []
    for raw in raws:
        try:
            events.append(decode(raw))
        except Exception as error:  # noqa: BLE001 - logged by its kind and place; what it says may be somebody's words
            log.error("unreadable", **fault(error))
            break
    return events
