"""Up to eight of a subscription's lanes go at once, each in its order; what stops one for all stops all."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.notify.delivery.lanes import LANES_AT_ONCE
from services.notify.delivery.sending import WEEDED_FROM
from services.notify.delivery.table import DELIVERY
from services.notify.subscription.store import WISH
from shared.clock import monotonic
from shared.decisions import PERMIT_SECONDS
from shared.errors import UnavailableError
from shared.event import Part
from shared.events.pathway import DriftingEnded
from shared.ids import new_id
from tests.support.notify_doubles import partner, say, stand_in, subscribed, told
from tests.support.notify_servers import Script, receiving, reply
from tests.support.place import a_place
from tests.support.wait import slowly, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from shared.passes import Pass
    from tests.support.notify_doubles import Around
    from tests.support.place import Place

LONG = 60


@dataclass
class Scene:
    """A subscriber that may be told of everybody."""

    place: Place
    around: Around
    script: Script
    by: Pass
    made: dict[str, Any]
    people: list[UUID]

    async def say(self, times: int = 1) -> None:
        for _ in range(times):
            await say(self.place, *[DriftingEnded(subject=person) for person in self.people])

    async def post(self, what: str) -> None:
        async with self.place.client(self.by) as http:
            answered = await http.post(f"/v1/subscriptions/{self.made['id']}/{what}")
        assert answered.status_code < 300, answered.text

    async def wait_with(self, times: int) -> None:
        """Have facts of everybody wait, ready to go at the next turn."""
        await self.post("pause")
        await self.say(times)
        await self.place.settle()
        await self.post("resume")

    def heard(self) -> int:
        return len(self.script.heard) - 1

    def orders(self) -> list[list[int]]:
        """Give the order numbers that were heard about each person, as they came."""
        return [[each["order"] for each in self.script.about(person)] for person in self.people]

    async def until_heard(self, many: int) -> None:
        await until(lambda: self.heard() >= many, LONG, f"{many} are heard")

    async def until_queued(self, many: int) -> None:
        async def there() -> bool:
            return await self.queued() == many

        waited: Callable[[], bool | Awaitable[bool]] = there
        await until(waited, LONG, f"{many} wait or go")

    async def until_told_to_wait(self) -> None:
        async def there() -> bool:
            return any(row["quiet_until"] for row in await self.place.rows(WISH))

        waited: Callable[[], bool | Awaitable[bool]] = there
        await until(waited, LONG, "the subscription is to be left alone")

    async def queued(self) -> int:
        rows = await self.place.rows(DELIVERY)
        return sum(row["state"] in {"ready", "waiting"} for row in rows)


@asynccontextmanager
async def a_subscriber(folder: Path, people: int) -> AsyncIterator[Scene]:
    async with a_place(folder, ("notify",)) as place, receiving() as script:
        around, by = stand_in(place), partner()
        scene = Scene(place, around, script, by, await subscribed(place, by, script), [new_id() for _ in range(people)])
        for person in scene.people:
            around.choices.permit(by, person, Part.JOURNEY)
        yield scene


async def test_eight_lanes_of_a_subscription_go_at_once_and_no_ninth(tmp_path: Path) -> None:
    async with a_subscriber(tmp_path, 20) as it:
        it.script.hold = asyncio.Event()
        await it.say()
        it.place.system.loops.start()
        await it.until_heard(LANES_AT_ONCE)
        await it.until_queued(20)
        it.script.hold.set()
        await it.until_heard(20)
        assert it.script.at_once == LANES_AT_ONCE
        assert it.script.connections <= 1 + LANES_AT_ONCE


async def test_what_surely_may_not_be_told_is_dropped_at_once_and_never_asked_for_one_by_one__c7(
    tmp_path: Path,
) -> None:
    async with a_subscriber(tmp_path, 12) as it:
        it.around.choices.may.clear()
        may = it.people[::6]
        for person in may:
            it.around.choices.permit(it.by, person, Part.JOURNEY)
        it.around.choices.asked.clear()
        await it.wait_with(3)
        it.place.system.loops.start()
        await it.until_heard(3 * len(may))
        await it.until_queued(0)
        assert {ask.person for ask in it.around.choices.asked} == set(may)
        assert {each.person for ask in it.around.choices.weeded for each in ask.news} == set(it.people)
        assert it.orders() == [[1, 2, 3] if person in may else [] for person in it.people]
        rows = await it.place.rows(DELIVERY)
        assert {row["subject"] for row in rows if row["type"] != "test"} <= {*may, UUID(it.made["id"])}


async def test_few_are_decided_one_by_one_straight_away__c7(tmp_path: Path) -> None:
    async with a_subscriber(tmp_path, WEEDED_FROM - 1) as it:
        it.around.choices.may.clear()
        await it.say()
        await it.place.settle()
        await it.until_queued(0)
        assert (it.heard(), it.around.choices.weeded) == (0, [])


async def test_while_facts_wait_to_be_heard_one_lane_goes_at_a_time(tmp_path: Path) -> None:
    async with a_subscriber(tmp_path, LANES_AT_ONCE) as it:
        await it.wait_with(1)
        it.place.system.running["notify"].shell.busy_until = inf
        (delivering,) = [loop for loop in it.place.system.loops.loops if loop.name == "notify-delivery"]
        it.script.drip = 0.002  # an answer takes so long for each byte that lanes at once would meet
        while it.heard() < LANES_AT_ONCE:
            await delivering.step()
        assert it.script.at_once == 1


async def test_within_a_lane_each_waits_for_the_one_before_however_many_lanes_go(tmp_path: Path) -> None:
    async with a_subscriber(tmp_path, 12) as it:
        await it.wait_with(6)
        going: set[UUID] = set()
        decide = it.around.choices.decide

        async def decides(ask: Any) -> Any:
            assert ask.person not in going
            going.add(ask.person)
            await slowly(0.001)
            going.discard(ask.person)
            return await decide(ask)

        it.around.choices.decide = decides  # type: ignore[method-assign]
        await it.place.settle()
        assert it.orders() == [[1, 2, 3, 4, 5, 6]] * 12
        assert it.heard() == 72


async def test_a_lane_that_hangs_holds_up_no_other_of_its_subscription(tmp_path: Path) -> None:
    async with a_subscriber(tmp_path, 4) as it:
        it.script.hold, it.script.held = asyncio.Event(), {it.people[0]}
        await it.wait_with(2)
        it.place.system.loops.start()
        await it.until_heard(1 + 2 * 3)
        assert [len(it.script.about(person)) for person in it.people] == [1, 2, 2, 2]
        hangs = [row for row in await it.place.rows(DELIVERY) if row["subject"] == it.people[0]]
        assert [row["tries"] for row in hangs] == [0, 0]


async def test_lanes_that_hang_count_towards_the_limit(tmp_path: Path) -> None:
    async with a_subscriber(tmp_path, 12) as it:
        it.script.hold, it.script.held = asyncio.Event(), set(it.people[:LANES_AT_ONCE])
        it.place.system.loops.start()
        sick, well = it.people[:LANES_AT_ONCE], it.people[LANES_AT_ONCE:]
        await say(it.place, *[DriftingEnded(subject=person) for person in sick])
        await it.until_heard(LANES_AT_ONCE)
        await say(it.place, *[DriftingEnded(subject=person) for person in well])
        await it.until_queued(12)
        assert it.heard() == LANES_AT_ONCE
        it.script.hold.set()
        await it.until_heard(12)


async def test_a_pause_stops_every_lane_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    async with a_subscriber(tmp_path, 30) as it:
        it.script.hold = asyncio.Event()
        await it.wait_with(2)
        turning = asyncio.create_task(it.place.settle())
        await it.until_heard(LANES_AT_ONCE)
        await it.post("pause")
        it.script.hold.set()
        await turning
        assert (it.heard(), await it.queued()) == (LANES_AT_ONCE, 60 - LANES_AT_ONCE)
        await it.post("resume")
        await it.place.settle()
        assert it.orders() == [[1, 2]] * 30


async def test_one_answer_that_asks_to_wait_stops_every_lane_whatever_the_others_answered(tmp_path: Path) -> None:
    async with a_subscriber(tmp_path, 30) as it:
        it.script.replies = [reply(429, retry_after="120"), reply(204)]
        it.script.hold, it.script.held = asyncio.Event(), set(it.people[1:])
        await it.wait_with(1)
        turning = asyncio.create_task(it.place.settle())
        await it.until_heard(LANES_AT_ONCE)
        await it.until_told_to_wait()
        it.script.hold.set()
        await turning
        await it.place.pass_time(timedelta(seconds=115))
        assert (it.heard(), await it.queued()) == (LANES_AT_ONCE, 30 - LANES_AT_ONCE + 1)
        await it.place.pass_time(timedelta(seconds=10))
        assert (it.heard(), await it.queued()) == (31, 0)


async def test_an_endpoint_that_fails_has_fewer_lanes_until_it_answers_well(tmp_path: Path) -> None:
    async with a_subscriber(tmp_path, 30) as it:
        it.script.replies = [reply(500)]
        await it.say()
        await it.place.settle()
        it.script.at_once, it.script.hold = 0, asyncio.Event()
        it.place.clock.move(timedelta(seconds=6))
        turning = asyncio.create_task(it.place.settle())
        await it.until_heard(31)
        it.script.hold.set()
        await turning
        assert (it.heard(), it.script.at_once) == (60, 1)
        it.script.replies, it.script.hold, it.script.drip = [reply(204)], None, 0.001
        await it.place.pass_time(timedelta(minutes=6))
        assert it.script.at_once > 1
        assert await it.queued() == 0


async def test_while_consent_cannot_be_asked_a_subscription_rests_and_nothing_is_written(tmp_path: Path) -> None:
    async with a_subscriber(tmp_path, 50) as it:
        await it.wait_with(2)
        before, asked, written = await it.place.rows(DELIVERY), [], []
        decide = it.around.choices.decide

        async def away(ask: Any) -> Any:
            asked.append(ask)
            raise UnavailableError

        it.around.choices.decide = away  # type: ignore[method-assign]
        it.place.watch(lambda prefix, text: written.append(text) if "UPDATE notify_delivery" in text else None)
        await it.place.settle()
        assert 1 <= len(asked) <= LANES_AT_ONCE
        assert (written, it.heard()) == ([], 0)
        it.place.watch(None)
        assert await it.place.rows(DELIVERY) == before
        it.around.choices.decide = decide  # type: ignore[method-assign]
        await it.place.pass_time(timedelta(seconds=0.5))
        assert (it.heard(), await it.queued()) == (100, 0)


async def test_what_began_and_could_not_be_decided_at_the_gate_has_not_left__c4(tmp_path: Path) -> None:
    async with a_subscriber(tmp_path, 1) as it:
        (person,), decide, calls = it.people, it.around.choices.decide, []

        async def once(ask: Any) -> Any:
            calls.append(ask)
            if len(calls) > 1:
                raise UnavailableError
            return await decide(ask)

        it.around.choices.decide = once  # type: ignore[method-assign]
        it.place.system.kit.decisions.decider.decider = _Slow(it.around.choices)  # type: ignore[attr-defined]
        await told(it.place, DriftingEnded(subject=person))
        assert it.heard() == 0
        (row,) = [each for each in await it.place.rows(DELIVERY) if each["subject"] == person]
        assert (row["state"], row["sending"], row["wired"], row["tries"]) == ("ready", False, False, 0)


@dataclass
class _Slow:
    """Consent whose answer comes when its permit has run out."""

    inner: Any

    async def decide(self, ask: Any) -> Any:
        answer, began = await self.inner.decide(ask), monotonic()
        await until(lambda: monotonic() - began > PERMIT_SECONDS)
        return answer


async def test_a_try_begins_neither_early_nor_for_who_asked_to_be_left_alone(tmp_path: Path) -> None:
    async with a_subscriber(tmp_path, 1) as it:
        it.script.replies = [reply(500)]
        await told(it.place, DriftingEnded(subject=it.people[0]))
        shell = it.place.system.running["notify"].shell
        (failed,) = [each for each in await it.place.rows(DELIVERY) if each["subject"] == it.people[0]]
        async with shell.database.write() as connection:
            store = shell.make_store(connection)
            later = it.place.clock.now() + timedelta(minutes=1)
            (seen,) = await store.next_of(failed["subscription"], later, 2)
            assert await store.begin(seen, new_id(), it.place.clock.now()) is None
            assert await store.begin(seen, new_id(), later) is not None
