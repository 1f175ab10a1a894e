"""What holds do of their own accord when an organisation stops or loses its access (J2a, C2).

A stopped organisation's people stand on many streams, and the backstop takes them in one transaction. A consumer
locks one stream only: so it keeps what is to be done, and this loop does it with a command that names everyone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.pathway.holding import losing
from services.pathway.holding.commands import LoseSight, TakeEveryone
from services.pathway.holding.domain import Place
from services.pathway.holding.handlers import lose_sight, watch
from shared.passes import Origin, timer

if TYPE_CHECKING:
    from services.pathway.edge import Desk
    from services.pathway.holding.domain import Change, Holding
    from services.pathway.holding.store import HoldingStore, LostSight
    from shared.shell import Tx

TIMER = timer("pathway-takeover")


async def take_everyone(command: TakeEveryone, tx: Tx[HoldingStore]) -> bool:
    """Move everyone in this transaction (J2a). False: somebody came to the organisation meanwhile; look again."""
    await tx.connection.guard(command.organisation, alone=True)
    if not set(await tx.store.concerned(command.organisation)) <= set(command.people):
        return False
    changed: list[tuple[Holding | None, Holding]] = []
    for holding in await tx.store.get_holdings(command.people):
        after = _emit(tx, losing.holder_ended(holding, command.organisation, tx.now, command.place))
        if after != holding:
            changed.append((holding, after))
            watch(tx, holding, after, command.within)
    if changed:
        await tx.store.save_holdings(changed)
    await tx.store.taken(command.organisation, tx.now)
    return True


def _emit(tx: Tx[HoldingStore], change: Change) -> Holding:
    holding, facts = change
    tx.emit(*facts)
    return holding


@dataclass(frozen=True, slots=True)
class Takeover:
    """The loop."""

    desk: Desk

    async def step(self) -> bool:
        """Do the next thing that is to be done; says whether there was one."""
        found = await self.desk.shell.read(lambda store: store.to_take(), once=True)
        if found is not None:
            await self._take(*found)
            return True
        lost = await self.desk.shell.read(lambda store: store.next_lost(), once=True)
        if lost is not None:
            await self._lose(lost)
        return lost is not None

    async def _take(self, organisation: UUID, correlation: UUID) -> None:
        ports = self.desk.ports
        backstop, rules = await ports.community.backstop(), ports.community.rulebook()
        people = tuple(await self.desk.shell.read(lambda store: store.concerned(organisation)))
        place = Place(backstop, rules.intensities, frozenset({backstop}))
        command = TakeEveryone(organisation, people, place, rules.hold_acknowledged_within)
        await self.desk.shell.run(take_everyone, command, Origin(TIMER, correlation), gives=bool)

    async def _lose(self, lost: LostSight) -> None:
        able = await self.desk.able(lost.instead)
        place = await self.desk.place(lost.person, able)
        within = self.desk.ports.community.rulebook().hold_acknowledged_within
        command = LoseSight(lost.person, lost.organisation, able, blind=False, place=place, within=within)
        await self.desk.shell.run(lose_sight, command, Origin(TIMER, lost.correlation), gives=type(None))
