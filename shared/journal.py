"""The kernel's tables of one service, and the writing of facts into its journal.

The journal is insert-only: the outbox, the history of facts and the source of re-notification. ``unsent``
rows are written beside it by a trigger, so that no fact can be journalled and forgotten, and go when the bus
has the event.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
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
)
from sqlalchemy.dialects.sqlite import insert as upsert

from shared.db import Id, Instant, Sql, insert_into, listed
from shared.event import GENESIS, Actor, Envelope, Event, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from shared.db import Connection, Row


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
        pos = BigInteger().with_variant(Integer, "sqlite")
        self.head = Table(
            f"{prefix}_head", metadata,
            Column("subject", Id, primary_key=True),
            Column("seq", Integer, nullable=False),
            Column("tick", Integer, nullable=False),
            Column("hash", String(64), nullable=False),
        )  # fmt: skip
        self.journal = Table(
            f"{prefix}_journal", metadata,
            Column("pos", pos, primary_key=True, autoincrement=True),
            Column("id", Id, nullable=False, unique=True),
            Column("subject", Id, nullable=False),
            Column("seq", Integer, nullable=False),
            Column("type", String(64), nullable=False),
            Column("at", Instant, nullable=False),
            Column("raw", LargeBinary, nullable=False),
            Index(f"{prefix}_journal_stream", "subject", "seq", unique=True),
            sqlite_autoincrement=True,
        )  # fmt: skip
        self.unsent = Table(
            f"{prefix}_unsent", metadata, Column("pos", pos, primary_key=True, autoincrement=False)
        )
        self.reply = Table(
            f"{prefix}_reply", metadata,
            Column("principal", Id, nullable=False),
            Column("request", Id, nullable=False),
            Column("body", String(64), nullable=False),
            Column("result", LargeBinary, nullable=False),
            Column("at", Instant, nullable=False, index=True),
            PrimaryKeyConstraint("principal", "request"),
        )  # fmt: skip
        self.due = Table(
            f"{prefix}_due", metadata,
            Column("subject", Id, nullable=False),
            Column("kind", String(48), nullable=False),
            Column("ref", Id, nullable=False),
            Column("at", Instant, nullable=False, index=True),
            Column("tries", Integer, nullable=False),
            PrimaryKeyConstraint("subject", "kind", "ref"),
        )  # fmt: skip
        self.lease = Table(
            f"{prefix}_lease", metadata,
            Column("name", String(48), primary_key=True),
            Column("holder", Id, nullable=False),
            Column("epoch", Integer, nullable=False),
            Column("until", Instant, nullable=False),
        )  # fmt: skip
        self.cursor = Table(
            f"{prefix}_cursor", metadata,
            Column("consumer", String(48), nullable=False),
            Column("source", String(16), nullable=False),
            Column("subject", Id, nullable=False),
            Column("seq", Integer, nullable=False),
            Column("hash", String(64), nullable=False),
            PrimaryKeyConstraint("consumer", "source", "subject"),
        )  # fmt: skip
        self.parked = Table(
            f"{prefix}_parked", metadata,
            Column("consumer", String(48), nullable=False),
            Column("source", String(16), nullable=False),
            Column("subject", Id, nullable=False),
            Column("seq", Integer, nullable=False),
            Column("reason", String(64), nullable=False),
            Column("at", Instant, nullable=False),
            Column("raw", LargeBinary, nullable=False),
            PrimaryKeyConstraint("consumer", "source", "subject", "seq"),
        )  # fmt: skip
        for line in protecting(prefix):
            event.listen(self.unsent, "after_create", DDL(line).execute_if(dialect="sqlite"))
        self._statements()

    def _statements(self) -> None:
        head, reply, journal, due = self.head, self.reply, self.journal, self.due
        one = select(literal(1).label("one")).subquery("one")
        key = (reply.c.principal == bindparam("principal")) & (reply.c.request == bindparam("request"))
        self.begin = Sql(
            select(head, reply.c.body, reply.c.result)
            .select_from(one.outerjoin(head, listed(head.c.subject, "subjects")).outerjoin(reply, key))
        )  # fmt: skip
        self.heads = Sql(select(head).where(listed(head.c.subject, "subjects")))
        moved = upsert(head).values({c.name: bindparam(c.name, type_=c.type) for c in head.c})
        self.move = Sql(
            moved.on_conflict_do_update(
                index_elements=["subject"], set_={n: moved.excluded[n] for n in ("seq", "tick", "hash")}
            )
        )
        self.append = Sql(insert_into(journal, without=("pos",)))
        self.keep = Sql(insert_into(reply))
        self.drop_replies = Sql(delete(reply).where(reply.c.at < bindparam("before", type_=Instant)))
        again = upsert(due).values({c.name: bindparam(c.name, type_=c.type) for c in due.c})
        self.remind = Sql(
            again.on_conflict_do_update(
                index_elements=["subject", "kind", "ref"],
                set_={"at": again.excluded["at"], "tries": again.excluded["tries"]},
            )
        )
        self.forget = Sql(
            delete(due).where(
                due.c.subject == bindparam("subject"),
                due.c.kind == bindparam("kind"),
                due.c.ref == bindparam("ref"),
            )
        )
        self.forget_all = Sql(
            delete(due).where(due.c.subject == bindparam("subject"), due.c.kind == bindparam("kind"))
        )
        self.span = Sql(
            select(journal.c.seq, journal.c.raw)
            .where(journal.c.subject == bindparam("subject"), journal.c.seq >= bindparam("first"), journal.c.seq <= bindparam("last"))
            .order_by(journal.c.seq)
        )  # fmt: skip


def protecting(prefix: str) -> tuple[str, ...]:
    """Give SQLite's triggers: what is journalled is unsent, and stays as it was written."""
    journal = f"{prefix}_journal"
    keep = f"BEGIN SELECT RAISE(ABORT, '{journal} is insert-only'); END"
    return (
        f"CREATE TRIGGER {journal}_unsent AFTER INSERT ON {journal} BEGIN INSERT INTO {prefix}_unsent VALUES (NEW.pos); END",
        f"CREATE TRIGGER {journal}_no_update BEFORE UPDATE ON {journal} {keep}",
        f"CREATE TRIGGER {journal}_no_delete BEFORE DELETE ON {journal} {keep}",
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


def heads_of(rows: Iterable[Row], subjects: Sequence[UUID]) -> dict[UUID, Head]:
    """Give the head of each subject; one that is not there yet starts at nought."""
    found = {r["subject"]: Head(r["seq"], r["tick"], r["hash"]) for r in rows if r["subject"] is not None}
    return {subject: found.get(subject, Head()) for subject in subjects}


async def append(
    tables: KernelTables,
    connection: Connection,
    heads: dict[UUID, Head],
    facts: Sequence[Event],
    writing: Writing,
    new_event_id: Callable[[], UUID],
) -> None:
    """Number, chain and journal ``facts``, and move the heads. Without facts the heads stay as they were."""
    rows: list[dict[str, Any]] = []
    for said in facts:
        head = heads.get(said.subject)
        if head is None or said.source != tables.prefix:
            message = f"{said.type} is on a stream that was not locked here"
            raise NotLockedError(message)
        head.seq += 1
        head.tick = max(head.tick, writing.cause_tick) + 1
        envelope = Envelope(
            new_event_id(), head.seq, head.tick, head.hash, writing.now, writing.cause,
            writing.correlation, writing.actor, writing.rulebook,
        )  # fmt: skip
        raw = encode(said, envelope)
        head.hash = hash_of(raw)
        rows.append(
            {
                "id": envelope.id,
                "subject": said.subject,
                "seq": head.seq,
                "type": said.type,
                "at": writing.now,
                "raw": raw,
            }
        )
    if rows:
        await connection.many(tables.append, rows)
        await connection.many(
            tables.move,
            [{"subject": s, "seq": h.seq, "tick": h.tick, "hash": h.hash} for s, h in heads.items() if h.seq],
        )


def hash_of(raw: bytes) -> str:
    """Give the SHA-256 of an event's bytes, in hex."""
    return sha256(raw).hexdigest()
