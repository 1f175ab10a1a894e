"""The one way to a disclosure: ask consent, get a permit, pass the last gate before bytes reach a socket.

A permit lives 250 ms of the asker's monotonic clock, counted from before it asked; a withdrawal commits,
waits 300 ms, then answers. So nothing that a withdrawn choice covered leaves after the answer (C2). A
disclosing read of a store takes a ``Permit``, which only this module can make. If consent can't be asked, the
answer is no (C3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from shared.clock import monotonic
from shared.errors import NotFoundError, UnavailableError
from shared.event import Part, Role

if TYPE_CHECKING:
    from uuid import UUID

    from shared.passes import Pass

PERMIT_SECONDS = 0.250
WITHDRAWAL_WAIT_SECONDS = 0.300


class Why(StrEnum):
    """The reason code of a decision."""

    SELF = "self"
    CHOICE = "choice"
    HOLDS = "holds"
    BESIDE = "beside"
    NO_CHOICE = "no-choice"
    SAID_NO = "said-no"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    HIDDEN = "hidden"
    OWN_COLLEAGUE = "own-or-colleague"
    ROLE = "role"
    CANNOT_ASK = "cannot-ask"


class Act(StrEnum):
    """What would happen with what is disclosed; kept in the ledger."""

    READ = "read"
    WRITE = "write"
    DELIVERY = "delivery"
    ALERT = "alert"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: may ``by`` have ``part`` of ``person``? ``thing`` names what exactly, for the ledger."""

    by: Pass
    person: UUID
    part: Part
    act: Act = Act.READ
    thing: UUID | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Consent's answer. ``except_for`` holds ids of passages withheld from this reader; ``choice`` what it
    rests on.
    """

    permitted: bool
    why: Why
    choice: UUID | None = None
    except_for: frozenset[UUID] = frozenset()


class Decider(Protocol):
    """Consent, seen from here. The ledger row of what it permits is durable before it answers."""

    async def decide(self, ask: Ask) -> Answer:
        """Answer one question. Raises UnavailableError when it can't."""
        ...


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to disclose one part of one person to one reader, for 250 ms."""

    ask: Ask
    answer: Answer
    asked_at: float
    _made_by: object = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a permit that was not made here."""
        if self._made_by is not _HERE:
            message = "only shared.decisions makes permits"
            raise TypeError(message)

    @property
    def person(self) -> UUID:
        """Give whom it is about."""
        return self.ask.person

    def fresh(self) -> bool:
        """Say whether it may still be used."""
        return monotonic() - self.asked_at < PERMIT_SECONDS


@dataclass(frozen=True, slots=True)
class No:
    """The answer no, with its reason code. The reason never leaves the place (C4)."""

    why: Why


_HERE = object()


class Decisions:
    """Asks consent on behalf of one service."""

    def __init__(self, decider: Decider) -> None:
        """``decider`` is consent itself in one process, else what asks it over HTTP."""
        self.decider = decider

    async def ask(self, ask: Ask) -> Permit | No:
        """Ask once. The person's own reading never asks: it is theirs."""
        asked_at = monotonic()
        if ask.by.is_person(ask.person):
            return Permit(ask, Answer(permitted=True, why=Why.SELF), asked_at, _HERE)
        if ask.by.role in {Role.ANYONE, Role.STEWARD}:
            return No(Why.ROLE)
        try:
            answer = await self.decider.decide(ask)
        except UnavailableError:
            return No(Why.CANNOT_ASK)
        return Permit(ask, answer, asked_at, _HERE) if answer.permitted else No(answer.why)

    async def need(self, ask: Ask) -> Permit:
        """Ask, and raise NotFoundError for a no: what one may not see one can't detect (C4)."""
        answer = await self.ask(ask)
        if isinstance(answer, No):
            raise NotFoundError
        return answer

    async def gate(self, permit: Permit) -> Permit:
        """Be the last gate: give a permit that is fresh now, or raise NotFoundError."""
        return permit if permit.fresh() else await self.need(permit.ask)
