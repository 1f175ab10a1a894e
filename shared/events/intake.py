"""Facts of intake: people, doors and arrivals, stories, needs, the circle around a person."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from shared.event import Event, Part, fact


class Door(StrEnum):
    """How somebody came (S1): any door."""

    SELF = "self"
    CARER = "carer"
    PEER = "peer"
    FRIEND = "friend"
    GP = "gp"
    EMERGENCY_DEPARTMENT = "emergency-department"
    ASSESSMENT_CENTRE = "assessment-centre"
    NHS_111 = "nhs-111"
    POLICE = "police"
    AMBULANCE = "ambulance"
    HOUSING = "housing"
    SCHOOL = "school"
    FAITH_GROUP = "faith-group"
    COMMUNITY_GROUP = "community-group"
    CRISIS_HOUSE = "crisis-house"
    COMMUNITY_TEAM = "community-team"
    COUNCIL = "council"
    TEXT = "text"


class NeedKind(StrEnum):
    """The four kinds of need (S5)."""

    CLINICAL = "clinical"
    PRACTICAL = "practical"
    SOCIAL = "social"
    FINANCIAL = "financial"


@fact("intake.arrived", says="Somebody arrived.", part=Part.JOURNEY)
class Arrived(Event):
    """A person came by a door. ``lead`` is set for a new person: the backstop, from the first write (J2a)."""

    arrival: UUID
    door: Door
    at_organisation: UUID | None
    lead: UUID | None
    chosen: UUID | None


@fact("intake.story-told", says="A story was told.", part=Part.STORY)
class StoryTold(Event):
    """A story was told for the first time."""

    story: UUID
    passages: int


@fact("intake.story-amended", says="The story was changed or added to.", part=Part.STORY)
class StoryAmended(Event):
    """A story has a new version; the old one stays."""

    story: UUID
    passages: int


@fact("intake.story-asked-again", says="The person had to tell it again.", part=Part.JOURNEY)
class StoryAskedAgain(Event):
    """The person pressed "I had to tell it again" (S2); counted for the organisation."""

    organisation: UUID


@fact("intake.need-named", says="A need was named.", part=Part.JOURNEY)
class NeedNamed(Event):
    """The person named a need."""

    need: UUID
    kind: NeedKind


@fact("intake.circle-changed", says="The circle around the person changed.", part=Part.CIRCLE)
class CircleChanged(Event):
    """Somebody was added to, changed in or taken out of the circle."""

    entry: UUID


@fact("intake.safe-contact-changed", says="How to reach the person safely changed.", part=Part.CONTACT)
class SafeContactChanged(Event):
    """The safe route of a person was set or changed (S7)."""
