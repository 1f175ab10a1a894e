"""Stepping up and down is one reversible act; nobody steps down to nowhere unheard (J6, J13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from services.pathway.holding import domain as holds
from services.pathway.holding.domain import MANAGING_INDEPENDENTLY, Change, Holding, Place
from services.pathway.sleeping import Sleeping, asked_where
from shared.errors import AlongsideError, InvalidError, Kind, WhoActs
from shared.event import Code, Event


@dataclass(frozen=True, slots=True)
class Step:
    """Step to another intensity. ``sleeping``: the person's answer to where they will sleep (J13)."""

    person: UUID
    to: Code
    sleeping: Sleeping | None
    place: Place
    within: timedelta

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class Unsafe:
    """The person has nowhere safe to sleep. ``reached_at``: when a human who was told said that they are on it."""

    person: UUID
    answer: Sleeping
    at: datetime
    reached_at: datetime | None = None


class ThereAlreadyError(AlongsideError):
    """No step."""

    code: ClassVar[str] = "there-already"
    kind: ClassVar[Kind] = Kind.CONFLICT
    says: ClassVar[str] = "The person is supported at this intensity already."


class LetGoInsteadError(AlongsideError):
    """Managing independently is the person's own agreement, not a step (J4)."""

    code: ClassVar[str] = "not-a-step"
    kind: ClassVar[Kind] = Kind.CONFLICT
    says: ClassVar[str] = "Managing independently is agreed with the person, not stepped down to: see letting go."


class NobodyLeadsError(AlongsideError):
    """The person took a way out: they come back first (J7)."""

    code: ClassVar[str] = "nobody-leads"
    kind: ClassVar[Kind] = Kind.CONFLICT
    says: ClassVar[str] = "Nobody leads this person now. They come back by saying so; then support steps up at once."
    who: ClassVar[WhoActs] = WhoActs.PERSON


class NotYoursToStepDownError(AlongsideError):
    """Said by somebody who neither leads nor is linked (J6)."""

    code: ClassVar[str] = "not-yours-to-step-down"
    kind: ClassVar[Kind] = Kind.CONFLICT
    says: ClassVar[str] = "The person, whoever leads, or an offer that they are linked to steps their support down."
    who: ClassVar[WhoActs] = WhoActs.ANOTHER


class NobodyToldYetError(AlongsideError):
    """Nowhere safe to sleep, and nobody of lead and council has said that they are on it (J13)."""

    code: ClassVar[str] = "nowhere-to-sleep"
    kind: ClassVar[Kind] = Kind.CONFLICT
    says: ClassVar[str] = (
        "The person has nowhere safe to sleep. Lead and council are being told; the step down waits until somebody "
        "answers that they are on it, or the person has somewhere safe."
    )
    who: ClassVar[WhoActs] = WhoActs.ANOTHER


def is_down(holding: Holding, to: Code, place: Place) -> bool:
    """Say whether a step goes down. Raises InvalidError for an intensity that the rulebook does not know."""
    if to not in place.intensities:
        raise InvalidError(fields=("to",))
    return place.intensities.index(to) < place.intensities.index(holding.intensity)


def check(holding: Holding, to: Code) -> None:
    """Refuse what is no step: to where they are, out of support, or of somebody whom nobody leads."""
    if to == MANAGING_INDEPENDENTLY:
        raise LetGoInsteadError
    if not holding.supported:
        raise NobodyLeadsError
    if to == holding.intensity:
        raise ThereAlreadyError


def step(holding: Holding, command: Step, place: Place, now: datetime) -> Change:
    """Step up or down; everyone linked and alongside stays, and the lead changes on *met* only (J6)."""
    check(holding, command.to)
    return holds.stepped(holding, command.to, now, place)


def asked_first(
    holding: Holding, command: Step, known: Unsafe | None, place: Place, now: datetime
) -> tuple[Unsafe | None, tuple[Event, ...]]:
    """Give what stands in the way of a step down, and what is told first (J13).

    Leaving crisis or inpatient needs the person's answer. "Nowhere" and "not safe" stand in the way until a human
    who was told is on it. Raises NotAskedWhereError without an answer.
    """
    needed = place.at_crisis(holding.intensity) and is_down(holding, command.to, place)
    if not needed:
        return None, ()
    if command.sleeping is None or command.sleeping is Sleeping.SOMEWHERE_SAFE:
        return None, asked_where(holding.person, command.sleeping, needed=True)
    if known is not None and known.answer is command.sleeping:
        return (None, ()) if known.reached_at else (known, ())
    return Unsafe(holding.person, command.sleeping, now), asked_where(holding.person, command.sleeping, needed=True)
