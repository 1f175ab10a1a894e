"""The figures of a process say what an alarm must know, and name nobody."""

from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from services.figures import Figures
from shared.clock import MovableClock
from shared.decisions import Decisions, No
from shared.errors import UnavailableError
from shared.event import Part, Role
from shared.ids import new_id
from shared.loops import Loop
from shared.passes import Pass
from shared.ports import Answer, Ask
from tests.support.toy import Toy
from tests.support.wait import slowly


def figures(toy: Toy) -> Figures:
    return Figures(toy.clock, {"teller": toy.teller, "hearer": toy.hearer}, {("hearer", "consumer"): toy.consumer})


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"alongside_{name}", labels) or 0.0


def move(toy: Toy, by: timedelta) -> None:
    assert isinstance(toy.clock, MovableClock)
    toy.clock.move(by)


async def test_figures_say_how_long_the_oldest_has_waited(toy: Toy) -> None:
    taking = figures(toy)
    toy.ears.failing = lambda _: RuntimeError()
    await toy.tell(new_id(), 1, again_at=timedelta(minutes=30))
    await toy.relay.step()
    await toy.consumer.step()
    await toy.tell(new_id(), 2)
    move(toy, timedelta(hours=1))
    await taking.take(toy.clock.now())
    assert figure("oldest_unsent_seconds", service="teller") == pytest.approx(3600, abs=5)
    assert figure("oldest_parked_seconds", service="hearer") == pytest.approx(3600, abs=5)
    assert figure("oldest_due_seconds", service="teller") == pytest.approx(1800, abs=5)
    assert figure("stopped", service="hearer", loop="consumer") == 0
    toy.consumer.stopped = "avalanche"
    await taking.take(toy.clock.now())
    assert figure("stopped", service="hearer", loop="consumer") == 1


async def test_a_lease_is_seen_held_by_who_holds_it_and_running_out(toy: Toy) -> None:
    other = type(toy.relay)(toy.teller.database, toy.relay.tables, toy.bus, holder=new_id())
    assert await toy.relay.lease.held()
    await figures(toy).take(toy.clock.now())
    assert figure("lease_held", service="teller", loop="relay") == 1
    assert 5 < figure("lease_left_seconds", service="teller", loop="relay") <= 10
    assert not await other.lease.held()
    assert figure("lease_held", service="teller", loop="relay") == 0
    await toy.relay.lease.release()
    await figures(toy).take(toy.clock.now())
    assert figure("lease_left_seconds", service="teller", loop="relay") < -3600


async def test_what_is_sent_and_how_late_it_is_heard_is_counted(toy: Toy) -> None:
    sent, heard = figure("relayed_total", service="teller"), figure("heard_seconds_count", consumer="hearer")
    late = figure("heard_seconds_bucket", consumer="hearer", le="60.0")
    for number in (1, 2):
        await toy.tell(new_id(), number)
    move(toy, timedelta(minutes=5))
    await toy.relay.step()
    await toy.consumer.step()
    assert figure("relayed_total", service="teller") - sent == 2
    assert figure("relay_seconds_count", service="teller") > 0
    assert figure("heard_seconds_count", consumer="hearer") - heard == 2
    assert figure("heard_seconds_bucket", consumer="hearer", le="60.0") == late
    assert figure("consumer_behind_seconds", consumer="hearer") == pytest.approx(300, abs=5)
    await toy.consumer.step()
    assert figure("consumer_behind_seconds", consumer="hearer") == 0


async def test_a_decision_that_cannot_be_asked_is_counted_and_timed() -> None:
    class Away:
        async def decide(self, ask: Ask) -> Answer:
            await slowly(0.02)
            raise UnavailableError

        async def hidden(self, person_id: object, ids: frozenset[object]) -> frozenset[object]:
            return ids

    unasked, seconds = figure("decisions_unasked_total"), figure("decision_seconds_sum")
    by = Pass(Role.PRACTITIONER, new_id(), member=new_id(), organisation=new_id())
    assert isinstance(await Decisions(Away()).ask(Ask(by, new_id(), Part.NAME)), No)  # type: ignore[arg-type]
    assert figure("decisions_unasked_total") - unasked == 1
    assert figure("decision_seconds_sum") - seconds >= 0.02


async def test_a_loop_that_fails_is_counted(tmp_path: Path) -> None:
    async def step() -> bool:
        raise UnavailableError

    before = figure("loop_failures_total", loop="planted")
    await Loop("planted", step).once()
    assert figure("loop_failures_total", loop="planted") - before == 1
