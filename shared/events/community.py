"""Facts of community: organisations, members, offers, the rulebook. None is about a supported person."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.event import Code, Event, fact

PLACE = UUID("00000000-0000-4000-8000-0000000000a1")
"""The subject of what is about the place itself: one instance is one place."""


class Ending(StrEnum):
    """How an organisation stopped: for good, or until the steward says that it may go on (J2a)."""

    ENDED = "ended"
    SUSPENDED = "suspended"


@fact("community.organisation-asked-to-join", says="An organisation asked to join.", part=None)
class OrganisationAskedToJoin(Event):
    """A group gave its name, what it does and how to reach it; nobody has vouched yet (M1)."""

    kind: Code


@fact("community.organisation-vouched-for", says="An organisation was vouched for.", part=None)
class OrganisationVouchedFor(Event):
    """A member organisation or an expert by experience vouched."""

    by_organisation: UUID | None
    by_member: UUID | None


@fact("community.organisation-joined", says="An organisation joined.", part=None)
class OrganisationJoined(Event):
    """It is listed, logs contact and walks alongside from now."""

    kind: Code


@fact("community.organisation-listed", says="An organisation was listed from a directory.", part=None)
class OrganisationListed(Event):
    """It has not joined: it is shown, nobody of it may sign in, and it can't lead (M2)."""

    kind: Code


@fact(
    "community.organisation-offered-to-strangers",
    says="An organisation may be offered to strangers.",
    part=None,
)
class OrganisationOfferedToStrangers(Event):
    """It has two vouchers, a safeguarding contact and one page on keeping people safe; or lost one of them (M1)."""

    allowed: bool


@fact("community.organisation-stopped", says="An organisation ended or was suspended.", part=None)
class OrganisationStopped(Event):
    """The backstop takes everyone whom the subject leads, in one transaction (J2a)."""

    how: Ending
    backstop: UUID


@fact("community.organisation-goes-on", says="An organisation that was suspended goes on.", part=None)
class OrganisationGoesOn(Event):
    """It may be chosen again; nobody is moved back without being asked."""


@fact("community.member-joined", says="A member joined an organisation.", part=None)
class MemberJoined(Event):
    """Somebody of the organisation may sign in."""

    member: UUID
    named_worker: bool = False


@fact("community.member-changed", says="What a member does changed.", part=None)
class MemberChanged(Event):
    """Whether somebody is a named worker, or the hours they set, changed."""

    member: UUID
    named_worker: bool


@fact("community.member-left", says="A member left an organisation.", part=None)
class MemberLeft(Event):
    """The deputy of each hold of the member leads it, then the organisation's person on duty (J2b)."""

    member: UUID
    on_duty: UUID | None


@fact("community.backstop-set", says="The backstop holder was set.", part=None)
class BackstopSet(Event):
    """The subject leads whoever nobody else leads (J2a); ``before`` did until now."""

    before: UUID | None


@fact("community.duty-line-changed", says="The routes of the duty line changed.", part=None)
class DutyLineChanged(Event):
    """A route was added or taken away; the subject is the place."""

    route: UUID
    in_use: bool


@fact("community.duty-line-tested", says="A route of the duty line was tested.", part=None)
class DutyLineTested(Event):
    """A human answered, or nobody did (W1). The subject is the place."""

    route: UUID
    answered: bool


@fact("community.duty-line-test-due", says="The duty line is to be tested.", part=None)
class DutyLineTestDue(Event):
    """A week has gone by since a human last answered this route (W1). ``backstop`` is told to test it."""

    route: UUID
    backstop: UUID | None


@fact("community.duty-line-failing", says="Nobody answered the duty line twice.", part=None)
class DutyLineFailing(Event):
    """Two tests of a route in a row were not answered: the backstop has to mend it (W1)."""

    route: UUID
    backstop: UUID | None


@fact("community.place-ready", says="The place serves people.", part=None)
class PlaceReady(Event):
    """A backstop and a duty line with two tested routes are set (J2a)."""


@fact("community.offer-opened", says="An offer opened.", part=None)
class OfferOpened(Event):
    """An organisation offers something; the subject is the organisation."""

    offer: UUID
    intensity: Code


@fact("community.offer-changed", says="An offer changed.", part=None)
class OfferChanged(Event):
    """What an offer is, or whether it is open, changed."""

    offer: UUID
    is_open: bool
    intensity: Code


@fact("community.capacity-changed", says="The places free changed.", part=None)
class CapacityChanged(Event):
    """How many places an offer has free now."""

    offer: UUID
    places_free: int
    checked_at: datetime


@fact("community.rulebook-in-force", says="A rulebook came into force.", part=None)
class RulebookInForce(Event):
    """The subject is the place; every decision from now on names this version (M6)."""

    in_force: int
