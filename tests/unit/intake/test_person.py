"""What somebody can be recognised by: one normal form each, the surest saying wins, and a slow stranger."""

import stat
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.keys import KEY_FILE, Keys, code_words_match, hash_code_word
from services.intake.person.domain import (
    Found,
    Identifier,
    IdKind,
    Surety,
    a_phone,
    an_email,
    an_nhs_number,
    surety_of,
    the_only_one,
)
from services.intake.person.tries import MOST_FOR_AN_IDENTIFIER, MOST_OF_A_CALLER, WINDOW_SECONDS, Tries
from services.intake.text.domain import Sender, Whose, sender_of
from shared.errors import InvalidError
from shared.event import Role
from shared.passes import ANYONE, Pass

ONE, OTHER = UUID(int=11), UUID(int=12)
DIGITS = st.from_regex(r"[4-9][0-9]{8}", fullmatch=True, alphabet=st.sampled_from("0123456789"))
"""The first nine of a number; those that begin lower are Scotland's and hold a date."""


def check_digit(nine: str) -> int:
    """Work the modulus-11 digit out as the standard says; 10 is never used, 11 is 0."""
    return (11 - sum((10 - place) * int(digit) for place, digit in enumerate(nine)) % 11) % 11


@given(DIGITS)
def test_an_nhs_number_is_taken_only_with_its_one_right_digit__s1(nine: str) -> None:
    right = check_digit(nine)
    for last in range(10):
        number = f"{nine}{last}"
        if last == right and len(set(number)) > 1:
            assert an_nhs_number(number) == Identifier(IdKind.NHS_NUMBER, number)
        else:
            with pytest.raises(InvalidError):
                an_nhs_number(number)


@pytest.mark.parametrize("digit", "0123456789")
def test_an_nhs_number_of_one_digit_ten_times_is_nobody_s__s1(digit: str) -> None:
    with pytest.raises(InvalidError):
        an_nhs_number(digit * 10)


@pytest.mark.parametrize(
    "said", ["07700 900123", "+44 7700 900123", "0044 7700 900123", "+44 (0)7700-900123", "07700.900.123"]
)
def test_one_phone_said_in_many_ways_is_one_phone(said: str) -> None:
    assert a_phone(said).value == "+447700900123"


@pytest.mark.parametrize("said", ["", "999", "+", "o7700 900123", "7700900123", "+44 7700 900123 ext 4", "٠٧٧٠٠٩٠٠١٢٣"])
def test_what_is_no_phone_is_turned_back(said: str) -> None:
    with pytest.raises(InvalidError):
        a_phone(said)


def test_one_address_in_many_letters_is_one_address() -> None:
    assert an_email("  R.Smith@Example.ORG ") == an_email("r.smith@example.org")
    for said in ("", "r", "r@x", "r@x.", "r s@x.org", "@x.org", f"{'a' * 250}@x.org", "r@x..org"):
        with pytest.raises(InvalidError):
            an_email(said)


def test_a_stranger_s_saying_never_outweighs_the_person_s_own__j7() -> None:
    strangers = tuple(Found(UUID(int=n), Surety.ANYONE) for n in range(100, 110))
    assert the_only_one((Found(ONE, Surety.ORGANISATION), *strangers)) == ONE
    assert the_only_one((Found(ONE, Surety.PERSON), Found(OTHER, Surety.ORGANISATION))) == ONE
    assert the_only_one((Found(ONE, Surety.ORGANISATION), Found(OTHER, Surety.ORGANISATION))) is None
    assert the_only_one(()) is None


def test_how_sure_a_saying_is_depends_on_who_says_it() -> None:
    assert surety_of(ANYONE) is Surety.ANYONE
    assert surety_of(Pass(Role.SYSTEM, ONE, organisation=OTHER)) is Surety.ORGANISATION
    assert surety_of(Pass(Role.PERSON, ONE, person=ONE)) is Surety.PERSON


def test_a_text_is_whose_the_number_is_and_of_several_nobody_s__j7() -> None:
    phone, text = IdKind.PHONE, IdKind.TEXT_SENDER
    several = (Found(ONE, Surety.ORGANISATION), Found(OTHER, Surety.ORGANISATION))
    assert sender_of({}) == Sender(Whose.NOBODY)
    assert sender_of({phone: several[:1]}) == Sender(Whose.ONE, ONE)
    assert sender_of({phone: several}) == Sender(Whose.SEVERAL)
    new = UUID(int=13)
    assert sender_of({phone: several, text: (Found(new, Surety.ORGANISATION),)}) == Sender(Whose.ONE, new)


def test_the_instance_s_key_is_made_once_for_its_owner_only(tmp_path) -> None:
    first, again = Keys.beside(tmp_path), Keys.beside(tmp_path)
    other = Keys(b"x" * 32)
    phone = a_phone("07700 900123")

    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert first.lookup(phone) == again.lookup(phone) != other.lookup(phone)
    assert first.lookup(phone) != first.lookup(Identifier(IdKind.TEXT_SENDER, phone.value))
    assert again.unseal(first.seal("9434765919")) == "9434765919"
    assert first.seal("9434765919") != first.seal("9434765919")


def test_an_instance_does_not_start_with_a_broken_key(tmp_path) -> None:
    (tmp_path / KEY_FILE).write_text("abcd")
    with pytest.raises(ValueError, match="32 bytes"):
        Keys.beside(tmp_path)


async def test_a_code_word_is_right_however_it_is_spaced_and_only_for_its_owner__s2() -> None:
    salts = (b"a" * 32, b"b" * 32)
    kept = (
        (salts[0], await hash_code_word("blue heron", salts[0])),
        (salts[1], await hash_code_word("grey heron", salts[1])),
    )

    assert await code_words_match("Blue  HERON ", kept) == (True, False)
    assert await code_words_match("heron", kept) == (False, False)
    assert await code_words_match("heron", ()) == ()
    assert kept[0][1] != await hash_code_word("blue heron", salts[1])


@pytest.mark.parametrize("known", [0, 1, 2])
async def test_a_try_costs_the_same_whether_somebody_is_known_or_not__c4(known: int, monkeypatch) -> None:
    ran: list[bytes] = []

    def counted(words: str, salt: bytes) -> bytes:
        ran.append(salt)
        return b"\0" * 32

    monkeypatch.setattr("services.intake.keys._scrypt", counted)
    found = await code_words_match("heron", tuple((bytes([n]) * 32, b"x" * 32) for n in range(known)))

    assert len(ran) == 2
    assert not any(found)


def test_wrong_tries_stop_recognition_for_a_while_for_whoever_and_whomever__s2() -> None:
    now = [0.0]
    tries = Tries(lambda: now[0])
    for caller in range(MOST_FOR_AN_IDENTIFIER):
        assert not tries.too_many("anyone", "phone")
        tries.wrong(caller, "phone")
    assert tries.too_many("anyone", "phone")
    assert not tries.too_many("anyone", "other phone")

    for each in range(MOST_OF_A_CALLER):
        tries.wrong("guesser", each)
    assert tries.too_many("guesser", "a new phone")
    now[0] = WINDOW_SECONDS + 1
    assert not tries.too_many("guesser", "phone")
