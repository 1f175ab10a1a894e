"""Carries a service's journal to the bus: by lease, in order, with no transaction open while it sends.

A row of ``unsent`` goes only when the bus has the event for good. Two relays for a moment only send twice:
the consumer's cursor makes the effect once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from sqlalchemy import BigInteger, Integer, bindparam, delete, func, insert, select

from shared.bus import Bus, KnownBus, Record, topic_of
from shared.db import Sql, listed
from shared.lease import Lease
from shared.telemetry import RELAY, RELAYED
from shared.tracing import relaying

if TYPE_CHECKING:
    from uuid import UUID

    from shared.db import Database
    from shared.journal import KernelTables

BATCH = 500
AGAIN = 5_000
log = structlog.get_logger()


class Relay:
    """The relay of one service. ``step`` says whether it did something."""

    def __init__(self, database: Database, tables: KernelTables, bus: Bus, *, holder: UUID | None = None) -> None:
        """Prepare; nothing is claimed until the first step."""
        self.database = database
        self.tables = tables
        self.bus = bus
        self.topic = topic_of(tables.prefix)
        self.known = KnownBus(database, tables, bus, {"relay": self.topic})
        self.stopped = False
        self.lease = Lease(database, tables, "relay", holder)
        journal, unsent, lease = tables.journal, tables.unsent, tables.lease
        first = select(unsent.c.pos).order_by(unsent.c.pos).limit(bindparam("most", type_=Integer)).subquery("first")
        waiting = select(journal.c.pos, journal.c.subject, journal.c.raw).join(first, first.c.pos == journal.c.pos)
        self._next = Sql(waiting.order_by(journal.c.pos))
        epoch = select(lease.c.epoch).where(lease.c.name == "relay").scalar_subquery()
        still = epoch == bindparam("epoch", type_=Integer)
        self._sent = Sql(delete(unsent).where(listed(unsent.c.pos, "sent"), still))
        self._end = Sql(select(func.max(journal.c.pos).label("end")))
        some = journal.c.pos.between(bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger))
        missing = select(journal.c.pos).where(some, journal.c.pos.not_in(select(unsent.c.pos)))
        self._again = Sql(insert(unsent).from_select(["pos"], missing))

    async def step(self) -> bool:
        """Send the next batch. Raises what the bus raises; nothing is then marked as sent."""
        async with self.database.read(once=True) as connection:
            rows = await connection.all(self._next, most=BATCH)
        if not rows or not await self.lease.held():
            return False
        if not await self.known.same():
            if not self.stopped:
                log.error("bus-lost-its-data", topic=self.topic)
            self.stopped = True
            return False
        with RELAY.labels(self.tables.prefix).time(), relaying([row["raw"] for row in rows]):
            await self.bus.publish(self.topic, [Record(row["subject"].bytes, row["raw"]) for row in rows])
        RELAYED.labels(self.tables.prefix).inc(len(rows))
        async with self.database.write() as connection:
            await connection.run(self._sent, sent=[row["pos"] for row in rows], epoch=self.lease.epoch)
        return True

    async def replay(self, at_once: int = AGAIN) -> None:
        """Put the whole journal back to be sent, to the bus as it is now: for one that has lost its data.

        Some at a time, so that no statement takes long. Stopped half-way, it is asked for again.
        """
        async with self.database.read() as connection:
            end = (await connection.one(self._end) or {})["end"] or 0
        for first in range(1, end + 1, at_once):
            async with self.database.write() as connection:
                await connection.run(self._again, first=first, last=first + at_once - 1)
        await self.known.accept()
        self.stopped = False
