"""The one place that opens a transaction, locks, journals and commits.

A handler decides and saves; it gets the time and ids from its ``Tx`` and gives facts to ``Tx.emit``. The
shell first looks for a kept reply, then locks the head rows of every stream that the command names, before
anything is read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import orjson
from pydantic import TypeAdapter

from shared.errors import CATALOGUE, REASONS, AlongsideError, OtherBodyError
from shared.ids import new_event_id, new_id
from shared.journal import KernelTables, Writing, append, heads_of
from shared.passes import Origin, Pass

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.clock import Clock
    from shared.db import Connection, Database
    from shared.event import Event, Recorded

S_co = TypeVar("S_co", covariant=True)
S = TypeVar("S")
C = TypeVar("C", bound="Command")
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
    """Something to be done at ``at`` by the service's own timer. ``ref`` tells reminders of one kind
    apart.
    """

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

    def remind(self, kind: str, at: datetime, subject: UUID, ref: UUID | None = None) -> None:
        """Have the timer run ``kind`` at ``at``; the same (subject, kind, ref) again moves it."""
        self.reminders.append(Reminder(at, subject, kind, ref or subject))

    def forget(self, kind: str, subject: UUID, ref: UUID | None = None) -> None:
        """Drop a reminder, or every one of ``kind`` about ``subject`` when no ``ref`` is given."""
        self.forgotten.append((subject, kind, ref))


class Shell(Generic[S]):
    """Runs a service's commands. One for each service and process."""

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
        self.wake = wake

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
        OtherBodyError when the request id was used with another body.
        """
        async with self.database.write() as connection:
            streams = sorted(set(command.streams))
            request = origin.request_id
            rows = await connection.all(
                self.tables.begin,
                subjects=streams,
                principal=origin.by.principal,
                request=request or origin.by.principal,
            )
            if request is not None and rows[0]["result"] is not None:
                outcome: R | TurnedBack = _kept(rows[0]["body"], rows[0]["result"], origin, gives)
                wrote = False
            else:
                tx = self.transaction(connection, origin)
                outcome = await handler(command, tx)
                await self.journal(connection, heads_of(rows, streams), tx)
                if request is not None:
                    kept = {
                        "principal": origin.by.principal,
                        "request": request,
                        "body": origin.body,
                        "result": _keep(outcome),
                        "at": tx.now,
                    }
                    await connection.run(self.tables.keep, **kept)
                wrote = bool(tx.facts or tx.reminders)
        if wrote:
            self.wake()
        if isinstance(outcome, TurnedBack):
            raise outcome.error
        return outcome

    def transaction(self, connection: Connection, origin: Origin) -> Tx[S]:
        """Give a handler's view of an open transaction."""
        return Tx(self.make_store(connection), connection, self.clock.now(), origin, self.rulebook())

    async def journal(self, connection: Connection, heads: dict[UUID, Any], tx: Tx[S]) -> None:
        """Write a transaction's facts and reminders."""
        cause = tx.origin.cause
        writing = Writing(
            now=tx.now,
            cause=cause.id if cause else None,
            cause_tick=cause.tick if cause else 0,
            correlation=tx.origin.correlation,
            actor=tx.origin.by.actor,
            rulebook=tx.rulebook,
        )
        await append(self.tables, connection, heads, tx.facts, writing, new_event_id)
        for subject, kind, ref in tx.forgotten:
            if ref is None:
                await connection.run(self.tables.forget_all, subject=subject, kind=kind)
            else:
                await connection.run(self.tables.forget, subject=subject, kind=kind, ref=ref)
        if tx.reminders:
            rows = [
                {"subject": r.subject, "kind": r.kind, "ref": r.ref, "at": r.at, "tries": 0}
                for r in tx.reminders
            ]
            await connection.many(self.tables.remind, rows)

    async def read(self, reader: Callable[[S], Awaitable[R]]) -> R:
        """Run a read on the read-only connection."""
        async with self.database.read() as connection:
            return await reader(self.make_store(connection))


def caused_by(origin: Origin, cause: Recorded) -> Origin:
    """Give the origin of what a heard event causes."""
    return replace(origin, cause=cause, correlation=cause.correlation)


def _keep(outcome: Any) -> bytes:
    if isinstance(outcome, TurnedBack):
        error = outcome.error
        reasons = [[type(reason).__qualname__, reason.value] for reason in error.reasons]
        return orjson.dumps(
            {"code": error.code, "reasons": reasons, "fields": error.fields, "facts": error.facts}
        )
    return orjson.dumps({"result": outcome})


def _kept(body: str, kept: bytes, origin: Origin, gives: Any) -> Any:
    if body != origin.body:
        raise OtherBodyError
    value = orjson.loads(kept)
    if "result" in value:
        return _adapter(gives).validate_python(value["result"])
    reasons = tuple(REASONS[name, code] for name, code in value["reasons"])
    return TurnedBack(
        CATALOGUE[value["code"]](reasons=reasons, fields=tuple(value["fields"]), facts=value["facts"])
    )


@cache
def _adapter(gives: Any) -> TypeAdapter[Any]:
    return TypeAdapter(gives)


__all__ = ["Command", "Origin", "Reminder", "Shell", "TurnedBack", "Tx", "caused_by"]
