"""Each event is heard once and in the order of its stream, whatever the bus does; what can't be heard waits."""

import random
from collections.abc import Sequence
from uuid import UUID

import orjson
import pytest

from shared.bus import Record, topic_of
from shared.cursor import BATCH, KEPT_SECONDS, NEW_LANES_A_MINUTE, POLL
from shared.errors import UnavailableError
from shared.event import decode
from shared.ids import new_id
from shared.journal import hash_of
from tests.support.toy import Told, Toy

TOPIC = topic_of("teller")


class ScriptedBus:
    """A bus that gives what a test tells it to, in any order and as often as it likes."""

    def __init__(self, records: Sequence[Record], name: str = "scripted") -> None:
        self.records = list(records)
        self.name = name
        self.committed = self.polled = 0

    def consumer(self, group: str, topics: Sequence[str]) -> "ScriptedBus":
        return self

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        self.records.extend(records)

    async def identity(self, topic: str) -> str:
        return self.name

    async def poll(self, limit: int) -> list[Record]:
        found = self.records[self.polled : self.polled + limit]
        self.polled += len(found)
        return found

    async def commit(self) -> None:
        self.committed = self.polled

    async def rewind(self) -> None:
        self.polled = self.committed

    async def wait(self, seconds: float) -> None:
        return

    async def close(self) -> None:
        return


def records(toy: Toy) -> list[Record]:
    return [Record(event.subject.bytes, event.raw, TOPIC) for event in toy.journal()]


def scripted(toy: Toy, given: Sequence[Record]) -> ScriptedBus:
    bus = ScriptedBus(given)
    toy.on(bus)
    return bus


async def told(toy: Toy, subject: UUID, count: int) -> None:
    for number in range(1, count + 1):
        await toy.tell(subject, number if number != 13 else 130)


async def all_heard(toy: Toy) -> None:
    while await toy.consumer.step():
        pass


def parked(toy: Toy) -> list[tuple[int, str]]:
    return toy.file.reader.execute("SELECT seq, reason FROM hearer_parked ORDER BY seq").fetchall()


async def test_what_is_told_is_heard_once_in_order_and_answered(toy: Toy) -> None:
    one, other = new_id(), new_id()
    for number in range(1, 8):
        await toy.tell(one, number)
        await toy.tell(other, number)
    await toy.settle()

    assert await toy.heard(one) == await toy.heard(other) == list(range(1, 8))
    assert len(toy.journal("hearer")) == 14
    assert toy.rows("teller_unsent") == 0


async def test_an_effect_comes_after_its_cause_in_ticks_and_names_it(toy: Toy) -> None:
    subject = new_id()
    await told(toy, subject, 3)
    await toy.settle()
    causes = {event.id: event for event in toy.journal()}
    for effect in toy.journal("hearer"):
        assert effect.cause is not None
        assert effect.tick > causes[effect.cause].tick
        assert effect.correlation == causes[effect.cause].correlation


@pytest.mark.parametrize("seed", range(20))
async def test_doubled_shuffled_and_lost_deliveries_are_heard_once_and_in_order(toy: Toy, seed: int) -> None:
    subjects = [new_id() for _ in range(4)]
    for subject in subjects:
        await told(toy, subject, 12)
    chance = random.Random(seed)  # noqa: S311 - a seed repeats a failure
    given = [record for record in records(toy) for _ in range(chance.choice([0, 1, 1, 2]))]
    chance.shuffle(given)
    last = {event.subject: event.raw for event in toy.journal()}
    scripted(toy, [*given, *(Record(s.bytes, raw, TOPIC) for s, raw in last.items())])
    await all_heard(toy)
    for subject in subjects:
        assert await toy.heard(subject) == await toy.noted_in_order(subject)
    assert parked(toy) == []


async def test_a_consumer_that_comes_late_fetches_the_years_before_from_the_owner(toy: Toy) -> None:
    subject = new_id()
    await told(toy, subject, 57)
    scripted(toy, records(toy)[-1:])
    await all_heard(toy)
    assert len(await toy.heard(subject)) == 57


async def test_a_failing_handler_parks_its_lane_and_nobody_elses(toy: Toy) -> None:
    sick, well = new_id(), new_id()
    toy.ears.failing = lambda told: RuntimeError("words of somebody") if told.subject == sick else None
    for number in (1, 2, 3):
        await toy.tell(sick, number)
        await toy.tell(well, number)
    await toy.settle()
    assert await toy.heard(sick) == []
    assert await toy.heard(well) == [1, 2, 3]
    assert parked(toy) == [(1, "error"), (2, "behind-another"), (3, "behind-another")]


