"""Facts of pathway: who leads, links, contacts, asks, steps, ways out and back. Plans: ``pathway_plan``."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.event import Code, Event, Part, fact


class LeadWhy(StrEnum):
    """Why the lead changed."""

    ARRIVED = "arrived"
    ACKNOWLEDGED = "acknowledged"
    MET = "met"
    NOT_MET_AFTER_ALL = "that-did-not-happen"
    RETURNED = "returned"
    ACCESS_WITHDRAWN = "access-withdrawn"
    HANDED_BACK = "handed-back"
    HOLDER_ENDED = "holder-ended"
    NAMED_PERSON_LEFT = "named-person-left"
    WAY_OUT = "way-out"


class ContactHow(StrEnum):
    """How contact was made or tried (J8)."""

    IN_PERSON = "in-person"
    PHONE = "phone"
    VIDEO = "video"
    TEXT = "text"
    EMAIL = "email"
    LETTER = "letter"
    REMINDER = "reminder"
    SIGHTING = "sighting"
    THROUGH_SUPPORTER = "through-a-supporter"


@fact("pathway.lead-changed", says="Who leads changed.", part=Part.JOURNEY)
class LeadChanged(Event):
    """Exactly one leads while somebody is supported (J2). None only on a way out, or before the first
    hold.
    """

    was: UUID | None
    now: UUID | None
    named: UUID | None
    why: LeadWhy


@fact("pathway.holder-chosen", says="An organisation was chosen to lead next.", part=Part.JOURNEY)
class HolderChosen(Event):
    """The lead stays until the chosen holder has acknowledged (J2a)."""

    organisation: UUID


@fact("pathway.alongside-joined", says="Somebody walks alongside.", part=Part.JOURNEY)
class AlongsideJoined(Event):
    """An organisation walks alongside; it stays through every step (J6)."""

    organisation: UUID


@fact("pathway.alongside-left", says="Somebody no longer walks alongside.", part=Part.JOURNEY)
class AlongsideLeft(Event):
    """The person took its access away, or the organisation ended (C2, J2a)."""

    organisation: UUID


@fact("pathway.not-met-alarmed", says="Held, but not yet met.", part=Part.JOURNEY)
class NotMetAlarmed(Event):
    """The lead has not acknowledged or met within the rulebook's time (J2b)."""

    lead: UUID


@fact("pathway.linked", says="A link to an offer was opened.", part=Part.JOURNEY)
class Linked(Event):
    """Proposed; the lead stays the lead (J3)."""

    link: UUID
    offer: UUID
    organisation: UUID
    intensity: Code
    leads: bool


@fact("pathway.welcomed", says="The offer said: you are welcome.", part=Part.JOURNEY)
class Welcomed(Event):
    """Welcomed, not yet met."""

    link: UUID
    offer: UUID
    organisation: UUID
    first_date: datetime | None


@fact(
    "pathway.not-right",
    says="The offer is not right for this person, and said what could be.",
    part=Part.JOURNEY,
)
class NotRight(Event):
    """Only with an alternative, or by calling the holder together (J5). ``by_silence``: no answer in time."""

    link: UUID
    offer: UUID
    organisation: UUID
    alternative: UUID | None
    by_silence: bool


@fact("pathway.met", says="They met.", part=Part.JOURNEY)
class Met(Event):
    """Two-way contact by the named worker or deputy (J3)."""

    link: UUID
    offer: UUID
    organisation: UUID
    worker: UUID


@fact("pathway.did-not-happen", says="The person said: that did not happen.", part=Part.JOURNEY)
class DidNotHappen(Event):
    """The former lead leads again until it is settled (J3)."""

    link: UUID


@fact("pathway.bounced", says="Sent from one place to another: people are called together.", part=Part.JOURNEY)
class Bounced(Event):
    """Two "not right" answers for one need within the window; a conversation has a date (J5). ``need`` None:
    the links named none.
    """

    need: UUID | None
    conversation_by: datetime


@fact("pathway.contact-made", says="Contact was made.", part=Part.JOURNEY)
class ContactMade(Event):
    """Two-way: the person, live (J8)."""

    contact: UUID
    organisation: UUID | None
    how: ContactHow


@fact("pathway.contact-tried", says="Contact was tried.", part=Part.JOURNEY)
class ContactTried(Event):
    """Nobody was reached; texts, reminders and sightings are this too (J8)."""

    contact: UUID
    organisation: UUID | None
    how: ContactHow


