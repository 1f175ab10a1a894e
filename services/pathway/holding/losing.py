"""When a lead can't or may not go on: handed back, out of sight, ended, or its named person left (J2a–J2d, C2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.pathway.holding.domain import (
    Change,
    Holding,
    Led,
    Place,
    join_alongside,
    lead_changed,
    leave_alongside,
    led_by,
    then,
)
from services.pathway.holding.errors import FundedMayNotError, NotTheLeadError
from shared.events.pathway import LeadWhy


def handed_back(holding: Holding, by: UUID, *, funded: bool, stays: bool, now: datetime, place: Place) -> Change:
    """Hand a hold to the backstop in one act (J2d). Never turned down for a volunteer or unfunded group.

    Raises FundedMayNotError, and NotTheLeadError for an organisation that does not lead.
    """
    if funded:
        raise FundedMayNotError
    if by != holding.lead:
        raise NotTheLeadError
    changed = led_by(holding, Led(place.backstop, now), LeadWhy.HANDED_BACK, place, keep_before=False)
    return then(changed, lambda h: join_alongside(h, by if stays else None))


def lost_sight(
    holding: Holding, organisation: UUID, instead: UUID | None, *, blind: bool, now: datetime, place: Place
) -> Change:
    """Take an organisation's access to heart: it no longer leads, is chosen or walks alongside (C2).

    If it led, whom the person names leads, else the backstop, in the same transaction. The backstop itself can't be
    left without anybody instead: it goes on, *blind*. Again changes nothing.
    """
    clean = _forgetting(holding, organisation, place)
    left = leave_alongside(clean, organisation, place)
    if holding.lead != organisation:
        return left
    new = place.backstop if instead is None or instead in {organisation, *place.stopped} else instead
    if new == organisation:
        return then(left, lambda h: (replace(h, blind=True), ()))
    lead = Led(new, now)
    return then(
        left,
        lambda h: led_by(h, lead, LeadWhy.ACCESS_WITHDRAWN, place, keep_before=False),
        lambda h: (replace(h, blind=blind), ()),
    )


def holder_ended(holding: Holding, organisation: UUID, now: datetime, place: Place) -> Change:
    """Take somebody from an organisation that ended or was suspended: the backstop leads (J2a)."""
    left = leave_alongside(_forgetting(holding, organisation, place), organisation, place)
    if holding.lead != organisation or holding.lead == place.backstop:
        return left
    return then(left, lambda h: led_by(h, Led(place.backstop, now), LeadWhy.HOLDER_ENDED, place, keep_before=False))


def member_left(holding: Holding, member: UUID) -> Change:
    """Let the deputy hold the person when the named one left, else the person on duty (J2b).

    Without a deputy nobody by name holds them any more: held but not met, until the organisation says who does.
    Then the alarm of J2b goes to it and to the backstop, also where it has nobody on duty.
    """
    if holding.led is None or member not in {holding.named, holding.deputy}:
        return holding, ()
    named = holding.deputy if member == holding.named else holding.named
    led = replace(holding.led, named=named, deputy=None)
    if named is None:
        led = replace(led, acknowledged_at=None, met_at=None)
    after = replace(holding, led=led)
    named_left = member == holding.named
    return after, (lead_changed(holding, after, LeadWhy.NAMED_PERSON_LEFT),) if named_left else ()


def _forgetting(holding: Holding, organisation: UUID, place: Place) -> Holding:
    """Take an organisation out of what is still to come; the backstop owes the way back in its stead (J2)."""
    before = tuple(led for led in holding.before if led.organisation != organisation)
    chosen = None if holding.chosen == organisation else holding.chosen
    last = place.backstop if holding.last_lead == organisation else holding.last_lead
    return replace(holding, before=before, chosen=chosen, last_lead=last)
