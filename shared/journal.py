"""The kernel's tables of one service, and the writing of facts into its journal.

The journal is insert-only: the outbox, the history of facts and the source of re-notification. ``unsent``
rows are written beside it by a trigger, so that no fact can be journalled and forgotten, and go when the bus
has the event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    bindparam,
    delete,
    event,
    literal,
    select,
    tuple_,
)

from shared.db import Id, Instant, Sql, insert_into, listed, locking, same, upsert_into
from shared.event import GENESIS, Actor, Envelope, Event, encode
from shared.tracing import mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from shared.db import Connection, Row

INSERT_ONLY = {"insert_only": True}
"""Marks a table whose rows nobody may change or take away: by trigger on SQLite, by grant on PostgreSQL."""
POSITION = BigInteger().with_variant(Integer, "sqlite")


@dataclass(slots=True)
class Head:
    """Where a stream stands: its last number, tick and hash."""

    seq: int = 0
    tick: int = 0
    hash: str = GENESIS


class KernelTables:
    """The tables that every service has, each under the service's prefix, and the statements on them."""

    def __init__(self, prefix: str, metadata: MetaData) -> None:
        """Define them in the service's own metadata."""
        self.prefix = prefix
        self.head = Table(
            f"{prefix}_head", metadata,
            Column("subject", Id, primary_key=True),
            _must("seq", Integer), _must("tick", Integer), _must("hash", String(64)),
        )  # fmt: skip
        self.journal = Table(
            f"{prefix}_journal", metadata,
            Column("pos", POSITION, Identity(), primary_key=True),
            _must("id", Id, unique=True), _must("subject", Id), _must("seq", Integer),
            _must("type", String(64)), _must("at", Instant), _must("raw", LargeBinary),
            Index(f"{prefix}_journal_stream", "subject", "seq", unique=True),
            sqlite_autoincrement=True, info=INSERT_ONLY,
        )  # fmt: skip
        self.unsent = Table(
            f"{prefix}_unsent", metadata, Column("pos", POSITION, primary_key=True, autoincrement=False)
        )
        self.reply = Table(
            f"{prefix}_reply", metadata,
            _must("principal", Id), _must("request", Id), _must("body", String(64)),
            _must("result", LargeBinary), _must("at", Instant, index=True),
            PrimaryKeyConstraint("principal", "request"),
        )  # fmt: skip
        self.due = Table(
            f"{prefix}_due", metadata,
            _must("subject", Id), _must("kind", String(48)), _must("ref", Id), _must("at", Instant),
            _must("turn", Instant, index=True), _must("tries", Integer),
            PrimaryKeyConstraint("subject", "kind", "ref"),
        )  # fmt: skip
        self.lease = Table(
            f"{prefix}_lease", metadata,
            Column("name", String(48), primary_key=True),
            _must("holder", Id), _must("epoch", Integer), _must("until", Instant),
        )  # fmt: skip
        self.bus = Table(f"{prefix}_bus", metadata, Column("id", String(48), primary_key=True))
        self._hearing(prefix, metadata)
        for line in protecting(prefix):
            event.listen(self.unsent, "after_create", _on_sqlite(line))
        self._statements()

    def _hearing(self, prefix: str, metadata: MetaData) -> None:
        self.cursor = Table(
            f"{prefix}_cursor", metadata,
            _must("consumer", String(48)), _must("source", String(16)), _must("subject", Id),
            _must("seq", Integer), _must("hash", String(64)),
            PrimaryKeyConstraint("consumer", "source", "subject"),
        )  # fmt: skip
        self.parked = Table(
            f"{prefix}_parked", metadata,
            _must("consumer", String(48)), _must("source", String(16)), _must("subject", Id),
            _must("seq", BigInteger), _must("reason", String(64)), _must("at", Instant),
            _must("raw", LargeBinary),
            PrimaryKeyConstraint("consumer", "source", "subject", "seq"),
        )  # fmt: skip

    def _statements(self) -> None:
        head, reply, journal, due = self.head, self.reply, self.journal, self.due
        one = select(literal(1).label("one")).subquery("one")
        self.begin = Sql(
            select(head, reply.c.body, reply.c.result).select_from(
                one.outerjoin(head, listed(head.c.subject, "subjects")).outerjoin(
                    reply, same(reply.c.principal, reply.c.request)
                )
            )
        )
        self.lock = Sql(locking(head.c.subject, "subjects", seq=0, tick=0, hash=GENESIS))
        self.heads = Sql(select(head).where(listed(head.c.subject, "subjects")))
        self.move = Sql(upsert_into(head, "subject"))
        self.append = Sql(insert_into(journal, without=("pos",)))
        self.keep = Sql(insert_into(reply))
        key = (reply.c.principal, reply.c.request)
        past = (
            select(*key).where(reply.c.at < bindparam("before", type_=Instant)).limit(bindparam("most", type_=Integer))
        )
        self.drop_replies = Sql(delete(reply).where(tuple_(*key).in_(past)))
        self.remind = Sql(upsert_into(due, "subject", "kind", "ref"))
        self.forget = Sql(delete(due).where(same(due.c.subject, due.c.kind, due.c.ref)))
        self.forget_all = Sql(delete(due).where(same(due.c.subject, due.c.kind)))
        between = journal.c.seq.between(bindparam("first"), bindparam("last"))
        stream = select(journal.c.seq, journal.c.raw).where(same(journal.c.subject), between)
        self.span = Sql(stream.order_by(journal.c.seq))


