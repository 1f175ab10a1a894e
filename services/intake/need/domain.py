"""Needs (S5): of four kinds, in the person's words, with how much each matters to them now; codes stand beside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from services.intake.story.domain import Written, written_how
from shared.event import Event
from shared.events.intake import NeedKind, NeedNamed

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.passes import Pass


class Matters(StrEnum):
    """How much a need matters to the person now, in their own reckoning."""

    MOST = "most"
    A_LOT = "a-lot"
    SOMEWHAT = "somewhat"
    NOT_NOW = "not-now"
    NOT_SAID = "not-said"


@dataclass(frozen=True, slots=True)
class Coded:
    """A code of somebody's code list, beside the person's words and never instead of them (S5)."""

    system: str
    code: str


@dataclass(frozen=True, slots=True)
class Need:
    """A need as the person put it."""

    id: UUID
    person: UUID
    kind: NeedKind
    words: str
    language: str
    matters: Matters
    codes: tuple[Coded, ...]
    how: Written
    by_member: UUID | None
    by_organisation: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """A need as it is told."""

    kind: NeedKind
    words: str
    language: str = "en"
    matters: Matters = Matters.NOT_SAID
    codes: tuple[Coded, ...] = ()
    how: Written | None = None


@dataclass(frozen=True, slots=True)
class NameNeeds:
    """Name one need or more."""

    person: UUID
    needs: tuple[Named, ...]

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about one person."""
        return (self.person,)


def name_needs(
    command: NameNeeds, by: Pass, now: datetime, new_id: Callable[[], UUID]
) -> tuple[tuple[Need, ...], tuple[Event, ...]]:
    """Decide new needs. Raises InvalidError for words in somebody else's name."""
    needs = tuple(
        Need(
            new_id(), command.person, named.kind, named.words, named.language, named.matters, named.codes,
            written_how(named.how, by), by.member or by.person, by.organisation, now,
        )
        for named in command.needs
    )  # fmt: skip
    return needs, tuple(NeedNamed(subject=command.person, need=need.id, kind=need.kind) for need in needs)
