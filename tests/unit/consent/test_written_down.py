"""A yes that a supporter wrote down never undoes the person's own word; a role's yes is for those vouched for twice."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.consent.choice.domain import Asker, Choice, Who, WhoKind
from shared.event import Part, Role
from shared.ids import new_id
from tests.unit.consent.test_decision import GROUP, HOUSE, MEMBER, NOW, asked, asker, choice, org

LATER = NOW + timedelta(days=1)
SINCE = NOW + timedelta(hours=1)


def written(who: Who, *parts: Part, by: UUID = GROUP, at: datetime = SINCE) -> Choice:
    return replace(choice(who, *parts), given_to_organisation=by, given_to_member=new_id(), given_at=at)


def opens(*said: Choice, by: Asker | None = None, part: Part = Part.STORY) -> bool:
    return asked(by or asker(), part, *said, now=LATER).permitted


def test_what_a_supporter_writes_down_opens_what_nobody_said_no_to__c1() -> None:
    assert opens(written(org(GROUP), Part.STORY))
    assert opens(choice(org(GROUP), Part.PLAN, permit=False), written(org(GROUP), Part.STORY))


@pytest.mark.parametrize("by", [GROUP, HOUSE])
def test_a_no_of_the_person_s_own_stands_against_it__c5(by: UUID) -> None:
    no = choice(org(GROUP), Part.STORY, permit=False)
    assert not opens(no, written(org(GROUP), Part.STORY, by=by))
    assert asked(asker(), Part.STORY, no, written(org(GROUP), Part.STORY, by=by), now=LATER).choice == no.id


@pytest.mark.parametrize("by", [GROUP, HOUSE])
def test_nobody_is_let_in_again_after_the_person_took_it_back__c2(by: UUID) -> None:
    gone = replace(choice(org(GROUP), Part.STORY), withdrawn_at=NOW)
    assert not opens(gone, written(org(GROUP), Part.STORY, by=by, at=NOW))
    again = replace(written(org(GROUP), Part.STORY, by=by), withdrawn_at=SINCE)
    assert not opens(again, written(org(GROUP), Part.STORY, by=by))


def test_nor_by_naming_themself_otherwise__c2() -> None:
    me = Who(WhoKind.MEMBER, MEMBER)
    gone = replace(choice(org(GROUP), Part.STORY), withdrawn_at=NOW)
    assert not opens(gone, written(me, Part.STORY), by=asker(member=MEMBER))
    assert opens(gone, written(me, Part.STORY, by=HOUSE), by=asker(member=MEMBER))


def test_the_person_s_own_later_yes_opens_it_and_so_do_words_written_after__c3() -> None:
    gone = replace(choice(org(GROUP), Part.STORY), withdrawn_at=NOW)
    back = replace(choice(org(GROUP), Part.PLAN, Part.STORY), given_at=SINCE)
    assert opens(gone, back)
    ended = replace(back, until=SINCE + timedelta(minutes=1))
    assert not opens(gone, ended)
    assert opens(gone, ended, written(org(GROUP), Part.STORY, at=LATER))


def test_what_was_written_before_stays_until_it_is_taken_back_itself__c2() -> None:
    gone = replace(choice(org(HOUSE), Part.STORY), withdrawn_at=LATER)
    assert opens(gone, written(org(GROUP), Part.STORY))


def test_a_yes_to_a_role_is_not_for_a_group_that_gets_only_what_is_given_by_name__m1() -> None:
    role = Who(WhoKind.ROLE, role=Role.PRACTITIONER)
    small = replace(asker(role=Role.PRACTITIONER), by_name_only=True)
    assert opens(choice(role, Part.STORY), by=asker(role=Role.PRACTITIONER))
    assert not opens(choice(role, Part.STORY), by=small)
    assert opens(choice(org(GROUP), Part.STORY), by=small)
    assert not opens(choice(role, Part.STORY, permit=False), choice(org(GROUP), Part.STORY), by=small), (
        "a no is for all"
    )
