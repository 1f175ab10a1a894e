"""Holds: one function is one transaction. ``keep`` is how every noun writes a changed hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.pathway.holding import coming, domain, losing
from services.pathway.holding.commands import Acknowledge, Alongside, HandBack, HoldFirst, LoseSight
from services.pathway.holding.domain import Change, Holding, Place, State, lead_of
from services.pathway.holding.errors import TooManyHeldError
from shared.events.pathway import NotMetAlarmed

if TYPE_CHECKING:
    from datetime import timedelta
    from uuid import UUID

    from services.pathway.holding.store import HoldingStore
    from services.pathway.store import PathwayStore
    from shared.decisions import Permit
    from shared.due import DueItem
    from shared.shell import Tx

NOT_MET = "hold-not-met"
NAMED_LEFT = "named-person-left"
MEMBER_LEFT = "member-left"


async def hold_first(command: HoldFirst, tx: Tx[HoldingStore]) -> None:
    """Make the first record; when there is one, nothing changes."""
    if await tx.store.find_holding(command.person) is None:
        stopped = await tx.store.stopped()
        change = coming.arrived(command.person, command.lead, command.chosen, command.since, stopped)
        await keep(tx, None, change, command.within)
        if command.lead in stopped:  # it was the backstop as they arrived: the one of today takes them at once
            await tx.store.take_again(command.lead)


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
    await tx.store.must_go_on(now.concerned - was.concerned if was else now.concerned)
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


async def lose_sight(command: LoseSight, tx: Tx[PathwayStore]) -> None:
    """Let the backstop or whom the person names lead, in this transaction; links to who lost sight end (C2)."""
    holding, place = await held(tx, command.person, command.place)
    change = losing.lost_sight(
        holding, command.organisation, command.instead, blind=command.blind, now=tx.now, place=place
    )
    await keep(tx, holding, change, command.within)
    await tx.store.end_links(command.person, command.organisation)
    await tx.store.lost_is_done(command.person, command.organisation)


async def acknowledge(command: Acknowledge, tx: Tx[HoldingStore]) -> UUID:
    """Let the chosen holder lead from now (J2a). Raises NotChosenError, TooManyHeldError, HolderStoppedError."""
    holding, place = await held(tx, command.person, command.place)
    change = domain.acknowledged(holding, command.by, command.named, command.deputy, tx.now, place)
    if holding.named != command.named and await tx.store.held_by(command.named) >= command.most:
        raise TooManyHeldError(facts={"most": command.most})
    return _lead(await keep(tx, holding, change, command.within), place)


async def hand_back(command: HandBack, tx: Tx[HoldingStore]) -> UUID:
    """Let the backstop lead (J2d). Raises FundedMayNotError, NotTheLeadError."""
    holding, place = await held(tx, command.person, command.place)
    change = losing.handed_back(
        holding, command.by, funded=command.funded, stays=command.stays, now=tx.now, place=place
    )
    return _lead(await keep(tx, holding, change, command.within), place)


async def walk_alongside(command: Alongside, tx: Tx[HoldingStore]) -> None:
    """Let an organisation walk alongside, or no longer; again changes nothing."""
    holding, place = await held(tx, command.person, command.place)
    if command.joins:
        change = domain.join_alongside(holding, command.organisation)
    else:
        change = domain.leave_alongside(holding, command.organisation, place)
    await keep(tx, holding, change, command.within)


async def read_hold(store: HoldingStore, permit: Permit) -> Holding | None:
    """Read a hold."""
    return await store.read_holding(permit)


def _lead(holding: Holding, place: Place) -> UUID:
    return lead_of(holding) or place.backstop
