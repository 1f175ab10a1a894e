"""The circle: everyone who matters, what each may do, and whom to ring when the person goes quiet (S6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.intake.reach.domain import Reach
from shared.errors import AlongsideError, InvalidError, Kind, NotFoundError, WhoActs
from shared.event import Event, Role
from shared.events.intake import CircleChanged
from shared.passes import Pass
from shared.ports import Watchers


class Tie(StrEnum):
    """What somebody is to the person. ``CARED_FOR`` is a carer's side of a tie that goes both ways."""

    FAMILY = "family"
    FRIEND = "friend"
    CARER = "carer"
    PEER = "peer"
    WORKER = "worker"
    CHILD = "child"
    CARED_FOR = "cared-for"
    OTHER = "other"


OTHER_SIDE = {
    Tie.CARER: Tie.CARED_FOR,
    Tie.CARED_FOR: Tie.CARER,
    Tie.CHILD: Tie.FAMILY,
    Tie.WORKER: Tie.OTHER,
}
"""What the person is to the other; the same when it is not here."""


class May(StrEnum):
    """What somebody of the circle may do. What they may see is a choice, and consent's (C1)."""

    BE_RUNG = "be-rung"
    BE_TOLD = "be-told"
    ASK_FOR_MORE = "ask-for-more"
    SAY_WARNING_SIGNS = "say-warning-signs"
    WITNESS_AGREEMENT = "witness-agreement"
    BE_WITH_ME = "be-with-me"


class FullError(AlongsideError):
    """A circle holds no more than this."""

    code = "circle-full"
    kind = Kind.CONFLICT
    says = "There are a hundred in this circle. Take somebody out before you add another."


class NotYoursToRemoveError(AlongsideError):
    """Somebody else put this one into the circle."""

    code = "not-yours-to-remove"
    kind = Kind.CONFLICT
    says = "Only the person, or whoever added this one, can take them out of the circle."
    who = WhoActs.PERSON


NO_WAYS = Reach()
MOST_IN_A_CIRCLE = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody of the circle. ``ring`` is their place on the list "if I go quiet, who may we ring?"."""

    id: UUID
    person: UUID
    called: str
    kind: Tie
    may: tuple[May, ...]
    note: str | None
    ring: int | None
    linked_person: UUID | None
    linked_organisation: UUID | None
    linked_member: UUID | None
    mirror: UUID | None
    ways: Reach
    by_member: UUID | None
    by_organisation: UUID | None
    at: datetime

    def links(self) -> frozenset[UUID]:
        """Give who of the place this is: a person, a member, an organisation; none for a name alone."""
        found = (self.linked_person, self.linked_organisation, self.linked_member)
        return frozenset(each for each in found if each is not None)


@dataclass(frozen=True, slots=True)
class Ringed:
    """Somebody as they are named for the circle."""

    called: str
    kind: Tie = Tie.OTHER
    may: tuple[May, ...] = ()
    note: str | None = None
    if_quiet: bool = False
    person: UUID | None = None
    organisation: UUID | None = None
    member: UUID | None = None
    ways: Reach = NO_WAYS


@dataclass(frozen=True, slots=True)
class AddToCircle:
    """Add somebody. With ``ringed.person`` the tie goes both ways, and both streams are locked."""

    person: UUID
    ringed: Ringed

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person, and about whoever of the place is tied to them."""
        return (self.person, self.ringed.person) if self.ringed.person else (self.person,)


@dataclass(frozen=True, slots=True)
class TieBoth:
    """Say yes to an invitation: ``person`` is whom ``entry`` in the circle of ``other`` is about."""

    person: UUID
    other: UUID
    entry: UUID

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about both."""
        return (self.person, self.other)


@dataclass(frozen=True, slots=True)
class RemoveFromCircle:
    """Take somebody out. ``other`` is the person of the place at the other side of the tie, if there is one."""

    person: UUID
    entry: UUID
    other: UUID | None

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person, and about whoever of the place is tied to them."""
        return (self.person, self.other) if self.other else (self.person,)


