"""The commands on ways out and the way back. ``place`` and ``within`` are asked before them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.pathway.holding.domain import Place
from services.pathway.wayout.domain import How
from shared.event import Code


@dataclass(frozen=True, slots=True)
class AboutPerson:
    """A command about one person."""

    person: UUID

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class Arrive(AboutPerson):
    """Somebody known came to a door, or came back; ``chosen`` is able to lead, or None (J7)."""

    chosen: UUID | None
    place: Place
    within: timedelta


@dataclass(frozen=True, slots=True)
class SayIndependence(AboutPerson):
    """The person, or a witness for them, says whether and how they want to manage independently (J4)."""

    agreed: bool
    way_back: str | None
    check_ins: int | None
    check_in_by: UUID | None
    how: How
    witness: UUID | None
    witness_of: UUID | None
    watchers: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class LetGo(AboutPerson):
    """The lead wants to let go, into managing independently (J4). ``crisis``: the intensities at crisis or above."""

    by: UUID
    within: timedelta
    crisis: frozenset[Code]


@dataclass(frozen=True, slots=True)
class LeaveBe(AboutPerson):
    """The person's own single act (J4)."""

    words: str | None
    within: timedelta


@dataclass(frozen=True, slots=True)
class HoldQuietly(AboutPerson):
    """One of the two says: hold them quietly (J4)."""

    member: UUID
    organisation: UUID
    expert: bool
    watchers: frozenset[UUID]
    place: Place
    within: timedelta
    after_crisis: timedelta


@dataclass(frozen=True, slots=True)
class BeginMove(AboutPerson):
    """The person is moving away. ``by`` None: they say so themself (J4)."""

    by: UUID | None
    new_place: str


@dataclass(frozen=True, slots=True)
class MetThere(AboutPerson):
    """The new place has met them. ``by`` None: the person says so; else the lead, who rang ``there``, or a supporter.

    ``chosen``: organisations that the person said may be rung: supporters of their choosing (J4).
    """

    move: UUID
    by: UUID | None
    there: str | None
    chosen: frozenset[UUID]
    within: timedelta
