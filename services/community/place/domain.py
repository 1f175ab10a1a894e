"""What a place needs before it serves anybody (J2a), and who may be its backstop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shared.errors import AlongsideError, Kind, Reason, WhoActs
from shared.events.community import PLACE, BackstopSet, PlaceReady

if TYPE_CHECKING:
    from uuid import UUID

    from services.community.organisation.domain import Organisation
    from shared.event import Event


class StillNeeded(Reason):
    """What a place lacks before it serves (J2a)."""

    BACKSTOP = "backstop", "Name a funded body that is there day and night, which leads when nobody else does."
    DUTY_LINE = "duty-line", "Give the duty line two routes, and try each until a human answers."


class NotReadyError(AlongsideError):
    """A place without a backstop or a tested duty line serves only its own setting-up (J2a)."""

    code = "not-set-up"
    kind = Kind.UNAVAILABLE
    says = "This place is still being set up. It can't hold anybody yet, so it takes nobody in."
    who = WhoActs.STEWARD


class CannotBeBackstopError(AlongsideError):
    """A backstop is joined, funded, there day and night, and able to lead (J2a)."""

    code = "cannot-be-backstop"
    kind = Kind.CONFLICT
    says = "The backstop has to be a joined, funded body that is there day and night and may lead."
    who = WhoActs.STEWARD


@dataclass(frozen=True, slots=True)
class Place:
    """How far the place is set up. Once ``ready`` it stays so: what would undo it is turned down."""

    backstop: UUID | None = None
    ready: bool = False


def may_be_backstop(organisation: Organisation) -> bool:
    """Say whether it is joined, funded, there day and night, and may lead (J2a)."""
    facts = organisation.facts
    return organisation.works and facts.funded and facts.round_the_clock and facts.can_lead


def set_backstop(place: Place, organisation: Organisation) -> tuple[Place, tuple[Event, ...]]:
    """Name the backstop. Raises CannotBeBackstopError."""
    if not may_be_backstop(organisation):
        raise CannotBeBackstopError
    if place.backstop == organisation.id:
        return place, ()
    fact = BackstopSet(subject=organisation.id, before=place.backstop)
    return replace(place, backstop=organisation.id), (fact,)


def still_needed(place: Place, *, duty_line_answers: bool) -> tuple[StillNeeded, ...]:
    """Say what is lacking."""
    lacks = ((StillNeeded.BACKSTOP, place.backstop is None), (StillNeeded.DUTY_LINE, not duty_line_answers))
    return tuple(reason for reason, is_lacking in lacks if is_lacking)


def settle(place: Place, *, duty_line_answers: bool) -> tuple[Place, tuple[Event, ...]]:
    """Say when the place begins to serve."""
    if place.ready or still_needed(place, duty_line_answers=duty_line_answers):
        return place, ()
    return replace(place, ready=True), (PlaceReady(subject=PLACE),)


@dataclass(frozen=True, slots=True)
class NameBackstop:
    """Name who leads when nobody else does."""

    organisation: UUID

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the organisation and the place."""
        return (self.organisation, PLACE)
