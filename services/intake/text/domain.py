"""A text that came in (J7): it never proves who sent it, so nothing is answered but that it came."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.intake.person.domain import Found, Identifier, IdKind, the_only_one

CALLED = "Somebody who sent a text"
"""What somebody is called until a human has asked them."""


class Whose(StrEnum):
    """Whose a text can be."""

    ONE = "one"
    NOBODY = "nobody"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a text, as far as a number tells."""

    whose: Whose
    person: UUID | None = None


def sender_of(found: dict[IdKind, tuple[Found, ...]]) -> Sender:
    """Decide whose a text is: one match is held; of several, the record that an earlier such text began (J7)."""
    by_phone = found.get(IdKind.PHONE, ())
    one = the_only_one(by_phone) or the_only_one(found.get(IdKind.TEXT_SENDER, ()))
    if one is not None:
        return Sender(Whose.ONE, one)
    return Sender(Whose.SEVERAL if by_phone else Whose.NOBODY)


def as_text_sender(phone: Identifier) -> Identifier:
    """Give the identifier by which only texts are matched."""
    return Identifier(IdKind.TEXT_SENDER, phone.value)