@fact("pathway.contact-turned-down", says="The person turned contact down.", part=Part.JOURNEY)
class ContactTurnedDown(Event):
    """Reached, and said not now: ends drifting, keeps no promise (J8)."""

    contact: UUID
    organisation: UUID | None
    how: ContactHow


@fact("pathway.promised", says="A promise was made.", part=Part.JOURNEY)
class Promised(Event):
    """A dated thing (J8)."""

    promise: UUID
    by: datetime


@fact("pathway.promise-kept", says="A promise was kept.", part=Part.JOURNEY)
class PromiseKept(Event):
    """Kept by contact made."""

    promise: UUID


@fact("pathway.left-the-building", says="The person left the building.", part=Part.JOURNEY)
class LeftTheBuilding(Event):
    """Out of a place after which somebody must make contact in time (J9)."""

    organisation: UUID
    contact_by: datetime


@fact("pathway.drifting", says="Nobody has made contact in time.", part=Part.JOURNEY)
class Drifting(Event):
    """Lead and chosen supporters are told (J9)."""

    since: datetime
    promise: UUID | None


@fact("pathway.drifting-ended", says="Nobody is being asked to look any more.", part=Part.JOURNEY)
class DriftingEnded(Event):
    """It says only that it ended, never by whom."""


@fact("pathway.asked-for-more", says="The person asked for more.", part=Part.JOURNEY)
class AskedForMore(Event):
    """A clock runs until a welcome or an answer with an alternative (J12)."""

    ask: UUID
    answer_by: datetime


@fact("pathway.ask-answered", says="The person's asking was answered.", part=Part.JOURNEY)
class AskAnswered(Event):
    """By a welcome, or by an answer with an alternative (J12)."""

    ask: UUID
    link: UUID | None


@fact("pathway.ask-unanswered", says="Nobody has answered the person's asking in time.", part=Part.JOURNEY)
class AskUnanswered(Event):
    """The clock ran out: it climbs the ladder (J12)."""

    ask: UUID


@fact("pathway.nowhere-to-sleep", says="Nowhere safe to sleep was named.", part=Part.JOURNEY)
class NowhereToSleep(Event):
    """Lead and council are told before the step down (J13)."""

    answer: Code


@fact("pathway.stepped-up", says="Support stepped up.", part=Part.JOURNEY)
class SteppedUp(Event):
    """To a higher intensity; every other link stays (J6)."""

    was: Code
    now: Code


@fact("pathway.stepped-down", says="Support stepped down.", part=Part.JOURNEY)
class SteppedDown(Event):
    """To a lower intensity; every other link stays (J6)."""

    was: Code
    now: Code


@fact("pathway.let-go-turned-back", says="Letting go was turned back.", part=Part.JOURNEY)
class LetGoTurnedBack(Event):
    """The lead stays the lead (J4). ``reasons`` are codes."""

    organisation: UUID
    reasons: tuple[Code, ...]


@fact("pathway.managing-independently", says="The person is managing independently.", part=Part.JOURNEY)
class ManagingIndependently(Event):
    """Agreed by the person, with a plan in force, a way back in writing and check-ins (J4)."""

    last_lead: UUID


@fact("pathway.check-in-due", says="A check-in is due.", part=Part.JOURNEY)
class CheckInDue(Event):
    """As often as the person said; the last lead owes it (J2, J4). ``by``: from whom the person wants it."""

    last_lead: UUID
    by: UUID | None


@fact("pathway.left", says="The person asked to be left be.", part=Part.JOURNEY)
class Left(Event):
    """The person's own single act; messages stop in the same transaction (J4)."""

    last_lead: UUID


@fact("pathway.quietly-held", says="Held quietly, without alarms.", part=Part.JOURNEY)
class QuietlyHeld(Event):
    """After the whole ladder of tries and a conversation of two with an expert by experience (J4)."""

    lead: UUID


@fact("pathway.move-begun", says="The person is moving away.", part=Part.JOURNEY)
class MoveBegun(Event):
    """The lead stays until the new place has met them (J4)."""

    move: UUID


@fact("pathway.moved", says="The person moved, and the new place has met them.", part=Part.JOURNEY)
class Moved(Event):
    """Only then does the hold end (J4)."""

    move: UUID
    last_lead: UUID


@fact("pathway.returned", says="Welcome back.", part=Part.JOURNEY)
class Returned(Event):
    """Held again within the second; story, plan and consent as they left them (J7)."""

    chosen: UUID | None


@fact("pathway.conversation-called", says="A conversation was asked for.", part=Part.JOURNEY)
class ConversationCalled(Event):
    """The holder is called together with the offer to find one (J5)."""

    link: UUID
    by: datetime