@dataclass(frozen=True, slots=True)
class OrderRinging:
    """Say in which order to ring the people and organisations of the circle; whoever is left out is not rung."""

    person: UUID
    entries: tuple[UUID, ...]

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about one person."""
        return (self.person,)


def begin_circle(
    person: UUID, ringed: tuple[Ringed, ...], by: Pass, now: datetime, new_id: Callable[[], UUID]
) -> tuple[tuple[Entry, ...], tuple[Event, ...]]:
    """Decide the circle of somebody new: those to ring if they go quiet in the order given (J9), and the rest."""
    first = [each for each in ringed if each.if_quiet]
    rest = [each for each in ringed if not each.if_quiet]
    entries = tuple(
        _entry(person, each, by, now, new_id(), place if each.if_quiet else None)
        for place, each in enumerate([*first, *rest], 1)
    )
    return entries, tuple(CircleChanged(subject=person, entry=entry.id) for entry in entries)


def add(
    there: tuple[Entry, ...], command: AddToCircle, called: str, by: Pass, now: datetime, new_id: Callable[[], UUID]
) -> tuple[tuple[Entry, ...], tuple[Event, ...]]:
    """Decide a new entry, and the other side of it when it names a person of the place (S6).

    ``called`` is what the person is called, for the other's circle. Raises InvalidError when somebody names
    themself.
    """
    ringed = command.ringed
    if ringed.person == command.person:
        raise InvalidError(fields=("person",))
    if len(there) >= MOST_IN_A_CIRCLE:
        raise FullError
    last = max((entry.ring for entry in there if entry.ring), default=0)
    entry = _entry(command.person, ringed, by, now, new_id(), last + 1 if ringed.if_quiet else None)
    if ringed.person is None:
        return (entry,), (CircleChanged(subject=command.person, entry=entry.id),)
    other = _other_side(entry, ringed.person, called, by, now, new_id())
    pair = (replace(entry, mirror=other.id), replace(other, mirror=entry.id))
    return pair, tuple(CircleChanged(subject=each.person, entry=each.id) for each in pair)


def tie(
    entry: Entry | None, command: TieBoth, called: str, by: Pass, now: datetime, new_id: Callable[[], UUID]
) -> tuple[Entry, Entry, tuple[Event, ...]]:
    """Decide that an entry is about a person of the place, who said yes (S6). Gives the entry and its other side.

    ``called`` is what the one who invited is called. Raises NotFoundError when the entry is gone or already tied,
    or when somebody would be tied to themself.
    """
    if entry is None or entry.linked_person is not None or command.person == command.other:
        raise NotFoundError
    other = _other_side(entry, command.person, called, by, now, new_id())
    tied = replace(entry, linked_person=command.person, mirror=other.id)
    facts = tuple(CircleChanged(subject=each.person, entry=each.id) for each in (tied, other))
    return tied, replace(other, mirror=entry.id), facts


def _other_side(entry: Entry, of: UUID, called: str, by: Pass, now: datetime, other: UUID) -> Entry:
    kind = OTHER_SIDE.get(entry.kind, entry.kind)
    return _entry(of, Ringed(called, kind, person=entry.person), by, now, other, None)


def remove(entry: Entry | None, command: RemoveFromCircle, by: Pass) -> tuple[tuple[UUID, ...], tuple[Event, ...]]:
    """Decide that somebody leaves the circle, on both sides of the tie. Gives the entries that end.

    Raises NotFoundError for an entry that is not there, NotYoursToRemoveError for somebody else's.
    """
    if entry is None or entry.linked_person != command.other:
        raise NotFoundError
    if not by.is_person(command.person) and not _is_own(entry, by):
        raise NotYoursToRemoveError
    events = [CircleChanged(subject=command.person, entry=entry.id)]
    if entry.mirror is None or entry.linked_person is None:
        return (entry.id,), tuple(events)
    events.append(CircleChanged(subject=entry.linked_person, entry=entry.mirror))
    return (entry.id, entry.mirror), tuple(events)


def _is_own(entry: Entry, by: Pass) -> bool:
    return by.organisation is not None and entry.by_organisation == by.organisation


def order(
    there: tuple[Entry, ...], command: OrderRinging, by: Pass
) -> tuple[tuple[tuple[UUID, int | None], ...], tuple[Event, ...]]:
    """Decide in which order to ring. Gives the place of each entry that changed.

    Raises NotFoundError for an entry that is not there, InvalidError when one stands twice, and NotYoursToRemoveError
    when somebody else than the person would leave out whom their own organisation did not put there.
    """
    if len(set(command.entries)) != len(command.entries):
        raise InvalidError(fields=("entries",))
    known = {entry.id for entry in there}
    if not known.issuperset(command.entries):
        raise NotFoundError
    left_out = [entry for entry in there if entry.ring is not None and entry.id not in command.entries]
    if not by.is_person(command.person) and any(not _is_own(entry, by) for entry in left_out):
        raise NotYoursToRemoveError
    places = {entry: place for place, entry in enumerate(command.entries, 1)}
    changed = tuple((e.id, places.get(e.id)) for e in there if e.ring != places.get(e.id))
    return changed, tuple(CircleChanged(subject=command.person, entry=entry) for entry, _ in changed)


def watchers(there: tuple[Entry, ...], since: datetime | None) -> Watchers:
    """Give whom to ring, in order: entries of the circle, and organisations (J9). Ids only.

    ``since``: when the person first came. An organisation that put itself on the list after that is rung, and is not
    of the person's choosing for that (P3).
    """
    ringed = sorted((e for e in there if e.ring is not None), key=lambda e: e.ring or 0)
    return Watchers(
        people=tuple(e.id for e in ringed if e.linked_organisation is None),
        organisations=tuple(e.linked_organisation for e in ringed if e.linked_organisation is not None),
        themselves=frozenset(
            e.linked_organisation
            for e in ringed
            if e.linked_organisation is not None and e.linked_organisation == e.by_organisation and e.at != since
        ),
    )


def _entry(person: UUID, ringed: Ringed, by: Pass, now: datetime, entry: UUID, ring: int | None) -> Entry:
    may = dict.fromkeys((*ringed.may, May.BE_RUNG) if ring else ringed.may)
    return Entry(
        entry, person, ringed.called, ringed.kind, tuple(may), ringed.note, ring, ringed.person,
        ringed.organisation, ringed.member, None, ringed.ways, by.member or by.person, by.organisation, now,
    )  # fmt: skip


def sees_addresses(by: Pass, person: UUID) -> bool:
    """Say whether a reader of the circle sees how its people are reached: whoever may have to ring them does."""
    return by.is_person(person) or by.role in {Role.PEER_SUPPORTER, Role.PRACTITIONER, Role.DUTY}
