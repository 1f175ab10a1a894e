"""Choices: who may have which parts of a person, what for, until when; and "no", which is a record too (C1).

The latest choice about the same *who* wins (C3). A yes that was overruled or taken back never comes back by
itself; a no does, when what overruled it has ended or was taken back.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.errors import AlongsideError, InvalidError, Kind, Reason, WhoActs
from shared.event import Code, Part, Role
from shared.events.consent import ConsentEnded, ConsentGiven, ConsentSaidNo, ConsentWithdrawn
from shared.passes import Pass, Purpose

HERE_AND_NOW = timedelta(hours=72)
"""How long a yes to one's own organisation lasts at most when its member writes it down for the person (S2)."""
WORK_ROLES = frozenset({Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY, Role.SYSTEM})
ALL_PARTS = frozenset(Part)
ALL_PURPOSES = frozenset(Purpose)
MOST_CHOICES = 500
"""How many yeses may be in force at once; a tenth of it of what one organisation wrote down."""


class WhoKind(StrEnum):
    """The five ways to say who (C1)."""

    ORGANISATION = "organisation"
    OFFER = "offer"
    ROLE = "role"
    MEMBER = "member"
    ANY_CRISIS_SERVICE = "any-crisis-service"


class GivenHow(StrEnum):
    """How a choice was said."""

    SIGNED_IN = "signed-in"
    IN_PERSON = "in-person"
    PHONE = "phone"
    TEXT = "text"
    PAPER = "paper"


