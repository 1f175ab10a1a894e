"""What a forgotten fact of consent changes: what restricts is done again, a yes that is gone stays gone (ADR 0019)."""

from datetime import timedelta

from services.consent.choice.domain import ALL_PARTS, ALL_PURPOSES, Choice, GivenHow, State, Who, WhoKind
from services.consent.mending import mended, stands
from shared.clock import real_now
from shared.event import Part, Role
from shared.events.consent import ConsentEnded, ConsentGiven, ConsentSaidNo, ConsentWithdrawn
from shared.ids import new_id

AT = real_now()
R, HOUSE, GROUP = new_id(), new_id(), new_id()


def a_choice(*parts: Part, who: Who | None = None, permit: bool = True, number: int = 1) -> Choice:
    return Choice(
        new_id(), R, number, who or Who(WhoKind.ORGANISATION, HOUSE), frozenset(parts), ALL_PURPOSES,
        permit=permit, given_how=GivenHow.SIGNED_IN, given_at=AT - timedelta(days=1),
    )  # fmt: skip


def test_a_withdrawal_takes_its_choice_back_at_its_own_time_and_says_who_is_still_to_be_led_by_another__c2() -> None:
    story, other = a_choice(Part.STORY), a_choice(Part.PLAN, number=2)
    said = ConsentWithdrawn(subject=R, choice=story.id, organisation=HOUSE, instead=GROUP)
    [(was, now)] = mended([other, story], said, AT, 3)
    assert (was, now.withdrawn_at, now.owed_by, now.instead) == (story, AT, HOUSE, GROUP)
    assert now.state(AT) is State.WITHDRAWN
    assert stands(said, [(was, now)])


def test_a_withdrawal_of_a_choice_that_is_gone_or_taken_back_already_changes_nothing() -> None:
    said = ConsentWithdrawn(subject=R, choice=new_id(), organisation=None, instead=None)
    assert mended([a_choice(Part.STORY)], said, AT, 2) == []
    assert stands(said, [])


def test_a_no_that_is_gone_is_said_again_for_its_organisation_parts_and_every_purpose__c1() -> None:
    said = ConsentSaidNo(subject=R, choice=new_id(), organisation=HOUSE, parts=(Part.PLAN, Part.STORY))
    [(was, no)] = mended([a_choice(Part.STORY)], said, AT, 2)
    assert was is None
    assert (no.id, no.number, no.permit, no.given_at) == (said.choice, 2, False, AT)
    assert (no.who, no.parts, no.purposes) == (Who(WhoKind.ORGANISATION, HOUSE), frozenset(said.parts), ALL_PURPOSES)
    assert stands(said, [(was, no)])


def test_a_no_that_is_there_is_not_said_twice() -> None:
    no = a_choice(*ALL_PARTS, permit=False)
    assert mended([no], ConsentSaidNo(subject=R, choice=no.id, organisation=HOUSE, parts=(Part.STORY,)), AT, 2) == []


def test_a_no_whose_fact_names_nobody_takes_back_every_yes_that_touches_it_and_is_asked_about__c1() -> None:
    role = Who(WhoKind.ROLE, role=Role.PRACTITIONER)
    touched = [a_choice(Part.STORY, Part.PLAN), a_choice(Part.STORY, who=role, number=2)]
    left = [a_choice(Part.CIRCLE, number=3), a_choice(Part.STORY, permit=False, number=4)]
    said = ConsentSaidNo(subject=R, choice=new_id(), organisation=None, parts=(Part.STORY,))
    changes = mended([*touched, *left], said, AT, 5)
    assert [was for was, _ in changes] == touched
    assert {now.withdrawn_at for _, now in changes} == {AT}
    assert not stands(said, changes)


def test_a_yes_that_is_gone_stays_gone_and_is_asked_about_and_an_end_needs_nothing() -> None:
    there = [a_choice(Part.STORY)]
    given = ConsentGiven(subject=R, choice=new_id(), organisation=HOUSE, parts=(Part.STORY,))
    assert mended(there, given, AT, 2) == []
    assert not stands(given, [])
    ended = ConsentEnded(subject=R, choice=there[0].id)
    assert mended(there, ended, AT, 2) == []
    assert stands(ended, [])
