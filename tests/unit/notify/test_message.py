"""When a message may go, by which way, and what its words are."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.message.domain import Text, choose, code_of, hash_of_code, is_open, opens_at
from services.notify.message.texts import ENGLISH, Words, body_of, sign_in_link
from shared.ports import Channel, Route

BOTH = frozenset(Channel)
NOON = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def route(from_hour: int = 0, to_hour: int = 24, channel: Channel = Channel.EMAIL) -> Route:
    return Route(channel, f"{from_hour}-{to_hour}", from_hour, to_hour)


@given(from_hour=st.integers(0, 23), to_hour=st.integers(0, 24), hour=st.integers(0, 23))
def test_a_way_that_is_not_open_opens_within_a_day(from_hour: int, to_hour: int, hour: int) -> None:
    way, local = route(from_hour, to_hour), NOON.replace(hour=hour)
    if is_open(way, local) or from_hour == to_hour:
        return
    opens = opens_at(way, local)
    assert local < opens <= local + timedelta(days=1)
    assert is_open(way, opens)


def test_hours_may_go_over_midnight__s7() -> None:
    night = route(22, 6)
    assert [hour for hour in range(24) if is_open(night, NOON.replace(hour=hour))] == [*range(6), 22, 23]


def test_the_first_way_that_is_safe_now_is_taken__s7() -> None:
    chosen = choose((route(1, 2), route(9, 17), route()), BOTH, NOON, 0, any_hour=False)
    assert chosen is not None
    assert (chosen.route.address, chosen.at) == ("9-17", None)


def test_outside_all_hours_the_way_that_opens_soonest_waits__s7() -> None:
    chosen = choose((route(1, 2), route(15, 16)), BOTH, NOON, 0, any_hour=False)
    assert chosen is not None
    assert (chosen.route.address, chosen.at) == ("15-16", NOON.replace(hour=15, minute=0))


def test_the_duty_line_is_told_at_any_hour__w1() -> None:
    chosen = choose((route(1, 2),), BOTH, NOON, 0, any_hour=True)
    assert chosen is not None
    assert chosen.at is None


def test_a_channel_that_a_person_did_not_give_is_never_used__s7() -> None:
    assert choose((route(channel=Channel.TEXT),), frozenset({Channel.EMAIL}), NOON, 0, any_hour=False) is None
    assert choose((), BOTH, NOON, 0, any_hour=True) is None


@given(st.binary(min_size=12, max_size=12))
def test_a_code_survives_being_typed_in_small_letters_and_without_hyphens(random: bytes) -> None:
    code = code_of(random)
    assert len(code) == 14
    assert hash_of_code(code) == hash_of_code(code.lower().replace("-", " ")) == hash_of_code(code.replace("-", ""))


@pytest.mark.parametrize("text", list(Text))
@pytest.mark.parametrize("duty_line", [None, "01610000000"])
def test_every_message_has_words_that_name_nobody(text: Text, duty_line: str | None) -> None:
    said = body_of(text, Words("ABCD1234", duty_line, "AAAA-BBBB-CCCC"), "ar")
    assert said == ENGLISH[text](Words("ABCD1234", duty_line, "AAAA-BBBB-CCCC"))
    assert said.startswith("Alongside: ")
    assert "None" not in said
    assert len(said) < 306, "two texts at most"


def test_a_sign_in_mail_holds_the_token_where_no_server_logs_it() -> None:
    assert "https://place.example/sign-in/link/abc" in sign_in_link("https://place.example", "abc")
