"""The Kafka engine when the broker does not answer: no offset is guessed, no join is forgotten, no place is skipped."""

from collections import deque
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from kafka import OffsetAndMetadata, TopicPartition, errors
from kafka.structs import MemberState

from shared.bus_kafka import KafkaBus, KafkaMember
from shared.errors import UnavailableError
from shared.settings import KafkaSettings

TOPIC, ID = "alongside.intake", "the-id-of-the-topic"
PLACE = TopicPartition(TOPIC, 0)


class ScriptedKafka:
    """The library's consumer as far as a member uses it: one partition with ten records, and answers from a script."""

    def __init__(self) -> None:
        self.kept: deque[Any] = deque()
        self.polls: deque[Any] = deque()
        self.state = MemberState.STABLE
        self.at: int | None = None
        self.joins = 0
        self.commits: list[dict[Any, Any]] = []
        self.refuses: Exception | None = None
        self._coordinator = self

    def poll(self, timeout_ms: float, max_records: int) -> dict[Any, list[Any]]:
        if self.polls and (said := self.polls.popleft()) is not None:
            raise said
        if self.at is None or self.at > 9:
            return {}
        self.at, found = self.at + 1, SimpleNamespace(offset=self.at, key=b"k", value=b"%d" % self.at, topic=TOPIC)
        return {PLACE: [found]}

    def committed(self, partition: Any, *, metadata: bool, timeout_ms: int) -> Any:
        said = self.kept.popleft()
        if isinstance(said, Exception):
            raise said
        return said

    def seek(self, partition: Any, offset: int) -> None:
        self.at = offset

    def seek_to_beginning(self, partition: Any) -> None:
        self.at = 0

    def assignment(self) -> set[Any]:
        return {PLACE}

    def group_metadata(self) -> Any:
        return self

    def request_rejoin(self) -> None:
        self.joins += 1

    def commit(self, offsets: dict[Any, Any], timeout_ms: int) -> None:
        self.commits.append(dict(offsets))
        if self.refuses is not None:
            raise self.refuses

    def close(self, *how: Any) -> None:
        self.at = None


class KnownTopics(KafkaBus):
    async def identity(self, topic: str) -> str:
        return ID


@pytest.fixture
def kafka() -> ScriptedKafka:
    return ScriptedKafka()


@pytest.fixture
def member(kafka: ScriptedKafka) -> Iterator[KafkaMember]:
    """A member that has joined and was just given its partition."""
    made = KafkaMember(KnownTopics(KafkaSettings(servers="nowhere:1")), "pathway", (TOPIC,))
    made._kafka, made._ids = kafka, {TOPIC: ID}
    made.on_partitions_assigned([PLACE])
    yield made
    made.pool.shutdown()


async def values(member: KafkaMember) -> list[int]:
    return [int(each.value) for each in await member.poll(10)]


def at(offset: int, life: str = ID) -> OffsetAndMetadata:
    return OffsetAndMetadata(offset, life, -1)


async def test_where_no_answer_about_committed_offsets_comes_nothing_is_given_out_until_one_does(
    member: KafkaMember, kafka: ScriptedKafka
) -> None:
    kafka.kept.extend([errors.KafkaTimeoutError(), errors.KafkaTimeoutError(), at(4)])
    kafka.at = 0
    for _ in range(2):
        with pytest.raises(UnavailableError):
            await member.poll(10)
    assert await values(member) == []
    assert await values(member) == [4]


@pytest.mark.parametrize(("kept", "first"), [(None, 0), (at(4), 4), (at(4, ""), 4), (at(4, "another-life"), 0)])
async def test_reading_goes_on_after_a_commit_in_this_life_of_the_topic_else_at_the_oldest_record(
    member: KafkaMember, kafka: ScriptedKafka, kept: Any, first: int
) -> None:
    kafka.polls.append(errors.NoOffsetForPartitionError({PLACE}))
    kafka.kept.append(kept)
    assert await values(member) == []
    assert await values(member) == [first]


async def test_a_commit_that_a_rebalance_overtook_is_no_error_and_goes_back_to_what_is_committed(
    member: KafkaMember, kafka: ScriptedKafka
) -> None:
    kafka.kept.extend([at(4), at(4)])
    await values(member)
    assert await values(member) == [4]
    kafka.refuses = errors.CommitFailedError()
    await member.commit()
    kafka.refuses = None
    await member.commit()
    assert [each[PLACE].offset for each in kafka.commits] == [5], "what went back is not committed later"
    assert await values(member) == []
    assert await values(member) == [4]


async def test_a_commit_that_fails_otherwise_is_an_error_and_its_records_come_again(
    member: KafkaMember, kafka: ScriptedKafka
) -> None:
    kafka.kept.extend([at(4), at(4)])
    await values(member)
    await values(member)
    kafka.refuses = errors.KafkaTimeoutError()
    with pytest.raises(UnavailableError):
        await member.commit()
    assert await values(member) == []
    assert await values(member) == [4]


async def test_an_offset_that_the_broker_no_longer_has_begins_again_at_the_oldest_record(
    member: KafkaMember, kafka: ScriptedKafka
) -> None:
    kafka.kept.append(at(4))
    await values(member)
    kafka.polls.append(errors.OffsetOutOfRangeError({PLACE: 4}))
    assert await values(member) == []
    assert await values(member) == [0]


async def test_a_join_that_outlasts_a_poll_is_asked_for_again(member: KafkaMember, kafka: ScriptedKafka) -> None:
    kafka.kept.append(at(4))
    kafka.state = MemberState.REBALANCING
    await values(member)
    assert kafka.joins == 1
    kafka.state = MemberState.STABLE
    await values(member)
    assert kafka.joins == 1
