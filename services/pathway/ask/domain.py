"""I need more: one act, a clock, and only a welcome or an answer with an alternative that stops it (J12)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.pathway.holding.domain import Holding, Place
from services.pathway.working_days import after_working_days
from shared.errors import AlongsideError, Kind, WhoActs
from shared.event import Event
from shared.events.pathway import AskAnswered, AskedForMore, AskUnanswered
from shared.ports import Rulebook

SUPPRESSED_BELOW = 5
YEAR = timedelta(days=365)
ANSWER_BY = "answer-by"
"""The reminder that an ask is to be answered by now."""


class NotTheirSupporterError(AlongsideError):
    """Only the person, or a supporter they chose, asks for more in their name (J12)."""

    code: ClassVar[str] = "not-their-supporter"
    kind: ClassVar[Kind] = Kind.FORBIDDEN
    says: ClassVar[str] = "Only the person, or a supporter they chose, can ask for more in their name."
    who: ClassVar[WhoActs] = WhoActs.PERSON


class State(StrEnum):
    """Where an ask is. ``UNANSWERED``: its clock ran out, and it still waits for an answer."""

    OPEN = "open"
    UNANSWERED = "unanswered"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Ask:
    """One asking for more. ``lead``: who led at the time, who owes the answer."""

    id: UUID
    person: UUID
    words: str | None
    by_person: bool
    organisation: UUID | None
    member: UUID | None
    lead: UUID | None
    asked_at: datetime
    answer_by: datetime
    unanswered_at: datetime | None = None
    answered_at: datetime | None = None
    link: UUID | None = None

    @property
    def at(self) -> datetime:
        """Give the instant that it stands in a list by."""
        return self.asked_at

    @property
    def state(self) -> State:
        """Say where it is."""
        if self.answered_at is not None:
            return State.ANSWERED
        return State.OPEN if self.unanswered_at is None else State.UNANSWERED


@dataclass(frozen=True, slots=True)
class AskForMore:
    """The person, or a supporter whom they chose, asks for more. ``place`` is for somebody who comes back by it."""

    person: UUID
    words: str | None
    by_person: bool
    organisation: UUID | None
    member: UUID | None
    place: Place
    rules: Rulebook

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class Figure:
    """Asked, and unanswered in time: published (J12), never as a small number (E1)."""

    asked: str
    unanswered: str


def asked(command: AskForMore, holding: Holding, now: datetime, ask_id: UUID) -> tuple[Ask, tuple[Event, ...]]:
    """Begin the clock: four hours at crisis or above, else the rulebook's working days."""
    by = answer_by(now, command.rules, at_crisis=command.place.at_crisis(holding.intensity))
    ask = Ask(
        ask_id, command.person, command.words, command.by_person, command.organisation, command.member,
        holding.lead, now, by,
    )  # fmt: skip
    return ask, (AskedForMore(subject=command.person, ask=ask_id, answer_by=by),)


def answer_by(now: datetime, rules: Rulebook, *, at_crisis: bool) -> datetime:
    """Give by when a human has to have answered."""
    if at_crisis:
        return now + rules.ask_answer_crisis
    return after_working_days(now, rules.ask_answer_other_working_days)


def answered(ask: Ask, link: UUID | None, now: datetime) -> tuple[Ask, tuple[Event, ...]]:
    """Stop the clock: for a welcome, or an answer with an alternative; again changes nothing."""
    if ask.answered_at is not None:
        return ask, ()
    fact = AskAnswered(subject=ask.person, ask=ask.id, link=link)
    return replace(ask, answered_at=now, link=link), (fact,)


def time_came(ask: Ask, now: datetime) -> tuple[Ask, tuple[Event, ...]]:
    """Say that nobody answered in time; it climbs the ladder and still waits."""
    if ask.state is not State.OPEN:
        return ask, ()
    return replace(ask, unanswered_at=now), (AskUnanswered(subject=ask.person, ask=ask.id),)


def figure(asked_n: int, unanswered_n: int) -> Figure:
    """Give the published figure: a count under five is a star, the rest goes to the nearest five (E1)."""
    return Figure(_published(asked_n), _published(unanswered_n))


def _published(n: int) -> str:
    return "*" if n < SUPPRESSED_BELOW else str(SUPPRESSED_BELOW * round(n / SUPPRESSED_BELOW))