def protecting(prefix: str) -> tuple[str, ...]:
    """Give SQLite's triggers: what is journalled is unsent, dense, and stays as it was written."""
    journal = f"{prefix}_journal"
    last = f"coalesce((SELECT max(seq) FROM {journal} WHERE subject = NEW.subject), 0)"  # noqa: S608 - our own name
    stays = f"SELECT RAISE(ABORT, '{journal} is insert-only')"
    does = {
        "unsent AFTER INSERT": f"INSERT INTO {prefix}_unsent VALUES (NEW.pos)",  # noqa: S608 - our own name
        "no_update BEFORE UPDATE": stays,
        "no_delete BEFORE DELETE": stays,
    }
    dense = f"WHEN NEW.seq <> 1 + {last} BEGIN SELECT RAISE(ABORT, '{journal} is dense')"
    return (
        f"CREATE TRIGGER {journal}_dense BEFORE INSERT ON {journal} {dense}; END",
        *(f"CREATE TRIGGER {journal}_{when} ON {journal} BEGIN {act}; END" for when, act in does.items()),
    )


@dataclass(frozen=True, slots=True)
class Writing:
    """What every fact of one transaction shares."""

    now: datetime
    cause: UUID | None
    cause_tick: int
    correlation: UUID
    actor: Actor
    rulebook: int


class NotLockedError(RuntimeError):
    """A fact on a stream that its command did not name: a fault of ours."""


def heads_of(rows: Iterable[Row], subjects: Iterable[UUID]) -> dict[UUID, Head]:
    """Give the head of each subject; one that is not there yet starts at nought."""
    found = {r["subject"]: Head(r["seq"], r["tick"], r["hash"]) for r in rows if r["subject"] is not None}
    return {subject: found.get(subject) or Head() for subject in subjects}


async def append(
    tables: KernelTables,
    connection: Connection,
    heads: dict[UUID, Head],
    facts: Sequence[Event],
    writing: Writing,
    new_event_id: Callable[[], UUID],
) -> dict[UUID, Head]:
    """Number, chain and journal ``facts``, and move the heads; gives those that moved.

    Without facts the heads stay as they were. ``heads`` itself is left alone: what is undone is not believed.
    """
    rows: list[dict[str, Any]] = []
    moved: dict[UUID, Head] = {}
    for said in facts:
        if said.subject not in heads or said.source != tables.prefix:
            message = f"{said.type} is on a stream that was not locked here"
            raise NotLockedError(message)
        head = moved.setdefault(said.subject, replace(heads[said.subject]))
        head.tick = max(head.tick, writing.cause_tick) + 1
        envelope = Envelope(
            new_event_id(), head.seq + 1, head.tick, head.hash, writing.now, writing.cause,
            writing.correlation, writing.actor, writing.rulebook,
        )  # fmt: skip
        raw = encode(said, envelope)
        head.seq, head.hash = envelope.seq, hash_of(raw)
        mark(said.type, envelope.id, writing.correlation)
        row = {"id": envelope.id, "subject": said.subject, "seq": head.seq, "type": said.type}
        rows.append(row | {"at": writing.now, "raw": raw})
    if rows:
        await connection.many(tables.append, rows)
        ends = [{"subject": s, "seq": h.seq, "tick": h.tick, "hash": h.hash} for s, h in moved.items()]
        await connection.many(tables.move, ends)
    return moved


def hash_of(raw: bytes) -> str:
    """Give the SHA-256 of an event's bytes, in hex."""
    return sha256(raw).hexdigest()


def _must(name: str, kind: Any, **more: Any) -> Column[Any]:
    return Column(name, kind, nullable=False, **more)


def _on_sqlite(line: str) -> Any:
    made: Any = DDL  # SQLAlchemy's own class has no annotations
    return made(line).execute_if(dialect="sqlite")
