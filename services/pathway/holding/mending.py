"""A hold after a restore, as the facts that its row forgot say (ADR 0019): who leads, who is beside, who is chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from services.pathway.holding.coming import mind_may_change
from services.pathway.holding.domain import COMMUNITY, SUPPORTED, Holding, Led, State
from shared.event import Code, Event
from shared.events.pathway import (
    AlongsideJoined,
    AlongsideLeft,
    ContactMade,
    HolderChosen,
    LeadChanged,
    LeadWhy,
    Left,
    ManagingIndependently,
    Met,
    Moved,
    NotMetAlarmed,
    QuietlyHeld,
    Returned,
    SteppedDown,
    SteppedUp,
)

OUT = {ManagingIndependently: State.INDEPENDENT, Left: State.LEFT_BE, Moved: State.MOVED}
"""The facts of a way out, and where somebody is after them."""
LET_GO = frozenset({LeadWhy.ACCESS_WITHDRAWN, LeadWhy.HOLDER_ENDED, LeadWhy.NOT_MET_AFTER_ALL})
"""Why a lead changed so that who led before may not simply lead again."""
KNOWN_BY = frozenset({LeadWhy.ACKNOWLEDGED, LeadWhy.MET})
Said = tuple[Event, datetime]


def mended(holding: Holding | None, facts: Iterable[Said], at_crisis: Callable[[Code], bool]) -> Holding | None:
    """Give the hold as it is after ``facts``, each with its time, in order. None while no fact says who leads.

    What no fact tells (a deputy, whether the hold is blind) is as if it had not been said.
    """
    for event, at in facts:
        if isinstance(event, LeadChanged):
            holding = _led(holding, event, at)
        elif holding is not None:
            holding = _out(holding, event, at) or _beside(holding, event, at) or _stood(holding, event, at, at_crisis)
    return holding


def _led(holding: Holding | None, event: LeadChanged, at: datetime) -> Holding | None:
    if event.now is None:
        if holding is None or not holding.supported:
            return holding
        return _gone(holding, State.LEFT_BE, at)
    if holding is None:
        return Holding(event.subject, State.SUPPORTED, Led(event.now, at, event.named))
    if holding.led is not None and holding.lead == event.now:
        return replace(holding, led=_same(holding.led, event, at), alarmed_at=None)
    new = Led(event.now, at, event.named)
    if event.why in KNOWN_BY:
        new = replace(new, acknowledged_at=at, met_at=at if event.why is LeadWhy.MET else None)
    before = tuple(led for led in holding.before if led.organisation not in {event.now, _barred(holding, event)})
    if event.why in KNOWN_BY and holding.led is not None:
        before = (*before, holding.led)
    state = holding.state if holding.state in SUPPORTED and event.why is not LeadWhy.RETURNED else State.SUPPORTED
    beside = tuple(each for each in holding.alongside if each != event.now)
    if event.why is LeadWhy.RETURNED and not (holding.supported or mind_may_change(holding, at)):
        holding = replace(holding, intensity=COMMUNITY)
    after = replace(holding, state=state, led=new, before=before, alongside=beside, chosen=None, chosen_since=None)
    return replace(after, blind=False, alarmed_at=None, out_at=None if state is State.SUPPORTED else after.out_at)


def _barred(holding: Holding, event: LeadChanged) -> object:
    return holding.lead if event.why in LET_GO else None


def _same(led: Led, event: LeadChanged, at: datetime) -> Led:
    """Give the same organisation's time as lead with whom it names now."""
    if event.why is LeadWhy.NAMED_PERSON_LEFT:
        led = replace(led, named=event.named, deputy=None)
        return led if event.named is not None else replace(led, acknowledged_at=None, met_at=None)
    met_at = at if event.why is LeadWhy.MET else led.met_at
    return replace(led, named=event.named, deputy=None, acknowledged_at=led.acknowledged_at or at, met_at=met_at)


def _out(holding: Holding, event: Event, at: datetime) -> Holding | None:
    if isinstance(event, (ManagingIndependently, Left, Moved)):
        return replace(_gone(holding, OUT[type(event)], at), last_lead=event.last_lead)
    if isinstance(event, QuietlyHeld) and holding.supported:
        return replace(holding, state=State.QUIETLY_HELD, out_at=at, alarmed_at=None)
    if isinstance(event, Returned) and holding.supported:
        return replace(holding, state=State.SUPPORTED, out_at=None)
    return None


def _gone(holding: Holding, state: State, at: datetime) -> Holding:
    last = holding.lead or holding.last_lead
    gone = replace(holding, state=state, led=None, last_lead=last, chosen=None, chosen_since=None, before=())
    return replace(gone, blind=False, alarmed_at=None, out_at=at)


def _beside(holding: Holding, event: Event, at: datetime) -> Holding | None:
    if isinstance(event, HolderChosen):
        return replace(holding, chosen=event.organisation, chosen_since=at)
    if isinstance(event, AlongsideJoined) and event.organisation not in {holding.lead, *holding.alongside}:
        return replace(holding, alongside=(*holding.alongside, event.organisation))
    if isinstance(event, AlongsideLeft):
        left = tuple(each for each in holding.alongside if each != event.organisation)
        return replace(holding, alongside=left)
    return None


def _stood(holding: Holding, event: Event, at: datetime, at_crisis: Callable[[Code], bool]) -> Holding:
    led = holding.led
    if isinstance(event, (SteppedUp, SteppedDown)):
        left = at_crisis(event.was) and not at_crisis(event.now)
        return replace(holding, intensity=event.now, crisis_until=at if left else holding.crisis_until)
    if isinstance(event, NotMetAlarmed):
        return replace(holding, alarmed_at=at)
    if isinstance(event, (ContactMade, Met)) and led is not None and event.organisation == led.organisation:
        told = led.acknowledged_at or (at if isinstance(event, Met) else None)
        return replace(holding, led=replace(led, acknowledged_at=told, met_at=led.met_at or at), alarmed_at=None)
    return holding
