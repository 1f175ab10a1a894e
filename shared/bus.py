"""The bus: one protocol, two engines, one contract suite. It carries bytes.

``bus_log`` (a durable log in SQLite) is the embedded engine; Kafka is the other. A topic is
``alongside.<service>``, the key is the subject. Delivery is at least once and in order for one key; a
consumer's cursor makes the effect once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import select

from shared.db import Sql, insert_into

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.db import Database
    from shared.journal import KernelTables


@dataclass(frozen=True, slots=True)
class Record:
    """What is published: a key that orders, and the bytes of an event."""

    key: bytes
    value: bytes
    topic: str = ""
    """The topic it came from; set by ``poll``, not needed to publish."""


class BusConsumer(Protocol):
    """One member of a group. ``poll`` gives each record once, until ``rewind`` or another start."""

    async def poll(self, limit: int) -> list[Record]:
        """Give at most ``limit`` records that come after the last poll, oldest first; none when none do."""
        ...

    async def commit(self) -> None:
        """Put behind everything that ``poll`` gave."""
        ...

    async def rewind(self) -> None:
        """Go back to what was committed last: what was polled since comes again."""
        ...

    async def wait(self, seconds: float) -> None:
        """Come back when there may be something to poll, or after ``seconds``."""
        ...


class Bus(Protocol):
    """Publishes and subscribes."""

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Publish in order. Returns when every record is durable; raises when any may not be."""
        ...

    def consumer(self, group: str, topics: Sequence[str]) -> BusConsumer:
        """Join a group; it begins at the oldest record that is kept."""
        ...

    async def identity(self) -> str:
        """Give the id of the log itself: a changed one means that its data were lost."""
        ...


class KnownBus:
    """Says whether the bus is the one that a service has spoken to before. If not, its data were lost: relay and
    consumer stop until a replay.
    """

    def __init__(self, database: Database, tables: KernelTables, bus: Bus) -> None:
        """Look at nothing yet."""
        self.database = database
        self.bus = bus
        self._seen = ""
        self._read, self._clear = Sql(select(tables.bus)), Sql(tables.bus.delete())
        self._write = Sql(insert_into(tables.bus))

    async def same(self) -> bool:
        """Compare; a service that has never spoken to a bus takes this one."""
        now = await self.bus.identity()
        if now != self._seen:
            async with self.database.read() as connection:
                row = await connection.one(self._read)
            if row is None:
                await self.accept()
            elif row["id"] == now:
                self._seen = now
        return now == self._seen

    async def accept(self) -> None:
        """Take the bus as it is now."""
        now = await self.bus.identity()
        async with self.database.write() as connection:
            await connection.run(self._clear)
            await connection.run(self._write, id=now)
        self._seen = now


def topic_of(source: str) -> str:
    """Give the topic of a service's events."""
    return f"alongside.{source}"
