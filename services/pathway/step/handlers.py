"""Steps: one function is one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.pathway.holding.handlers import held, keep
from services.pathway.step import domain
from shared.event import Code
from shared.shell import TurnedBack

if TYPE_CHECKING:
    from services.pathway.step.domain import Step
    from services.pathway.store import PathwayStore
    from shared.event import Recorded
    from shared.events.notify import AlertAcknowledged
    from shared.shell import Tx

NOWHERE = Code("nowhere-to-sleep")
"""The kind of the alert that lead and council get (J13)."""


async def take_step(command: Step, tx: Tx[PathwayStore]) -> Code | TurnedBack:
    """Step up or down; gives the intensity before (J6).

    Turned back, with lead and council told, while the person has nowhere safe to sleep (J13).
    """
    holding, place = await held(tx, command.person, command.place)
    down = domain.is_down(holding, command.to, place)
    change = domain.step(holding, command, place, tx.now)
    if down:
        await _must_be_theirs(tx, command, holding.lead == tx.by.organisation is not None)
        known = await tx.store.unsafe(command.person)
        first, facts = domain.asked_first(holding, command, known, place, tx.now)
        tx.emit(*facts)
        if first is not None:
            if first != known:
                await tx.store.save_unsafe(first)
            return TurnedBack(domain.NobodyToldYetError())
        if known is not None:
            await tx.store.drop_unsafe(command.person)
    await keep(tx, holding, change, command.within)
    return holding.intensity


async def on_acknowledged(event: AlertAcknowledged, recorded: Recorded, tx: Tx[PathwayStore]) -> None:
    """Take in that somebody who was told about the nights is on it (J13)."""
    if event.kind == NOWHERE:
        await tx.store.somebody_is_on_it(recorded.subject, tx.now)


async def _must_be_theirs(tx: Tx[PathwayStore], command: Step, leads: bool) -> None:  # noqa: FBT001 - said once
    if leads or tx.by.is_person(command.person):
        return
    organisation = tx.by.organisation
    if organisation is None or not await tx.store.is_linked(organisation, command.person):
        raise domain.NotYoursToStepDownError
