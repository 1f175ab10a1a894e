"""What a warm link is: who says what when, what is no alternative, what is a bounce (J3, J5)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pathway.link import domain
from services.pathway.link.domain import Instead, Link, NeverAGround, Reason, State
from services.pathway.link.errors import (
    AlternativeError,
    AlternativeReason,
    LinkStateError,
    MeetingError,
    NothingInsteadError,
    TooLateError,
)
from shared.event import Code
from shared.events.pathway import ContactHow
from shared.ids import new_id
from shared.ports import Offer

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
WORKER, DEPUTY, NEED = new_id(), new_id(), new_id()
SOCIAL = Code("social")


def an_offer(*needs: Code, is_open: bool = True) -> Offer:
    return Offer(new_id(), new_id(), Code("community"), frozenset(needs or {SOCIAL}), is_open, 1, False, False)


def a_link(state: State = State.LINKED, **more: Any) -> Link:
    opened = domain.OpenLink(new_id(), an_offer(), NEED, True, NOW + DAY)
    return replace(domain.link(opened, new_id(), None, NOW)[0], state=state, **more)


def no(link: Link, *, instead: Offer | None = None, together: bool = False, others: tuple[Link, ...] = ()) -> Link:
    by = NOW + 3 * DAY if together else None
    return domain.not_right(link, Reason.TOO_FAR, Instead(instead, None), together_by=by, others=others, now=NOW)[0]


def test_only_a_welcome_comes_before_meeting__j3() -> None:
    for state in set(State) - {State.WELCOMED}:
        with pytest.raises(LinkStateError):
            domain.meet(a_link(state, named=WORKER), WORKER, ContactHow.IN_PERSON, NOW)
    link, facts = domain.welcome(a_link(), WORKER, DEPUTY, None, others=(), now=NOW)
    assert [fact.type for fact in facts] == ["pathway.welcomed"]
    for who in (WORKER, DEPUTY):
        met, facts = domain.meet(link, who, ContactHow.VIDEO, NOW)
        assert ([fact.type for fact in facts], met.met_by, met.met_at) == (["pathway.met"], who, NOW)


@pytest.mark.parametrize("how", sorted(set(ContactHow) - domain.TWO_WAY))
def test_meeting_is_two_way__j3(how: ContactHow) -> None:
    link = a_link(State.WELCOMED, named=WORKER)
    with pytest.raises(MeetingError):
        domain.meet(link, WORKER, how, NOW)
    with pytest.raises(MeetingError):
        domain.meet(link, new_id(), ContactHow.IN_PERSON, NOW)


def test_nobody_is_the_named_worker_by_having_no_name__j3() -> None:
    with pytest.raises(MeetingError):
        domain.meet(a_link(State.WELCOMED, named=WORKER, deputy=None), new_id(), ContactHow.PHONE, NOW)


def test_not_right_never_stands_alone__j5() -> None:
    with pytest.raises(NothingInsteadError):
        no(a_link())
    assert no(a_link(), together=True).state is State.NOT_RIGHT
    offer = an_offer()
    assert no(a_link(), instead=offer).alternative == offer.id
    for state in set(State) - {State.LINKED, State.WELCOMED}:
        with pytest.raises(LinkStateError):
            no(a_link(state), together=True)


def test_an_alternative_is_open_takes_this_need_and_has_not_said_no__j5() -> None:
    link, other_need = a_link(), Code("financial")
    own = replace(an_offer(), id=link.offer)
    good = an_offer()
    said_no = a_link(State.NOT_RIGHT, offer=good.id)
    elsewhere = replace(said_no, need=new_id())
    for offer, others, reasons in (
        (an_offer(is_open=False), (), {AlternativeReason.NOT_OPEN}),
        (an_offer(other_need), (), {AlternativeReason.NOT_THIS_NEED}),
        (own, (), {AlternativeReason.SAME_OFFER}),
        (good, (said_no,), {AlternativeReason.SAID_NO}),
        (an_offer(other_need, is_open=False), (), {AlternativeReason.NOT_OPEN, AlternativeReason.NOT_THIS_NEED}),
        (good, (elsewhere,), set()),
    ):
        assert set(domain.wrong_with(offer, link, None, others)) == reasons
        if reasons:
            with pytest.raises(AlternativeError):
                no(link, instead=offer, others=others, together=True)


def test_the_kind_of_the_need_decides_where_it_is_known__j5() -> None:
    link = replace(a_link(), takes=frozenset({SOCIAL, Code("clinical")}))
    assert domain.wrong_with(an_offer(SOCIAL), link, Code("clinical"), ()) == (AlternativeReason.NOT_THIS_NEED,)
    assert domain.wrong_with(an_offer(SOCIAL), link, SOCIAL, ()) == ()


def test_what_somebody_lives_with_is_not_on_the_list__j5() -> None:
    assert not {each.value for each in Reason} & {each.value for each in NeverAGround}


def test_silence_counts_as_not_right_and_calls_the_holder_together__j5() -> None:
    link, facts = domain.silent(a_link(), NOW + DAY, NOW)
    assert (link.state, link.by_silence, link.reason) == (State.NOT_RIGHT, True, None)
    assert [fact.type for fact in facts] == ["pathway.not-right", "pathway.conversation-called"]
    for state in set(State) - {State.LINKED}:
        assert domain.silent(a_link(state), NOW, NOW)[1] == ()


def test_a_late_welcome_is_still_a_welcome_but_never_a_second_link__j5() -> None:
    late = a_link(State.NOT_RIGHT, by_silence=True)
    assert domain.welcome(late, WORKER, None, None, others=(), now=NOW)[0].state is State.WELCOMED
    again = a_link(offer=late.offer)
    with pytest.raises(LinkStateError):
        domain.welcome(late, WORKER, None, None, others=(late, again), now=NOW)
    with pytest.raises(LinkStateError):
        domain.welcome(a_link(State.NOT_RIGHT), WORKER, None, None, others=(), now=NOW)


@given(st.lists(st.integers(min_value=0, max_value=200), max_size=6))
def test_two_answers_for_one_need_within_90_days_are_a_bounce__j5(days_ago: list[int]) -> None:
    link = a_link(State.NOT_RIGHT, answered_at=NOW)
    others = [a_link(State.NOT_RIGHT, answered_at=NOW - days * DAY) for days in days_ago]
    others.append(a_link(State.NOT_RIGHT, answered_at=NOW, need=new_id()))
    facts = domain.bounce(link, others, 2, 90 * DAY, NOW + 3 * DAY, NOW)
    assert bool(facts) is any(days <= 90 for days in days_ago)


def test_a_meeting_can_be_denied_for_14_days__j3() -> None:
    met = a_link(State.MET, met_at=NOW, met_by=WORKER)
    link, facts = domain.did_not_happen(met, NOW + 14 * DAY)
    assert (link.state, [fact.type for fact in facts]) == (State.UNSETTLED, ["pathway.did-not-happen"])
    with pytest.raises(TooLateError):
        domain.did_not_happen(met, NOW + 14 * DAY + timedelta(seconds=1))
    for state in set(State) - {State.MET}:
        with pytest.raises(LinkStateError):
            domain.did_not_happen(a_link(state, met_at=NOW), NOW)


def test_what_is_settled_is_met_or_still_to_meet__j3() -> None:
    link = a_link(State.UNSETTLED, met_at=NOW, met_by=WORKER, named=WORKER)
    met, facts = domain.settle(link, met=True, now=NOW + DAY)
    assert (met.state, met.met_at, [fact.type for fact in facts]) == (State.MET, NOW + DAY, ["pathway.met"])
    still, facts = domain.settle(link, met=False, now=NOW)
    assert (still.state, still.met_at, facts) == (State.WELCOMED, None, ())
    with pytest.raises(LinkStateError):
        domain.settle(met, met=True, now=NOW)
