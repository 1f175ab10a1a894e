"""Facts of consent: choices. Told to nobody but the person: a choice can say as much as a story (C4)."""

from __future__ import annotations

from uuid import UUID

from shared.event import Event, Part, fact


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
