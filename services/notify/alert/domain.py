"""Who is asked to look, in which order, and until when. Pure.

An alert names nobody: what it is about opens only to whom the person's choices permit it. One is open for each person
and kind; repeats merge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from shared.errors import AlongsideError, Kind
from shared.events.notify import AlertAcknowledged, AlertPassedUp, AlertRaised

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from shared.event import Code, Event
    from shared.ports import Watchers

UNDELIVERED = timedelta(minutes=15)
"""When nothing of a rung has left by then, the next are asked at once (W1)."""


class Rung(IntEnum):
    """How far an alert has gone up."""

    FIRST = 0
    NEXT_WAYS = 1
    BUDDIES = 2
    DUTY_LINE = 3


class How(StrEnum):
    """What an alert of a kind does. ``CLIMBS``: rung by rung until a human acknowledges; ``STAYS``: open until
    then, without climbing; ``TELLS``: one message, nothing is awaited.
    """

    CLIMBS = "climbs"
    STAYS = "stays"
    TELLS = "tells"


class State(StrEnum):
    """Where an alert stands. ``OVER``: what it was about ended, or the person asked to be left be."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    OVER = "over"


class Who(StrEnum):
    """What kind of recipient: ids only, for each owner keeps its own addresses."""

    ORGANISATION = "organisation"
    SUPPORTER = "supporter"
    PERSON = "person"
    DUTY_LINE = "duty-line"


@dataclass(frozen=True, slots=True, order=True)
class Recipient:
    """Somebody to tell. ``id`` of the duty line is the alert's own."""

    who: Who
    id: UUID


@dataclass(frozen=True, slots=True)
class Asked:
    """What a fact asks for. ``named`` are organisations that the fact itself names."""

    kind: Code
    how: How
    lead: bool = True
    watchers: bool = True
    councils: bool = False
    backstop: bool = False
    person: bool = False
    named: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. ``next_at`` is when it is looked at again; None when it rests."""

    id: UUID
    person: UUID
    asked: Asked
    state: State
    rung: int
    raised_at: datetime
    next_at: datetime | None
    told_at: datetime | None = None
    repeats: int = 0
    ended_at: datetime | None = None

    @property
    def reference(self) -> str:
        """Give what people say on the telephone to name it: eight characters of its random id."""
        return self.id.hex[:8].upper()


class AlreadyAnsweredError(AlongsideError):
    """The alert was acknowledged before, or is over."""

    code = "already-answered"
    kind = Kind.CONFLICT
    says = "Somebody has already answered this, or it is over. Nothing more is needed."


Change = tuple[Alert, tuple["Event", ...]]


def raise_it(alert_id: UUID, person: UUID, asked: Asked, now: datetime) -> Change:
    """Ask somebody to look, from now on. A kind that only tells awaits nothing and is no open alert."""
    alert = Alert(alert_id, person, asked, State.OPEN, Rung.FIRST, now, now)
    facts = () if asked.how is How.TELLS else (AlertRaised(subject=person, alert=alert_id, kind=asked.kind),)
    return alert, facts


def merge(alert: Alert, asked: Asked) -> Alert:
    """Count a repeat; organisations that it newly names are told with the next rung."""
    named = tuple(dict.fromkeys((*alert.asked.named, *asked.named)))
    return replace(alert, repeats=alert.repeats + 1, asked=replace(alert.asked, named=named))


def acknowledge(alert: Alert, now: datetime) -> Change:
    """A human is on it. Raises AlreadyAnsweredError."""
    if alert.state is not State.OPEN:
        raise AlreadyAnsweredError
    fact = AlertAcknowledged(subject=alert.person, alert=alert.id, kind=alert.asked.kind)
    return replace(alert, state=State.ACKNOWLEDGED, next_at=None, ended_at=now), (fact,)


def over(alert: Alert, now: datetime) -> Alert:
    """What it was about has ended: nobody is asked any more."""
    return replace(alert, state=State.OVER, next_at=None, ended_at=now)


def told(alert: Alert, now: datetime, drift_rung: timedelta, *, any_can_go: bool) -> Alert:
    """Say when to look again after a rung was told: after 15 minutes whether anything left, else at the next rung.

    ``any_can_go`` false: nobody of this rung may be told now (there is nobody, or it is outside their hours), so
    the next are asked at once. At the duty line it goes round until a human answers.
    """
    if alert.asked.how is How.TELLS:
        return replace(alert, state=State.OVER, next_at=None, told_at=now, ended_at=now)
    if alert.asked.how is How.STAYS:
        return replace(alert, next_at=None, told_at=now)
    if not any_can_go and alert.rung < Rung.DUTY_LINE:
        return replace(alert, next_at=now, told_at=now)
    return replace(alert, next_at=now + min(UNDELIVERED, drift_rung), told_at=now)


def look(alert: Alert, now: datetime, drift_rung: timedelta, *, any_left: bool) -> Alert | None:
    """Look at a rung that was told: give the alert with a later look, or None when the next are to be asked now."""
    up_at = (alert.told_at or now) + drift_rung
    if not any_left or now >= up_at:
        return None
    return replace(alert, next_at=up_at)


def climb(alert: Alert) -> Change:
    """Ask the next. At the duty line the duty line is asked again."""
    rung = min(alert.rung + 1, Rung.DUTY_LINE)
    fact = AlertPassedUp(subject=alert.person, alert=alert.id, kind=alert.asked.kind, rung=rung)
    return replace(alert, rung=rung), (fact,) if rung != alert.rung else ()


@dataclass(frozen=True, slots=True)
class Around:
    """Whom the place knows around a person just now. ``buddies`` are those of the organisations told first."""

    lead: UUID | None
    watchers: Watchers
    backstop: UUID | None
    councils: tuple[UUID, ...] = ()
    buddies: tuple[UUID, ...] = ()


def first_told(asked: Asked, around: Around) -> tuple[Recipient, ...]:
    """Give whom a kind tells first: the lead, those the person chose, and whom the fact names (J9, P4)."""
    organisations = [
        *(asked.named),
        *([around.lead] if asked.lead and around.lead else []),
        *(around.watchers.organisations if asked.watchers else ()),
        *(around.councils if asked.councils else ()),
        *([around.backstop] if asked.backstop and around.backstop else []),
    ]
    people = around.watchers.people if asked.watchers else ()
    return (*_all(Who.ORGANISATION, organisations), *_all(Who.SUPPORTER, people))


def recipients(alert: Alert, around: Around) -> tuple[Recipient, ...]:
    """Give whom the present rung tells. Nobody is told whom the person has not chosen, but who leads or must (C3)."""
    if alert.rung == Rung.BUDDIES:
        return _all(Who.ORGANISATION, around.buddies)
    if alert.rung >= Rung.DUTY_LINE:
        return (Recipient(Who.DUTY_LINE, alert.id),)
    first = first_told(alert.asked, around)
    if alert.rung == Rung.NEXT_WAYS or not alert.asked.person:
        return first
    return (*first, Recipient(Who.PERSON, alert.person))


def _all(who: Who, ids: Iterable[UUID]) -> tuple[Recipient, ...]:
    return tuple(Recipient(who, each) for each in dict.fromkeys(ids))
