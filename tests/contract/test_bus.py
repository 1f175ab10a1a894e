"""What a bus must do, the same for every engine: nothing lost, in order for a key, again what was not committed."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from shared.bus import Bus, BusConsumer, Record
from shared.bus_kafka import KafkaBus
from shared.bus_log import METADATA, STRIDE, LogBus
from shared.clock import MovableClock
from shared.db_sqlite import SqliteFile
from shared.ids import new_id
from shared.settings import KafkaSettings

ENGINES = ["log", "kafka"]
SOON = 20.0
"""A group of a real broker is joined in seconds."""


@dataclass(frozen=True)
class Room:
    """A bus with names of its own: others use the same broker."""

    bus: Bus
    mark: str

    @property
    def a(self) -> str:
        return f"alongside.a-{self.mark}"

    @property
    def b(self) -> str:
        return f"alongside.b-{self.mark}"

    def join(self, group: str, *topics: str) -> BusConsumer:
        return self.bus.consumer(f"{group}-{self.mark}", topics)


def log_bus(folder: Path) -> tuple[Bus, SqliteFile]:
    path = folder / "bus.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    METADATA.create_all(engine)
    engine.dispose()
    file = SqliteFile(path)
    return LogBus(file.for_service("bus"), MovableClock()), file


@pytest.fixture(params=ENGINES)
async def room(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Room]:
    mark = new_id().hex[:12]
    if request.param == "kafka":
        kafka: Bus = KafkaBus(KafkaSettings(servers=request.getfixturevalue("kafka").servers))
        yield Room(kafka, mark)
        await kafka.close()
    else:
        bus, file = log_bus(tmp_path)
        yield Room(bus, mark)
        await bus.close()
        file.close()


def records(*values: str, key: str = "k") -> list[Record]:
    return [Record(key.encode(), value.encode()) for value in values]


def values(polled: Iterable[Record]) -> list[str]:
    return [record.value.decode() for record in polled]


async def take(consumer: BusConsumer, count: int, limit: int = 10) -> list[Record]:
    """Poll until ``count`` records came, at most ``limit`` at once; wait where a poll gives none."""
    found: list[Record] = []
    async with asyncio.timeout(SOON):
        while len(found) < count:
            polled = await consumer.poll(min(limit, count - len(found)))
            found.extend(polled)
            if not polled:
                await consumer.wait(1)
    return found


async def test_what_is_published_is_polled_once_in_order_with_its_key_and_topic(room: Room) -> None:
    await room.bus.publish(room.a, records("1", "2"))
    await room.bus.publish(room.a, records("3"))
    consumer = room.join("group", room.a)
    polled = await take(consumer, 3, limit=2)
    assert values(polled) == ["1", "2", "3"]
    assert {(record.key, record.topic) for record in polled} == {(b"k", room.a)}
    await room.bus.publish(room.a, records("last"))
    assert values(await take(consumer, 1)) == ["last"]
    assert await consumer.poll(10) == []


async def test_bytes_are_carried_as_they_are(room: Room) -> None:
    odd = bytes(range(256))
    await room.bus.publish(room.a, [Record(odd[:16], odd)])
    (polled,) = await take(room.join("group", room.a), 1)
    assert (polled.key, polled.value) == (odd[:16], odd)


async def test_to_publish_nothing_changes_nothing(room: Room) -> None:
    await room.bus.publish(room.a, [])
    await room.bus.publish(room.a, records("1"))
    assert values(await take(room.join("group", room.a), 1)) == ["1"]


async def test_each_key_keeps_its_order_however_it_is_published_and_polled(room: Room) -> None:
    keys = [f"key-{n}" for n in range(20)]
    for round_ in range(10):
        batch = [record for key in keys for record in records(f"{round_}a", f"{round_}b", key=key)]
        await room.bus.publish(room.a, batch)
    polled = await take(room.join("group", room.a), 400, limit=7)
    whole = [f"{round_}{half}" for round_ in range(10) for half in "ab"]
    for key in keys:
        assert values(each for each in polled if each.key == key.encode()) == whole


async def test_a_new_group_begins_at_the_oldest_record_that_is_kept(room: Room) -> None:
    await room.bus.publish(room.a, records("1", "2"))
    assert values(await take(room.join("late", room.a), 2)) == ["1", "2"]


async def test_each_group_hears_everything_of_its_own_topics_only(room: Room) -> None:
    await room.bus.publish(room.a, records("a1"))
    await room.bus.publish(room.b, records("b1"))
    await room.bus.publish(room.a, records("a2"))
    assert values(await take(room.join("one", room.a), 2)) == ["a1", "a2"]
    assert values(await take(room.join("other", room.b), 1)) == ["b1"]
    assert sorted(values(await take(room.join("both", room.a, room.b), 3))) == ["a1", "a2", "b1"]


async def test_what_was_not_committed_comes_again_after_a_restart(room: Room) -> None:
    await room.bus.publish(room.a, records("1", "2", "3"))
    consumer = room.join("group", room.a)
    await take(consumer, 1)
    await consumer.commit()
    await take(consumer, 1)
    await consumer.close()
    assert values(await take(room.join("group", room.a), 2)) == ["2", "3"]


async def test_what_was_not_committed_comes_again_after_a_rewind(room: Room) -> None:
    await room.bus.publish(room.a, records("1", "2", "3"))
    consumer = room.join("group", room.a)
    await take(consumer, 1)
    await consumer.commit()
    await take(consumer, 2)
    await consumer.rewind()
    assert values(await take(consumer, 2)) == ["2", "3"]


async def test_a_rewind_before_any_commit_goes_back_to_the_beginning(room: Room) -> None:
    await room.bus.publish(room.a, records("1", "2"))
    consumer = room.join("group", room.a)
    await take(consumer, 2)
    await consumer.rewind()
    assert values(await take(consumer, 2)) == ["1", "2"]


async def test_a_commit_after_a_rewind_keeps_nothing_of_what_was_polled_before_it(room: Room) -> None:
    await room.bus.publish(room.a, records("1", "2"))
    consumer = room.join("group", room.a)
    await take(consumer, 2)
    await consumer.rewind()
    await consumer.commit()
    await consumer.close()
    assert values(await take(room.join("group", room.a), 2)) == ["1", "2"]


async def test_to_commit_nothing_new_changes_nothing(room: Room) -> None:
    consumer = room.join("group", room.a)
    await consumer.poll(10)
    await consumer.commit()
    await room.bus.publish(room.a, records("1"))
    assert values(await take(consumer, 1)) == ["1"]


async def test_several_polls_share_a_commit(room: Room) -> None:
    await room.bus.publish(room.a, [*records("1", "2"), *records("3", key="other"), *records("4")])
    consumer = room.join("group", room.a)
    await take(consumer, 3, limit=1)
    await take(consumer, 1)
    await consumer.commit()
    await consumer.close()
    await room.bus.publish(room.a, records("5"))
    assert values(await take(room.join("group", room.a), 1)) == ["5"]


async def test_a_publish_ends_a_wait(room: Room) -> None:
    consumer = room.join("group", room.a)
    assert await consumer.poll(10) == []
    await room.bus.publish(room.a, records("1"))
    await consumer.wait(3600)
    assert values(await take(consumer, 1)) == ["1"]


async def test_a_wait_ends_by_itself(room: Room) -> None:
    consumer = room.join("group", room.a)
    await consumer.poll(10)
    await consumer.wait(0.01)


async def test_what_nobody_polls_ends_one_wait_and_not_every_one(room: Room) -> None:
    consumer = room.join("group", room.a)
    await consumer.poll(10)
    await room.bus.publish(room.a, records("1"))
    await consumer.wait(3600)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await consumer.wait(3600)


async def test_a_wait_that_is_given_up_takes_nothing_with_it(room: Room) -> None:
    consumer = room.join("group", room.a)
    await consumer.poll(10)
    waiting = asyncio.create_task(consumer.wait(3600))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    await room.bus.publish(room.a, records("1"))
    assert values(await take(consumer, 1)) == ["1"]


async def test_its_identity_stays_the_same(room: Room) -> None:
    assert await room.bus.identity(room.a) == await room.bus.identity(room.a) != ""


async def test_a_consumer_may_leave_before_it_began_and_a_bus_more_than_once(room: Room) -> None:
    await room.join("group", room.a).close()
    await room.bus.close()
    await room.bus.close()


async def test_a_group_that_hears_little_does_not_hold_what_others_wrote(room: Room) -> None:
    await room.bus.publish(room.b, records("1"))
    quiet = room.join("quiet", room.b)
    await take(quiet, 1)
    await quiet.commit()
    await room.bus.publish(room.a, records(*(str(n) for n in range(STRIDE + 1))))
    assert await quiet.poll(10) == []
    await quiet.close()
    again = room.join("quiet", room.b)
    await room.bus.publish(room.b, records("2"))
    assert values(await take(again, 1)) == ["2"]
