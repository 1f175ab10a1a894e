"""When whoever leads loses sight: another leads, in the same request, and again until it is done (C2, J2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.consent.choice.domain import LookedAt, Who
from services.consent.choice.handlers import Settle, read_choice, read_owed, settle, whom_it_touches
from services.consent.decision.domain import MAY_LEAD
from services.consent.store import ConsentStore
from shared.errors import NotFoundError
from shared.ids import new_id
from shared.passes import Origin, timer

if TYPE_CHECKING:
    from uuid import UUID

    from shared.ports import Ports
    from shared.shell import Shell


class Leading:
    """Consent's side of "who leads": whom to look at before, and telling pathway after."""

    def __init__(self, shell: Shell[ConsentStore], ports: Ports) -> None:
        """``ports`` is read when it is needed."""
        self.shell = shell
        self.ports = ports

    async def look(self, person: UUID, who: Who) -> LookedAt | None:
        """Say which organisation may lose sight of ``person``: the one named, else whoever leads."""
        touched = await self.shell.read(lambda store: whom_it_touches(store, person, who))
        organisation = touched.organisation or await self.ports.pathway.lead(person)
        if organisation is None:
            return None
        is_member = self.ports.community.is_member
        members = frozenset([m for m in touched.members if await is_member(m, organisation)])
        standing = await self.ports.pathway.standing(organisation, person)
        by_name = await by_name_only(self.ports, organisation)
        return LookedAt(organisation, members, holds=bool(standing & MAY_LEAD), by_name_only=by_name)

    async def let_another_lead(self, person: UUID, choice_id: UUID, origin: Origin) -> None:
        """Tell pathway, if who lost sight by a choice leads or may come to; then write that it is done."""
        choice = await self.shell.read(lambda store: read_choice(store, person, choice_id))
        if choice.owed_by is None:
            return
        standing = await self.ports.pathway.standing(choice.owed_by, person)
        if standing & MAY_LEAD:
            await self.ports.pathway.lead_lost_sight(person, choice.owed_by, choice.instead, origin, blind=choice.blind)
        again = replace(origin, request_id=None)
        await self.shell.run(settle, Settle(person, choice.id), again, gives=type(None))

    async def step(self) -> bool:
        """Do what a crash or a fault left undone; says whether there was something."""
        owed = await self.shell.read(read_owed, once=True)
        for choice in owed:
            await self.let_another_lead(choice.person, choice.id, Origin(timer("consent-lead"), new_id()))
        return bool(owed)


async def by_name_only(ports: Ports, organisation: UUID) -> bool:
    """Say whether it gets only what is given by name: neither commissioned nor vouched for by two (M1)."""
    try:
        found = await ports.community.organisation(organisation)
    except NotFoundError:
        return True
    return not (found.commissioned or found.offered_to_strangers)
