"""Facts of consent: choices, passages withheld, emergency access. Told to nobody but the person: a choice can say as
much as a story (C4).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.event import Event, Part, Role, fact


@fact("consent.given", says="The person said that something may be shared.", part=None)
class ConsentGiven(Event):
    """A choice that permits."""

    choice: UUID
    organisation: UUID | None
    parts: tuple[Part, ...]


@fact("consent.said-no", says="The person said that something may not be shared.", part=None)
class ConsentSaidNo(Event):
    """A choice that denies: "no" is a record too (C1)."""

    choice: UUID
    organisation: UUID | None
    parts: tuple[Part, ...]


@fact("consent.withdrawn", says="The person took a choice back.", part=None)
class ConsentWithdrawn(Event):
    """In force when the answer came back (C2). ``instead``: whom the person wants to lead, if it was the
    lead's access.
    """

    choice: UUID
    organisation: UUID | None
    instead: UUID | None


@fact("consent.ended", says="A choice came to its end.", part=None)
class ConsentEnded(Event):
    """The date that the person set has come."""

    choice: UUID


@fact("consent.passage-withheld", says="The person withheld a passage of their story from somebody.", part=None)
class PassageWithheld(Event):
    """From one of the three, in force when the answer came back (S4)."""

    withholding: UUID
    passage: UUID
    organisation: UUID | None
    role: Role | None
    member: UUID | None


@fact("consent.passage-given-back", says="The person no longer withholds a passage of their story.", part=None)
class PassageGivenBack(Event):
    """A withholding was taken back: the passage is seen again by whom their choices let see the story."""

    withholding: UUID


@fact("consent.emergency-access-used", says="Somebody used emergency access to the plan and safe contact.", part=None)
class EmergencyAccessUsed(Event):
    """By one member, until then; the reason's words are consent's alone (C5)."""

    access: UUID
    organisation: UUID
    member: UUID
    role: Role
    until: datetime


@fact("consent.emergency-review-due", says="It is time to look at a use of emergency access together.", part=None)
class EmergencyReviewDue(Event):
    """72 hours after it was used (C5)."""

    access: UUID
    organisation: UUID
