"""What Kafka still has of a topic, read from its oldest record to its end as of the beginning, by nobody's group.

For who takes up what a restored database forgot (ADR 0019): no offset is kept or moved, and the end is known, not
guessed by a poll that gives nothing. And for who only looks whether it is there.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from shared.bus import Record
from shared.bus_kafka import HEARING, LIMIT_SECONDS, _close, _made, _within
from shared.errors import UnavailableError
from shared.settings import REQUEST_MS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from shared.settings import KafkaSettings

PAGE = 500
POLL_MS, EMPTY_POLLS = 1_000, 30
"""A poll waits so long; after so many that gave nothing before the end was reached the broker counts as away."""


async def kept(settings: KafkaSettings, topic: str) -> AsyncIterator[list[Record]]:
    """Give what is kept of a topic, in order for a key; nothing of one that is not there. Raises UnavailableError."""
    with ThreadPoolExecutor(1, "kafka-kept") as pool:
        reader = await _within(pool, LIMIT_SECONDS, _Reader, settings, topic)
        try:
            while records := await _within(pool, POLL_MS * EMPTY_POLLS / 1000 + LIMIT_SECONDS, reader.page):
                yield records
        finally:
            await _within(pool, LIMIT_SECONDS, reader.close)


class _Reader:
    """Lives on its thread alone."""

    def __init__(self, settings: KafkaSettings, topic: str) -> None:
        """Note where every partition ends now, and begin at the oldest record."""
        told: dict[str, Any] = settings.told() | HEARING | {"group_id": None, "auto_offset_reset": "earliest"}
        self.kafka = KafkaConsumer(**told)
        self.topic = topic
        partitions = [TopicPartition(topic, number) for number in self.kafka.partitions_for_topic(topic)]
        self.ends = self.kafka.end_offsets(partitions, timeout_ms=REQUEST_MS) if partitions else {}
        self.kafka.assign(partitions)
        if partitions:
            self.kafka.seek_to_beginning(*partitions)

    def page(self) -> list[Record]:
        """Give the next records; none when every end was reached. Raises UnavailableError when they do not come."""
        for _ in range(EMPTY_POLLS):
            if all(self.kafka.position(each, timeout_ms=REQUEST_MS) >= end for each, end in self.ends.items()):
                return []
            found = self.kafka.poll(timeout_ms=POLL_MS, max_records=PAGE)
            if records := [record for each in found.values() for record in each]:
                return [Record(record.key or b"", record.value or b"", self.topic) for record in records]
        raise UnavailableError

    def close(self) -> None:
        """Let go."""
        self.kafka.close(autocommit=False, timeout_ms=REQUEST_MS)


async def there(settings: KafkaSettings, topics: Sequence[str], milliseconds: int) -> dict[str, str]:
    """Give the id of each of ``topics`` that is there and may be looked at; makes none. Raises UnavailableError, after
    twice so many ``milliseconds`` at most.
    """
    pool = ThreadPoolExecutor(1, "kafka-look")
    try:
        async with asyncio.timeout(2 * milliseconds / 1000):
            return await asyncio.get_running_loop().run_in_executor(pool, _look, settings, topics, milliseconds)
    except Exception:  # noqa: BLE001 - whoever looks says so; what the library says may hold a record
        raise UnavailableError from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _look(settings: KafkaSettings, topics: Sequence[str], milliseconds: int) -> dict[str, str]:
    told = settings.told() | {"bootstrap_timeout_ms": milliseconds, "request_timeout_ms": milliseconds}
    admin = _made(KafkaAdminClient, told)
    try:
        found = admin.describe_topics(list(topics))
        return {each["name"]: str(each["topic_id"]) for each in found if not each["error_code"]}
    finally:
        _close(admin)
