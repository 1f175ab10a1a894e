"""What an offer says of itself, and what follows from it when somebody leaves (M3, J9, J13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.community.kinds import OrganisationKind
from shared.errors import AlongsideError, Kind
from shared.event import Code, Event
from shared.events.community import CapacityChanged, OfferChanged, OfferOpened

if TYPE_CHECKING:
    from datetime import datetime

    from shared.ports import Rulebook

WATCHED_KINDS = frozenset(
    {OrganisationKind.ASSESSMENT_CENTRE, OrganisationKind.EMERGENCY_DEPARTMENT, OrganisationKind.CUSTODY}
)


class NeedKind(StrEnum):
    """The four kinds of need (S5)."""

    CLINICAL = "clinical"
    PRACTICAL = "practical"
    SOCIAL = "social"
    FINANCIAL = "financial"


class ForWhom(StrEnum):
    """Whom an offer has in mind: a focus, which is lawful and welcome; never a bar (M3, M4)."""

    WOMEN = "women"
    MEN = "men"
    YOUNG_PEOPLE = "young-people"
    OLDER_PEOPLE = "older-people"
    LGBTQI = "lgbtqi-people"
    BLACK_PEOPLE = "black-people"
    ASIAN_PEOPLE = "asian-people"
    REFUGEES = "refugees"
    CARERS = "carers"
    PARENTS = "parents"
    FAITH = "a-faith"
    DISABLED_PEOPLE = "disabled-people"
    NEURODIVERGENT_PEOPLE = "neurodivergent-people"
    VETERANS = "veterans"
    STUDENTS = "students"


class UnknownIntensityError(AlongsideError):
    """The rulebook in force has no such intensity (J1)."""

    code = "unknown-intensity"
    kind = Kind.INVALID
    says = "The rulebook in force has no such intensity. GET /v1/rulebook lists them."


@dataclass(frozen=True, slots=True)
class Where:
    """Where an offer is. ``online``: also, or only, from anywhere."""

    address: str | None = None
    postcode: str | None = None
    online: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer of an organisation. ``places_free`` None: not counted; ``checked_at`` None: nobody has looked."""

    id: UUID
    organisation: UUID
    name: str
    says: str
    intensity: Code
    needs: tuple[NeedKind, ...] = ()
    for_whom: tuple[ForWhom, ...] = ()
    languages: tuple[str, ...] = ()
    where: Where = Where()
    when: str = ""
    how_to_come: str = ""
    is_open: bool = True
    places_free: int | None = None
    leaving_needs_a_bed: bool = False
    watched_after_leaving: bool = False
    checked_at: datetime | None = None
    checked_by: UUID | None = None
    revision: int = 1

    def found_by(self) -> tuple[tuple[str, str], ...]:
        """Give the words that this offer is found by, as (kind, word)."""
        where = self.where
        parts = [part.strip().lower()[:64] for part in (where.address or "").split(",")]
        outward = (where.postcode or "").lower().split(" ")[0]
        return tuple(
            dict.fromkeys(
                [
                    *(("need", need.value) for need in self.needs),
                    *(("for-whom", focus.value) for focus in self.for_whom),
                    *(("language", language.lower()) for language in self.languages),
                    *(("place", part) for part in (*parts, outward, "online" if where.online else "") if part),
                ]
            )
        )


def fit_to_rules(offer: Offer, of_kind: OrganisationKind, rulebook: Rulebook) -> Offer:
    """Set what follows from the rules and nobody may set: a bed asked for (J13), watched after leaving (J9)."""
    if offer.intensity not in rulebook.intensities:
        raise UnknownIntensityError
    at_crisis = rulebook.at_crisis(offer.intensity)
    return replace(offer, leaving_needs_a_bed=at_crisis, watched_after_leaving=at_crisis or of_kind in WATCHED_KINDS)


def open_offer(offer: Offer, of_kind: OrganisationKind, rulebook: Rulebook) -> tuple[Offer, tuple[Event, ...]]:
    """Open an offer. Raises UnknownIntensityError."""
    opened = fit_to_rules(offer, of_kind, rulebook)
    fact = OfferOpened(subject=opened.organisation, offer=opened.id, intensity=opened.intensity)
    return opened, (fact, *_capacity(None, opened))


def change_offer(
    offer: Offer, changes: Mapping[str, Any], of_kind: OrganisationKind, rulebook: Rulebook
) -> tuple[Offer, tuple[Event, ...]]:
    """Change what an offer is. Raises UnknownIntensityError."""
    changed = fit_to_rules(replace(offer, **changes, revision=offer.revision + 1), of_kind, rulebook)
    fact = OfferChanged(
        subject=changed.organisation, offer=changed.id, is_open=changed.is_open, intensity=changed.intensity
    )
    return changed, (fact, *_capacity(offer.places_free, changed))


def _capacity(before: int | None, offer: Offer) -> tuple[Event, ...]:
    if offer.places_free is None or offer.places_free == before or offer.checked_at is None:
        return ()
    said = CapacityChanged(
        subject=offer.organisation,
        offer=offer.id,
        places_free=offer.places_free,
        checked_at=offer.checked_at,
    )
    return (said,)


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """Open an offer under the rulebook in force."""

    offer: Offer
    rulebook: Rulebook

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the organisation."""
        return (self.offer.organisation,)


@dataclass(frozen=True, slots=True)
class ChangeOffer:
    """Change an offer. ``tag``: the If-Match header; ``any_revision``: it is not asked for (places free alone)."""

    organisation: UUID
    offer: UUID
    tag: str | None
    changes: Mapping[str, Any]
    rulebook: Rulebook
    any_revision: bool = False

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the organisation."""
        return (self.organisation,)


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for. What is None does not narrow it."""

    need: NeedKind | None = None
    intensity: Code | None = None
    for_whom: ForWhom | None = None
    language: str | None = None
    place: str | None = None
    organisation: UUID | None = None
    by_steward: bool = False
    """A steward also finds what is not open now, and what strangers are not offered yet."""
