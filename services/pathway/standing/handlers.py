"""Reads of whom an organisation stands to. Ids are read first; nothing of a person without a permit about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from services.pathway.holding.domain import Holding
    from services.pathway.holding.store import PerMember
    from services.pathway.link.domain import Link, State
    from services.pathway.standing.domain import Reached
    from services.pathway.store import PathwayStore
    from shared.decisions import Permit


async def read_led(store: PathwayStore, organisation: UUID, after: UUID, most: int) -> list[UUID]:
    """Read whom an organisation leads."""
    return await store.led_by(organisation, after, most)


async def read_beside(store: PathwayStore, organisation: UUID, after: UUID, most: int) -> list[UUID]:
    """Read whom an organisation walks beside."""
    return await store.beside(organisation, after, most)


async def read_chose(store: PathwayStore, organisation: UUID, after: UUID, most: int) -> list[UUID]:
    """Read who chose an organisation and waits for its word."""
    return await store.chose(organisation, after, most)


async def read_holds(store: PathwayStore, permits: Iterable[Permit]) -> dict[UUID, Holding]:
    """Read the holds of people whom the caller knows."""
    return {holding.person: holding for holding in await store.get_holdings(permit.person for permit in permits)}


async def read_reached(store: PathwayStore, permits: Iterable[Permit]) -> dict[UUID, Reached]:
    """Read when people were last reached, of those whose journey the caller may see."""
    return await store.reached(permits)


async def read_figures(store: PathwayStore, organisation: UUID) -> list[PerMember]:
    """Read how many people each named person of an organisation holds (J2b)."""
    return await store.per_member(organisation)


async def read_links(
    store: PathwayStore, organisation: UUID, state: State, before: datetime, before_id: UUID, most: int
) -> list[Link]:
    """Read links that an organisation answers, the newest first."""
    return await store.links_to(organisation, state.value, before, before_id, most)


async def read_link(store: PathwayStore, permit: Permit, link: UUID) -> Link | None:
    """Read one link of the permit's person."""
    found = await store.link(link)
    return found if found is not None and found.person == permit.person else None
