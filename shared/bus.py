"""The bus: one protocol, two engines, one contract suite. It carries bytes.

``bus_log`` (a durable log in SQLite) is the embedded engine; Kafka is the other. A topic is
``alongside.<service>``, the key is the subject. Delivery is at least once and in order for one key; a
consumer's cursor makes the effect once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Record:
    """What is published: a key that orders, and the bytes of an event."""

    key: bytes
    value: bytes


class BusConsumer(Protocol):
    """One member of a group. ``poll`` never gives what ``commit`` has put behind it, unless it was never
    committed.
    """

    async def poll(self, limit: int) -> list[Record]:
        """Give at most ``limit`` records that this group has not committed, oldest first; none when there are
        none.
        """
        ...

    async def commit(self) -> None:
        """Put behind everything that ``poll`` gave."""
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


def topic_of(source: str) -> str:
    """Give the topic of a service's events."""
    return f"alongside.{source}"
