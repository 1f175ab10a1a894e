"""The one way to a disclosure: ask consent, get a permit, pass the last gate before bytes reach a socket.

A permit lives 250 ms of the asker's monotonic clock, counted from before it asked; a withdrawal commits,
waits 300 ms, then answers. So nothing that a withdrawn choice covered leaves after the answer (C2). A
disclosing read of a store takes a ``Permit``, which only this module can make. If consent can't be asked, nothing is
disclosed (C3), and that is said (503), of anybody and of nobody alike: a 404 would be believed (ADR 0005).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shared.clock import monotonic
from shared.errors import NotFoundError, UnavailableError
from shared.event import Role
from shared.news import AskOfMany
from shared.ports import Act, Answer, Ask, Decider, Why
from shared.telemetry import DECISION, UNASKED

if TYPE_CHECKING:
    from uuid import UUID


__all__ = [
    "PERMIT_SECONDS",
    "WITHDRAWAL_WAIT_SECONDS",
    "Act",
    "Answer",
    "Ask",
    "Decider",
    "Decisions",
    "No",
    "Permit",
    "Why",
]

PERMIT_SECONDS = 0.250
WITHDRAWAL_WAIT_SECONDS = 0.300
GATE_SECONDS = 2.0
"""For how long the last gate asks again where the asking itself outlasts a permit (a disk that stalls)."""


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
        return self.left() > 0

    def left(self) -> float:
        """Give for how many seconds it may still be used; nought or less when it may not."""
        return self.asked_at + PERMIT_SECONDS - monotonic()


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
            UNASKED.inc()
            return No(Why.CANNOT_ASK)
        finally:
            DECISION.observe(monotonic() - asked_at)
        return Permit(ask, answer, asked_at, _HERE) if answer.permitted else No(answer.why)

    async def sure(self, ask: Ask) -> Permit | No:
        """Ask, and once more where no answer came (one of its replicas may be starting); raise UnavailableError then:
        who is told less for that would believe it.
        """
        for _ in range(2):
            answer = await self.ask(ask)
            if not isinstance(answer, No) or answer.why is not Why.CANNOT_ASK:
                return answer
        raise UnavailableError

    async def need(self, ask: Ask) -> Permit:
        """Ask as ``sure`` does, and raise NotFoundError for a no: what one may not see one can't detect (C4)."""
        answer = await self.sure(ask)
        if isinstance(answer, No):
            raise NotFoundError
        return answer

    async def surely_not(self, ask: AskOfMany) -> frozenset[UUID]:
        """Give what of much news the reader may surely not have: nothing of it where consent can't be asked."""
        try:
            return await self.decider.surely_not(ask)
        except UnavailableError:
            UNASKED.inc()
            return frozenset()

    async def hidden(self, person: UUID, ids: frozenset[UUID]) -> frozenset[UUID]:
        """Give those of ``ids`` whom the person asked us not to speak to (S6). Raises UnavailableError."""
        return await self.decider.hidden(person, ids) if ids else ids

    async def gate(self, permit: Permit) -> Permit:
        """Be the last gate: give a permit that is fresh now, or raise NotFoundError.

        Raises UnavailableError when other passages are withheld by now (what was rendered is not what may leave),
        when asking goes on to take longer than a permit lives, and when consent can't be asked any more: who had a
        permit a moment ago may have done something with it, and must not hear that it was not done.
        """
        give_up = monotonic() + GATE_SECONDS
        now = permit
        while not now.fresh():
            if monotonic() > give_up:
                raise UnavailableError
            now = await self.need(permit.ask)
            if now.answer.except_for - permit.answer.except_for:
                raise UnavailableError
        return now
