"""What an organisation is, how it joins, and what it needs before strangers are sent to it (M1, J2a)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.community.kinds import Category, Membership, OrganisationKind
from shared.errors import AlongsideError, Kind, Reason, WhoActs
from shared.event import Code, Event
from shared.events.community import (
    Ending,
    OrganisationAskedToJoin,
    OrganisationGoesOn,
    OrganisationJoined,
    OrganisationOfferedToStrangers,
    OrganisationStopped,
    OrganisationVouchedFor,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

VOUCHERS_FOR_STRANGERS = 2


class Missing(Reason):
    """What an organisation lacks to be offered to strangers (M1)."""

    TWO_VOUCHERS = "two-vouchers", "Two organisations have to vouch for it."
    SAFEGUARDING_CONTACT = "safeguarding-contact", "It has to name whom to tell when somebody is not safe."
    SAFETY_PAGE = "safety-page", "It has to say on one page how it keeps people safe."


class CannotVouchError(AlongsideError):
    """Who vouches is not of a joined organisation, or is of the same one (M1)."""

    code = "cannot-vouch"
    kind = Kind.CONFLICT
    says = "Only another organisation that has joined, or an expert by experience of one, can vouch."


class NotWorkingError(AlongsideError):
    """The organisation has not joined, or is suspended or ended."""

    code = "organisation-not-working"
    kind = Kind.CONFLICT
    says = "This organisation has not joined, or is suspended or at its end."
    who = WhoActs.STEWARD


class IsBackstopError(AlongsideError):
    """The backstop can't be ended or suspended before another one is named (J2a)."""

    code = "is-the-backstop"
    kind = Kind.CONFLICT
    says = "This organisation is the backstop. Name another one first, so that nobody is without a holder."
    who = WhoActs.STEWARD


class BuddyError(AlongsideError):
    """A buddy is another organisation that has joined (W1)."""

    code = "buddy-cannot-be"
    kind = Kind.CONFLICT
    says = "A buddy has to be another organisation that has joined."


@dataclass(frozen=True, slots=True)
class Reach:
    """How to reach an organisation, in public. All may be left out but one."""

    telephone: str | None = None
    email: str | None = None
    website: str | None = None
    address: str | None = None
    postcode: str | None = None
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class FirstMember:
    """Who asked on behalf of a group: they may sign in once it has joined."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the steward enters about a body, on the leaders' group's behalf (J2a, J2c, J2d)."""

    funded: bool = False
    commissioned: bool = False
    can_lead: bool = False
    round_the_clock: bool = False


@dataclass(frozen=True, slots=True)
class Vouch:
    """Somebody's word for an organisation; ``as_expert``: as an expert by experience, for themself."""

    by_member: UUID
    by_organisation: UUID
    as_expert: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as it stands."""

    id: UUID
    name: str
    kind: OrganisationKind
    does: str
    reach: Reach
    membership: Membership
    asked_at: datetime
    facts: Facts = Facts()
    safeguarding_contact: str | None = None
    safety_page: str | None = None
    buddy: UUID | None = None
    category: Category | None = None
    offered_to_strangers: bool = False
    first_member: FirstMember | None = None
    joined_at: datetime | None = None
    directory_key: str | None = None
    revision: int = 1
    vouches: tuple[Vouch, ...] = ()

    @property
    def works(self) -> bool:
        """Say whether it takes part now: joined, and neither suspended nor at its end."""
        return self.membership is Membership.JOINED


def missing_for_strangers(organisation: Organisation) -> tuple[Missing, ...]:
    """Say what it lacks to be offered to strangers (M1). A commissioned body is answered for by its contract."""
    if organisation.facts.commissioned:
        return ()
    vouchers = {vouch.by_organisation for vouch in organisation.vouches}
    lacks = (
        (Missing.TWO_VOUCHERS, len(vouchers) < VOUCHERS_FOR_STRANGERS),
        (Missing.SAFEGUARDING_CONTACT, not organisation.safeguarding_contact),
        (Missing.SAFETY_PAGE, not organisation.safety_page),
    )
    return tuple(reason for reason, is_lacking in lacks if is_lacking)


def ask_to_join(organisation: Organisation) -> tuple[Organisation, tuple[Event, ...]]:
    """Take a group's asking: a name, what it does and how to reach it are all that is needed (M1)."""
    return organisation, (OrganisationAskedToJoin(subject=organisation.id, kind=Code(organisation.kind.value)),)


