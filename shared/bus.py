"""The bus: one protocol, two engines, one contract suite. It carries bytes.

``bus_log`` (a durable log in SQLite) is the embedded engine; Kafka is the other. A topic is
``alongside.<service>``, the key is the subject. Delivery is at least once and in order for one key; a
consumer's cursor makes the effect once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import select

from shared.db import Sql, insert_unless, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shared.db import Database, Row
    from shared.journal import KernelTables


@dataclass(frozen=True, slots=True)
class Record:
    """What is published: a key that orders, and the bytes of an event."""

    key: bytes
    value: bytes
    topic: str = ""
    """The topic it came from; set by ``poll``, not needed to publish."""


class BusConsumer(Protocol):
    """One member of a group. ``poll`` gives each record once, until ``rewind``, another start, or until what was not
    committed is another member's.
    """

    async def poll(self, limit: int) -> list[Record]:
        """Give at most ``limit`` records that come after the last poll, in order for a key; none when none are here."""
        ...

    async def commit(self) -> None:
        """Put behind everything that ``poll`` gave."""
        ...

    async def rewind(self) -> None:
        """Go back to what was committed last: what was polled since comes again."""
        ...

    async def wait(self, seconds: float) -> None:
        """Come back when there may be something to poll, once for each time, or after ``seconds``."""
        ...

    async def close(self) -> None:
        """Leave the group; what was not committed comes again elsewhere."""
        ...


class Bus(Protocol):
    """Publishes and subscribes."""

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Publish in order. Returns when every record is durable; raises when any may not be."""
        ...

    def consumer(self, group: str, topics: Sequence[str]) -> BusConsumer:
        """Join a group; it begins at the oldest record that is kept."""
        ...

    async def identity(self, topic: str) -> str:
        """Give the id of the log that a topic is kept in: a changed one means that its data were lost."""
        ...

    async def close(self) -> None:
        """Let go of what is held, consumers included."""
        ...


class KnownBus:
    """Says whether the logs are those that a service has spoken to before. If not, their data were lost: relay and
    consumer stop until a replay, each for itself: ``topics`` go by names of their own.
    """

    def __init__(self, database: Database, tables: KernelTables, bus: Bus, topics: Mapping[str, str]) -> None:
        """Look at nothing yet."""
        self.database = database
        self.bus = bus
        self.topics = topics
        self._seen: Mapping[str, str] = {}
        self._read, self._write = Sql(select(tables.bus)), Sql(insert_unless(tables.bus))
        self._clear = Sql(tables.bus.delete().where(listed(tables.bus.c.id, "ids")))

    async def same(self) -> bool:
        """Compare; a log that was never spoken to is taken as it is."""
        now = await self._now()
        if now == self._seen:
            return True
        async with self.database.read(once=True) as connection:
            known = _parted(await connection.all(self._read))
        if any(known.get(name, id_) != id_ for name, id_ in now.items()):
            return False
        await self.accept(now)
        return True

    async def accept(self, now: Mapping[str, str] | None = None) -> None:
        """Take the logs as they are ``now``."""
        now = now or await self._now()
        async with self.database.write() as connection:
            known = _parted(await connection.all(self._read))
            await connection.run(self._clear, ids=[f"{name}={id_}" for name, id_ in known.items() if name in now])
            await connection.many(self._write, [{"id": f"{name}={id_}"} for name, id_ in now.items()])
        self._seen = now

    async def _now(self) -> dict[str, str]:
        return {name: await self.bus.identity(topic) for name, topic in self.topics.items()}


def _parted(rows: Iterable[Row]) -> dict[str, str]:
    return {name: id_ for name, _, id_ in (row["id"].partition("=") for row in rows)}


def topic_of(source: str) -> str:
    """Give the topic of a service's events."""
    return f"alongside.{source}"
