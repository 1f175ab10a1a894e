"""What a person withholds: one passage of their story, from an organisation, a role or a named person (S4).

It restricts and opens nothing. Withheld from a role or from a member it is withheld from the systems through which
they would read it too: what a system is sent, whoever works there sees. Taking a passage back from everybody in one
act, and withholding what is not yet told, are later halves.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.consent.choice.domain import Asker, Who, WhoKind
from shared.errors import AlongsideError, Kind, WhoActs
from shared.event import Role
from shared.events.consent import PassageGivenBack, PassageWithheld

MOST = 500
"""How many of one person's may be in force at once."""


class TooManyWithheldError(AlongsideError):
    """There are more withholdings than anybody could look through."""

    code = "too-many-withheld"
    kind = Kind.CONFLICT
    says = "Very many passages are withheld here already. Give some back first, or take back who may see your story."
    who = WhoActs.PERSON


@dataclass(frozen=True, slots=True)
class Withholding:
    """One passage, withheld from one. ``number`` is its place in the person's own order, never shown."""

    id: UUID
    person: UUID
    number: int
    passage: UUID
    who: Who
    at: datetime
    words: str | None = field(default=None, repr=False)
    given_back_at: datetime | None = None

    @property
    def in_force(self) -> bool:
        """Say whether it still stands."""
        return self.given_back_at is None

    def covers(self, asker: Asker, theirs: Collection[UUID]) -> bool:
        """Say whether it is withheld from ``asker``. ``theirs``: members who belong to the asker's organisation."""
        if asker.role is not Role.SYSTEM:
            return self.who.covers(asker)
        return self.who.kind is WhoKind.ROLE or self.who.id in theirs or self.who.covers(asker)


@dataclass(frozen=True, slots=True)
class Withhold:
    """Withhold a passage."""

    person: UUID
    passage: UUID
    who: Who
    words: str | None = field(default=None, repr=False)

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Let a passage be seen again."""

    person: UUID
    withholding: UUID

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


def withhold(
    command: Withhold, before: Collection[Withholding], *, new_id: UUID, number: int, now: datetime
) -> Withholding:
    """Make a withholding; the one in force, where this is withheld from the same already. Raises TooManyWithheldError.

    ``before`` are those of the person that are in force.
    """
    for each in before:
        if (each.passage, each.who) == (command.passage, command.who):
            return each
    if len(before) >= MOST:
        raise TooManyWithheldError
    return Withholding(new_id, command.person, number, command.passage, command.who, now, command.words)


def give_back(withholding: Withholding, now: datetime) -> Withholding:
    """Let it be seen again. Doing it again changes nothing."""
    return withholding if not withholding.in_force else replace(withholding, given_back_at=now)


def withheld(withholding: Withholding) -> PassageWithheld:
    """Give the fact of a withholding: it names whom, so that a restore withholds again from just them (ADR 0019)."""
    kind, who = withholding.who.kind, withholding.who
    return PassageWithheld(
        subject=withholding.person,
        withholding=withholding.id,
        passage=withholding.passage,
        organisation=who.id if kind is WhoKind.ORGANISATION else None,
        role=who.role,
        member=who.id if kind is WhoKind.MEMBER else None,
    )


def again(fact: PassageWithheld, number: int, at: datetime) -> Withholding:
    """Give the withholding that a fact tells of; the person's words are in no fact."""
    if fact.role is not None:
        who = Who(WhoKind.ROLE, role=fact.role)
    elif fact.organisation is not None:
        who = Who(WhoKind.ORGANISATION, fact.organisation)
    else:
        who = Who(WhoKind.MEMBER, fact.member)
    return Withholding(fact.withholding, fact.subject, number, fact.passage, who, at)


def given_back(withholding: Withholding) -> PassageGivenBack:
    """Give the fact that a passage may be seen again."""
    return PassageGivenBack(subject=withholding.person, withholding=withholding.id)
