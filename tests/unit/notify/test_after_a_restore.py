"""By what a fact is known outside, and where order numbers go on, when a database was put back."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.delivery.domain import outside_id
from services.notify.subscription.domain import LEAP, State, Wish, leap, rotate, taken_up
from shared.event import Code, Event
from shared.events.notify import SubscriptionConfirmed, SubscriptionEnded, SubscriptionPaused, SubscriptionResumed
from shared.ids import new_event_id, new_id

NOW = datetime(2031, 3, 1, 12, tzinfo=UTC)
MOST = 2**31 - 1
"""PostgreSQL's integer."""
KEYS = st.binary(min_size=32, max_size=32)
ONE = new_id()
HAPPENED: dict[str, Event] = {
    "confirmed": SubscriptionConfirmed(subject=ONE, organisation=ONE),
    "paused": SubscriptionPaused(subject=ONE, organisation=ONE, why=Code("by-owner")),
    "resumed": SubscriptionResumed(subject=ONE, organisation=ONE),
    "ended": SubscriptionEnded(subject=ONE, organisation=ONE),
}


def a_wish(state: State = State.ACTIVE) -> Wish:
    return Wish(new_id(), new_id(), "https://partner.example", ("*",), None, state, "whsec_1", NOW, b"k" * 32)


@given(KEYS)
def test_a_fact_has_one_id_outside_however_often_it_is_worked_out(key: bytes) -> None:
    event = new_event_id()
    assert outside_id(key, event) == outside_id(key, UUID(str(event)))
    assert outside_id(key, event) != outside_id(key, new_event_id())


@given(KEYS, KEYS)
def test_two_subscriptions_know_a_fact_by_ids_of_their_own__i1(one: bytes, other: bytes) -> None:
    event = new_event_id()
    assert (outside_id(one, event) == outside_id(other, event)) is (one == other)


def test_the_id_is_what_hmac_sha256_gives_as_a_version_8_uuid() -> None:
    made = outside_id(bytes(range(32)), UUID("01890a5d-ac96-774b-bcce-b302099a8057"))
    assert str(made) == "cf20731e-9fc2-876e-b3ce-e937e9e91115"
    assert (made.version, made.variant) == (8, RFC_4122)


@given(KEYS)
def test_the_id_is_of_version_8_and_tells_no_time__c4(key: bytes) -> None:
    made = [outside_id(key, new_event_id()) for _ in range(3)]
    assert {(each.version, each.variant) for each in made} == {(8, RFC_4122)}
    assert len({each.int >> 80 for each in made}) == 3, "facts of one millisecond share nothing outside"


def test_a_new_secret_changes_no_id() -> None:
    wish = a_wish()
    assert rotate(wish, "whsec_2", NOW).id_key == wish.id_key


@given(st.integers(0, 5_000), st.integers(0, 30 * 366))
def test_numbers_leap_a_million_at_least_and_stay_whole_numbers_of_32_bits(given_so_far: int, days: int) -> None:
    after = leap(given_so_far, NOW + timedelta(days=days))
    assert given_so_far + LEAP <= after < MOST - LEAP


def test_a_backup_that_is_put_back_twice_leaps_further_the_second_time() -> None:
    again = leap(0, NOW + timedelta(minutes=20))
    assert again - leap(0, NOW) == 20 * 60


def test_a_clock_that_was_put_back_does_not_bring_numbers_back() -> None:
    first = leap(0, NOW)
    assert leap(first, NOW - timedelta(days=900)) == first + LEAP


@pytest.mark.parametrize(
    ("was", "happened", "stands"),
    [
        (State.UNCONFIRMED, "confirmed", State.ACTIVE),
        (State.ACTIVE, "paused", State.PAUSED),
        (State.PAUSED, "resumed", State.ACTIVE),
        (State.ACTIVE, "ended", State.ENDED),
        (State.PAUSED, "ended", State.ENDED),
        (State.ENDED, "resumed", State.ENDED),
        (State.ENDED, "confirmed", State.ENDED),
    ],
)
def test_a_subscription_stands_as_the_fact_left_it_and_an_end_stays(was: State, happened: str, stands: State) -> None:
    assert taken_up(a_wish(was), HAPPENED[happened]).state is stands


def test_why_it_was_paused_is_known_again() -> None:
    failing = SubscriptionPaused(subject=ONE, organisation=ONE, why=Code("everything-failed"))
    assert taken_up(a_wish(), failing).paused_why == "everything-failed"
