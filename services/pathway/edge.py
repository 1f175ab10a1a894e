"""What pathway's routes and port share: what to ask before a transaction, and people whose record is on its way.

A new person's hold is written with their arrival at intake; its event makes pathway's record a moment later. A
command that comes first asks intake for that hold, makes the record, and goes on: no moment without a lead (J2a).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from services.pathway.holding.commands import HoldFirst
from services.pathway.holding.domain import Place
from services.pathway.holding.errors import NotHeldYetError
from services.pathway.holding.handlers import hold_first
from shared.decisions import Act
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from services.pathway.store import PathwayStore
    from shared.decisions import Permit
    from shared.event import Part
    from shared.http import Call
    from shared.passes import Origin
    from shared.ports import Ports
    from shared.shell import Command, Shell, TurnedBack, Tx

C = TypeVar("C", bound="Command")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Desk:
    """Pathway's shell with the ports that it asks; what a route and the port both work with."""

    shell: Shell[PathwayStore]
    ports: Ports

    async def run(
        self,
        person: UUID,
        handler: Callable[[C, Tx[Any]], Awaitable[R | TurnedBack]],
        command: C,
        origin: Origin,
        gives: type[R],
    ) -> R:
        """Run a command about ``person``; make the record of their hold first when it is not there yet.

        Raises NotFoundError for somebody of whom neither pathway nor intake knows.
        """
        try:
            return await self.shell.run(handler, command, origin, gives=gives)
        except NotHeldYetError:
            await self.hold_first(person, origin)
        return await self.shell.run(handler, command, origin, gives=gives)

    async def hold_first(self, person: UUID, origin: Origin) -> None:
        """Make the record that intake's event is about to make. Raises NotFoundError for somebody unknown."""
        first = await self.ports.intake.first_hold(person)
        if first is None:
            raise NotFoundError
        within = self.ports.community.rulebook().hold_acknowledged_within
        command = HoldFirst(person, first.lead, first.chosen, first.since, within)
        await self.shell.run(hold_first, command, replace(origin, request_id=None), gives=type(None))

    async def place(self, person: UUID, *concerned: UUID | None) -> Place:
        """Ask what a rule about ``person`` must know of the place: before the transaction.

        ``concerned``: organisations that may come to lead or walk alongside by this command.
        """
        holding = await self.shell.read(lambda store: store.find_holding(person), once=True)
        known = {*concerned, *(holding.alongside if holding else ()), holding.lead if holding else None}
        backstop = await self.ports.community.backstop()
        commissioned = {each for each in known if each is not None and await self._commissioned(each)}
        intensities = self.ports.community.rulebook().intensities
        return Place(backstop, intensities, frozenset({backstop, *commissioned}))

    async def _commissioned(self, organisation: UUID) -> bool:
        try:
            return (await self.ports.community.organisation(organisation)).commissioned
        except NotFoundError:
            return False

    async def beside(self, person: UUID) -> frozenset[UUID]:
        """Give who leads a person and who walks alongside."""
        holding = await self.shell.read(lambda store: store.find_holding(person), once=True)
        if holding is None:
            return frozenset()
        return frozenset(each for each in (holding.lead, *holding.alongside) if each is not None)

    async def able(self, chosen: UUID | None) -> UUID | None:
        """Give ``chosen`` when it can lead; None otherwise: nobody is turned away for whom they chose (J7)."""
        if chosen is None:
            return None
        try:
            found = await self.ports.community.organisation(chosen)
        except NotFoundError:
            return None
        return chosen if found.active and found.can_lead else None


def desk(call: Call[Any]) -> Desk:
    """Give the desk of a request."""
    return Desk(call.service.shell, call.ports)


async def is_theirs(call: Call[Any], person: UUID) -> bool:
    """Say whether who calls is a supporter whom the person chose: beside them, or on the list of whom to ring (J12)."""
    watchers = await call.ports.intake.watchers(person)
    known = {*watchers.organisations, *await desk(call).beside(person)}
    return call.by.organisation in known or not {call.by.member, call.by.person}.isdisjoint(watchers.people)


async def permit_of(call: Call[Any], thing: UUID, person: UUID | None, part: Part, act: Act = Act.READ) -> Permit:
    """Ask as ``call.permit`` does, about whose ``thing`` is; for one that is nobody's, about nobody.

    Where consent can't be asked, and in time, what is not there and what may not be seen are the same then (C4).
    """
    permit = await call.permit(person or thing, part, act, thing)
    if person is None:
        raise NotFoundError
    return permit
