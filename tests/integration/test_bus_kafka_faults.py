"""A broker of our own is killed, held and wiped: nothing acknowledged is lost, nothing waits for ever."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from shared.bus_kafka import LIMIT_SECONDS
from shared.clock import monotonic
from shared.errors import UnavailableError
from shared.relay import Relay
from tests.support import kafka as engine
from tests.support.crash import SUBJECTS, broken, subject_of
from tests.support.kafka import Broker
from tests.support.kafka_member import a_toy, turn
from tests.support.toy import Toy

BEAT_SECONDS, STALL_SECONDS = 0.02, 0.5


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """One for this file: starting one takes seconds."""
    engine.jars()
    with engine.broker() as own:
        yield own


@asynccontextmanager
async def no_stall() -> AsyncIterator[None]:
    """Fail when the event loop stood still for long while something blocked in a thread."""
    longest, ended = 0.0, asyncio.Event()

    async def beat() -> None:
        nonlocal longest
        while not ended.is_set():
            began = monotonic()
            try:
                async with asyncio.timeout(BEAT_SECONDS):
                    await ended.wait()
            except TimeoutError:
                longest = max(longest, monotonic() - began)

    beating = asyncio.create_task(beat())
    yield
    ended.set()
    await beating
    assert longest < STALL_SECONDS


async def tell(toy: Toy, answered: set[int], first: int, last: int) -> None:
    for number in range(first, last + 1):
        await toy.tell(subject_of(number), number, request=UUID(int=(4 << 76) | number))
        answered.add(number)


async def all_heard(toy: Toy) -> bool:
    return toy.rows("teller_unsent") == 0 and toy.rows("hearer_heard") >= len(toy.journal())


async def sent(relay: Relay) -> None:
    while await relay.step():
        pass


async def fails_within(seconds: float, toy: Toy) -> None:
    began = monotonic()
    with pytest.raises(UnavailableError):
        await sent(toy.relay)
    assert monotonic() - began < seconds


async def test_a_broker_that_is_killed_and_comes_back_has_lost_nothing_and_kept_the_order(
    broker: Broker, tmp_path: Path
) -> None:
    async with a_toy(broker, tmp_path) as (toy, _):
        answered: set[int] = set()
        await tell(toy, answered, 20, 60)
        await turn(toy, lambda: all_heard(toy))
        await tell(toy, answered, 61, 500)
        sending = asyncio.create_task(toy.relay.step())
        await asyncio.sleep(0)
        broker.kill()
        async with no_stall():
            await asyncio.wait([sending])
            sending.exception()
            await tell(toy, answered, 501, 520)
            await fails_within(LIMIT_SECONDS, toy)
        await asyncio.to_thread(broker.start)
        await turn(toy, lambda: all_heard(toy))
        assert not broken(toy, answered)


async def test_a_broker_that_hangs_stops_neither_the_loop_nor_anybody_for_long(broker: Broker, tmp_path: Path) -> None:
    async with a_toy(broker, tmp_path) as (toy, _):
        answered: set[int] = set()
        await tell(toy, answered, 20, 40)
        await turn(toy, lambda: all_heard(toy))
        broker.hold()
        try:
            await tell(toy, answered, 41, 60)
            async with no_stall():
                await fails_within(LIMIT_SECONDS, toy)
                with pytest.raises(UnavailableError):
                    await toy.consumer.step()
        finally:
            broker.go_on()
        await turn(toy, lambda: all_heard(toy))
        assert not broken(toy, answered)


async def test_a_broker_that_lost_everything_stops_relay_and_consumer_until_a_replay(
    broker: Broker, tmp_path: Path
) -> None:
    async with a_toy(broker, tmp_path) as (toy, _):
        answered: set[int] = set()
        await tell(toy, answered, 20, 60)
        await turn(toy, lambda: all_heard(toy))
        await tell(toy, answered, 61, 80)
        await sent(toy.relay)
        broker.kill()
        broker.wipe()
        await asyncio.to_thread(broker.start)
        await tell(toy, answered, 81, 90)
        await turn(toy, lambda: both_stopped(toy))
        assert toy.rows("hearer_heard") == 41
        await toy.relay.replay()
        await toy.consumer.replay()
        await turn(toy, lambda: all_heard(toy))
        assert not broken(toy, answered)
        assert len(toy.ears.calls) == len(answered), "what was heard before the loss had no second effect"
        assert {event.subject for event in toy.journal()} == set(SUBJECTS)


async def both_stopped(toy: Toy) -> bool:
    return bool(toy.relay.stopped and toy.consumer.stopped)
