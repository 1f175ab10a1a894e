"""The one place that opens a transaction, locks, journals and commits.

A handler decides and saves; it gets the time and ids from its ``Tx`` and gives facts to ``Tx.emit``. The
shell locks the head rows of every stream that the command names and looks for a kept reply, before anything else is
read: of two requests with one id the second waits, and finds what the first was answered (ADR 0014).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import orjson
from pydantic import TypeAdapter

from shared.db import TakenError
from shared.errors import AlongsideError, BusyError, OtherBodyError, from_plain
from shared.ids import new_event_id, new_id
from shared.journal import Head, KernelTables, Writing, append, heads_of
from shared.passes import Origin, Pass
from shared.tracing import span

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.clock import Clock
    from shared.db import Connection, Database, Sql
    from shared.event import Event

S_co = TypeVar("S_co", covariant=True)
S = TypeVar("S")
C = TypeVar("C", bound="Command")
TRIES = 3
R = TypeVar("R")


class Command(Protocol):
    """What is asked. ``streams`` names whom it is about: locked, sorted, before anything is read."""

    @property
    def streams(self) -> tuple[UUID, ...]:
        """Give the subjects whose streams must be locked."""
        ...


@dataclass(frozen=True, slots=True)
class TurnedBack:
    """A refusal that the rules call an event: committed with its facts, then raised."""

    error: AlongsideError


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something to be done at ``at`` by the service's own timer. ``ref`` tells those of one kind apart."""

    at: datetime
    subject: UUID
    kind: str
    ref: UUID


@dataclass(eq=False)
class Tx(Generic[S_co]):
    """One transaction as a handler sees it."""

    _store: S_co
    connection: Connection
    now: datetime
    origin: Origin
    rulebook: int
    new_id: Callable[[], UUID] = new_id
    facts: list[Event] = field(default_factory=list)
    reminders: list[Reminder] = field(default_factory=list)
    forgotten: list[tuple[UUID, str, UUID | None]] = field(default_factory=list)
    also: set[UUID] = field(default_factory=set)
    work: bool = False
    lock: Sql | None = None

    @property
    def store(self) -> S_co:
        """Give the service's store, on this transaction's connection."""
        return self._store

    @property
    def by(self) -> Pass:
        """Give who asks."""
        return self.origin.by

    def emit(self, *facts: Event) -> None:
        """Say what happened; journalled in this transaction, in this order."""
        self.facts.extend(facts)

    def leave_work(self) -> None:
        """Say that rows were written for a loop of the service's own: it is woken after the commit."""
        self.work = True

    @property
    def wakes(self) -> bool:
        """Say whether some loop has something to do after the commit."""
        return bool(self.facts or self.reminders or self.work)

    async def widen(self, *subjects: UUID) -> None:
        """Take in and lock streams that the command could not name, because they were only found here.

        For what comes to many people at once (an organisation closes: all whom it leads). What was read of them
        before this must be read again: on PostgreSQL another may have written it meanwhile.
        """
        if self.lock is not None:
            await self.connection.lock(self.lock, subjects=sorted(set(subjects) - self.also))
        self.also.update(subjects)

    def remind(self, kind: str, at: datetime, subject: UUID, ref: UUID | None = None) -> None:
        """Have the timer run ``kind`` at ``at``; the same (subject, kind, ref) again moves it."""
        self.reminders.append(Reminder(at, subject, kind, ref or subject))

    def forget(self, kind: str, subject: UUID, ref: UUID | None = None) -> None:
        """Drop a reminder, or every one of ``kind`` about ``subject`` when no ``ref`` is given."""
        self.reminders = [
            r for r in self.reminders if (r.kind, r.subject) != (kind, subject) or ref not in {None, r.ref}
        ]
        self.forgotten.append((subject, kind, ref))


