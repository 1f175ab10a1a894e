"""Coming and coming back: held from the first write, never a second lead (J2a, J7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.pathway.holding.domain import (
    Change,
    Holding,
    Led,
    Place,
    State,
    beside,
    choose,
    lead_changed,
    then,
)
from shared.event import Event
from shared.events.pathway import LeadChanged, LeadWhy, Returned

MIND_CHANGED_WITHIN = timedelta(hours=72)


def arrived(
    person: UUID, lead: UUID, chosen: UUID | None, since: datetime, stopped: frozenset[UUID] = frozenset()
) -> Change:
    """Hold somebody new: led, from the first write, by whom the arrival was written with (J2a)."""
    holding = Holding(person, State.SUPPORTED, Led(lead, since))
    facts: tuple[Event, ...] = (LeadChanged(subject=person, was=None, now=lead, named=None, why=LeadWhy.ARRIVED),)
    return then((holding, facts), lambda h: choose(h, chosen, since, stopped))


def arrived_again(holding: Holding, chosen: UUID | None, place: Place, now: datetime) -> Change:
    """Hold somebody known who came to a door (J7); never a second lead.

    Whoever is led by an organisation that has acknowledged stays with it: the next one leads when it has met
    them (J3). While only the backstop leads, the door's choice is who may acknowledge.
    """
    if holding.state is not State.SUPPORTED:
        return returned(holding, chosen, place, now)
    if holding.lead == place.backstop or holding.acknowledged_at is None:
        return choose(holding, chosen, now, place.stopped)
    return holding, ()


def returned(holding: Holding, chosen: UUID | None, place: Place, now: datetime) -> Change:
    """Welcome somebody back (J7): the backstop leads until whom they chose, else the last holder, acknowledges.

    The change of lead stands before the return in the journal: no position shows somebody supported and not led.
    """
    if holding.state is State.SUPPORTED:
        return holding, ()
    wanted = chosen or holding.lead or holding.last_lead
    wanted = None if wanted == place.backstop else wanted
    as_before = holding.supported or mind_may_change(holding, now)
    intensity = holding.intensity if as_before else place.intensities[1]
    held = replace(holding, state=State.SUPPORTED, led=Led(place.backstop, now), chosen=None)
    lately = holding.out_at if place.at_crisis(holding.intensity) and not as_before else holding.crisis_until
    back = replace(held, intensity=intensity, crisis_until=lately, out_at=None, alarmed_at=None)
    facts: tuple[Event, ...] = (Returned(subject=holding.person, chosen=wanted),)
    if holding.lead != place.backstop:
        facts = (lead_changed(holding, back, LeadWhy.RETURNED), *facts)
    return then((back, facts), lambda h: choose(h, wanted, now, place.stopped), lambda h: beside(h, place))


def mind_may_change(holding: Holding, now: datetime) -> bool:
    """Say whether a way out was taken so lately that a return undoes it whole (J4: 72 hours)."""
    return holding.out_at is not None and now - holding.out_at <= MIND_CHANGED_WITHIN
