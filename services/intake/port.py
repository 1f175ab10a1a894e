"""What intake answers other services with: ids, safe routes and the first hold; never a word of anybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from services.intake.arrival.domain import HERE_AND_NOW
from services.intake.circle.domain import watchers
from services.intake.person.domain import IdKind, an_email, the_only_one
from shared.errors import InvalidError, NotFoundError
from shared.event import Role
from shared.ports import FirstHold, Route, SignIn, Watchers

if TYPE_CHECKING:
    from datetime import datetime

    from services.intake.circle.domain import Entry
    from services.intake.store import IntakeStore
    from shared.decisions import Decisions
    from shared.shell import Shell


class IntakeAnswers:
    """Implements ``shared.ports.IntakePort``."""

    def __init__(self, shell: Shell[IntakeStore], decisions: Decisions) -> None:
        """Read what is committed, through the service's own shell; ``decisions`` knows whom not to speak to."""
        self.shell = shell
        self.decisions = decisions

    async def exists(self, person_id: UUID) -> bool:
        """Say whether there is such a person."""
        return await self.shell.read(lambda store: store.person_exists(person_id), once=True)

    async def watchers(self, person_id: UUID) -> Watchers:
        """Say whom to ring, in the person's order; ``people`` are entries of the circle (J9).

        Nobody whom the person asked us not to speak to (S6). Raises UnavailableError when that can't be asked.
        """
        person = await self.shell.read(lambda store: store.person_of(person_id))
        return watchers(await self._spoken_to(person_id), person.at if person else None)

    async def passages(self, person_id: UUID, passages: frozenset[UUID]) -> frozenset[UUID]:
        """Give those of ``passages`` that are in the person's story."""
        return await self.shell.read(lambda store: store.passages_of(person_id, passages), once=True)

    async def told_only(self, person_id: UUID, passages: frozenset[UUID]) -> frozenset[datetime]:
        """Give when nothing but these passages was told or changed: for who may not see them, that is no news (S4)."""
        return await self.shell.read(lambda store: store.told_only(person_id, passages), once=True)

    async def at_the_door(self, organisation: UUID, person_id: UUID) -> bool:
        """Say whether the person came to this organisation's door of late: then it is known to them, for now (S2)."""
        since = self.shell.clock.now() - HERE_AND_NOW
        return await self.shell.read(lambda store: store.came_to(person_id, organisation, since), once=True)

    async def routes(self, person_id: UUID) -> tuple[Route, ...]:
        """Give the person's own safe routes (S7); none when they may not be written to."""
        kept = await self.shell.read(lambda store: store.reach_of(person_id))
        return kept.reach.routes() if kept else ()

    async def supporter_routes(self, person_id: UUID, entry: UUID) -> tuple[Route, ...]:
        """Give how somebody of the circle is told: by what the circle says, else by their own safe route.

        A person of the place is told only in ways that are safe for them: theirs win. Raises NotFoundError, for
        somebody not to be spoken to as well (S6).
        """
        circle = await self._spoken_to(person_id)
        found = next((each for each in circle if each.id == entry), None)
        if found is None:
            raise NotFoundError
        other = found.linked_person
        own = await self.shell.read(lambda store: store.reach_of(other)) if other else None
        return own.reach.routes() if own else found.ways.routes()

    async def _spoken_to(self, person_id: UUID) -> tuple[Entry, ...]:
        circle = await self.shell.read(lambda store: store.circle_of(person_id))
        hidden = await self.decisions.hidden(person_id, frozenset().union(*(entry.links() for entry in circle)))
        return tuple(entry for entry in circle if hidden.isdisjoint(entry.links()))

    async def sign_in(self, email: str) -> SignIn | None:
        """Say which person has this e-mail address as their own; None when none or several."""
        try:
            address = an_email(email)
        except InvalidError:
            return None
        found = await self.shell.read(lambda store: store.find(address))
        person = the_only_one(found.get(IdKind.EMAIL, ()))
        return SignIn(Role.PERSON, person=person) if person else None

    async def first_hold(self, person_id: UUID) -> FirstHold | None:
        """Give the hold that a person's arrival was written with; it counts until pathway has a record (J2a)."""
        person = await self.shell.read(lambda store: store.person_of(person_id))
        return FirstHold(person.first_lead, person.first_chosen, person.at) if person else None
