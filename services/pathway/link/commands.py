"""What can be asked about a link that is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.pathway.holding.domain import Place
from services.pathway.link.domain import Reason
from shared.events.pathway import ContactHow
from shared.ports import Offer


@dataclass(frozen=True, slots=True)
class OfLink:
    """Something about one link of a person."""

    person: UUID
    link: UUID

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class Welcome(OfLink):
    """You are welcome, and this is who will meet you. ``most``: how many people one may hold (J2b)."""

    named: UUID
    deputy: UUID | None
    first_date: datetime | None
    most: int


@dataclass(frozen=True, slots=True)
class Meet(OfLink):
    """They met."""

    worker: UUID
    how: ContactHow
    place: Place
    within: timedelta


@dataclass(frozen=True, slots=True)
class SayNotRight(OfLink):
    """Not right, and here is what could be. ``together_by``: when the holder is called together with the offer."""

    reason: Reason
    alternative: Offer | None
    together_by: datetime | None
    bounce_count: int
    bounce_window: timedelta
    conversation_by: datetime


@dataclass(frozen=True, slots=True)
class NotHappened(OfLink):
    """The person says: that did not happen. ``permitted``: they, or a supporter of their choosing, say so."""

    place: Place
    within: timedelta
    chosen_organisations: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Settle(OfLink):
    """The person says how it was settled."""

    met: bool
    place: Place
    within: timedelta
    chosen_organisations: frozenset[UUID]
