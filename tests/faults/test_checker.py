"""The checker of the fault harness finds what is planted: each thing that it looks for, in a record that was whole."""

import json
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from services.demo.setting import CENTRE, PEERS
from tests.support.cluster_check import GENESIS, NOTHING, Kept, Verdict, judge
from tests.support.cluster_load import Noting, Operation
from tests.support.cluster_look import Fact
from tests.support.cluster_restore import Restored

R, LEAD = "person-r", "the-backstop"


class World:
    """One person who arrived, let the group in, told two stories, was met, and took back what the centre may see."""

    def __init__(self) -> None:
        self.done = [
            Operation(1, "arrive", "", 0.0, 0.1, "ok", 201, {"person": R}),
            Operation(2, "let in", R, 0.2, 0.3, "ok", 201),
            Operation(3, "story", R, 0.4, 0.5, "ok", 201),
            Operation(4, "story", R, 0.6, 0.7, "unknown"),
            Operation(5, "contact", R, 0.8, 0.9, "ok", 201),
            Operation(6, "let see", R, 1.0, 1.1, "ok", 201),
            Operation(7, "withdraw", R, 2.0, 2.4, "ok", 200),
            Operation(8, "let see", R, 5.0, 5.1, "ok", 201),
        ]
        told: list[tuple[str, dict[str, Any]]] = [
            ("intake.arrived", {}),
            ("intake.story-told", {}),
            ("intake.story-told", {}),
        ]
        led: list[tuple[str, dict[str, Any]]] = [
            ("pathway.lead-changed", {"was": None, "now": LEAD, "why": "arrived"}),
            ("pathway.contact-made", {}),
        ]
        facts = {"intake": stream("intake", told), "pathway": stream("pathway", led)}
        effects = {
            "arrive": Counter([1]), "story": Counter([3, 4]), "contact": Counter([5]), "choice": Counter([2, 6, 8]),
        }  # fmt: skip
        outside = [*facts["intake"][1:], facts["pathway"][1]]
        self.rows: list[dict[str, Any]] = [
            {"id": f"out-{fact.id}", "event": fact.id, "subscription": "s", "url": f"http://here/{PEERS}"}
            for fact in outside
        ]
        self.group, self.centre = Noting(PEERS), Noting(CENTRE)
        for order, fact in enumerate(outside, 1):
            self.group.arrivals.append((f"out-{fact.id}", R, order, fact.type, order * 0.1))
        timeline = Counter(fact.id for each in facts.values() for fact in each)
        self.kept = Kept(facts, effects, self.rows, timeline, {R: LEAD})

    def found(self, restored: Restored = NOTHING) -> set[str]:
        verdict = Verdict()
        judge(verdict, self.done, self.kept, {PEERS: self.group, CENTRE: self.centre}, restored)
        return set(verdict.found())


def stream(service: str, told: list[tuple[str, dict[str, Any]]]) -> list[Fact]:
    facts: list[Fact] = []
    before = GENESIS
    for seq, (type_, data) in enumerate(told, 1):
        raw = json.dumps([service, seq, type_, data]).encode()
        facts.append(Fact(f"{service}-{seq}", type_, service, R, seq, before, raw, data))
        before = sha256(raw).hexdigest()
    return facts


def test_a_whole_record_is_found_whole() -> None:
    assert World().found() == set()


def test_a_number_of_what_had_begun_and_may_not_be_told_any_more_is_no_gap() -> None:
    world = World()
    world.group.arrivals = [(*each[:2], each[2] + 1, *each[3:]) for each in world.group.arrivals]
    assert world.found() == {"out_of_order"}
    world.rows.append({
        "id": "out-first", "event": "intake-1", "subscription": "s", "url": f"http://here/{PEERS}",
        "subject": R, "state": "failed", "order": 1,
    })  # fmt: skip
    assert world.found() == set()


def _gone(world: World) -> None:
    del world.kept.effects["story"][3]


def _twice(world: World) -> None:
    world.kept.effects["contact"][5] += 1


def _nobodys(world: World) -> None:
    world.kept.effects["arrive"][99] = 1


def _failed_and_there(world: World) -> None:
    world.done[3].outcome = "failed"


def _a_second_fact(world: World) -> None:
    told = [(fact.type, fact.data) for fact in world.kept.facts["intake"]]
    world.kept.facts["intake"] = stream("intake", [*told, ("intake.story-told", {})])


def _not_in_the_timeline(world: World) -> None:
    del world.kept.timeline["intake-2"]


def _delivered_as_two(world: World) -> None:
    world.rows.append(world.rows[0] | {"id": "another"})


def _never_delivered(world: World) -> None:
    del world.group.arrivals[1]


