"""Setting a place up: one function, one transaction (J2a)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.community.place import domain
from services.community.place.domain import NameBackstop, Place, StillNeeded
from services.community.route.domain import two_of_them_answer
from shared.events.community import PLACE

if TYPE_CHECKING:
    from uuid import UUID

    from services.community.route.domain import RingRoute
    from services.community.store import CommunityStore
    from shared.shell import Tx


@dataclass(frozen=True, slots=True)
class SetUp:
    """How far the place is set up, for whoever asks."""

    place: Place
    still_needed: tuple[StillNeeded, ...]
    duty_line: tuple[RingRoute, ...]


async def name_backstop(command: NameBackstop, tx: Tx[CommunityStore]) -> UUID:
    """Name who leads when nobody else does. Raises NotFoundError, CannotBeBackstopError."""
    organisation = await tx.store.get_organisation(command.organisation)
    place, facts = domain.set_backstop(await tx.store.place(), organisation)
    answers = two_of_them_answer(await tx.store.routes_of(PLACE))
    settled, more = domain.settle(place, duty_line_answers=answers)
    await tx.store.save_place(settled)
    tx.emit(*facts, *more)
    return organisation.id


async def read_set_up(store: CommunityStore) -> SetUp:
    """Say how far the place is set up."""
    place = await store.place()
    routes = await store.routes_of(PLACE)
    answers = two_of_them_answer(routes)
    needed = () if place.ready else domain.still_needed(place, duty_line_answers=answers)
    return SetUp(place, needed, routes)
