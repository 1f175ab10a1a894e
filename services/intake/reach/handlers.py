"""Saying how to reach somebody safely, and reading it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from services.intake.reach.domain import KeptReach, SetReach, known_by, set_reach
from services.intake.reach.store import ReachStore
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from services.intake.store import IntakeStore
    from shared.decisions import Permit
    from shared.shell import Tx


async def set_it(command: SetReach, tx: Tx[IntakeStore]) -> UUID:
    """Write a safe route and give its new mark. Raises NotFoundError, TheirsError (C8), StaleError."""
    if not await tx.store.person_exists(command.person):
        raise NotFoundError
    was = await tx.store.reach_of(command.person)
    kept, facts = set_reach(was, command, tx.now, tx.new_id())
    await tx.store.save_reach(kept)
    signs_in = await tx.store.signs_in(command.person)
    await tx.store.replace_known_by(command.person, known_by(command, signs_in=signs_in), command.surety)
    tx.emit(*facts)
    return kept.mark


async def read_reach(store: ReachStore, permit: Permit) -> KeptReach | None:
    """Give the safe route of the person that the permit is about; None when nothing was said yet."""
    return await store.get_reach(permit)
