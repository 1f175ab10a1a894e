"""What a bus must do, the same for every engine: nothing lost, in order for a key, again what was not committed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from shared.bus import Bus, Record, topic_of
from shared.bus_log import METADATA, STRIDE, LogBus
from shared.clock import MovableClock
from shared.db_sqlite import SqliteFile

ENGINES = ["log"]
A, B = topic_of("intake"), topic_of("pathway")


@pytest.fixture(params=ENGINES)
async def bus(tmp_path: Path) -> AsyncIterator[Bus]:
    path = tmp_path / "bus.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    METADATA.create_all(engine)
    engine.dispose()
    file = SqliteFile(path)
    yield LogBus(file.for_service("bus"), MovableClock())
    file.close()


def records(*values: str, key: str = "k") -> list[Record]:
    return [Record(key.encode(), value.encode()) for value in values]


def values(polled: list[Record]) -> list[str]:
    return [record.value.decode() for record in polled]


async def test_what_is_published_is_polled_once_in_order_with_its_key_and_topic(bus: Bus) -> None:
    await bus.publish(A, records("1", "2"))
    await bus.publish(A, records("3"))
    consumer = bus.consumer("group", [A])
    polled = await consumer.poll(2) + await consumer.poll(2)
    assert values(polled) == ["1", "2", "3"]
    assert {(record.key, record.topic) for record in polled} == {(b"k", A)}
    assert await consumer.poll(10) == []


async def test_bytes_are_carried_as_they_are(bus: Bus) -> None:
    odd = bytes(range(256))
    await bus.publish(A, [Record(odd[:16], odd)])
    (polled,) = await bus.consumer("group", [A]).poll(1)
    assert (polled.key, polled.value) == (odd[:16], odd)


async def test_a_new_group_begins_at_the_oldest_record_that_is_kept(bus: Bus) -> None:
    await bus.publish(A, records("1", "2"))
    assert values(await bus.consumer("late", [A]).poll(10)) == ["1", "2"]


async def test_each_group_hears_everything_of_its_own_topics_only(bus: Bus) -> None:
    await bus.publish(A, records("a1"))
    await bus.publish(B, records("b1"))
    await bus.publish(A, records("a2"))
    assert values(await bus.consumer("one", [A]).poll(10)) == ["a1", "a2"]
    assert values(await bus.consumer("other", [B]).poll(10)) == ["b1"]
    assert sorted(values(await bus.consumer("both", [A, B]).poll(10))) == ["a1", "a2", "b1"]


async def test_what_was_not_committed_comes_again_after_a_restart(bus: Bus) -> None:
    await bus.publish(A, records("1", "2", "3"))
    consumer = bus.consumer("group", [A])
    await consumer.poll(1)
    await consumer.commit()
    await consumer.poll(1)
    assert values(await bus.consumer("group", [A]).poll(10)) == ["2", "3"]


async def test_what_was_not_committed_comes_again_after_a_rewind(bus: Bus) -> None:
    await bus.publish(A, records("1", "2", "3"))
    consumer = bus.consumer("group", [A])
    await consumer.poll(1)
    await consumer.commit()
    await consumer.poll(2)
    await consumer.rewind()
    assert values(await consumer.poll(10)) == ["2", "3"]


async def test_to_commit_nothing_new_changes_nothing(bus: Bus) -> None:
    consumer = bus.consumer("group", [A])
    await consumer.poll(10)
    await consumer.commit()
    await bus.publish(A, records("1"))
    assert values(await consumer.poll(10)) == ["1"]


async def test_a_publish_ends_a_wait(bus: Bus) -> None:
    consumer = bus.consumer("group", [A])
    assert await consumer.poll(10) == []
    await bus.publish(A, records("1"))
    await consumer.wait(3600)
    assert values(await consumer.poll(10)) == ["1"]


async def test_a_wait_ends_by_itself(bus: Bus) -> None:
    consumer = bus.consumer("group", [A])
    await consumer.poll(10)
    await consumer.wait(0.01)


async def test_its_identity_stays_the_same(bus: Bus) -> None:
    assert await bus.identity() == await bus.identity() != ""


async def test_a_group_that_hears_little_does_not_hold_what_others_wrote(bus: Bus) -> None:
    await bus.publish(B, records("1"))
    quiet = bus.consumer("quiet", [B])
    await quiet.poll(10)
    await quiet.commit()
    await bus.publish(A, records(*(str(n) for n in range(STRIDE + 1))))
    assert await quiet.poll(10) == []
    again = bus.consumer("quiet", [B])
    await bus.publish(B, records("2"))
    assert values(await again.poll(10)) == ["2"]
