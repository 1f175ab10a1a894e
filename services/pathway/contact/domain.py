"""Contacts, promises and drifting: what counts as contact, and when nobody has made any (J8, J9, W2)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from shared.errors import AlongsideError, InvalidError, Kind, Reason
from shared.event import Event, Role
from shared.events.pathway import (
    ContactHow,
    ContactMade,
    ContactTried,
    ContactTurnedDown,
    Drifting,
    DriftingEnded,
    LeftTheBuilding,
    Promised,
    PromiseKept,
)

LIVE = frozenset({ContactHow.IN_PERSON, ContactHow.PHONE, ContactHow.VIDEO})
NOBODY_ANSWERS = frozenset({ContactHow.REMINDER, ContactHow.SIGHTING, ContactHow.THROUGH_SUPPORTER})
FARTHEST_PROMISE = timedelta(days=366)


class Outcome(StrEnum):
    """What came of it (J8)."""

    MADE = "made"
    TRIED = "tried"
    TURNED_DOWN = "turned-down"


class NotContact(Reason):
    """Why something is not contact made."""

    NOT_LIVE = "not-live", "A text, an e-mail or a letter is not contact made: the person has to be there, live."
    NOT_THE_PERSON = (
        "not-the-person",
        "A reminder, a sighting or what somebody else said is not contact with the person.",
    )


class NotContactError(AlongsideError):
    """It was said to be contact made, or turned down, and is not (J8)."""

    code: ClassVar[str] = "not-contact"
    kind: ClassVar[Kind] = Kind.INVALID
    says: ClassVar[str] = "That is contact tried. Only somebody who spoke with the person made contact."


class NoteNotShownError(AlongsideError):
    """A peer's note has to be shown or read to the person (W2)."""

    code: ClassVar[str] = "note-not-shown"
    kind: ClassVar[Kind] = Kind.INVALID
    says: ClassVar[str] = "Show or read a note to the person before it is kept, or leave the note out."


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact made, tried or turned down. ``shown``: the person knows what is said of it here (W2)."""

    id: UUID
    person: UUID
    outcome: Outcome
    how: ContactHow
    organisation: UUID | None
    member: UUID | None
    role: Role
    note: str | None
    shown: bool
    happened_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Promise:
    """ "I will ring on Tuesday": a dated thing."""

    id: UUID
    person: UUID
    contact: UUID
    organisation: UUID | None
    member: UUID | None
    by: datetime
    words: str | None
    made_at: datetime
    kept_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """A promise whose date has not come: what a rule must know of it."""

    id: UUID
    organisation: UUID | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Watch:
    """Whether somebody must make contact with a person by when, and whether nobody did (J9).

    ``left_at``: when they left the building, until ``contact_by`` has come. ``drifting_since``: set while drifting.
    ``signs``: warning signs wait for an answer, as asks know it (P9).
    """

    person: UUID
    left_at: datetime | None = None
    contact_by: datetime | None = None
    drifting_since: datetime | None = None
    promises: tuple[Open, ...] = ()
    signs: bool = field(default=False, compare=False)


Watched = tuple[Watch, tuple[Event, ...]]


@dataclass(frozen=True, slots=True)
class LogContact:
    """Say that contact was made, tried or turned down, with a promise or without."""

    person: UUID
    outcome: Outcome
    how: ContactHow
    organisation: UUID | None
    member: UUID | None
    role: Role
    note: str | None = None
    shown: bool = False
    happened_at: datetime | None = None
    promise_by: datetime | None = None
    promise_words: str | None = None
    within: timedelta = timedelta()

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


@dataclass(frozen=True, slots=True)
class Logged:
    """What a contact comes to. ``kept``: promises that it keeps."""

    contact: Contact
    promise: Promise | None
    kept: tuple[UUID, ...]
    watch: Watch
    facts: tuple[Event, ...]


def log(command: LogContact, watch: Watch, now: datetime, contact_id: UUID, promise_id: UUID) -> Logged:
    """Keep a contact. Raises NotContactError, NoteNotShownError, InvalidError."""
    check(command, now)
    happened = command.happened_at or now
    contact = Contact(
        contact_id, command.person, command.outcome, command.how, command.organisation, command.member,
        command.role, command.note, command.shown, happened, now,
    )  # fmt: skip
    facts: list[Event] = [_said(contact)]
    promise = _promise(command, contact, promise_id, now)
    kept = _kept(watch, contact)
    facts += [PromiseKept(subject=contact.person, promise=each.id) for each in kept]
    after = replace(watch, promises=tuple(each for each in watch.promises if each not in kept))
    if promise is not None:
        facts.append(Promised(subject=contact.person, promise=promise.id, by=promise.by))
        opened = Open(promise.id, promise.organisation, now)
        after = replace(after, promises=(*after.promises, opened))
    ended = contact.outcome is not Outcome.TRIED and _since(watch, happened)
    if ended:
        after = replace(after, drifting_since=None)
        facts.append(DriftingEnded(subject=contact.person))
    return Logged(contact, promise, tuple(each.id for each in kept), after, tuple(facts))


def check(command: LogContact, now: datetime) -> None:
    """Refuse what is no contact, what a peer did not show, and dates that can't be."""
    if command.outcome is not Outcome.TRIED and command.how in NOBODY_ANSWERS:
        raise NotContactError(reasons=(NotContact.NOT_THE_PERSON,))
    if command.outcome is Outcome.MADE and command.how not in LIVE:
        raise NotContactError(reasons=(NotContact.NOT_LIVE,))
    if command.role is Role.PEER_SUPPORTER and command.note is not None and not command.shown:
        raise NoteNotShownError
    if command.happened_at is not None and command.happened_at > now:
        raise InvalidError(fields=("happened_at",))
    by = command.promise_by
    if by is not None and not now < by <= now + FARTHEST_PROMISE:
        raise InvalidError(fields=("promise.by",))


