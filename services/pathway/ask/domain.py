"""I need more: one act, a clock, and only a welcome or an answer with an alternative that stops it (J12).

My warning signs are showing: one act and a clock too, and any human who is on it or makes contact stops it (P9).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from services.pathway.holding.domain import Holding, Place
from services.pathway.plan.domain import Plan
from services.pathway.plan.headings import LADDER
from services.pathway.working_days import after_working_days
from shared.errors import AlongsideError, Kind, WhoActs
from shared.event import Code, Event
from shared.events.pathway import AskAnswered, AskedForMore, AskUnanswered
from shared.events.pathway_plan import WarningSignsAnswered, WarningSignsShowing, WarningSignsUnanswered
from shared.ports import Rulebook

SUPPRESSED_BELOW = 5
YEAR = timedelta(days=365)
ANSWER_BY = "answer-by"
"""The reminder that an ask is to be answered by now."""
SIGNS = LADDER[0]
PROMISED = LADDER[1:5]
"""What a plan promises when its signs show: what I can do, people and places, people to ask, services (P1, P9)."""
ALERTS = frozenset({Code("warning-signs-showing"), Code("warning-signs-unanswered")})
"""Kinds of the alerts by which people are told that signs are showing."""


class NotTheirSupporterError(AlongsideError):
    """Only the person, or a supporter they chose, asks for more or speaks of their warning signs (J12, P9)."""

    code: ClassVar[str] = "not-their-supporter"
    kind: ClassVar[Kind] = Kind.FORBIDDEN
    says: ClassVar[str] = "Only the person, or a supporter they chose, can say this in their name."
    who: ClassVar[WhoActs] = WhoActs.PERSON


class AskKind(StrEnum):
    """What is asked for: more (J12), or somebody, because warning signs are showing (P9)."""

    MORE = "more"
    WARNING_SIGNS = "warning-signs"


class State(StrEnum):
    """Where an ask is. ``UNANSWERED``: its clock ran out, and it still waits for an answer."""

    OPEN = "open"
    UNANSWERED = "unanswered"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Ask:
    """One asking. ``lead``: who led at the time, who owes the answer. ``line``: of the plan, the sign that shows."""

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
    kind: AskKind = AskKind.MORE
    line: UUID | None = None

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
class SaySigns:
    """Warning signs are showing. ``sees_plan``: who says so may see the plan, and so opens it by saying it (P6)."""

    ask: AskForMore
    line: UUID | None
    sees_plan: bool

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return self.ask.streams


@dataclass(frozen=True, slots=True)
class Figure:
    """Asked, and unanswered in time: published (J12), never as a small number (E1)."""

    asked: str
    unanswered: str


def asked(command: AskForMore, holding: Holding, now: datetime, ask_id: UUID) -> tuple[Ask, tuple[Event, ...]]:
    """Begin the clock: four hours at crisis or above, else the rulebook's working days."""
    by = answer_by(now, command.rules, at_crisis=command.place.at_crisis(holding.intensity))
    return _ask(command, holding, now, by, ask_id), (AskedForMore(subject=command.person, ask=ask_id, answer_by=by),)


def signs_showing(
    command: SaySigns, holding: Holding, plan: Plan | None, now: datetime, signs: UUID
) -> tuple[Ask, tuple[Event, ...]]:
    """Begin the clock of warning signs: the one of an ask at crisis, whoever it is and whatever the hour (P9).

    ``plan``: the version in force that the line is to be of; a line that is not one of its signs is left out, for
    nobody is turned away because the plan changed meanwhile.
    """
    by = answer_by(now, command.ask.rules, at_crisis=True)
    ask = replace(
        _ask(command.ask, holding, now, by, signs), kind=AskKind.WARNING_SIGNS, line=_sign(plan, command.line)
    )
    return ask, (WarningSignsShowing(subject=ask.person, signs=signs, answer_by=by),)


def promised(page: dict[str, Any]) -> dict[str, Any]:
    """Give, of the page of a plan, what it promises now, in the plan's order (P9)."""
    lines = [line for line in page["lines"] if line["heading"] in PROMISED]
    return {"plan": page["plan"], "revision": page["revision"], "lines": lines}


def answer_by(now: datetime, rules: Rulebook, *, at_crisis: bool) -> datetime:
    """Give by when a human has to have answered."""
    if at_crisis:
        return now + rules.ask_answer_crisis
    return after_working_days(now, rules.ask_answer_other_working_days)


def answered(ask: Ask, link: UUID | None, now: datetime) -> tuple[Ask, tuple[Event, ...]]:
    """Stop the clock: for what answers an ask of its kind; again changes nothing."""
    if ask.answered_at is not None:
        return ask, ()
    fact: Event = AskAnswered(subject=ask.person, ask=ask.id, link=link)
    if ask.kind is AskKind.WARNING_SIGNS:
        fact = WarningSignsAnswered(subject=ask.person, signs=ask.id)
    return replace(ask, answered_at=now, link=link), (fact,)


def contact_answers(ask: Ask, happened: datetime) -> bool:
    """Say whether contact made answers an ask: only warning signs, and only contact since they were said (P9, J12)."""
    return ask.kind is AskKind.WARNING_SIGNS and ask.asked_at <= happened


def acknowledgement_answers(ask: Ask, member: UUID | None, at: datetime) -> bool:
    """Say whether it answers an ask that somebody who was told is on it: warning signs, and not who said so (P9)."""
    return contact_answers(ask, at) and (member is None or member != ask.member)


def time_came(ask: Ask, now: datetime) -> tuple[Ask, tuple[Event, ...]]:
    """Say that nobody answered in time; it climbs the ladder and still waits."""
    if ask.state is not State.OPEN:
        return ask, ()
    fact: Event = AskUnanswered(subject=ask.person, ask=ask.id)
    if ask.kind is AskKind.WARNING_SIGNS:
        fact = WarningSignsUnanswered(subject=ask.person, signs=ask.id)
    return replace(ask, unanswered_at=now), (fact,)


def figure(asked_n: int, unanswered_n: int) -> Figure:
    """Give the published figure: a count under five is a star, the rest goes to the nearest five (E1)."""
    return Figure(_published(asked_n), _published(unanswered_n))


def _ask(command: AskForMore, holding: Holding, now: datetime, by: datetime, ask_id: UUID) -> Ask:
    return Ask(
        ask_id, command.person, command.words, command.by_person, command.organisation, command.member,
        holding.lead, now, by,
    )  # fmt: skip


def _sign(plan: Plan | None, line: UUID | None) -> UUID | None:
    signs = [each.id for each in plan.version.lines if each.heading == SIGNS] if plan else []
    return line if line in signs else None


def _published(n: int) -> str:
    return "*" if n < SUPPRESSED_BELOW else str(SUPPRESSED_BELOW * round(n / SUPPRESSED_BELOW))
