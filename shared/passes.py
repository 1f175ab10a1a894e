"""Who is asking: a sign-in turned into a plain value. The pass is judged, never the service that
carries it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.event import Actor, Recorded, Role


class Purpose(StrEnum):
    """What something is for (C1)."""

    SUPPORT = "support"
    CRISIS = "crisis"
    OVERSIGHT = "oversight"
    RESEARCH = "research"


@dataclass(frozen=True, slots=True)
class Pass:
    """A sign-in. ``principal`` is whom kept replies are scoped to.

    ``person`` is set when the one who signed in is a person of the place: then it names their own record.
    ``member`` and ``organisation`` are set for supporters; a partner system has an organisation and no
    member. ``signed`` is the pass as who gave it signed it, where it came from another process (ADR 0016).
    """

    role: Role
    principal: UUID
    member: UUID | None = None
    organisation: UUID | None = None
    person: UUID | None = None
    purpose: Purpose = Purpose.SUPPORT
    scopes: frozenset[str] = frozenset()
    until: datetime | None = None
    signed: str = field(default="", compare=False, repr=False)

    @property
    def actor(self) -> Actor:
        """Give who stands in the journal for what this pass does."""
        return Actor(self.role, self.member or self.person, self.organisation)

    def is_person(self, person_id: UUID) -> bool:
        """Say whether this is the person themself, signed in."""
        return self.role is Role.PERSON and self.person == person_id


ANYONE = Pass(Role.ANYONE, UUID(int=1))


def timer(name: str) -> Pass:
    """Give the pass of a named principal of the system itself; it discloses nothing on its own authority."""
    return Pass(Role.TIMER, UUID(bytes=name.encode()[:16].ljust(16, b"\0")))


@dataclass(frozen=True, slots=True)
class Origin:
    """Who asks and why it happens. ``request_id`` with ``body`` (a hash) is what a kept reply is found by."""

    by: Pass
    correlation: UUID
    request_id: UUID | None = None
    body: str = ""
    cause: Recorded | None = None
