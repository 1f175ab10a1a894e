"""Holds: one function is one transaction. ``keep`` is how every noun writes a changed hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from services.pathway.holding import domain
from services.pathway.holding.domain import Change, Holding, Place, State
from shared.events.pathway import NotMetAlarmed

if TYPE_CHECKING:
    from services.pathway.holding.store import HoldingStore
    from shared.due import DueItem
    from shared.shell import Tx

NOT_MET = "hold-not-met"


@dataclass(frozen=True, slots=True)
class HoldFirst:
    """Make the record of a hold with the lead that the arrival was written with (J2a)."""

    person: UUID
    lead: UUID
    chosen: UUID | None
    since: datetime
    within: timedelta

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


async def hold_first(command: HoldFirst, tx: Tx[HoldingStore]) -> None:
    """Make the first record; when there is one, nothing changes."""
    if await tx.store.find_holding(command.person) is None:
        stopped = await tx.store.stopped()
        change = domain.arrived(command.person, command.lead, command.chosen, command.since, stopped)
        await keep(tx, None, change, command.within)


async def held(tx: Tx[HoldingStore], person: UUID, place: Place) -> tuple[Holding, Place]:
    """Read a hold and the place as they are inside the transaction, for a rule that may change the lead.

    Raises NotHeldYetError before there is a record (``edge.Desk.run`` makes it and tries again).
    """
    holding = await tx.store.get_holding(person)
    return holding, replace(place, stopped=await tx.store.stopped())


async def keep(tx: Tx[HoldingStore], was: Holding | None, change: Change, within: timedelta) -> Holding:
    """Write a changed hold, say its facts, and watch over a lead that has not met the person (J2b).

    ``within``: the rulebook's ``hold_acknowledged_within``.
    """
    now, facts = change
    tx.emit(*facts)
    if now == was:
        return now
    await tx.store.save_holdings([(was, now)])
    watch(tx, was, now, within)
    return now


def watch(tx: Tx[HoldingStore], was: Holding | None, now: Holding, within: timedelta) -> None:
    """Have the timer look at a new or newly acknowledged lead that has not met the person."""
    before = (was.lead, was.acknowledged_at, was.live, was.state) if was else None
    if before == (now.lead, now.acknowledged_at, now.live, now.state):
        return
    if now.state is State.SUPPORTED and not now.live:
        tx.remind(NOT_MET, tx.now + within, now.person)
    else:
        tx.forget(NOT_MET, now.person)


async def not_met(item: DueItem, tx: Tx[HoldingStore]) -> None:
    """Raise the alarm for somebody whose lead has not acknowledged and met them in time (J2b)."""
    holding = await tx.store.get_holding(item.subject)
    if holding.state is State.SUPPORTED and holding.lead is not None and not holding.live:
        tx.emit(NotMetAlarmed(subject=holding.person, lead=holding.lead))
        await tx.store.save_holdings([(holding, replace(holding, alarmed_at=tx.now))])


@dataclass(frozen=True, slots=True)
class LoseSight:
    """An organisation lost its access; ``instead`` is whom the person names to lead (C2)."""

    person: UUID
    organisation: UUID
    instead: UUID | None
    blind: bool
    place: Place
    within: timedelta

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


async def lose_sight(command: LoseSight, tx: Tx[HoldingStore]) -> None:
    """Let the backstop or whom the person names lead, in this transaction (C2)."""
    holding, place = await held(tx, command.person, command.place)
    change = domain.lost_sight(
        holding, command.organisation, command.instead, blind=command.blind, now=tx.now, place=place
    )
    await keep(tx, holding, change, command.within)
