"""What holds hear: arrivals, members who left, organisations that stopped, choices that were taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from services.pathway.holding import losing
from services.pathway.holding.commands import HoldFirst
from services.pathway.holding.domain import Holding
from services.pathway.holding.handlers import MEMBER_LEFT, NAMED_LEFT, hold_first, keep

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from uuid import UUID

    from services.pathway.holding.store import HoldingStore
    from shared.due import DueItem
    from shared.event import Recorded
    from shared.events.community import BackstopSet, MemberLeft, OrganisationGoesOn, OrganisationStopped
    from shared.events.consent import ConsentWithdrawn
    from shared.events.intake import Arrived
    from shared.ports import Rulebook
    from shared.shell import Tx

STILL_NAMED = timedelta(seconds=30)
"""How long after a member left a command that named them may end at the latest: none is answered after 10 s."""


async def on_arrived(rules: Callable[[], Rulebook], event: Arrived, recorded: Recorded, tx: Tx[HoldingStore]) -> None:
    """Make the hold of somebody new with the lead that the arrival was written with (J2a).

    Somebody known arrived through pathway's own command, before the answer: nothing is left to do.
    """
    if event.lead is not None:
        within = rules().hold_acknowledged_within
        await hold_first(HoldFirst(event.subject, event.lead, event.chosen, recorded.time, within), tx)


async def on_organisation_stopped(event: OrganisationStopped, recorded: Recorded, tx: Tx[HoldingStore]) -> None:
    """Let nobody come to an organisation that stopped; the takeover loop moves its people (J2a)."""
    await tx.store.stop(event.subject, recorded.correlation, tx.now)


async def on_organisation_goes_on(
    event: OrganisationGoesOn,
    recorded: Recorded,  # noqa: ARG001 - the shape of every hearer
    tx: Tx[HoldingStore],
) -> None:
    """Let an organisation be chosen again; nobody is moved back without being asked."""
    await tx.store.goes_on(event.subject)


async def on_backstop_set(event: BackstopSet, recorded: Recorded, tx: Tx[HoldingStore]) -> None:
    """Have the new backstop take everyone whom the one before held (J2a)."""
    if event.before is not None and event.before != event.subject:
        await tx.store.stop(event.before, recorded.correlation, tx.now, stopped=False)


async def on_member_left(event: MemberLeft, recorded: Recorded, tx: Tx[HoldingStore]) -> None:
    """Have the deputy, then the person on duty, hold each of a member's people (J2b)."""
    for person in await tx.store.named_for(event.member):
        tx.remind(NAMED_LEFT, recorded.time, person, event.member)
    tx.remind(MEMBER_LEFT, tx.now + STILL_NAMED, event.member)


async def member_left(item: DueItem, tx: Tx[HoldingStore]) -> None:
    """Look again for who was named while they left: a command that was running then had asked before (J2b)."""
    for person in await tx.store.named_for(item.subject):
        tx.remind(NAMED_LEFT, tx.now, person, item.subject)


async def named_left(rules: Callable[[], Rulebook], item: DueItem, tx: Tx[HoldingStore]) -> None:
    """Let the deputy, else the person on duty, hold somebody whose named person left (J2b)."""
    holding = await tx.store.get_holding(item.subject)
    await keep(tx, holding, losing.member_left(holding, item.ref), rules().hold_acknowledged_within)


async def on_withdrawn(event: ConsentWithdrawn, recorded: Recorded, tx: Tx[HoldingStore]) -> None:
    """Act on a withdrawal that took all sight from an organisation, should consent's own call have been lost (C2).

    Whoever came to lead, or was chosen, after the withdrawal did so by the person's later word, which stands.
    """
    if event.organisation is None:
        return
    holding = await tx.store.find_holding(event.subject)
    if holding is not None and _stands_since_before(holding, event.organisation, recorded.time):
        await tx.store.lost(event.subject, event.organisation, event.instead, recorded.correlation)


def _stands_since_before(holding: Holding, organisation: UUID, withdrawn_at: datetime) -> bool:
    if holding.led is not None and holding.lead == organisation:
        return holding.led.since <= withdrawn_at and not holding.blind
    if holding.chosen == organisation and holding.chosen_since is not None:
        return holding.chosen_since <= withdrawn_at
    owes = holding.last_lead == organisation and holding.out_at is not None and holding.out_at <= withdrawn_at
    again = any(led.organisation == organisation and led.since <= withdrawn_at for led in holding.before)
    return owes or again or organisation in holding.alongside
