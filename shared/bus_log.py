"""The embedded bus: a durable log in SQLite with the promises of the Kafka engine and nothing more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import (
    Column,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    bindparam,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from shared.bus import Record
from shared.db import Instant, Sql, insert_into, listed
from shared.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shared.clock import Clock
    from shared.db import Database

METADATA = MetaData()
RECORD = Table(
    "bus_record", METADATA,
    Column("pos", Integer, primary_key=True, autoincrement=True),
    Column("topic", String(64), nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    sqlite_autoincrement=True,
)  # fmt: skip
OFFSET = Table(
    "bus_offset", METADATA,
    Column("consumer", String(64), nullable=False),
    Column("pos", Integer, nullable=False),
    PrimaryKeyConstraint("consumer"),
)  # fmt: skip
IDENTITY = Table("bus_identity", METADATA, Column("id", String(36), primary_key=True))

_APPEND = Sql(insert_into(RECORD, without=("pos",)))
_POLL = Sql(
    select(RECORD.c.pos, RECORD.c.key, RECORD.c.value)
    .where(RECORD.c.pos > bindparam("after", type_=Integer), listed(RECORD.c.topic, "topics"))
    .order_by(RECORD.c.pos).limit(bindparam("most", type_=Integer))
)  # fmt: skip
_OFFSET = Sql(select(OFFSET.c.pos).where(OFFSET.c.consumer == bindparam("consumer")))
_move = upsert(OFFSET).values(consumer=bindparam("consumer"), pos=bindparam("pos"))
_MOVE = Sql(_move.on_conflict_do_update(index_elements=["consumer"], set_={"pos": _move.excluded.pos}))
_IDENTITY = Sql(select(IDENTITY.c.id))
_NAME = Sql(insert_into(IDENTITY))
_LOWEST = select(func.coalesce(func.min(OFFSET.c.pos), 0)).scalar_subquery()
_DROP = Sql(delete(RECORD).where(RECORD.c.at < bindparam("before", type_=Instant), RECORD.c.pos <= _LOWEST))


class LogBus:
    """A log in SQLite. What is published is committed before ``publish`` returns."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Use the ``bus`` view of the embedded file."""
        self.database = database
        self.clock = clock
        self.changed = asyncio.Event()

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Append ``records`` in one transaction and wake the consumers."""
        now = self.clock.now()
        async with self.database.write() as connection:
            await connection.many(
                _APPEND, [{"topic": topic, "key": r.key, "value": r.value, "at": now} for r in records]
            )
        woken, self.changed = self.changed, asyncio.Event()
        woken.set()

    def consumer(self, group: str, topics: Sequence[str]) -> LogConsumer:
        """Join a group at its committed offset."""
        return LogConsumer(self, group, tuple(topics))

    async def identity(self) -> str:
        """Give the log's id, made when it is first asked for."""
        async with self.database.write() as connection:
            found = await connection.one(_IDENTITY)
            if found is not None:
                return str(found["id"])
            made = str(new_id())
            await connection.run(_NAME, id=made)
            return made

    async def drop_before(self, before: datetime) -> None:
        """Drop records that every group has put behind it and that are older than ``before`` (7 days)."""
        async with self.database.write() as connection:
            await connection.run(_DROP, before=before)


class LogConsumer:
    """A group's place in the log."""

    def __init__(self, bus: LogBus, group: str, topics: tuple[str, ...]) -> None:
        """Start where the group committed last, found at the first poll."""
        self.bus = bus
        self.group = group
        self.topics = topics
        self.committed: int | None = None
        self.polled = 0
        self.seen = bus.changed

    async def poll(self, limit: int) -> list[Record]:
        """Give what comes after the last poll."""
        self.seen = self.bus.changed
        async with self.bus.database.read() as connection:
            if self.committed is None:
                found = await connection.one(_OFFSET, consumer=self.group)
                self.committed = self.polled = found["pos"] if found else 0
            rows = await connection.all(_POLL, after=self.polled, topics=self.topics, most=limit)
        if rows:
            self.polled = rows[-1]["pos"]
        return [Record(row["key"], row["value"]) for row in rows]

    async def commit(self) -> None:
        """Keep the place of the last poll."""
        if self.polled == self.committed:
            return
        async with self.bus.database.write() as connection:
            await connection.run(_MOVE, consumer=self.group, pos=self.polled)
        self.committed = self.polled

    async def wait(self, seconds: float) -> None:
        """Come back at the next publish, or after ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                await self.seen.wait()
        except TimeoutError:
            return