async def test_replay_lets_a_lane_go_on_from_where_it_stood(toy: Toy) -> None:
    subject = new_id()
    toy.ears.failing = lambda told: RuntimeError() if told.number == 2 else None
    await told(toy, subject, 4)
    await toy.settle()
    assert await toy.consumer.replay() == 0
    assert await toy.heard(subject) == [1]
    toy.ears.failing = lambda _: None
    assert await toy.consumer.replay() == 1
    await toy.tell(subject, 5)
    await toy.settle()
    assert await toy.heard(subject) == [1, 2, 3, 4, 5]
    assert parked(toy) == []


async def test_what_a_failed_handler_wrote_is_undone_and_its_neighbour_stays(toy: Toy) -> None:
    subject, other = new_id(), new_id()
    toy.ears.failing = lambda told: ValueError() if told.subject == subject else None
    await toy.tell(other, 1)
    await toy.tell(subject, 1)
    await toy.tell(other, 2)
    await toy.settle()
    assert [event.seq for event in toy.journal("hearer")] == [1, 2]
    assert {event.subject for event in toy.journal("hearer")} == {other}


async def test_a_database_that_fails_stops_the_batch_and_it_comes_again(toy: Toy) -> None:
    subject = new_id()
    await told(toy, subject, 3)
    await toy.relay.step()
    toy.ears.failing = lambda told: UnavailableError() if told.number == 2 else None
    with pytest.raises(UnavailableError):
        await toy.consumer.step()
    assert await toy.heard(subject) == []
    assert parked(toy) == []
    toy.ears.failing = lambda _: None
    await toy.settle()
    assert await toy.heard(subject) == [1, 2, 3]


async def test_many_new_lanes_in_a_minute_stop_the_consumer_because_it_is_the_deploy(toy: Toy) -> None:
    toy.ears.failing = lambda _: RuntimeError()
    subjects = [new_id() for _ in range(NEW_LANES_A_MINUTE + 3)]
    for subject in subjects:
        await toy.tell(subject, 1)
        await toy.settle()
    assert len(parked(toy)) == NEW_LANES_A_MINUTE
    assert toy.consumer.stopped == "avalanche"
    assert not await toy.consumer.step()

    toy.ears.failing = lambda _: None
    assert await toy.consumer.replay() == NEW_LANES_A_MINUTE
    await toy.settle()
    assert [await toy.heard(subject) for subject in subjects] == [[1]] * len(subjects)


async def test_an_avalanche_in_one_batch_parks_nobody(toy: Toy) -> None:
    toy.ears.failing = lambda _: RuntimeError()
    for _ in range(NEW_LANES_A_MINUTE + 1):
        await toy.tell(new_id(), 1)
    await toy.settle()
    assert toy.consumer.stopped
    assert parked(toy) == []


async def test_a_stream_that_was_written_again_otherwise_is_a_fork_and_waits(toy: Toy) -> None:
    subject = new_id()
    await told(toy, subject, 3)
    first, second, third = (event.raw for event in toy.journal())
    other = orjson.dumps(orjson.loads(second) | {"data": {"number": 99}}, option=orjson.OPT_SORT_KEYS)
    scripted(toy, [Record(subject.bytes, raw, TOPIC) for raw in (first, other, second, third)])
    await all_heard(toy)
    assert await toy.heard(subject) == [1, 99]
    assert [reason for _, reason in parked(toy)] == ["fork", "behind-another"]


async def test_a_number_used_twice_is_seen_although_it_is_not_new(toy: Toy) -> None:
    subject = new_id()
    await told(toy, subject, 2)
    first, second = (event.raw for event in toy.journal())
    again = orjson.dumps(orjson.loads(second) | {"data": {"number": 7}}, option=orjson.OPT_SORT_KEYS)
    scripted(toy, [Record(subject.bytes, raw, TOPIC) for raw in (first, second, again)])
    await all_heard(toy)
    assert parked(toy) == [(2, "fork")]


async def test_a_version_that_nobody_here_can_read_waits_for_the_deploy_that_can(toy: Toy) -> None:
    subject = new_id()
    await told(toy, subject, 1)
    newer = orjson.dumps(orjson.loads(toy.journal()[0].raw) | {"version": 99}, option=orjson.OPT_SORT_KEYS)
    scripted(toy, [Record(subject.bytes, newer, TOPIC)])
    await all_heard(toy)
    assert parked(toy) == [(1, "unknown-version")]


