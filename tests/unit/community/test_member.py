"""Hours, routes and who follows when somebody leaves (W1, J2b)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.community.member.domain import (
    Member,
    StewardsOnlyError,
    Window,
    change,
    join,
    leave,
    routes_of,
    spans_on,
)
from shared.event import Role
from shared.ids import new_id
from shared.ports import Channel

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
GROUP = new_id()


def a_member(**more: object) -> Member:
    member = Member(id=new_id(), organisation=GROUP, name="Sam", role=Role.PEER_SUPPORTER, joined_at=NOW)
    return replace(member, **more)  # type: ignore[arg-type]


def test_without_hours_somebody_may_be_rung_at_any_time__w1() -> None:
    assert spans_on((), 3) == ((0, 24),)


def test_nobody_is_rung_on_a_day_that_they_did_not_set__w1() -> None:
    assert spans_on((Window((1, 2), 9, 17),), 3) == ()
    assert spans_on((Window((1, 2), 9, 17),), 2) == ((9, 17),)


def test_a_night_reaches_into_the_morning_of_the_next_day_sunday_into_monday__w1() -> None:
    night = (Window((7,), 22, 6),)
    assert spans_on(night, 7) == ((22, 24),)
    assert spans_on(night, 1) == ((0, 6),)
    assert spans_on(night, 2) == ()


def test_a_night_until_midnight_does_not_reach_into_the_next_day__w1() -> None:
    assert spans_on((Window((7,), 22, 0),), 1) == ()


def test_those_on_duty_are_told_first_then_named_workers__w1() -> None:
    other = a_member(telephone="1")
    named = a_member(telephone="2", named_worker=True)
    on_duty = a_member(telephone="3", email="three@group.example", on_duty=True)
    routes = routes_of((other, named, on_duty), 1)
    assert [route.address for route in routes] == ["3", "three@group.example", "2", "1"]
    assert routes[0].channel is Channel.TEXT


def test_when_a_member_leaves_the_one_on_duty_is_named__j2b() -> None:
    going, duty = a_member(on_duty=True), a_member(on_duty=True)
    gone, (fact,) = leave(going, (going, duty), NOW)
    assert fact.on_duty == duty.id  # type: ignore[attr-defined]
    assert gone.left_at == NOW
    assert gone.email is None
    assert gone.telephone is None


def test_nobody_on_duty_is_said_as_nobody__j2b() -> None:
    going = a_member(on_duty=True)
    _, (fact,) = leave(going, (going,), NOW)
    assert fact.on_duty is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", [Role.STEWARD, Role.DUTY])
def test_only_a_steward_makes_a_steward_or_a_duty_worker(role: Role) -> None:
    with pytest.raises(StewardsOnlyError):
        join(a_member(role=role), by_steward=False)
    with pytest.raises(StewardsOnlyError):
        change(a_member(), {"role": role}, by_steward=False)
    assert join(a_member(role=role), by_steward=True)[0].role is role


windows = st.builds(
    Window,
    st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True).map(tuple),
    st.integers(0, 23),
    st.integers(0, 24),
)


@given(st.lists(windows, min_size=1, max_size=4).map(tuple), st.integers(1, 7), st.integers(0, 23))
def test_every_hour_of_the_week_is_as_somebody_set_it__w1(hours: tuple[Window, ...], weekday: int, hour: int) -> None:
    set_to = False
    for window in hours:
        length = window.to_hour - window.from_hour
        length += 24 if length <= 0 else 0
        starts = [(day - 1) * 24 + window.from_hour for day in window.days]
        asked = (weekday - 1) * 24 + hour
        set_to = set_to or any((asked - start) % 168 < length for start in starts)
    assert any(first <= hour < last for first, last in spans_on(hours, weekday)) is set_to
