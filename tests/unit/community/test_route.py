"""The duty line and its tests (J2a, W1)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.community.route.domain import (
    MOST_ROUTES,
    EnoughRoutesError,
    RingRoute,
    RouteTest,
    TooFewRoutesError,
    answering_routes,
    place_last,
    record_test,
    take_from_duty_line,
    two_of_them_answer,
)
from shared.events.community import PLACE
from shared.ids import new_id
from shared.ports import Channel

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)


def a_route(address: str = "01632 960001", **more: object) -> RingRoute:
    return replace(RingRoute(new_id(), PLACE, 1, Channel.TEXT, address), **more)  # type: ignore[arg-type]


def tried(route: RingRoute, *, answered: bool) -> RingRoute:
    return record_test(route, RouteTest(new_id(), route.id, NOW, answered, None), None)[0]


def test_a_route_counts_when_a_human_answered_it__j2a() -> None:
    first, second = tried(a_route("1"), answered=True), a_route("2")
    assert not two_of_them_answer((first, second))
    assert two_of_them_answer((first, tried(second, answered=True)))


def test_one_telephone_given_twice_is_one_route__j2a() -> None:
    assert not two_of_them_answer((tried(a_route("1"), answered=True), tried(a_route("1"), answered=True)))


def test_a_place_that_serves_keeps_two_tested_routes__j2a() -> None:
    routes = (tried(a_route("1"), answered=True), tried(a_route("2"), answered=True))
    with pytest.raises(TooFewRoutesError):
        take_from_duty_line(routes[0], routes, place_serves=True)
    assert take_from_duty_line(routes[0], routes, place_serves=False)
    three = (*routes, tried(a_route("3"), answered=True))
    assert take_from_duty_line(three[0], three, place_serves=True)


def test_nobody_answering_twice_running_alarms_the_backstop__w1() -> None:
    backstop = new_id()
    route = tried(a_route(), answered=False)
    again = RouteTest(new_id(), route.id, NOW, answered=False, tried_by=None)
    _, facts = record_test(route, again, backstop)
    assert [fact.type for fact in facts] == ["community.duty-line-tested", "community.duty-line-failing"]
    assert facts[1].backstop == backstop  # type: ignore[attr-defined]


def test_an_answer_begins_the_count_anew__w1() -> None:
    route = tried(tried(a_route(), answered=False), answered=True)
    _, facts = record_test(route, RouteTest(new_id(), route.id, NOW, answered=False, tried_by=None), None)
    assert [fact.type for fact in facts] == ["community.duty-line-tested"]


def test_routes_that_answered_last_time_are_tried_first__w1() -> None:
    failing = tried(tried(a_route("1", position=1), answered=True), answered=False)
    good = tried(a_route("2", position=2), answered=True)
    assert answering_routes((failing, good, a_route("3", position=3))) == (good, failing)


def test_there_are_twelve_routes_at_most() -> None:
    with pytest.raises(EnoughRoutesError):
        place_last(a_route(), tuple(a_route() for _ in range(MOST_ROUTES)))


ACTS = st.tuples(st.sampled_from(["add", "take", "answered", "unanswered"]), st.integers(0, 3))


@given(st.lists(ACTS, max_size=40))
def test_whatever_is_done_a_place_that_serves_keeps_two_tested_routes__j2a(acts: list[tuple[str, int]]) -> None:
    routes: dict[int, RingRoute] = {}
    serves = False
    for act, n in acts:
        others = tuple(routes.values())
        if act == "add":
            routes.setdefault(n, a_route(str(n)))
        elif n in routes and act == "take":
            try:
                take_from_duty_line(routes[n], others, place_serves=serves)
            except TooFewRoutesError:
                continue
            del routes[n]
        elif n in routes:
            routes[n] = tried(routes[n], answered=act == "answered")
        serves = serves or two_of_them_answer(tuple(routes.values()))
        assert two_of_them_answer(tuple(routes.values())) is serves
