"""How to reach somebody safely (S7): it travels with them and shapes every message sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.intake.person.domain import Identifier, IdKind, Surety
from shared.errors import AlongsideError, Kind, StaleError, WhoActs
from shared.event import Event
from shared.events.intake import SafeContactChanged
from shared.ports import Channel, Route

HOURS = 24


class Way(StrEnum):
    """How somebody may be reached."""

    TEXT = "text"
    EMAIL = "email"
    CALL = "call"
    LETTER = "letter"
    IN_PERSON = "in-person"
    THROUGH_SUPPORTER = "through-supporter"


_CHANNELS = {Way.TEXT: Channel.TEXT, Way.EMAIL: Channel.EMAIL}


class TheirsError(AlongsideError):
    """The person has set how to reach them safely; nobody else changes that (C8)."""

    code = "safe-contact-is-theirs"
    kind = Kind.CONFLICT
    says = "The person set this themself. Only they can change it."
    who = WhoActs.PERSON


@dataclass(frozen=True, slots=True)
class SafeWay:
    """One way that is safe, in the order wished, in these hours of the day (local time; 20 to 8 is overnight)."""

    how: Way
    from_hour: int = 0
    to_hour: int = HOURS


@dataclass(frozen=True, slots=True)
class Reach:
    """A safe route. ``ways`` is empty when nothing was said: then what was given may be used at any hour.

    ``may_be_written_to`` False: no text, no e-mail, no letter, whatever else stands here.
    """

    phone: str | None = None
    email: str | None = None
    ways: tuple[SafeWay, ...] = ()
    never_voicemail: bool = True
    may_be_written_to: bool = True
    language: str = "en"
    interpreter: str | None = None
    communication: str | None = None
    adjustments: str | None = None
    culture_and_faith: str | None = None

    def identifiers(self, *, by_email: bool = True) -> tuple[Identifier, ...]:
        """Give what the person can be found by; ``by_email``: and be signed in by."""
        phone = (Identifier(IdKind.PHONE, self.phone),) if self.phone else ()
        return phone + ((Identifier(IdKind.EMAIL, self.email),) if self.email and by_email else ())

    def told(self) -> dict[str, Any]:
        """Give it as it is kept and shown."""
        return {
            "phone": self.phone,
            "email": self.email,
            "ways": [{"how": w.how.value, "from_hour": w.from_hour, "to_hour": w.to_hour} for w in self.ways],
            "never_voicemail": self.never_voicemail,
            "may_be_written_to": self.may_be_written_to,
            "language": self.language,
            "interpreter": self.interpreter,
            "communication": self.communication,
            "adjustments": self.adjustments,
            "culture_and_faith": self.culture_and_faith,
        }

    def routes(self) -> tuple[Route, ...]:
        """Give the ways in which a message may leave, in the person's order; none when none is safe (S7)."""
        if not self.may_be_written_to:
            return ()
        ways = self.ways or (SafeWay(Way.TEXT), SafeWay(Way.EMAIL))
        addresses = {Way.TEXT: self.phone if _takes_texts(self.phone) else None, Way.EMAIL: self.email}
        return tuple(
            Route(_CHANNELS[way.how], address, way.from_hour, way.to_hour, self.language)
            for way in ways
            if (address := addresses.get(way.how))
        )


def known_by(command: SetReach, *, signs_in: bool) -> tuple[Identifier, ...]:
    """Say what the person can be found by from now, beside an address that signs them in and stays.

    ``signs_in``: there is one. It gives way to another only when the person says so, however often others set a route.
    """
    stays = signs_in and command.surety is not Surety.PERSON
    return command.reach.identifiers(by_email=not stays and not command.writers_own)


def _takes_texts(phone: str | None) -> bool:
    """Say whether a number can take a text: a British one does only when it is a mobile."""
    return phone is not None and (not phone.startswith("+44") or phone.startswith("+447"))


def as_reach(told: dict[str, Any]) -> Reach:
    """Read what ``Reach.told`` gave."""
    ways = tuple(SafeWay(Way(w["how"]), w["from_hour"], w["to_hour"]) for w in told["ways"])
    return Reach(**{**told, "ways": ways})


@dataclass(frozen=True, slots=True)
class CodeWord:
    """A code word, hashed with scrypt under a salt of its own. The word itself is kept nowhere."""

    salt: bytes
    hashed: bytes


@dataclass(frozen=True, slots=True)
class KeptReach:
    """A safe route as it is kept. ``mark`` changes with every change; it is what an ETag is made of."""

    person: UUID
    reach: Reach
    mark: UUID
    by_person: bool
    at: datetime
    code_word: CodeWord | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SetReach:
    """Say how to reach somebody safely. ``mark`` is the one that the caller read, when they say so.

    ``writers_own``: the e-mail address is one that the writing organisation signs in with: it may carry messages, and
    signs nobody in as the person (P3).
    """

    person: UUID
    reach: Reach
    code_word: CodeWord | None = field(repr=False)
    forget_code_word: bool
    surety: Surety
    mark: UUID | None = None
    writers_own: bool = False

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about one person."""
        return (self.person,)


def set_reach(
    was: KeptReach | None, command: SetReach, now: datetime, mark: UUID
) -> tuple[KeptReach, tuple[Event, ...]]:
    """Decide a new safe route (S7).

    Raises TheirsError when the person set it and somebody else would change it (C8), StaleError when it has
    changed since it was read. A code word stays until a new one is given or it is taken away.
    """
    by_person = command.surety is Surety.PERSON
    if was is not None and was.by_person and not by_person:
        raise TheirsError
    if command.mark is not None and (was is None or was.mark != command.mark):
        raise StaleError
    kept = None if was is None or command.forget_code_word else was.code_word
    new = KeptReach(command.person, command.reach, mark, by_person, now, command.code_word or kept)
    return new, (SafeContactChanged(subject=command.person),)
