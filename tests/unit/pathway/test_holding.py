"""The rules of holds, one by one: exactly one leads while somebody is supported (J2, J2a–J2d, J3, J6, J7, C2)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.pathway.holding import coming, domain, losing
from services.pathway.holding.domain import Holding, Led, Place, State
from services.pathway.holding.errors import FundedMayNotError, HolderStoppedError, NotChosenError
from shared.event import Code, Event
from shared.events.pathway import LeadChanged
from shared.ids import new_id

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
INTENSITIES = tuple(map(Code, ("managing-independently", "community", "enhanced", "crisis", "inpatient")))
PERSON, BACKSTOP, TEAM, HOUSE, GROUP = (new_id() for _ in range(5))
WORKER, DEPUTY = new_id(), new_id()
PLACE = Place(BACKSTOP, INTENSITIES, frozenset({BACKSTOP, TEAM, HOUSE}))


def arrived(chosen=TEAM) -> Holding:
    return coming.arrived(PERSON, BACKSTOP, chosen, NOW)[0]


def held(by=TEAM, **more) -> Holding:
    return replace(arrived(None), led=Led(by, NOW, WORKER, DEPUTY, NOW, NOW), **more)


def types(facts: tuple[Event, ...]) -> list[str]:
    return [fact.type.partition(".")[2] for fact in facts]


@pytest.mark.parametrize("state", list(State))
def test_a_hold_with_none_or_an_unsupported_person_with_a_lead_can_not_be_made__j2(state: State) -> None:
    supported = state in {State.SUPPORTED, State.QUIETLY_HELD}
    with pytest.raises(ValueError, match="exactly one leads"):
        Holding(PERSON, state, None if supported else Led(TEAM, NOW))
    assert Holding(PERSON, state, Led(TEAM, NOW) if supported else None).supported is supported


def test_one_function_answers_who_leads__j2() -> None:
    assert domain.lead_of(None) is None
    assert domain.lead_of(held()) == TEAM
    assert domain.lead_of(replace(held(), state=State.INDEPENDENT, led=None)) is None


def test_the_backstop_leads_until_the_chosen_holder_acknowledges__j2a() -> None:
    holding = arrived()
    assert (holding.lead, holding.chosen, holding.live) == (BACKSTOP, TEAM, False)
    after, facts = domain.acknowledged(holding, TEAM, WORKER, DEPUTY, NOW, PLACE)
    assert (after.lead, after.chosen, after.named, after.deputy) == (TEAM, None, WORKER, DEPUTY)
    assert types(facts) == ["lead-changed"]
    with pytest.raises(NotChosenError):
        domain.acknowledged(holding, HOUSE, WORKER, None, NOW, PLACE)
    with pytest.raises(HolderStoppedError):
        domain.acknowledged(holding, TEAM, WORKER, None, NOW, replace(PLACE, stopped=frozenset({TEAM})))


def test_the_lead_stays_until_the_next_one_has_met_the_person__j3() -> None:
    chosen, _ = domain.choose(held(), HOUSE, NOW, frozenset())
    assert chosen.lead == TEAM
    after, facts = domain.met(held(), HOUSE, WORKER, None, NOW, PLACE)
    assert (after.lead, after.live) == (HOUSE, True)
    assert types(facts) == ["lead-changed"]


def test_a_group_that_led_stays_alongside_when_the_next_one_leads__j2c_j6() -> None:
    after, facts = domain.met(held(GROUP), HOUSE, WORKER, None, NOW, PLACE)
    assert after.alongside == (GROUP,)
    assert types(facts) == ["lead-changed", "alongside-joined"]
    assert domain.met(held(TEAM), HOUSE, WORKER, None, NOW, PLACE)[0].alongside == ()


def test_the_former_lead_leads_again_when_the_meeting_did_not_happen__j3() -> None:
    after, _ = domain.met(held(), HOUSE, WORKER, None, NOW, PLACE)
    again, facts = domain.not_met_after_all(after, HOUSE, PLACE, NOW)
    assert (again.lead, again.named, again.live) == (TEAM, WORKER, True)
    assert types(facts) == ["lead-changed"]


def test_nobody_who_never_met_the_person_leads_again_by_a_later_meeting_that_did_not_happen__j3() -> None:
    first, _ = domain.met(held(), HOUSE, WORKER, None, NOW, PLACE)
    second, _ = domain.met(first, GROUP, WORKER, None, NOW, PLACE)
    unmet, facts = domain.not_met_after_all(second, HOUSE, PLACE, NOW)
    assert (unmet.lead, facts) == (GROUP, ())
    assert domain.not_met_after_all(unmet, GROUP, PLACE, NOW)[0].lead == TEAM


def test_a_former_lead_that_stopped_does_not_lead_again__j3_j2a() -> None:
    after, _ = domain.met(held(), HOUSE, WORKER, None, NOW, PLACE)
    stopped = replace(PLACE, stopped=frozenset({TEAM}))
    assert domain.not_met_after_all(after, HOUSE, stopped, NOW)[0].lead == BACKSTOP


def test_who_led_before_a_meeting_that_did_not_happen_goes_on_held_but_not_met__j3_j2b() -> None:
    later = NOW + timedelta(days=1)
    after, _ = domain.met(held(), TEAM, WORKER, None, later, PLACE)
    again, facts = domain.not_met_after_all(after, TEAM, PLACE, later, met_at=later)
    assert (again.lead, again.live, facts) == (TEAM, False, ())


@pytest.mark.parametrize("state", [State.INDEPENDENT, State.LEFT_BE, State.MOVED])
def test_nobody_comes_to_lead_somebody_who_is_gone_by_meeting_them__j3_j4(state: State) -> None:
    gone = replace(held(), state=state, led=None, last_lead=TEAM)
    assert domain.met(gone, HOUSE, WORKER, None, NOW, PLACE) == (gone, ())


def test_at_crisis_a_statutory_body_leads_or_stands_beside__j2c() -> None:
    after, facts = domain.stepped(held(GROUP), Code("crisis"), NOW, PLACE)
    assert (after.lead, after.alongside) == (GROUP, (BACKSTOP,))
    assert types(facts) == ["stepped-up", "alongside-joined"]
    assert domain.stepped(held(TEAM), Code("crisis"), NOW, PLACE)[0].alongside == ()
    beside = domain.stepped(held(GROUP, alongside=(TEAM,)), Code("inpatient"), NOW, PLACE)[0]
    assert beside.alongside == (TEAM,)
    assert domain.leave_alongside(beside, TEAM, PLACE)[0].alongside == (BACKSTOP,)


def test_stepping_is_reversible_and_keeps_everyone__j6() -> None:
    up, _ = domain.stepped(held(alongside=(GROUP,)), Code("crisis"), NOW, PLACE)
    down, facts = domain.stepped(up, Code("community"), NOW, PLACE)
    assert (down.lead, down.alongside, down.crisis_until) == (TEAM, (GROUP,), NOW)
    assert types(facts) == ["stepped-down"]


def test_handing_back_is_never_turned_down_for_the_unfunded_and_never_open_to_the_funded__j2d() -> None:
    after, facts = losing.handed_back(held(GROUP), GROUP, funded=False, stays=True, now=NOW, place=PLACE)
    assert (after.lead, after.alongside) == (BACKSTOP, (GROUP,))
    assert types(facts) == ["lead-changed", "alongside-joined"]
    with pytest.raises(FundedMayNotError):
        losing.handed_back(held(TEAM), TEAM, funded=True, stays=True, now=NOW, place=PLACE)


def test_whoever_lost_sight_neither_leads_nor_is_chosen_nor_owes_nor_leads_again__c2() -> None:
    holding = replace(domain.met(held(), HOUSE, WORKER, None, NOW, PLACE)[0], chosen=TEAM)
    clean, _ = losing.lost_sight(holding, TEAM, None, blind=False, now=NOW, place=PLACE)
    assert (clean.lead, clean.chosen) == (HOUSE, None)
    assert domain.not_met_after_all(clean, HOUSE, PLACE, NOW)[0].lead == BACKSTOP
    gone = replace(held(), state=State.INDEPENDENT, led=None, last_lead=TEAM)
    assert losing.lost_sight(gone, TEAM, None, blind=False, now=NOW, place=PLACE)[0].last_lead == BACKSTOP


def test_an_organisation_that_ended_does_not_lead_again_by_a_meeting_that_did_not_happen__j2a_j3() -> None:
    taken, facts = losing.holder_ended(held(alongside=(GROUP,)), TEAM, NOW, PLACE)
    assert (taken.lead, taken.alongside, types(facts)) == (BACKSTOP, (GROUP,), ["lead-changed"])
    assert TEAM not in {led.organisation for led in taken.before}


def test_whom_the_person_names_leads_instead_unless_it_stopped__c2_j2a() -> None:
    after, _ = losing.lost_sight(held(), TEAM, GROUP, blind=True, now=NOW, place=PLACE)
    assert (after.lead, after.blind) == (GROUP, True)
    stopped = replace(PLACE, stopped=frozenset({GROUP}))
    assert losing.lost_sight(held(), TEAM, GROUP, blind=False, now=NOW, place=stopped)[0].lead == BACKSTOP
    assert losing.lost_sight(held(), TEAM, TEAM, blind=False, now=NOW, place=PLACE)[0].lead == BACKSTOP


def test_a_named_person_s_leaving_is_said_and_a_deputy_s_is_not__j2b() -> None:
    after, facts = losing.member_left(held(), WORKER)
    assert (after.lead, after.named, after.deputy) == (TEAM, DEPUTY, None)
    assert types(facts) == ["lead-changed"]
    assert losing.member_left(held(), DEPUTY)[1] == ()
    assert losing.member_left(held(), new_id()) == (held(), ())


def test_arriving_again_under_a_lead_that_acknowledged_changes_nothing__j7() -> None:
    assert coming.arrived_again(held(), HOUSE, PLACE, NOW) == (held(), ())
    after, facts = coming.arrived_again(arrived(), HOUSE, PLACE, NOW)
    assert (after.lead, after.chosen, types(facts)) == (BACKSTOP, HOUSE, ["holder-chosen"])


@pytest.mark.parametrize("state", [State.INDEPENDENT, State.LEFT_BE, State.MOVED, State.QUIETLY_HELD])
def test_a_return_is_led_by_the_backstop_with_the_last_holder_chosen__j7(state: State) -> None:
    led = Led(TEAM, NOW) if state is State.QUIETLY_HELD else None
    gone = replace(held(), state=state, led=led, last_lead=TEAM, alongside=(GROUP,))
    back, facts = coming.returned(gone, None, PLACE, NOW)
    assert (back.lead, back.chosen, back.alongside) == (BACKSTOP, TEAM, (GROUP,))
    assert types(facts) == ["lead-changed", "returned", "holder-chosen"]
    assert isinstance(facts[0], LeadChanged)
    assert facts[0].was == gone.lead
    assert coming.returned(back, None, PLACE, NOW) == (back, ())


def test_contact_by_the_lead_is_meeting_and_by_another_is_not__j2b() -> None:
    unmet = replace(held(), led=Led(TEAM, NOW, WORKER, None, NOW))
    assert domain.reached(unmet, TEAM, NOW)[0].live
    assert not domain.reached(unmet, GROUP, NOW)[0].live
    assert not domain.reached(unmet, None, NOW)[0].live
