"""What a subscription is and how it begins, pauses and ends. Pure."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from shared.errors import AlongsideError, Kind
from shared.event import REGISTRY, Code
from shared.events import community, consent, intake, notify, pathway
from shared.events.notify import (
    SubscriptionConfirmed,
    SubscriptionEnded,
    SubscriptionPaused,
    SubscriptionResumed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from shared.event import Event, Part

EVERY = "*"
OVERLAP = timedelta(hours=24)
"""How long the former secret signs beside the new one."""
FAILING_FOR = timedelta(days=5)
"""After so long without one success a subscription is paused, and its owner told."""
MOST_SUBSCRIPTIONS = 20
"""How many an organisation may have at once."""
KEY_BYTES = 32
"""How long a secret is, and the key by which the ids of what is sent are made."""
LEAP = 1_000_000
"""How far order numbers leap at least after a restore: further than one lane comes in a time that is lost."""
LEAPS_FROM = datetime(2026, 1, 1, tzinfo=UTC)
"""Before the first place was begun; seconds since then fit a whole number of 32 bits until 2094."""
BY_OWNER, BY_STEWARD, BY_FAILING = Code("by-owner"), Code("by-steward"), Code("everything-failed")
SOURCES = (community, intake, pathway, consent, notify)
"""Imported so that every fact is registered before it is asked which may leave."""


class State(StrEnum):
    """Where a subscription stands."""

    UNCONFIRMED = "unconfirmed"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class UnknownEventError(AlongsideError):
    """An event type that does not exist or is told to nobody outside."""

    code = "unknown-event"
    kind = Kind.INVALID
    says = "One of these event types does not exist or is not told to partner systems."


class TooManySubscriptionsError(AlongsideError):
    """An organisation has as many as it may."""

    code = "too-many-subscriptions"
    kind = Kind.CONFLICT
    says = "Your organisation has as many subscriptions as it may have. Delete one first."


class NotInThisStateError(AlongsideError):
    """Pausing what is not active, resuming what is not paused, changing what has ended."""

    code = "not-in-this-state"
    kind = Kind.CONFLICT
    says = "The subscription is not in a state in which this can be done."


@dataclass(frozen=True, slots=True)
class Wish:
    """A subscription. ``person`` narrows it to one subject; ``events`` are types, or ``*`` for all.

    ``id_key`` makes the ids of what is sent; it is never shown and never changes, whatever becomes of the secret.
    ``base``: each lane's order numbers go on after it; set when the database was put back.
    """

    id: UUID
    organisation: UUID
    url: str
    events: tuple[str, ...]
    person: UUID | None
    state: State
    secret: str
    made_at: datetime
    id_key: bytes | None
    old_secret: str | None = None
    old_until: datetime | None = None
    failing_since: datetime | None = None
    last_problem: str | None = None
    quiet_until: datetime | None = None
    paused_why: str | None = None
    base: int | None = None

    def secrets_at(self, now: datetime) -> tuple[str, ...]:
        """Give what signs now: the secret, and the former one while they overlap."""
        overlaps = self.old_secret is not None and self.old_until is not None and now < self.old_until
        return (self.secret, self.old_secret) if overlaps and self.old_secret else (self.secret,)


Change = tuple[Wish, tuple["Event", ...]]


@cache
def told_outside() -> Mapping[str, Part | None]:
    """Give the event types that may leave, each with the part of a person that it tells of.

    None is an organisation's own fact.
    Facts about choices never leave: a choice can disclose as much as a story (C4).
    """
    return {
        name: kind.part
        for (name, _), kind in REGISTRY.items()
        if kind.source != "consent" and (kind.part is not None or kind.source == "community")
    }


def check_events(events: tuple[str, ...]) -> tuple[str, ...]:
    """Give the types to be told, each once. Raises UnknownEventError."""
    if EVERY in events:
        return (EVERY,)
    if not events or not set(told_outside()).issuperset(events):
        raise UnknownEventError(fields=("events",))
    return tuple(dict.fromkeys(events))


def secret_of(random: bytes) -> str:
    """Give a Standard Webhooks secret of 32 random bytes."""
    return "whsec_" + b64encode(random).decode()


def confirm(wish: Wish) -> Change:
    """The endpoint answered its test event. Confirming again changes nothing."""
    if wish.state is not State.UNCONFIRMED:
        return wish, ()
    return replace(wish, state=State.ACTIVE), (SubscriptionConfirmed(subject=wish.id, organisation=wish.organisation),)


def pause(wish: Wish, why: Code = BY_OWNER) -> Change:
    """Send nothing until it is resumed; what happens meanwhile is kept. Raises NotInThisStateError."""
    if wish.state is not State.ACTIVE:
        raise NotInThisStateError
    paused = replace(wish, state=State.PAUSED, paused_why=str(why))
    return paused, (SubscriptionPaused(subject=wish.id, organisation=wish.organisation, why=why),)


def resume(wish: Wish) -> Change:
    """Go on where it stopped. Raises NotInThisStateError."""
    if wish.state is not State.PAUSED:
        raise NotInThisStateError
    active = replace(wish, state=State.ACTIVE, paused_why=None, failing_since=None, last_problem=None, quiet_until=None)
    return active, (SubscriptionResumed(subject=wish.id, organisation=wish.organisation),)


def end(wish: Wish) -> Change:
    """Send nothing any more. Ending again changes nothing."""
    if wish.state is State.ENDED:
        return wish, ()
    return replace(wish, state=State.ENDED), (SubscriptionEnded(subject=wish.id, organisation=wish.organisation),)


def taken_up(wish: Wish, fact: Event) -> Wish:
    """Give a subscription as ``fact`` left it, told anew after its database was put back. One that ended stays so."""
    if wish.state is State.ENDED:
        return wish
    if isinstance(fact, SubscriptionPaused):
        return replace(wish, state=State.PAUSED, paused_why=str(fact.why))
    if isinstance(fact, SubscriptionEnded):
        return replace(wish, state=State.ENDED)
    if isinstance(fact, SubscriptionConfirmed | SubscriptionResumed):
        return replace(wish, state=State.ACTIVE, paused_why=None, failing_since=None)
    return wish


def rotate(wish: Wish, secret: str, now: datetime) -> Wish:
    """Sign with ``secret`` from now, and with the former one beside it for a day. Raises NotInThisStateError."""
    if wish.state is State.ENDED:
        raise NotInThisStateError
    return replace(wish, secret=secret, old_secret=wish.secret, old_until=now + OVERLAP)


def leap(given: int, now: datetime) -> int:
    """Give the number after which every lane of a subscription goes on when its database was put back.

    ``given`` is the highest number that is still known. Beyond it by a whole ``LEAP``; and at least the seconds since
    2026, so that a backup that is put back twice does not leap to the same place twice: a lane, whose deliveries go
    one by one, never comes to one a second for as long as lies between.
    """
    return max(given + LEAP, int((now - LEAPS_FROM).total_seconds()))


def is_well(wish: Wish) -> bool:
    """Say whether a delivery that is taken changes nothing for it."""
    return wish.state is State.ACTIVE and not (wish.failing_since or wish.last_problem or wish.quiet_until)


def after_success(wish: Wish, now: datetime) -> Change:
    """A delivery was taken: an unconfirmed subscription is confirmed, a failing one fails no more.

    What it asked of us meanwhile, to be left alone, stays: this one had gone before.
    """
    quiet = wish.quiet_until if wish.quiet_until and wish.quiet_until > now else None
    return confirm(replace(wish, failing_since=None, last_problem=None, quiet_until=quiet))


def after_failure(wish: Wish, problem: str, quiet_until: datetime | None, now: datetime) -> Change:
    """A delivery was not taken. After five days of nothing else an active subscription is paused.

    It is left alone until the latest time that any of its answers asked for.
    """
    since = wish.failing_since or now
    quiet = max((each for each in (wish.quiet_until, quiet_until) if each), default=None)
    failing = replace(wish, failing_since=since, last_problem=problem, quiet_until=quiet)
    if failing.state is State.ACTIVE and now - since >= FAILING_FOR:
        return pause(failing, BY_FAILING)
    return failing, ()
