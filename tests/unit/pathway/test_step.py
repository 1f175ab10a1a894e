"""Steps: reversible, and never to nowhere unheard (J6, J13)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pathway.holding.domain import Holding, Led, Place
from services.pathway.holding.domain import State as HoldState
from services.pathway.sleeping import NotAskedWhereError, Sleeping
from services.pathway.step import domain
from services.pathway.step.domain import Step, Unsafe
from shared.errors import InvalidError
from shared.event import Code
from shared.ids import new_id
from tests.support.pathway_place import INTENSITIES

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PERSON, LEAD, BACKSTOP, GROUP = new_id(), new_id(), new_id(), new_id()
PLACE = Place(BACKSTOP, INTENSITIES, frozenset({BACKSTOP, LEAD}))
ABOVE = INTENSITIES[1:]


def held(intensity: str) -> Holding:
    return Holding(PERSON, HoldState.SUPPORTED, Led(LEAD, NOW), intensity=Code(intensity), alongside=(GROUP,))


def a_step(to: str, sleeping: Sleeping | None = None) -> Step:
    return Step(PERSON, Code(to), sleeping, PLACE, timedelta(hours=4))


@given(st.lists(st.sampled_from(ABOVE), max_size=12))
def test_any_way_up_and_down_leaves_lead_and_everyone_alongside__j6(way: list[Code]) -> None:
    holding = held("community")
    for to in way:
        if to == holding.intensity:
            with pytest.raises(domain.ThereAlreadyError):
                domain.step(holding, a_step(to), PLACE, NOW)
            continue
        was = holding.intensity
        holding, facts = domain.step(holding, a_step(to), PLACE, NOW)
        up = ABOVE.index(to) > ABOVE.index(was)
        assert [fact.type for fact in facts] == ["pathway.stepped-up" if up else "pathway.stepped-down"]
        assert (holding.lead, holding.alongside) == (LEAD, (GROUP,))


def test_managing_independently_is_not_stepped_down_to__j4() -> None:
    with pytest.raises(domain.LetGoInsteadError):
        domain.step(held("community"), a_step("managing-independently"), PLACE, NOW)
    gone = Holding(PERSON, HoldState.INDEPENDENT, None, last_lead=LEAD)
    with pytest.raises(domain.NobodyLeadsError):
        domain.step(gone, a_step("crisis"), PLACE, NOW)
    with pytest.raises(InvalidError):
        domain.is_down(held("community"), Code("elsewhere"), PLACE)


@pytest.mark.parametrize("start", ABOVE)
@pytest.mark.parametrize("to", ABOVE)
@pytest.mark.parametrize("answer", [None, *Sleeping])
def test_the_answer_is_needed_of_whoever_leaves_crisis_or_inpatient__j13(
    start: Code, to: Code, answer: Sleeping | None
) -> None:
    leaves = start in {"crisis", "inpatient"} and ABOVE.index(to) < ABOVE.index(start)
    step = a_step(to, answer)
    if leaves and answer is None:
        with pytest.raises(NotAskedWhereError):
            domain.asked_first(held(start), step, None, PLACE, NOW)
        return
    stops, facts = domain.asked_first(held(start), step, None, PLACE, NOW)
    unsafe = leaves and answer in {Sleeping.NOWHERE, Sleeping.NOT_SAFE}
    assert (stops is not None, bool(facts)) == (unsafe, unsafe)


def test_it_is_told_once_and_waits_until_somebody_is_on_it__j13() -> None:
    holding, step = held("crisis"), a_step("community", Sleeping.NOWHERE)
    first, facts = domain.asked_first(holding, step, None, PLACE, NOW)
    assert [fact.type for fact in facts] == ["pathway.nowhere-to-sleep"]
    assert domain.asked_first(holding, step, first, PLACE, NOW) == (first, ())
    reached = Unsafe(PERSON, Sleeping.NOWHERE, NOW, reached_at=NOW)
    assert domain.asked_first(holding, step, reached, PLACE, NOW) == (None, ())
    other = a_step("community", Sleeping.NOT_SAFE)
    assert domain.asked_first(holding, other, reached, PLACE, NOW)[1] != ()
