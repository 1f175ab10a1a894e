"""Emergency access overrides the *absence* of a choice (C5): plan and safe contact, for one named member, for a while.

Whatever the person said stands: a no, a withdrawal (their last word was to take it back), a hidden contact. Nor does
it open one's own record (S12). Nothing is told apart: all of these answer as somebody who does not exist (C4). It ends
by itself, gives reading only, and every reading is decided anew, so a no said meanwhile ends it at once.

This is the first half. Not built: an explicit no that yields to a second authoriser of another team (lack of capacity
with best interests and serious harm, serious harm to others, statute or court), widening by a new reason, a dated delay
of telling, uses per organisation as a published figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.consent.choice.domain import Asker, Choice
from services.consent.decision.domain import FOR_CARE, IN_EMERGENCY, Question, Verdict, by_choice, is_absence
from shared.errors import AlongsideError, Kind
from shared.event import Role
from shared.events.consent import EmergencyAccessUsed, EmergencyReviewDue
from shared.passes import Pass

USUAL_HOURS = 4
MOST_HOURS = 24
"""A floor of care: no rulebook makes it longer."""
REVIEW_AFTER = timedelta(hours=72)


class AlreadyOpenError(AlongsideError):
    """There is nothing for emergency access to open."""

    code = "already-open"
    kind = Kind.CONFLICT
    says = "What emergency access could open, you may read already. Read it as you always do."


@dataclass(frozen=True, slots=True)
class Access:
    """One emergency access. ``reason`` is the member's words, shown to the person alone; None: lost with a restore.
    ``number`` is its place in the person's own order, never shown.
    """

    id: UUID
    person: UUID
    number: int
    member: UUID
    organisation: UUID
    role: Role
    reason: str | None = field(repr=False)
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class OpenInEmergency:
    """Open emergency access. ``exists``: whether there is such a person.

    It names no stream: somebody's is locked only where there is a fact to write, so that nobody's is ever made.
    """

    person: UUID
    exists: bool
    reason: str = field(repr=False)
    hours: int = USUAL_HOURS

    @property
    def streams(self) -> tuple[UUID, ...]:
        """None yet."""
        return ()


def may_ask(by: Pass) -> bool:
    """Say whether this sign-in may ask at all: a named member of an organisation, for somebody's care (C5)."""
    return by.member is not None and by.organisation is not None and by.purpose in FOR_CARE


def looked(asker: Asker, person: UUID, choices: Sequence[Choice], now: datetime) -> Verdict:
    """Say what choices say of what emergency access could open: absence of one where there is any, else a yes where
    all that is not denied is open already, else the no.
    """
    verdicts = [by_choice(Question(asker, person, part), choices, now) for part in sorted(IN_EMERGENCY)]
    absent = [verdict for verdict in verdicts if is_absence(verdict)]
    open_already = [verdict for verdict in verdicts if verdict.permitted]
    return (absent or open_already or verdicts)[0]


def opened(command: OpenInEmergency, by: Pass, *, access: UUID, number: int, now: datetime) -> Access:
    """Make an access for the member who asks (``may_ask``)."""
    assert by.member is not None  # noqa: S101 - for the types: `may_ask` says so
    assert by.organisation is not None  # noqa: S101
    until = now + timedelta(hours=command.hours)
    return Access(access, command.person, number, by.member, by.organisation, by.role, command.reason, now, until)


def used(access: Access) -> EmergencyAccessUsed:
    """Give the fact of an access."""
    return EmergencyAccessUsed(
        subject=access.person,
        access=access.id,
        organisation=access.organisation,
        member=access.member,
        role=access.role,
        until=access.until,
    )


def forgotten(fact: EmergencyAccessUsed, number: int, at: datetime) -> Access:
    """Give an access that a restore forgot: it stands in the person's list, and opens nothing any more (ADR 0019)."""
    return Access(fact.access, fact.subject, number, fact.member, fact.organisation, fact.role, None, at, at)


def review_due(access: Access) -> EmergencyReviewDue:
    """Give the fact that it is time to look at an access together."""
    return EmergencyReviewDue(subject=access.person, access=access.id, organisation=access.organisation)
