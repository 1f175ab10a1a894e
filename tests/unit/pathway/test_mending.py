"""A hold as its forgotten facts say: replayed over what is left of it, they give who leads, and exactly one (J2)."""

from datetime import datetime, timedelta

from services.pathway.holding.coming import arrived, arrived_again
from services.pathway.holding.domain import (
    Change,
    Holding,
    Place,
    State,
    acknowledged,
    choose,
    join_alongside,
    leave_alongside,
    met,
    not_met_after_all,
    stepped,
)
from services.pathway.holding.losing import handed_back, holder_ended, lost_sight, member_left
from services.pathway.holding.mending import Said, mended
from services.pathway.wayout.domain import independent, left_be, quietly_held
from shared.clock import real_now
from shared.event import Code
from shared.ids import new_id
from tests.support.pathway_place import INTENSITIES

AT = real_now()
R, BACKSTOP, HOUSE, GROUP, WORKER = (new_id() for _ in range(5))
PLACE = Place(BACKSTOP, INTENSITIES, frozenset({BACKSTOP, HOUSE}))


def at_crisis(intensity: Code) -> bool:
    return PLACE.at_crisis(intensity)


class Told:
    """A hold that goes on, and every fact of it with its time, a minute apart."""

    def __init__(self) -> None:
        self.now, self.facts = AT, list[Said]()
        self.holding, facts = arrived(R, BACKSTOP, HOUSE, AT)
        self.before: Holding | None = None
        self._say(facts)

    def _say(self, facts: object) -> None:
        self.facts += [(fact, self.now) for fact in facts]  # type: ignore[attr-defined]

    def forget_from_here(self) -> None:
        """Have the back-up be of now."""
        self.before, self.facts = self.holding, []

    def go(self, rule: object, *given: object, **more: object) -> None:
        self.now += timedelta(minutes=1)
        more = {name: self.now if value is datetime else value for name, value in more.items()}
        change: Change = rule(self.holding, *(self.now if each is datetime else each for each in given), **more)  # type: ignore[operator]
        self.holding, facts = change
        self._say(facts)

    @property
    def again(self) -> Holding:
        found = mended(self.before, self.facts, at_crisis)
        assert found is not None
        return found


def same(told: Told) -> None:
    """The lead, whom they name, who is chosen and beside, and where the person is are as they were."""
    now, again = told.holding, told.again
    for name in ("state", "lead", "named", "chosen", "alongside", "last_lead", "out_at", "intensity", "crisis_until"):
        assert getattr(again, name) == getattr(now, name), name
    assert again.led is None or told.holding.led is None or again.led.since == told.holding.led.since


def test_somebody_whose_arrival_was_forgotten_is_led_by_whom_it_was_written_with__j2a() -> None:
    told = Told()
    same(told)
    assert (told.again.acknowledged_at, told.again.met_at) == (None, None)


def test_no_fact_of_a_lead_gives_no_hold() -> None:
    assert mended(None, [], at_crisis) is None


def test_every_way_in_which_a_lead_changes_is_taken_up__j2() -> None:
    told = Told()
    told.forget_from_here()
    told.go(acknowledged, HOUSE, WORKER, None, datetime, PLACE)
    same(told)
    assert told.again.acknowledged_at == told.holding.acknowledged_at
    told.go(join_alongside, GROUP)
    told.go(met, GROUP, None, None, datetime, PLACE)
    same(told)
    assert told.again.met_at == told.now
    told.go(not_met_after_all, GROUP, PLACE, datetime)
    same(told)
    told.go(handed_back, HOUSE, funded=False, stays=True, now=datetime, place=PLACE)
    same(told)
    told.go(choose, GROUP, datetime, frozenset())
    told.go(acknowledged, GROUP, WORKER, None, datetime, PLACE)
    told.go(member_left, WORKER)
    same(told)
    assert told.again.acknowledged_at is None
    told.go(lost_sight, GROUP, HOUSE, blind=False, now=datetime, place=PLACE)
    same(told)
    told.go(holder_ended, HOUSE, datetime, PLACE)
    same(told)
    assert told.again.lead == BACKSTOP


def test_steps_and_who_is_beside_are_taken_up__j6() -> None:
    told = Told()
    told.forget_from_here()
    told.go(stepped, Code("crisis"), datetime, PLACE)
    told.go(join_alongside, GROUP)
    told.go(stepped, Code("community"), datetime, PLACE)
    same(told)
    assert told.again.crisis_until == told.now
    told.go(leave_alongside, GROUP, PLACE)
    same(told)


def test_whoever_took_a_way_out_is_led_by_nobody_and_whoever_came_back_is_led_again__j4_j7() -> None:
    for out in (left_be, independent, quietly_held):
        told = Told()
        told.forget_from_here()
        told.go(acknowledged, HOUSE, WORKER, None, datetime, PLACE)
        told.go(out, datetime)
        same(told)
        told.go(arrived_again, GROUP, PLACE, datetime)
        assert told.holding.state is State.SUPPORTED
        same(told)


def test_a_lead_that_was_changed_once_more_leaves_only_the_last_to_lead_again__j3() -> None:
    told = Told()
    told.forget_from_here()
    told.go(acknowledged, HOUSE, WORKER, None, datetime, PLACE)
    told.go(choose, GROUP, datetime, frozenset())
    told.go(met, GROUP, None, None, datetime, PLACE)
    assert [led.organisation for led in told.again.before] == [led.organisation for led in told.holding.before]
