"""Ways out and the way back: one function is one transaction (J4, J7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from services.pathway.holding import domain as holds
from services.pathway.holding.domain import Place
from services.pathway.holding.handlers import held, keep

if TYPE_CHECKING:
    from services.pathway.store import PathwayStore
    from shared.shell import Tx


@dataclass(frozen=True, slots=True)
class Arrive:
    """Somebody known came to a door, or came back; ``chosen`` is able to lead, or None (J7)."""

    person: UUID
    chosen: UUID | None
    place: Place
    within: timedelta

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the person."""
        return (self.person,)


async def arrive_again(command: Arrive, tx: Tx[PathwayStore]) -> None:
    """Hold them within this transaction; somebody already held keeps the lead that they have (J7)."""
    holding, place = await held(tx, command.person, command.place)
    change = holds.arrived_again(holding, command.chosen, place, tx.now)
    await keep(tx, holding, change, command.within)
