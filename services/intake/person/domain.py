"""Who somebody is here: what they like to be called, and what they can be recognised by.

Nothing but a name to be called by is compulsory (S1). A number, a phone or an e-mail address finds a record; it
never proves who somebody is: only a sign-in, a code word or a supporter who vouches does (S2).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from uuid import UUID

from nhs_number.validate import is_valid

from shared.errors import InvalidError
from shared.event import Role
from shared.passes import Pass

_NOT_A_DIGIT = re.compile(r"[\s\-().]")
_PHONE = re.compile(r"\+[1-9]\d{6,14}\Z")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+\Z")
_EMAIL_LONGEST = 254
_DIGITS_OF_A_NUMBER = 10


class IdKind(StrEnum):
    """What a record can be found by. ``TEXT_SENDER`` finds only a record that a text itself began (J7)."""

    NHS_NUMBER = "nhs-number"
    PHONE = "phone"
    EMAIL = "email"
    TEXT_SENDER = "text-sender"


class Surety(IntEnum):
    """Who said that an identifier is somebody's. The surest wins, so a stranger can't take a number over."""

    ANYONE = 0
    ORGANISATION = 1
    PERSON = 2


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number or address in its one normal form."""

    kind: IdKind
    value: str


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody whom an identifier finds, and how sure that is."""

    person: UUID
    surety: Surety


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody known here. ``nhs_number`` is shown to nobody but themself.

    ``first_lead`` is the backstop, from the first write (J2a).
    """

    id: UUID
    called: str
    born: date | None
    nhs_number: str | None
    at: datetime
    first_lead: UUID
    first_chosen: UUID | None


def an_nhs_number(text: str) -> Identifier:
    """Read an NHS number. Raises InvalidError when its modulus-11 digit is wrong or all digits are one (S1)."""
    digits = _NOT_A_DIGIT.sub("", text)
    plausible = len(digits) == _DIGITS_OF_A_NUMBER and digits.isascii() and digits.isdigit()
    if not plausible or len(set(digits)) == 1 or not is_valid(digits):
        raise InvalidError(fields=("nhs_number",))
    return Identifier(IdKind.NHS_NUMBER, digits)


def a_phone(text: str, field_name: str = "phone") -> Identifier:
    """Read a phone number as +44…; a number without a country is British. Raises InvalidError."""
    digits = _NOT_A_DIGIT.sub("", text)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    elif digits.startswith("0"):
        digits = f"+44{digits[1:]}"
    if digits.startswith("+440"):
        digits = f"+44{digits[4:]}"
    if not digits.isascii() or not _PHONE.match(digits):
        raise InvalidError(fields=(field_name,))
    return Identifier(IdKind.PHONE, digits)


def an_email(text: str, field_name: str = "email") -> Identifier:
    """Read an e-mail address in lower letters. Raises InvalidError."""
    address = unicodedata.normalize("NFC", text.strip()).lower()
    if len(address) > _EMAIL_LONGEST or not _EMAIL.match(address):
        raise InvalidError(fields=(field_name,))
    return Identifier(IdKind.EMAIL, address)


def surety_of(by: Pass) -> Surety:
    """Say how sure an identifier is that ``by`` gave."""
    if by.role is Role.PERSON:
        return Surety.PERSON
    return Surety.ANYONE if by.organisation is None else Surety.ORGANISATION


def the_only_one(found: tuple[Found, ...]) -> UUID | None:
    """Give the one person whom the surest sayings agree on; None for nobody or several (J7)."""
    surest = max((each.surety for each in found), default=None)
    people = {each.person for each in found if each.surety is surest}
    return people.pop() if len(people) == 1 else None
