"""A consumer group on a real broker: who has which partitions, what a late commit may do, what cannot be read."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource

from shared.bus import BusConsumer, Record
from shared.bus_kafka import PARTITIONS, KafkaBus
from shared.clock import monotonic
from shared.errors import UnavailableError
from shared.ids import new_id
from tests.support.kafka import Kafka
from tests.support.kafka_member import Child, a_toy, settings, turn
from tests.support.toy import Toy

TEN_MB = 10 << 20


@pytest.fixture
def topic() -> str:
    return f"alongside.t-{new_id().hex[:12]}"


@pytest.fixture
def admin(kafka: Kafka) -> Iterator[KafkaAdminClient]:
    made = KafkaAdminClient(bootstrap_servers=kafka.servers)
    yield made
    made.close()


def records(first: int, last: int) -> list[Record]:
    return [Record(str(n).encode(), str(n).encode()) for n in range(first, last + 1)]


async def take(member: BusConsumer, count: int, within: float = 20.0) -> list[int]:
    found: list[int] = []
    async with asyncio.timeout(within):
        while len(found) < count:
            polled = await member.poll(100)
            found += [int(each.value) for each in polled]
            if not polled:
                await member.wait(0.5)
    return found


async def test_two_members_share_what_is_published_and_one_takes_all_when_the_other_leaves(
    kafka: Kafka, topic: str
) -> None:
    one, two = KafkaBus(settings(kafka)), KafkaBus(settings(kafka))
    members = [bus.consumer(topic, [topic]) for bus in (one, two)]
    await one.publish(topic, records(1, 100))
    heard: list[list[int]] = [[], []]
    last = 100

    async def hear(which: int) -> None:
        heard[which] += [int(each.value) for each in await members[which].poll(100)]
        await members[which].commit()
        await members[which].wait(0.1)

    async with asyncio.timeout(30):
        while not (all(len(set(each) & set(range(last - 99, last + 1))) > 10 for each in heard)):
            await one.publish(topic, records(last + 1, last + 100))
            last += 100
            while len(set(heard[0]) | set(heard[1])) < last:
                await asyncio.gather(hear(0), hear(1))
    assert not set(range(last - 99, last + 1)) & set(heard[0]) & set(heard[1])
    await two.close()
    await one.publish(topic, records(last + 1, last + 100))
    assert sorted(await take(members[0], 100)) == list(range(last + 1, last + 101))
    await one.close()


@pytest.mark.parametrize("ended", [signal.SIGKILL, signal.SIGSTOP])
async def test_what_a_lost_member_did_not_commit_comes_to_another_and_its_late_commit_changes_nothing(
    kafka: Kafka, topic: str, ended: signal.Signals, admin: KafkaAdminClient
) -> None:
    bus = KafkaBus(settings(kafka))
    await bus.publish(topic, records(1, 50))
    child = Child(kafka, topic, topic)
    try:
        assert sorted([int(await asyncio.to_thread(child.says)) for _ in range(50)]) == list(range(1, 51))
        child.signal(ended)
        member, began = bus.consumer(topic, [topic]), monotonic()
        assert sorted(await take(member, 50)) == list(range(1, 51))
        assert monotonic() - began < settings(kafka).session_ms / 1000 + 5
        await bus.publish(topic, records(51, 80))
        assert sorted(await take(member, 30)) == list(range(51, 81))
        await member.commit()
        kept = offsets(admin, topic)
        assert sum(kept.values()) == 80
        if ended is signal.SIGSTOP:
            child.signal(signal.SIGCONT)
            await asyncio.to_thread(child.commits)
            assert offsets(admin, topic) == kept
    finally:
        child.end()
        await bus.close()


def offsets(admin: KafkaAdminClient, topic: str) -> dict[int, int]:
    """What the group, named as the topic, has committed by partition."""
    group = f"alongside.{topic}"
    found = admin.list_group_offsets({group: None})[group]
    return {partition.partition: each.offset for partition, each in found.items()}


async def test_offsets_that_were_lost_make_no_second_effect(
    kafka: Kafka, tmp_path: Path, admin: KafkaAdminClient
) -> None:
    subject = new_id()
    async with a_toy(kafka, tmp_path / "toy") as (toy, mark):
        for number in range(20, 50):
            await toy.tell(subject, number)
        await turn(toy, lambda: heard(toy, subject, range(20, 50)))
    admin.delete_groups([f"alongside.hearer{mark}"])
    async with a_toy(kafka, tmp_path / "toy", mark) as (toy, _):
        await toy.tell(subject, 50)
        await turn(toy, lambda: heard(toy, subject, range(20, 51)))
        assert toy.ears.calls == [50]


async def heard(toy: Toy, subject: UUID, numbers: range) -> bool:
    return len(await toy.heard(subject)) >= len(numbers) and await toy.heard(subject) == list(numbers)


async def test_a_record_of_ten_megabytes_and_one_that_is_no_event_do_not_stop_the_others(
    kafka: Kafka, tmp_path: Path, admin: KafkaAdminClient
) -> None:
    subject = new_id()
    async with a_toy(kafka, tmp_path / "toy") as (toy, mark):
        await toy.bus.identity("alongside.teller")
        admin.alter_configs(
            [ConfigResource("topic", f"alongside.teller{mark}", {"max.message.bytes": str(2 * TEN_MB)})]
        )
        rogue = KafkaProducer(bootstrap_servers=kafka.servers, max_request_size=2 * TEN_MB)
        for partition in range(PARTITIONS):
            rogue.send(f"alongside.teller{mark}", b"\xff{", partition=partition, key=b"").get(10)
        rogue.send(f"alongside.teller{mark}", b"x" * TEN_MB, partition=0).get(10)
        rogue.close()
        for number in range(20, 30):
            await toy.tell(subject, number)
        for _ in range(4):
            await turn(toy, lambda: heard_or_stopped(toy, subject))
            await toy.consumer.replay()
        assert await toy.heard(subject) == list(range(20, 30))


async def heard_or_stopped(toy: Toy, subject: UUID) -> bool:
    return bool(toy.consumer.stopped) or await heard(toy, subject, range(20, 30))


async def test_a_topic_that_was_deleted_and_made_anew_stops_relay_and_consumer_until_a_replay(
    kafka: Kafka, tmp_path: Path, admin: KafkaAdminClient
) -> None:
    subject = new_id()
    async with a_toy(kafka, tmp_path / "toy") as (toy, mark):
        for number in range(20, 30):
            await toy.tell(subject, number)
        while await toy.relay.step():
            pass
        assert await toy.consumer.known.same()
        old = await toy.bus.identity("alongside.teller")
        admin.delete_topics([f"alongside.teller{mark}"])
        async with asyncio.timeout(20):
            while not await another(toy, old):
                await toy.consumer.bus.wait(0.1)
        await toy.tell(subject, 30)
        await turn(toy, lambda: stopped(toy))
        assert await toy.heard(subject) == []
        await toy.consumer.replay()
        assert not await toy.relay.step(), "the relay waits for its own replay"
        await toy.relay.replay()
        await turn(toy, lambda: heard(toy, subject, range(20, 31)))


async def another(toy: Toy, old: str) -> bool:
    with suppress(UnavailableError):
        return await toy.bus.identity("alongside.teller") != old
    return False


async def stopped(toy: Toy) -> bool:
    return bool(toy.relay.stopped and toy.consumer.stopped)
