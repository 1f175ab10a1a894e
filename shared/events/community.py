"""Facts of community: organisations, members, offers, the rulebook. None is about a person who is supported."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.event import Code, Event, fact


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


@fact("community.member-joined", says="A member joined an organisation.", part=None)
class MemberJoined(Event):
    """Somebody of the organisation may sign in."""

    member: UUID


@fact("community.backstop-set", says="The backstop holder was set.", part=None)
class BackstopSet(Event):
    """The subject leads whoever nobody else leads (J2a)."""

    duty_line: UUID


@fact("community.duty-line-tested", says="A route of the duty line was tested.", part=None)
class DutyLineTested(Event):
    """A human answered, or nobody did (W1)."""

    route: UUID
    answered: bool


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
