"""The embedded bus: a durable log in SQLite with the promises of the Kafka engine and nothing more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import (
    Column,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    func,
    select,
)

from shared.bus import Record
from shared.db import Instant, Sql, insert_into, listed, same, upsert_into
from shared.ids import new_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from shared.clock import Clock
    from shared.db import Database

METADATA = MetaData()
RECORD = Table(
    "bus_record", METADATA,
    Column("pos", Integer, Identity(), primary_key=True),
    Column("topic", String(64), nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    sqlite_autoincrement=True,
)  # fmt: skip
OFFSET = Table(
    "bus_offset", METADATA,
    Column("consumer", String(64), primary_key=True),
    Column("pos", Integer, nullable=False),
)  # fmt: skip
IDENTITY = Table("bus_identity", METADATA, Column("id", String(36), primary_key=True))
PAGE = 500
STRIDE = 1_000
"""How many records of others a group passes by before it keeps its place, so that they can be dropped."""

_APPEND = Sql(insert_into(RECORD, without=("pos",)))
_LAST = Sql(select(func.coalesce(func.max(RECORD.c.pos), 0).label("pos")))
_POLL = Sql(
    select(RECORD.c.pos, RECORD.c.topic, RECORD.c.key, RECORD.c.value)
    .where(RECORD.c.pos > bindparam("after", type_=Integer), listed(RECORD.c.topic, "topics"))
    .order_by(RECORD.c.pos).limit(bindparam("most", type_=Integer))
)  # fmt: skip
_OFFSET = Sql(select(OFFSET.c.pos).where(same(OFFSET.c.consumer)))
_MOVE = Sql(upsert_into(OFFSET, "consumer"))
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
        self._identity = ""

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Append ``records`` in one transaction and wake the consumers."""
        now = self.clock.now()
        rows = [{"topic": topic, "key": r.key, "value": r.value, "at": now} for r in records]
        async with self.database.write() as connection:
            await connection.many(_APPEND, rows)
        woken, self.changed = self.changed, asyncio.Event()
        woken.set()

    def consumer(self, group: str, topics: Sequence[str]) -> LogConsumer:
        """Join a group at its committed offset."""
        return LogConsumer(self, group, tuple(topics))

    async def identity(self, topic: str) -> str:  # noqa: ARG002 - one log holds every topic
        """Give the log's id, made when it is first asked for."""
        if not self._identity:
            async with self.database.write() as connection:
                found = await connection.one(_IDENTITY)
                if found is None:
                    found = {"id": str(new_id())}
                    await connection.run(_NAME, **found)
            self._identity = found["id"]
        return self._identity

    async def kept(self, topic: str) -> AsyncIterator[list[Record]]:
        """Give every record of a topic that is kept, oldest first, up to the last one of now; no group hears of it."""
        after = 0
        async with self.database.read() as connection:
            last = (await connection.one(_LAST) or {"pos": 0})["pos"]
        while after < last:
            async with self.database.read() as connection:
                rows = await connection.all(_POLL, after=after, topics=(topic,), most=PAGE)
            after = rows[-1]["pos"] if rows else last
            yield [Record(row["key"], row["value"], row["topic"]) for row in rows if row["pos"] <= last]

    async def close(self) -> None:
        """Hold nothing: the file is the process's."""

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
            last = (await connection.one(_LAST) or {"pos": 0})["pos"]
            rows = await connection.all(_POLL, after=self.polled, topics=self.topics, most=limit)
        self.polled = rows[-1]["pos"] if rows else max(self.polled, last)
        if not rows and self.polled - self.committed > STRIDE:
            await self.commit()
        return [Record(row["key"], row["value"], row["topic"]) for row in rows]

    async def commit(self) -> None:
        """Keep the place of the last poll."""
        if self.committed is None or self.polled == self.committed:
            return
        async with self.bus.database.write() as connection:
            await connection.run(_MOVE, consumer=self.group, pos=self.polled)
        self.committed = self.polled

    async def rewind(self) -> None:
        """Forget the polls since the last commit."""
        self.committed = None

    async def wait(self, seconds: float) -> None:
        """Come back at a publish since the last poll or wait, or after ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                await self.seen.wait()
        except TimeoutError:
            return
        self.seen = self.bus.changed

    async def close(self) -> None:
        """Hold nothing."""
