"""What follows from a try, and what a subscriber is sent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.delivery.domain import (
    SCHEDULE,
    TEST,
    Delivery,
    Outcome,
    Problem,
    State,
    body_of,
    judge,
)
from services.notify.delivery.wire import headers_of
from services.notify.subscription.domain import State as WishState
from services.notify.subscription.domain import Wish, after_failure, after_success, is_well, told_outside
from shared.clock import real_now
from shared.event import REGISTRY, Part
from shared.ids import new_id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@given(tries=st.integers(1, 9), jitter=st.floats(-1, 1))
def test_each_wait_is_the_schedule_s_give_or_take_a_tenth(tries: int, jitter: float) -> None:
    verdict = judge(tries, Outcome(500, Problem.NOT_2XX), NOW, jitter)
    assert verdict.state is State.READY
    assert verdict.again_at is not None
    wait, due = verdict.again_at - NOW, SCHEDULE[tries - 1]
    assert due * 0.899 <= wait <= due * 1.101


def test_the_schedule_is_that_of_standard_webhooks() -> None:
    assert sum(SCHEDULE, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)


def test_after_the_tenth_try_it_has_failed_for_good() -> None:
    assert judge(10, Outcome(None, Problem.TIMED_OUT), NOW, 0).state is State.FAILED


@pytest.mark.parametrize("status", [300, 301, 302, 304, 307, 308, 400, 401, 404, 409, 410, 418, 500, 599, 199])
def test_only_a_2xx_is_a_success(status: int) -> None:
    assert not Outcome(status).good
    assert judge(1, Outcome(status), NOW, 0).state is not State.DELIVERED


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_a_success(status: int) -> None:
    assert judge(1, Outcome(status), NOW, 0).state is State.DELIVERED


def test_gone_ends_the_subscription() -> None:
    assert judge(1, Outcome(410), NOW, 0).ends


@pytest.mark.parametrize("status", [429, 502, 504])
def test_retry_after_is_kept_to_and_bounded_by_a_day(status: int) -> None:
    verdict = judge(1, Outcome(status, retry_after=10 * MINUTE), NOW, 0)
    assert verdict.again_at == verdict.quiet_until == NOW + 10 * MINUTE
    bounded = judge(1, Outcome(status, retry_after=timedelta(days=400)), NOW, 0)
    assert bounded.again_at == NOW + timedelta(hours=24)


def test_retry_after_of_another_answer_means_nothing() -> None:
    assert judge(1, Outcome(500, retry_after=10 * MINUTE), NOW, 0).again_at == NOW + SCHEDULE[0]


def test_facts_about_choices_leave_to_nobody__c4() -> None:
    assert not [name for name in told_outside() if name.startswith("consent.")]
    assert "pathway.lead-changed" in told_outside()
    assert {part for name, part in told_outside().items() if name.startswith("community.")} == {None}
    for name, part in told_outside().items():
        assert part is not None or name.startswith("community.")
        assert any(known == name for known, _ in REGISTRY)


def a_delivery(type_: str) -> Delivery:
    return Delivery(
        7_654_321, new_id(), new_id(), new_id(), new_id(), type_, NOW, State.READY, NOW, 0, 3,
        wired=False, sending=False, first_at=None, last_at=None, last_status=None, problem=None,
    )  # fmt: skip


@pytest.mark.parametrize("part", [*Part, None])
def test_a_body_holds_nothing_of_the_person_nor_of_our_own_counting__i1(part: Part | None) -> None:
    delivery = a_delivery("pathway.drifting" if part else "community.offer-opened")
    body = body_of(delivery, part, "https://place.example")
    read = orjson.loads(body)
    assert read["order"] == 3
    assert read["id"] == str(delivery.id)
    assert read["dataref"].startswith(f"https://place.example/v1/{'people' if part else 'organisations'}/")
    assert str(delivery.event).encode() not in body
    assert b"7654321" not in body


def test_a_test_event_is_about_the_subscription() -> None:
    assert "/v1/subscriptions/" in orjson.loads(body_of(a_delivery(TEST), None, ""))["dataref"]


def test_headers_hold_no_line_break_whatever_the_secret() -> None:
    headers = headers_of(new_id(), ("whsec_" + "QUJD" * 8,), b"{}", real_now())
    assert all("\n" not in value and "\r" not in value for value in headers.values())
    assert headers["webhook-signature"].startswith("v1,")


def a_wish(**known: Any) -> Wish:
    return Wish(new_id(), new_id(), "", ("*",), None, WishState.ACTIVE, "", NOW, b"key", **known)


@pytest.mark.parametrize(("until", "stays"), [(NOW + MINUTE, NOW + MINUTE), (NOW, None), (None, None)])
def test_a_success_that_had_gone_before_does_not_end_the_wait_that_was_asked_for(
    until: datetime | None, stays: datetime | None
) -> None:
    changed, _ = after_success(a_wish(quiet_until=until, failing_since=NOW, last_problem="failed"), NOW)
    assert (changed.quiet_until, changed.failing_since, changed.last_problem) == (stays, None, None)


@pytest.mark.parametrize("first", [None, NOW + MINUTE, NOW + 2 * MINUTE])
@pytest.mark.parametrize("second", [None, NOW + MINUTE, NOW + 2 * MINUTE])
def test_of_several_waits_that_were_asked_for_the_longest_holds(
    first: datetime | None, second: datetime | None
) -> None:
    changed, _ = after_failure(a_wish(quiet_until=first), "failed", second, NOW)
    assert changed.quiet_until == (max(first or NOW, second or NOW) if first or second else None)


@pytest.mark.parametrize("sick", [{"failing_since": NOW}, {"last_problem": "failed"}, {"quiet_until": NOW}])
def test_a_subscription_is_well_when_a_success_changes_nothing(sick: dict[str, Any]) -> None:
    assert is_well(a_wish())
    assert after_success(a_wish(), NOW)[1] == ()
    assert not is_well(a_wish(**sick))
    assert not is_well(replace(a_wish(), state=WishState.UNCONFIRMED))