def left_the_building(
    watch: Watch, organisation: UUID, left_at: datetime, after: timedelta, *, contacted: bool
) -> Watched:
    """Begin to watch: somebody has to make contact within ``after`` of the leaving, whoever leads (J9).

    ``contacted``: somebody did since the leaving before this one. Otherwise the earlier date stands: going through
    another door does not put it off.
    """
    contact_by = left_at + after
    if watch.contact_by is not None and not contacted:
        contact_by = min(watch.contact_by, contact_by)
    fact = LeftTheBuilding(subject=watch.person, organisation=organisation, contact_by=contact_by)
    return replace(watch, left_at=left_at, contact_by=contact_by), (fact,)


def time_came(watch: Watch, *, contacted: bool) -> Watched:
    """Say that somebody drifts when nobody at all made contact since they left the building (J9)."""
    if watch.left_at is None:
        return watch, ()
    since = watch.left_at
    quiet = replace(watch, left_at=None, contact_by=None)
    return _drifts(quiet, since, None) if not contacted else (quiet, ())


def promise_came(watch: Watch, promise: UUID, *, contacted: bool) -> Watched:
    """Say that somebody drifts when a promised date came and nobody at all made contact since it was made (J9)."""
    found = next((each for each in watch.promises if each.id == promise), None)
    if found is None:
        return watch, ()
    rest = replace(watch, promises=tuple(each for each in watch.promises if each != found))
    return _drifts(rest, found.made_at, promise) if not contacted else (rest, ())


def stopped(watch: Watch) -> Watched:
    """Stop watching: the person took a way out, or is held quietly (J4). An open alarm ends with it."""
    ended = (DriftingEnded(subject=watch.person),) if watch.drifting_since is not None else ()
    return Watch(watch.person), ended


def _drifts(watch: Watch, since: datetime, promise: UUID | None) -> Watched:
    if watch.drifting_since is not None:
        return watch, ()
    fact = Drifting(subject=watch.person, since=since, promise=promise)
    return replace(watch, drifting_since=since), (fact,)


def _since(watch: Watch, happened: datetime) -> bool:
    return watch.drifting_since is not None and happened >= watch.drifting_since


def _kept(watch: Watch, contact: Contact) -> tuple[Open, ...]:
    if contact.outcome is not Outcome.MADE or contact.organisation is None:
        return ()
    return tuple(
        each
        for each in watch.promises
        if each.organisation == contact.organisation and each.made_at <= contact.happened_at
    )


def _promise(command: LogContact, contact: Contact, promise_id: UUID, now: datetime) -> Promise | None:
    if command.promise_by is None:
        return None
    return Promise(
        promise_id, contact.person, contact.id, contact.organisation, contact.member,
        command.promise_by, command.promise_words, now,
    )  # fmt: skip


def _said(contact: Contact) -> Event:
    kinds = {
        Outcome.MADE: ContactMade,
        Outcome.TRIED: ContactTried,
        Outcome.TURNED_DOWN: ContactTurnedDown,
    }
    return kinds[contact.outcome](
        subject=contact.person, contact=contact.id, organisation=contact.organisation, how=contact.how
    )
