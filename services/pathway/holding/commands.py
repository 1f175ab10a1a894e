"""The commands on holds. ``place`` and ``within`` (the rulebook's time to acknowledge) are asked before them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.pathway.holding.domain import Place


@dataclass(frozen=True, slots=True)
class HoldFirst:
    """Make the record of a hold with the lead that the arrival was written with (J2a)."""

    person: UUID
    lead: UUID
    chosen: UUID | None
    since: datetime
    within: timedelta

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class LoseSight:
    """An organisation lost its access; ``instead`` is whom the person names to lead (C2)."""

    person: UUID
    organisation: UUID
    instead: UUID | None
    blind: bool
    place: Place
    within: timedelta

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The chosen holder says: we hold this person; or the lead names who of it does (J2a, J2b)."""

    person: UUID
    by: UUID
    named: UUID
    deputy: UUID | None
    most: int
    place: Place
    within: timedelta

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person; the named person is locked too, so that their limit can't be passed in a race."""
        return (self.person, self.named)


@dataclass(frozen=True, slots=True)
class HandBack:
    """A volunteer or unfunded group puts a hold down (J2d)."""

    person: UUID
    by: UUID
    funded: bool
    stays: bool
    place: Place
    within: timedelta

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class Alongside:
    """An organisation comes to walk alongside, or no longer does."""

    person: UUID
    organisation: UUID
    joins: bool
    place: Place
    within: timedelta

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class TakeEveryone:
    """The backstop takes everyone from an organisation. ``people``: whom it stood to when they were looked up."""

    organisation: UUID
    people: tuple[UUID, ...]
    place: Place
    within: timedelta

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about all of them at once, and about the organisation, so that nobody new comes to it meanwhile."""
        return (self.organisation, *self.people)
