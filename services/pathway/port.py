"""What pathway answers other services: who leads, and the acts that can't wait for the bus (J2, J7, C2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.pathway.holding.commands import LoseSight
from services.pathway.holding.domain import State, lead_of
from services.pathway.holding.handlers import lose_sight
from services.pathway.wayout.commands import Arrive
from services.pathway.wayout.handlers import arrive_again
from shared.ports import Standing

if TYPE_CHECKING:
    from services.pathway.edge import Desk
    from services.pathway.holding.domain import Holding
    from shared.passes import Origin


@dataclass(frozen=True, slots=True)
class Pathway:
    """Implements ``shared.ports.PathwayPort``."""

    desk: Desk

    async def lead(self, person_id: UUID) -> UUID | None:
        """Give who leads; until pathway has a record, whom the arrival was written with (J2a)."""
        holding = await self._holding(person_id)
        if holding is not None:
            return lead_of(holding)
        first = await self.desk.ports.intake.first_hold(person_id)
        return first.lead if first else None

    async def told(self, person_id: UUID) -> bool:
        """Say whether messages to and about the person may leave: not after leave me be (J4)."""
        holding = await self._holding(person_id)
        return holding is None or holding.state is not State.LEFT_BE

    async def standing(self, organisation: UUID, person_id: UUID) -> frozenset[Standing]:
        """Say how an organisation stands to a person; empty when it does not."""
        holding = await self._holding(person_id)
        if holding is None:
            first = await self.desk.ports.intake.first_hold(person_id)
            leads, chosen = (first.lead, first.chosen) if first else (None, None)
            found = {Standing.LEADS: leads == organisation, Standing.CHOSEN: chosen == organisation}
        else:
            linked = await self.desk.shell.read(lambda store: store.is_linked(organisation, person_id), once=True)
            found = {
                Standing.LEADS: holding.lead == organisation,
                Standing.CHOSEN: holding.chosen == organisation,
                Standing.ALONGSIDE: organisation in holding.alongside,
                Standing.LINKED: linked,
                Standing.OWES_THE_WAY_BACK: not holding.supported and holding.last_lead == organisation,
                Standing.LED_BEFORE: any(led.organisation == organisation for led in holding.before),
            }
        standing = frozenset(each for each, holds in found.items() if holds)
        if standing <= {Standing.LED_BEFORE} and await self.desk.ports.intake.at_the_door(organisation, person_id):
            return standing | {Standing.AT_THE_DOOR}
        return standing

    async def arrive_again(self, person_id: UUID, chosen: UUID | None, origin: Origin) -> None:
        """Hold somebody already known who came to a door or came back (J7). Again changes nothing."""
        able = await self.desk.able(chosen)
        place = await self.desk.place(person_id, able)
        within = self.desk.ports.community.rulebook().hold_acknowledged_within
        command = Arrive(person_id, able, place, within)
        await self.desk.run(person_id, arrive_again, command, origin, type(None))

    async def lead_lost_sight(
        self,
        person_id: UUID,
        organisation: UUID,
        instead: UUID | None,
        origin: Origin,
        *,
        blind: bool = False,
    ) -> None:
        """Let the backstop, or whom the person names, lead instead of an organisation without access (C2).

        ``blind``: the new lead is to hold with an alias and a safe route only. Again changes nothing.
        """
        able = await self.desk.able(instead)
        place = await self.desk.place(person_id, able)
        within = self.desk.ports.community.rulebook().hold_acknowledged_within
        command = LoseSight(person_id, organisation, able, blind=blind, place=place, within=within)
        await self.desk.run(person_id, lose_sight, command, origin, type(None))

    async def _holding(self, person: UUID) -> Holding | None:
        return await self.desk.shell.read(lambda store: store.find_holding(person), once=True)
