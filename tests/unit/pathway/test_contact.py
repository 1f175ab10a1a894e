"""The rules of contact, promises and drifting (J8, J9, W2)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pathway.contact import domain
from services.pathway.contact.domain import LogContact, NotContactError, Open, Outcome, Watch
from services.pathway.sleeping import NotAskedWhereError, Sleeping, asked_where
from shared.event import Role
from shared.events.pathway import ContactHow
from shared.ids import new_id

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PERSON, TEAM, GROUP = new_id(), new_id(), new_id()


def contact(outcome=Outcome.MADE, how=ContactHow.PHONE, **more) -> LogContact:
    return LogContact(PERSON, outcome, how, **{"organisation": TEAM, "member": None, "role": Role.PRACTITIONER} | more)


def log(command: LogContact, watch: Watch | None = None) -> domain.Logged:
    return domain.log(command, watch or Watch(PERSON), NOW, new_id(), new_id())


@given(how=st.sampled_from(ContactHow), outcome=st.sampled_from(Outcome))
def test_contact_is_made_live_turned_down_by_the_person_and_tried_in_any_way__j8(how, outcome) -> None:
    live = how in {ContactHow.IN_PERSON, ContactHow.PHONE, ContactHow.VIDEO}
    by_person = how not in {ContactHow.REMINDER, ContactHow.SIGHTING, ContactHow.THROUGH_SUPPORTER}
    allowed = {Outcome.MADE: live, Outcome.TURNED_DOWN: by_person, Outcome.TRIED: True}[outcome]
    try:
        log(contact(outcome, how))
    except NotContactError:
        assert not allowed
    else:
        assert allowed


@pytest.mark.parametrize("outcome", list(Outcome))
def test_drifting_ends_by_contact_made_or_turned_down_since_it_began__j9(outcome: Outcome) -> None:
    drifting = Watch(PERSON, drifting_since=NOW - timedelta(days=3))
    ends = outcome is not Outcome.TRIED
    assert (log(contact(outcome), drifting).watch.drifting_since is None) is ends
    before = contact(outcome, happened_at=NOW - timedelta(days=4))
    assert log(before, drifting).watch.drifting_since is not None


def test_a_promise_is_kept_by_whoever_made_it_and_by_contact_made_only__j8() -> None:
    opened = Open(new_id(), TEAM, NOW - timedelta(days=1))
    watch = Watch(PERSON, promises=(opened,))
    assert log(contact(), watch).kept == (opened.id,)
    assert log(contact(organisation=GROUP), watch).kept == ()
    assert log(contact(organisation=None), watch).kept == ()
    assert log(contact(Outcome.TURNED_DOWN), watch).kept == ()
    assert log(contact(happened_at=NOW - timedelta(days=2)), watch).kept == ()


def test_the_contact_in_which_a_promise_is_made_does_not_keep_it__j8() -> None:
    logged = log(contact(promise_by=NOW + timedelta(days=1)))
    assert logged.promise is not None
    assert (logged.kept, logged.watch.promises[0].id) == ((), logged.promise.id)


def test_one_alarm_a_person_is_open_at_a_time__j9() -> None:
    left, _ = domain.left_the_building(Watch(PERSON), TEAM, NOW, timedelta(hours=72), contacted=False)
    drifting, facts = domain.time_came(left, contacted=False)
    assert [fact.type for fact in facts] == ["pathway.drifting"]
    again = replace(drifting, promises=(Open(new_id(), TEAM, NOW),))
    assert domain.promise_came(again, again.promises[0].id, contacted=False)[1] == ()
    assert domain.time_came(left, contacted=True)[1] == ()
    assert domain.time_came(drifting, contacted=False) == (drifting, ())


def test_stopping_ends_an_open_alarm_and_every_watch__j4_j9() -> None:
    watch = Watch(PERSON, NOW, NOW, NOW, (Open(new_id(), TEAM, NOW),))
    assert domain.stopped(watch)[0] == Watch(PERSON)
    assert [fact.type for fact in domain.stopped(watch)[1]] == ["pathway.drifting-ended"]
    assert domain.stopped(Watch(PERSON))[1] == ()


def test_nowhere_and_not_safe_are_said_and_an_answer_that_is_needed_is_asked_for__j13() -> None:
    with pytest.raises(NotAskedWhereError):
        asked_where(PERSON, None, needed=True)
    assert asked_where(PERSON, None, needed=False) == ()
    assert asked_where(PERSON, Sleeping.SOMEWHERE_SAFE, needed=True) == ()
    for answer in (Sleeping.NOWHERE, Sleeping.NOT_SAFE):
        assert [fact.type for fact in asked_where(PERSON, answer, needed=False)] == ["pathway.nowhere-to-sleep"]