class State(StrEnum):
    """Where one choice stands. Whether it opens anything, the decision says."""

    IN_FORCE = "in-force"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who would see: a pass, with the offers of its organisation and whether one is an open crisis service.

    ``by_name_only``: its organisation joined on one voucher and gets only what is given it by name (M1).
    """

    role: Role
    purpose: Purpose
    organisation: UUID | None = None
    member: UUID | None = None
    person: UUID | None = None
    offers: frozenset[UUID] = frozenset()
    at_crisis: bool = False
    by_name_only: bool = False


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a choice is about. Two choices about an equal ``Who`` are about the same: the later one wins."""

    kind: WhoKind
    id: UUID | None = None
    role: Role | None = None

    def covers(self, asker: Asker) -> bool:
        """Say whether this names ``asker``. An organisation covers whoever works there, and its systems."""
        match self.kind:
            case WhoKind.ORGANISATION:
                return asker.role in WORK_ROLES and self.id is not None and asker.organisation == self.id
            case WhoKind.OFFER:
                return asker.role in WORK_ROLES and self.id in asker.offers
            case WhoKind.ROLE:
                return asker.role is self.role
            case WhoKind.MEMBER:
                return self.id is not None and self.id in (asker.member, asker.person)
            case WhoKind.ANY_CRISIS_SERVICE:
                return asker.role in WORK_ROLES and asker.at_crisis


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice as it was said. ``number`` is its place in the person's own order, never shown.

    ``lawful_basis`` is a partner's own ground for its record; it opens nothing. ``owed_by``: the organisation
    that led and lost sight by this, until pathway has let another lead; ``instead`` whom the person named;
    ``blind`` that whoever leads then gets an alias and a safe route only.
    """

    id: UUID
    person: UUID
    number: int
    who: Who
    parts: frozenset[Part]
    purposes: frozenset[Purpose]
    permit: bool
    given_how: GivenHow
    given_at: datetime
    hide: bool = False
    until: datetime | None = None
    words: str | None = field(default=None, repr=False)
    given_to_member: UUID | None = None
    given_to_organisation: UUID | None = None
    lawful_basis: Code | None = None
    withdrawn_at: datetime | None = None
    owed_by: UUID | None = None
    instead: UUID | None = None
    blind: bool = False

    def state(self, now: datetime) -> State:
        """Say whether it still stands at ``now``."""
        if self.withdrawn_at is not None:
            return State.WITHDRAWN
        return State.ENDED if self.until is not None and self.until <= now else State.IN_FORCE

    def in_force(self, now: datetime) -> bool:
        """Say whether it stands at ``now``."""
        return self.state(now) is State.IN_FORCE

    def is_about(self, part: Part, purpose: Purpose) -> bool:
        """Say whether it speaks of ``part`` for ``purpose``."""
        return part in self.parts and purpose in self.purposes

    def covers(self, asker: Asker) -> bool:
        """Say whether it names ``asker``. A yes to a role is not for a group that gets only what is given by name."""
        if self.permit and self.who.kind is WhoKind.ROLE and asker.by_name_only:
            return False
        return self.who.covers(asker)

    @property
    def written_down(self) -> bool:
        """Say whether a supporter wrote it down for the person."""
        return self.given_to_organisation is not None or self.given_to_member is not None


@dataclass(frozen=True, slots=True)
class LookedAt:
    """An organisation that may lose sight by a no or a withdrawal, as others knew it just before.

    ``members``: those of the members whom the person named who belong to it. ``holds``: it leads, or
    may come to lead. ``by_name_only``: as for an asker.
    """

    organisation: UUID
    members: frozenset[UUID] = frozenset()
    holds: bool = False
    by_name_only: bool = False


@dataclass(frozen=True, slots=True)
class GiveChoice:
    """Say yes or no. ``looked_at``: which organisation may lose sight by it, asked beforehand."""

    person: UUID
    who: Who
    parts: frozenset[Part]
    purposes: frozenset[Purpose]
    permit: bool
    given_how: GivenHow
    hide: bool = False
    until: datetime | None = None
    words: str | None = field(default=None, repr=False)
    lawful_basis: Code | None = None
    instead: UUID | None = None
    blind: bool = False
    looked_at: LookedAt | None = None

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class WithdrawChoice:
    """Take a choice back (C2)."""

    person: UUID
    choice: UUID
    instead: UUID | None = None
    blind: bool = False
    looked_at: LookedAt | None = None

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


class OnlyThePerson(Reason):
    """What a supporter may not write down for somebody."""

    NO = "no", "A no is the person's own to say: it could cut them off from somebody."
    TOO_WIDE = "too-wide", "Only the person may name a role, or any crisis service."
    NO_WORDS = "no-words", "Write down what the person said, in their words."
    SIGNED_IN = "signed-in", "They are not signed in here: say how they told you."


class OnlyThePersonError(AlongsideError):
    """A supporter wrote down what only the person may say."""

    code = "only-the-person"
    kind = Kind.FORBIDDEN
    says = "Only the person can choose this. You can write down a yes that they told you, in their words."
    who = WhoActs.PERSON


class TooManyChoicesError(AlongsideError):
    """There are more choices than anybody could look through."""

    code = "too-many-choices"
    kind = Kind.CONFLICT
    says = "There are very many choices here already. Take some back first; a withdrawal is always possible."
    who = WhoActs.PERSON


def give(
    command: GiveChoice, by: Pass, before: Collection[Choice], *, choice_id: UUID, number: int, now: datetime
) -> Choice:
    """Make the record of a choice (C1). ``before`` are those that the person has.

    Raises InvalidError for an end that is past, OnlyThePersonError for what a supporter may not write down, and
    TooManyChoicesError: what others write down never uses up what the person may say.
    """
    if command.until is not None and command.until <= now:
        raise InvalidError(fields=("until",))
    theirs = by.is_person(command.person)
    like = [
        each for each in before if each.permit and each.in_force(now) and each.given_to_organisation == by.organisation
    ]
    if command.permit and len(like) >= (MOST_CHOICES if theirs else MOST_CHOICES // 10):
        raise TooManyChoicesError
    until = command.until if theirs else _told_to_a_supporter(command, by, now)
    return Choice(
        id=choice_id,
        person=command.person,
        number=number,
        who=command.who,
        parts=command.parts,
        purposes=command.purposes,
        permit=command.permit,
        given_how=command.given_how,
        given_at=now,
        hide=command.hide,
        until=until,
        words=command.words,
        given_to_member=by.member,
        given_to_organisation=by.organisation,
        lawful_basis=command.lawful_basis,
    )


def _told_to_a_supporter(command: GiveChoice, by: Pass, now: datetime) -> datetime | None:
    reasons = [
        reason
        for reason, wrong in (
            (OnlyThePerson.NO, not command.permit or command.hide),
            (OnlyThePerson.TOO_WIDE, command.who.kind in {WhoKind.ROLE, WhoKind.ANY_CRISIS_SERVICE}),
            (OnlyThePerson.NO_WORDS, not command.words),
            (OnlyThePerson.SIGNED_IN, command.given_how is GivenHow.SIGNED_IN),
        )
        if wrong
    ]
    if reasons:
        raise OnlyThePersonError(reasons=tuple(reasons))
    latest = now + HERE_AND_NOW
    own = command.who.kind is not WhoKind.ORGANISATION or command.who.id == by.organisation
    return min(command.until or latest, latest) if own else command.until


def withdraw(choice: Choice, *, now: datetime) -> Choice:
    """Take a choice back. Doing it again changes nothing."""
    return choice if choice.withdrawn_at is not None else replace(choice, withdrawn_at=now)


def said(choice: Choice) -> ConsentGiven | ConsentSaidNo:
    """Give the fact of a choice that was made."""
    organisation = choice.who.id if choice.who.kind is WhoKind.ORGANISATION else None
    kind = ConsentGiven if choice.permit else ConsentSaidNo
    return kind(subject=choice.person, choice=choice.id, organisation=organisation, parts=tuple(sorted(choice.parts)))


def taken_back(choice: Choice, looked_at: LookedAt | None) -> ConsentWithdrawn:
    """Give the fact of a withdrawal. ``organisation``: who led or might, and can see nothing any more (C2)."""
    holds = looked_at is not None and looked_at.holds
    return ConsentWithdrawn(
        subject=choice.person,
        choice=choice.id,
        organisation=choice.owed_by if holds else None,
        instead=choice.instead,
    )


def ended(choice: Choice) -> ConsentEnded:
    """Give the fact that the date which the person set has come."""
    return ConsentEnded(subject=choice.person, choice=choice.id)


def by_who(choices: Collection[Choice]) -> dict[Who, list[Choice]]:
    """Sort choices by whom they are about, newest first."""
    found: dict[Who, list[Choice]] = {}
    for choice in sorted(choices, key=lambda c: c.number, reverse=True):
        found.setdefault(choice.who, []).append(choice)
    return found