async def test_a_type_that_nobody_listens_to_moves_the_cursor_all_the_same(toy: Toy) -> None:
    subject = new_id()
    await told(toy, subject, 2)
    first, second = (orjson.loads(event.raw) for event in toy.journal())
    first["type"] = "teller.hummed"
    raw = orjson.dumps(first, option=orjson.OPT_SORT_KEYS)
    second["prev"] = hash_of(raw)
    given = [raw, orjson.dumps(second, option=orjson.OPT_SORT_KEYS)]
    scripted(toy, [Record(subject.bytes, each, TOPIC) for each in given])
    await all_heard(toy)
    assert await toy.heard(subject) == [2]


@pytest.mark.parametrize("what", ["no json", "[]", '{"id": 1}', "wrong topic", "wrong key", "wrong number"])
async def test_bytes_that_are_no_event_of_their_stream_wait_and_stop_nobody(toy: Toy, what: str) -> None:
    subject = new_id()
    await told(toy, subject, 1)
    good = records(toy)[0]
    bad = {
        "wrong topic": Record(good.key, good.value, topic_of("intake")),
        "wrong key": Record(new_id().bytes, good.value, TOPIC),
        "wrong number": Record(good.key, orjson.dumps(orjson.loads(good.value) | {"seq": 2**63}), TOPIC),
    }.get(what, Record(good.key, what.encode(), TOPIC))
    scripted(toy, [bad, bad, good])
    await all_heard(toy)
    assert await toy.heard(subject) == [1]
    assert [reason for _, reason in parked(toy)] == ["unreadable"]
    assert not toy.consumer.stopped


async def test_a_bus_that_lost_its_data_stops_relay_and_consumer_until_a_replay(toy: Toy) -> None:
    subject = new_id()
    await told(toy, subject, 3)
    await toy.settle()
    toy.on(ScriptedBus([], "another cluster"))
    await toy.tell(subject, 4)
    assert not await toy.relay.step()
    assert not await toy.consumer.step()
    assert toy.relay.stopped
    assert toy.consumer.stopped

    await toy.relay.replay()
    await toy.consumer.replay()
    await toy.settle()
    assert await toy.heard(subject) == [1, 2, 3, 4]
    assert toy.rows("teller_unsent") == 0


async def test_an_old_event_is_skipped_by_its_number(toy: Toy) -> None:
    subject = new_id()
    await told(toy, subject, 3)
    given = records(toy)
    scripted(toy, [*given, *given, given[0]])
    await all_heard(toy)
    assert toy.ears.calls == [1, 2, 3]


def test_what_is_told_is_read_back_as_it_was_told() -> None:
    assert Told.type == "teller.told"
    with pytest.raises(ValueError, match="not an event"):
        decode(b'{"actor": {}, "data": {}, "version": 1, "seq": 0, "tick": 1}')


async def test_the_place_on_the_bus_is_kept_after_much_or_when_there_is_no_more_for_a_while(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("shared.cursor.monotonic", lambda: now[0])
    await told(toy, new_id(), 3)
    bus = scripted(toy, records(toy))
    await all_heard(toy)
    assert bus.committed == 3, "the first is kept as soon as there is no more"
    await told_more(toy, bus, 2)
    await all_heard(toy)
    assert bus.committed == 3, "not again at once: the cursors say what was heard"
    now[0] += KEPT_SECONDS + 0.1
    await all_heard(toy)
    assert bus.committed == 5
    await told_more(toy, bus, POLL + 1)
    assert await toy.consumer.step()
    assert bus.committed == 5 + POLL, "much is kept at once"


async def test_a_service_is_busy_while_more_than_a_batch_waits_and_that_ends_by_itself(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("shared.cursor.monotonic", lambda: now[0])
    await told(toy, new_id(), BATCH)
    bus = scripted(toy, records(toy))
    await toy.consumer.step()
    assert now[0] < toy.hearer.busy_until <= now[0] + 1, "over in a second, whatever becomes of the consumer"
    await told_more(toy, bus, BATCH - 1)
    await toy.consumer.step()
    assert toy.hearer.busy_until < now[0]


async def told_more(toy: Toy, bus: ScriptedBus, count: int) -> None:
    before = len(toy.journal())
    await told(toy, new_id(), count)
    bus.records += records(toy)[before:]