def _another_number(world: World) -> None:
    world.group.arrivals.append((*world.group.arrivals[0][:2], 9, *world.group.arrivals[0][3:]))


def _late_overtaken(world: World) -> None:
    world.group.arrivals[:2] = reversed(world.group.arrivals[:2])


def _swapped(world: World) -> None:
    world.rows[0]["id"], world.rows[1]["id"] = world.rows[1]["id"], world.rows[0]["id"]


def _a_gap(world: World) -> None:
    del world.kept.facts["intake"][1]


def _a_changed_fact(world: World) -> None:
    first = world.kept.facts["intake"][0]
    world.kept.facts["intake"][0] = Fact(
        first.id, first.type, first.source, first.subject, first.seq, first.prev, b"other", first.data
    )


def _nobody_leads(world: World) -> None:
    world.kept.leads[R] = None


def _two_lead(world: World) -> None:
    again = ("pathway.lead-changed", {"was": None, "now": "another", "why": "arrived"})
    told = [(fact.type, fact.data) for fact in world.kept.facts["pathway"]]
    world.kept.facts["pathway"] = stream("pathway", [*told, again])


def _let_go_into_nothing(world: World) -> None:
    gone = ("pathway.lead-changed", {"was": LEAD, "now": None, "why": "met"})
    told = [(fact.type, fact.data) for fact in world.kept.facts["pathway"]]
    world.kept.facts["pathway"] = stream("pathway", [*told, gone])


def _read_after(world: World) -> None:
    world.done.append(Operation(20, "read", R, 2.5, 2.6, "ok", 200))


def _delivered_after(world: World) -> None:
    world.centre.arrivals.append(("out", R, 1, "intake.story-told", 3.0))


@pytest.mark.parametrize(
    ("plant", "as_what"),
    [
        (_gone, "lost"), (_never_delivered, "lost"),
        (_twice, "doubled"), (_nobodys, "doubled"), (_failed_and_there, "doubled"), (_a_second_fact, "doubled"),
        (_not_in_the_timeline, "doubled"), (_delivered_as_two, "doubled"),
        (_another_number, "out_of_order"), (_late_overtaken, "out_of_order"), (_swapped, "out_of_order"),
        (_a_gap, "out_of_order"), (_a_changed_fact, "out_of_order"),
        (_nobody_leads, "without_a_lead"), (_two_lead, "without_a_lead"), (_let_go_into_nothing, "without_a_lead"),
        (_read_after, "disclosed"), (_delivered_after, "disclosed"),
    ],
)  # fmt: skip
def test_what_is_planted_is_found(plant: Callable[[World], None], as_what: str) -> None:
    world = World()
    plant(world)
    assert as_what in world.found()


def test_what_was_read_before_the_answer_or_after_the_next_choice_is_no_disclosure() -> None:
    world = World()
    world.done.append(Operation(20, "read", R, 1.9, 2.3, "ok", 200))
    world.done.append(Operation(21, "read", R, 5.0, 5.2, "ok", 200))
    world.done.append(Operation(22, "read", R, 3.0, 3.2, "failed", 404))
    world.centre.arrivals.append(("one", R, 1, "intake.story-told", 2.0))
    world.centre.arrivals.append(("two", R, 2, "intake.story-told", 5.2))
    assert world.found() == set()


def test_a_database_that_went_back_may_have_forgotten_what_it_was_told_since_and_nothing_before() -> None:
    world = World()
    _gone(world)
    assert world.found(Restored("intake", kept=0.45, back=3.0)) == set()
    assert "lost" in world.found(Restored("intake", kept=0.55, back=3.0))
    assert "lost" in world.found(Restored("pathway", kept=0.0, back=3.0))


def test_what_consent_forgot_since_opens_nothing_and_what_was_taken_back_stays_so() -> None:
    world = World()
    del world.kept.effects["choice"][2]
    del world.group.arrivals[1:]
    consent = Restored("consent", kept=0.25, back=4.0)
    assert world.found(consent) == set()
    _read_after(world)
    assert world.found(consent) == {"disclosed"}


def test_after_notify_went_back_what_was_delivered_may_come_again_with_a_number_beyond_all() -> None:
    def again(*numbers: int) -> set[str]:
        world = World()
        for place, number in enumerate(numbers):
            outside, subject, _, type_, _ = world.group.arrivals[place]
            world.group.arrivals.append((outside, subject, number, type_, 2.0 + place))
        return world.found(Restored("notify", kept=0.0, back=1.0))

    assert again(1_000_001, 1_000_002) == set()
    assert again(1, 2) == set()
    assert again(2, 3) == {"out_of_order"}
    assert again(1_000_001, 1_000_003) == {"out_of_order"}
    assert again(1_000_002, 1_000_001) == {"out_of_order"}