def enter_body(organisation: Organisation, now: datetime) -> tuple[Organisation, tuple[Event, ...]]:
    """Enter a body that the place commissions: its contract stands for a voucher, so it joins at once."""
    asked = OrganisationAskedToJoin(subject=organisation.id, kind=Code(organisation.kind.value))
    joined, facts = _joined(organisation, now)
    return joined, (asked, *facts)


def vouch(organisation: Organisation, given: Vouch) -> tuple[Organisation, tuple[Event, ...]]:
    """Count somebody's word (M1). The first one lets it join. Raises CannotVouchError, NotWorkingError."""
    if given.by_organisation == organisation.id:
        raise CannotVouchError
    if organisation.membership in {Membership.SUSPENDED, Membership.ENDED}:
        raise NotWorkingError
    if any(each.by_member == given.by_member for each in organisation.vouches):
        return organisation, ()
    said = OrganisationVouchedFor(
        subject=organisation.id,
        by_organisation=None if given.as_expert else given.by_organisation,
        by_member=given.by_member,
    )
    vouched = replace(organisation, vouches=(*organisation.vouches, given), revision=organisation.revision + 1)
    if vouched.membership is Membership.JOINED:
        shown, facts = settle_offering(vouched)
    else:
        shown, facts = _joined(vouched, given.at)
    return shown, (said, *facts)


def settle_offering(organisation: Organisation) -> tuple[Organisation, tuple[Event, ...]]:
    """Say when it becomes, or stops being, one that may be offered to strangers (M1)."""
    may = not missing_for_strangers(organisation)
    if may == organisation.offered_to_strangers:
        return organisation, ()
    fact = OrganisationOfferedToStrangers(subject=organisation.id, allowed=may)
    return replace(organisation, offered_to_strangers=may), (fact,)


def stop(organisation: Organisation, how: Ending, backstop: UUID) -> tuple[Organisation, tuple[Event, ...]]:
    """End or suspend; the backstop takes its people (J2a). Raises IsBackstopError, NotWorkingError."""
    if organisation.id == backstop:
        raise IsBackstopError
    if organisation.membership not in {Membership.JOINED, Membership.SUSPENDED}:
        raise NotWorkingError
    to = Membership.ENDED if how is Ending.ENDED else Membership.SUSPENDED
    if organisation.membership is to:
        return organisation, ()
    stopped = replace(organisation, membership=to, revision=organisation.revision + 1)
    return stopped, (OrganisationStopped(subject=organisation.id, how=how, backstop=backstop),)


def go_on(organisation: Organisation) -> tuple[Organisation, tuple[Event, ...]]:
    """Let a suspended organisation take part again. Raises NotWorkingError for any other."""
    if organisation.membership is not Membership.SUSPENDED:
        raise NotWorkingError
    goes_on = replace(organisation, membership=Membership.JOINED, revision=organisation.revision + 1)
    return goes_on, (OrganisationGoesOn(subject=organisation.id),)


def _joined(organisation: Organisation, now: datetime) -> tuple[Organisation, tuple[Event, ...]]:
    joined = replace(organisation, membership=Membership.JOINED, joined_at=now)
    fact = OrganisationJoined(subject=organisation.id, kind=Code(organisation.kind.value))
    shown, facts = settle_offering(joined)
    return shown, (fact, *facts)


@dataclass(frozen=True, slots=True)
class Enter:
    """Have an organisation ask to join, or enter a body that the place commissions (``by_steward``)."""

    organisation: Organisation
    by_steward: bool

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the organisation."""
        return (self.organisation.id,)


@dataclass(frozen=True, slots=True)
class GiveWord:
    """Vouch for an organisation."""

    organisation: UUID
    by_member: UUID
    by_organisation: UUID
    as_expert: bool

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the organisation that is vouched for."""
        return (self.organisation,)


@dataclass(frozen=True, slots=True)
class Amend:
    """Change what an organisation says of itself, or (by the steward) its facts. ``tag``: the If-Match header."""

    organisation: UUID
    tag: str | None
    changes: Mapping[str, Any]

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the organisation."""
        return (self.organisation,)


@dataclass(frozen=True, slots=True)
class Stop:
    """End or suspend an organisation."""

    organisation: UUID
    how: Ending

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the organisation."""
        return (self.organisation,)


@dataclass(frozen=True, slots=True)
class GoOn:
    """Let a suspended organisation take part again."""

    organisation: UUID

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the organisation."""
        return (self.organisation,)
