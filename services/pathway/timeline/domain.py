"""The timeline: what happened, in order, in plain words, numbered as this reader sees it (J11, C4)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.event import REGISTRY, Event, Part, Recorded, Role
from shared.events.pathway import DriftingEnded, LeadChanged

ABOUT_NOBODY = frozenset({"community"})
THE_PERSONS = frozenset({"consent"})
"""Sources whose facts without a part are about a person, and shown to that person alone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event about a person. ``part`` None: only the person sees it. ``about``: the organisation it names."""

    event: UUID
    id: UUID
    person: UUID
    tick: int
    source: str
    seq: int
    type: str
    part: Part | None
    organisation: UUID | None
    role: Role
    about: UUID | None
    at: datetime


def entry_of(event: Event | None, recorded: Recorded, entry_id: UUID) -> Entry | None:
    """Give the entry of an event; None for one that is about no person, or that can't be read here."""
    if event is None or recorded.source in ABOUT_NOBODY:
        return None
    if event.part is None and recorded.source not in THE_PERSONS:
        return None
    said_by = None if isinstance(event, DriftingEnded) else recorded.actor.organisation
    role = Role.TIMER if isinstance(event, DriftingEnded) else recorded.actor.role
    return Entry(
        recorded.id, entry_id, recorded.subject, recorded.tick, recorded.source, recorded.seq, recorded.type,
        event.part, said_by, role, _about(event), recorded.time,
    )  # fmt: skip


def says(entry: Entry) -> str:
    """Say an entry in plain words."""
    newest = max(version for name, version in REGISTRY if name == entry.type)
    return REGISTRY[entry.type, newest].says


def own_id(entry: Entry, reader: UUID) -> UUID:
    """Give the id that only this reader knows an entry by: two readers can't compare theirs (I1)."""
    mixed = hashlib.sha256(entry.id.bytes + reader.bytes).digest()
    return UUID(bytes=mixed[:16], version=4)


def _about(event: Event) -> UUID | None:
    found = event.now if isinstance(event, LeadChanged) else getattr(event, "organisation", None)
    return found if isinstance(found, UUID) else None
