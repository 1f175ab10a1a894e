"""The one decision, as a pure function over choices and standing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.consent.choice.domain import ALL_PARTS, ALL_PURPOSES, Asker, Choice, GivenHow, Who, WhoKind
from services.consent.decision.domain import Question, Sight, Verdict, by_choice, by_standing, lost_sight
from shared.event import Part, Role
from shared.ids import new_id
from shared.passes import Purpose
from shared.ports import Act, Standing, Why

NOW = datetime(2026, 3, 1, tzinfo=UTC)
R = new_id()
GROUP, HOUSE, TEAM = new_id(), new_id(), new_id()
OFFER, MEMBER = new_id(), new_id()
NUMBERS = count(1)


def org(of: UUID) -> Who:
    return Who(WhoKind.ORGANISATION, of)


def choice(who: Who, *parts: Part, permit: bool = True, **more) -> Choice:
    more.setdefault("purposes", ALL_PURPOSES if not permit else frozenset({Purpose.SUPPORT}))
    return Choice(
        id=new_id(), person=R, number=next(NUMBERS), who=who, parts=frozenset(parts) or ALL_PARTS, permit=permit,
        given_how=GivenHow.SIGNED_IN, given_at=NOW, **more,
    )  # fmt: skip


def asker(of: UUID | None = GROUP, role: Role = Role.PEER_SUPPORTER, **more) -> Asker:
    return Asker(role, more.pop("purpose", Purpose.SUPPORT), of, more.pop("member", new_id()), **more)


def asked(by: Asker, part: Part, *choices: Choice, now: datetime = NOW) -> Verdict:
    return by_choice(Question(by, R, part), choices, now)


@pytest.mark.parametrize("part", list(Part))
def test_absence_of_a_choice_is_no__c3(part: Part) -> None:
    assert asked(asker(), part) == Verdict(permitted=False, why=Why.NO_CHOICE)


def test_a_choice_opens_only_the_parts_that_it_names__c1() -> None:
    yes = choice(org(GROUP), Part.PLAN)
    assert asked(asker(), Part.PLAN, yes) == Verdict(permitted=True, why=Why.CHOICE, choice=yes.id)
    assert not asked(asker(), Part.STORY, yes).permitted


@pytest.mark.parametrize("role", [Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM])
def test_an_organisations_people_and_systems_are_covered_by_its_choice__c1(role: Role) -> None:
    yes = choice(org(GROUP), Part.PLAN)
    assert asked(asker(role=role), Part.PLAN, yes).permitted
    assert not asked(asker(HOUSE, role), Part.PLAN, yes).permitted


@pytest.mark.parametrize("role", [Role.STEWARD, Role.ANYONE, Role.TIMER])
def test_no_choice_opens_anything_to_a_role_that_supports_nobody__c3(role: Role) -> None:
    everything = choice(org(GROUP), *Part)
    assert asked(asker(role=role), Part.PLAN, everything) == Verdict(permitted=False, why=Why.ROLE)


def test_a_members_choice_covers_that_member_alone__c1() -> None:
    yes = choice(Who(WhoKind.MEMBER, MEMBER), Part.STORY)
    assert asked(asker(member=MEMBER), Part.STORY, yes).permitted
    assert not asked(asker(), Part.STORY, yes).permitted
    family = Asker(Role.PERSON, Purpose.SUPPORT, person=MEMBER)
    assert asked(family, Part.STORY, yes).permitted


def test_a_roles_choice_covers_that_role_anywhere__c1() -> None:
    yes = choice(Who(WhoKind.ROLE, role=Role.PEER_SUPPORTER), Part.PLAN)
    assert asked(asker(HOUSE), Part.PLAN, yes).permitted
    assert not asked(asker(HOUSE, Role.PRACTITIONER), Part.PLAN, yes).permitted


def test_an_offers_choice_covers_who_makes_the_offer__c1() -> None:
    yes = choice(Who(WhoKind.OFFER, OFFER), Part.PLAN)
    assert asked(asker(HOUSE, offers=frozenset({OFFER})), Part.PLAN, yes).permitted
    assert not asked(asker(HOUSE, offers=frozenset({new_id()})), Part.PLAN, yes).permitted


def test_any_crisis_service_means_those_with_an_open_crisis_offer__c1() -> None:
    yes = choice(Who(WhoKind.ANY_CRISIS_SERVICE), Part.PLAN)
    assert asked(asker(HOUSE, at_crisis=True), Part.PLAN, yes).permitted
    assert not asked(asker(HOUSE), Part.PLAN, yes).permitted


def test_a_yes_for_support_is_none_for_research_or_oversight__c1() -> None:
    yes = choice(org(GROUP), Part.PLAN)
    for purpose in (Purpose.CRISIS, Purpose.RESEARCH, Purpose.OVERSIGHT):
        assert not asked(asker(purpose=purpose), Part.PLAN, yes).permitted
    both = choice(org(GROUP), Part.PLAN, purposes=frozenset({Purpose.SUPPORT, Purpose.CRISIS}))
    assert asked(asker(purpose=Purpose.CRISIS), Part.PLAN, both).permitted


def test_the_latest_choice_about_the_same_wins__c3() -> None:
    yes, no = choice(org(GROUP), Part.PLAN), choice(org(GROUP), permit=False)
    assert asked(asker(), Part.PLAN, yes, no) == Verdict(permitted=False, why=Why.SAID_NO, choice=no.id)
    again = choice(org(GROUP), Part.PLAN)
    assert asked(asker(), Part.PLAN, yes, no, again).choice == again.id


def test_a_no_beats_a_yes_that_names_the_same_reader_otherwise__c3() -> None:
    no = choice(org(HOUSE), permit=False)
    yes = choice(Who(WhoKind.ANY_CRISIS_SERVICE), Part.PLAN)
    by = asker(HOUSE, at_crisis=True)
    assert asked(by, Part.PLAN, no, yes).why is Why.SAID_NO
    assert asked(by, Part.PLAN, yes, no).why is Why.SAID_NO


def test_what_is_taken_back_opens_nothing_and_an_older_yes_does_not_come_back__c2() -> None:
    older, newer = choice(org(GROUP), Part.PLAN), choice(org(GROUP), Part.PLAN)
    gone = replace(newer, withdrawn_at=NOW)
    assert asked(asker(), Part.PLAN, older, gone) == Verdict(permitted=False, why=Why.WITHDRAWN, choice=gone.id)


def test_a_no_comes_back_when_the_yes_that_overruled_it_is_taken_back__c3() -> None:
    no, yes = choice(org(GROUP), permit=False), choice(org(GROUP), Part.PLAN)
    assert asked(asker(), Part.PLAN, no, yes).permitted
    assert asked(asker(), Part.PLAN, no, replace(yes, withdrawn_at=NOW)).why is Why.SAID_NO


def test_a_choice_ends_at_its_instant__c1() -> None:
    yes = choice(org(GROUP), Part.PLAN, until=NOW)
    assert asked(asker(), Part.PLAN, yes, now=NOW - timedelta(microseconds=1)).permitted
    assert asked(asker(), Part.PLAN, yes, now=NOW).why is Why.ENDED


def test_a_hidden_contact_sees_nothing_whatever_else_was_said__s6() -> None:
    hidden = choice(Who(WhoKind.MEMBER, MEMBER), permit=False, hide=True)
    later = choice(org(GROUP), *Part)
    for part in Part:
        verdict = asked(asker(member=MEMBER), part, hidden, later)
        assert verdict.why is Why.HIDDEN
        assert not by_standing(Question(asker(member=MEMBER), R, part), verdict, frozenset(Standing)).permitted


def test_no_work_role_opens_ones_own_record__s12() -> None:
    own = asker(person=R)
    assert asked(own, Part.PLAN, choice(org(GROUP), *Part)).why is Why.OWN_COLLEAGUE
    assert asked(Asker(Role.PERSON, Purpose.SUPPORT, person=R), Part.PLAN).why is Why.SELF


def test_who_has_any_yes_in_force_knows_that_the_person_is_there__c3() -> None:
    yes = choice(org(GROUP), Part.PLAN)
    assert asked(asker(), Part.NAME, yes).permitted
    assert not asked(asker(), Part.NAME, replace(yes, withdrawn_at=NOW)).permitted
    assert asked(asker(purpose=Purpose.CRISIS), Part.NAME, yes).permitted
    assert not asked(asker(purpose=Purpose.RESEARCH), Part.NAME, yes).permitted
    overruled = choice(org(GROUP), Part.PLAN, permit=False)
    assert not asked(asker(), Part.NAME, yes, overruled).permitted


def stands(part: Part, *standing: Standing, choices: tuple[Choice, ...] = (), owed: bool = False, **more) -> Verdict:
    question = Question(asker(**{k: v for k, v in more.items() if k != "act"}), R, part, more.get("act", Act.READ))
    return by_standing(question, by_choice(question, choices, NOW), frozenset(standing), owed=owed)


def test_a_door_that_somebody_came_to_writes_and_never_reads__s2() -> None:
    assert stands(Part.NAME, Standing.AT_THE_DOOR, act=Act.WRITE) == Verdict(permitted=True, why=Why.BESIDE)
    for part in Part:
        assert not stands(part, Standing.AT_THE_DOOR).permitted


def test_having_led_before_opens_nothing__c3() -> None:
    for part in Part:
        for act in (Act.READ, Act.WRITE):
            assert not stands(part, Standing.LED_BEFORE, act=act).permitted


@pytest.mark.parametrize("standing", sorted(set(Standing) - {Standing.AT_THE_DOOR, Standing.LED_BEFORE}))
def test_standing_beside_somebody_tells_only_that_they_are_there__c3(standing: Standing) -> None:
    assert stands(Part.NAME, standing).permitted
    for part in set(Part) - {Part.NAME, Part.CONTACT}:
        assert not stands(part, standing).permitted


def test_a_blind_hold_gets_the_safe_route_and_nothing_more__c2() -> None:
    assert stands(Part.CONTACT, Standing.LEADS) == Verdict(permitted=True, why=Why.HOLDS)
    assert stands(Part.CONTACT, Standing.CHOSEN).permitted
    assert not stands(Part.CONTACT, Standing.ALONGSIDE).permitted
    assert not stands(Part.PLAN, Standing.LEADS).permitted


def test_a_no_shuts_what_standing_opens__c3() -> None:
    no = choice(org(GROUP), permit=False)
    assert stands(Part.NAME, Standing.LEADS, choices=(no,)).why is Why.SAID_NO
    assert stands(Part.CONTACT, Standing.LEADS, choices=(no,)).why is Why.SAID_NO


def test_standing_opens_nothing_for_research__c1() -> None:
    assert not stands(Part.NAME, Standing.LEADS, purpose=Purpose.RESEARCH).permitted


def test_what_was_taken_back_stays_shut_to_who_does_not_lead__c2() -> None:
    gone = choice(org(GROUP), Part.NAME, Part.CONTACT, withdrawn_at=NOW)
    assert not stands(Part.CONTACT, Standing.CHOSEN, choices=(gone,)).permitted
    assert not stands(Part.NAME, Standing.ALONGSIDE, choices=(gone,)).permitted
    assert stands(Part.NAME, Standing.ALONGSIDE, choices=(gone,), act=Act.WRITE).permitted
    assert stands(Part.CONTACT, Standing.LEADS, choices=(gone,)).permitted
    assert not stands(Part.CONTACT, Standing.LEADS, choices=(gone,), owed=True).permitted


def test_taking_back_the_last_sight_of_a_lead_is_losing_sight__c2() -> None:
    sight = Sight(GROUP)
    plan, story = choice(org(GROUP), Part.PLAN), choice(org(GROUP), Part.STORY)
    gone, also = replace(plan, withdrawn_at=NOW), replace(story, withdrawn_at=NOW)
    assert not lost_sight(sight, R, [plan, story], [gone, story], NOW)
    assert lost_sight(sight, R, [gone, story], [gone, also], NOW)
    assert lost_sight(sight, R, [plan], [plan, choice(org(GROUP), permit=False)], NOW)
    equity = choice(org(GROUP), Part.EQUITY)
    assert not lost_sight(sight, R, [equity], [replace(equity, withdrawn_at=NOW)], NOW)
    named = choice(Who(WhoKind.MEMBER, MEMBER), Part.PLAN)
    member_there = Sight(GROUP, frozenset({MEMBER}))
    assert lost_sight(member_there, R, [named], [replace(named, withdrawn_at=NOW)], NOW)


WHOS = [org(GROUP), Who(WhoKind.ROLE, role=Role.PEER_SUPPORTER), Who(WhoKind.MEMBER, MEMBER)]
SAID = st.lists(st.tuples(st.sampled_from(WHOS), st.booleans(), st.booleans()), max_size=8)


@given(SAID)
def test_no_mix_of_choices_lets_a_withdrawal_open_anything__c2(said) -> None:
    by = asker(member=MEMBER)
    choices = [choice(who, Part.PLAN, permit=permit, withdrawn_at=NOW if gone else None) for who, permit, gone in said]
    before = asked(by, Part.PLAN, *choices).permitted
    for index, each in enumerate(choices):
        if each.permit:
            after = [*choices[:index], replace(each, withdrawn_at=NOW), *choices[index + 1 :]]
            assert before or not asked(by, Part.PLAN, *after).permitted
    no = choice(org(GROUP), Part.PLAN, permit=False)
    assert not asked(by, Part.PLAN, *choices, no).permitted