class Shell(Generic[S]):
    """Runs a service's commands. One for each service and process. Until ``busy_until``, by the monotonic clock,
    its consumer has more to hear than one batch: what can wait gives way to it.
    """

    def __init__(
        self,
        database: Database,
        tables: KernelTables,
        store: Callable[[Connection], S],
        clock: Clock,
        *,
        rulebook: Callable[[], int] = lambda: 0,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep what a transaction needs; ``wake`` is called after each commit that journalled something."""
        self.database = database
        self.tables = tables
        self.make_store = store
        self.clock = clock
        self.rulebook = rulebook
        self.wake, self.busy_until = wake, 0.0

    async def run(
        self,
        handler: Callable[[C, Tx[S]], Awaitable[R | TurnedBack]],
        command: C,
        origin: Origin,
        *,
        gives: type[R],
    ) -> R:
        """Run one command in one transaction, or give the reply that was kept for the same request.

        ``gives`` is the type of the result, by which a kept reply is read back.
        Raises what the handler raises (nothing is kept), the error of a ``TurnedBack`` (its facts are), and
        OtherBodyError when the request id was used with another body. What another transaction was in the way of
        is begun again, ``TRIES`` times in all.
        """
        with span(f"{self.tables.prefix} {getattr(handler, '__name__', 'command')}", story=origin.correlation):
            for _ in range(TRIES - 1):
                with suppress(BusyError, TakenError):
                    return await self._once(handler, command, origin, gives)
            return await self._once(handler, command, origin, gives)

    async def _once(
        self, handler: Callable[[C, Tx[S]], Awaitable[R | TurnedBack]], command: C, origin: Origin, gives: type[R]
    ) -> R:
        request, principal = origin.request_id, origin.by.principal
        streams = sorted(set(command.streams))
        async with self.database.write(*streams) as connection:
            if streams:
                await connection.lock(self.tables.lock, subjects=streams)
            rows = await connection.all(
                self.tables.begin, subjects=streams, principal=principal, request=request or principal
            )
            if request is not None and rows[0]["result"] is not None:
                again: R = _again(rows[0]["body"], rows[0]["result"], origin, gives)
                return again
            tx = self.transaction(connection, origin)
            outcome = await handler(command, tx)
            await self.journal(connection, heads_of(rows, streams), tx)
            if request is not None:
                kept = {"principal": principal, "request": request, "body": origin.body, "at": tx.now}
                await connection.run(self.tables.keep, result=_keep(outcome, gives), **kept)
        if tx.wakes:
            self.wake()
        if isinstance(outcome, TurnedBack):
            raise outcome.error
        return outcome

    def transaction(self, connection: Connection, origin: Origin) -> Tx[S]:
        """Give a handler's view of an open transaction."""
        now = self.clock.now()
        return Tx(self.make_store(connection), connection, now, origin, self.rulebook(), lock=self.tables.lock)

    async def journal(self, connection: Connection, heads: dict[UUID, Head], tx: Tx[S]) -> dict[UUID, Head]:
        """Write a transaction's facts and reminders; gives the heads that moved."""
        if more := sorted(tx.also - heads.keys()):
            heads = heads | heads_of(await connection.all(self.tables.heads, subjects=more), more)
        moved: dict[UUID, Head] = {}
        if tx.facts:
            cause = tx.origin.cause
            writing = Writing(
                tx.now, cause.id if cause else None, cause.tick if cause else 0,
                tx.origin.correlation, tx.origin.by.actor, tx.rulebook,
            )  # fmt: skip
            moved = await append(self.tables, connection, heads, tx.facts, writing, new_event_id)
        for subject, kind, ref in tx.forgotten:
            if ref is None:
                await connection.run(self.tables.forget_all, subject=subject, kind=kind)
            else:
                await connection.run(self.tables.forget, subject=subject, kind=kind, ref=ref)
        if tx.reminders:
            same = {"tries": 0}
            rows = [
                same | {"subject": r.subject, "kind": r.kind, "ref": r.ref, "at": r.at, "turn": r.at}
                for r in tx.reminders
            ]
            await connection.many(self.tables.remind, rows)
        return moved

    async def read(self, reader: Callable[[S], Awaitable[R]], *, once: bool = False) -> R:
        """Run a read on the read-only connection; ``once`` for one that is one statement."""
        async with self.database.read(once=once) as connection:
            return await reader(self.make_store(connection))


def _keep(outcome: Any, gives: Any) -> bytes:
    if not isinstance(outcome, TurnedBack):
        return b'{"result":' + _adapter(gives).dump_json(outcome) + b"}"
    return orjson.dumps(outcome.error.plain())


def _again(body: str, kept: bytes, origin: Origin, gives: Any) -> Any:
    """Give the kept reply, or raise the error that was kept."""
    if body != origin.body:
        raise OtherBodyError
    value = orjson.loads(kept)
    if "result" in value:
        return _adapter(gives).validate_python(value["result"])
    raise from_plain(value)


@cache
def _adapter(gives: Any) -> TypeAdapter[Any]:
    return TypeAdapter(gives)


__all__ = ["Command", "Origin", "Reminder", "Shell", "TurnedBack", "Tx"]
