"""Offers are opened, changed and found: one function, one transaction (M3)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services.community.offer import domain
from services.community.offer.domain import ChangeOffer, Offer, OpenOffer, Search
from services.community.organisation.handlers import must_work
from services.community.paging import must_match
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from uuid import UUID

    from services.community.paging import After
    from services.community.store import CommunityStore
    from shared.shell import Tx


async def open_offer(command: OpenOffer, tx: Tx[CommunityStore]) -> UUID:
    """Open an offer. Raises NotFoundError, NotWorkingError, UnknownIntensityError."""
    organisation = await must_work(tx.store, command.offer.organisation)
    checked = replace(command.offer, checked_at=tx.now, checked_by=tx.by.member)
    opened, facts = domain.open_offer(checked, organisation.kind, command.rulebook)
    await tx.store.add_offer(opened)
    tx.emit(*facts)
    return opened.id


async def change_offer(command: ChangeOffer, tx: Tx[CommunityStore]) -> UUID:
    """Change an offer, which counts as a look at it. Raises NotFoundError, NotWorkingError, StaleError."""
    organisation = await must_work(tx.store, command.organisation)
    offer = await tx.store.get_offer(command.offer)
    if offer.organisation != organisation.id:
        raise NotFoundError
    if not command.any_revision:
        must_match(command.tag, offer.id, offer.revision)
    changes = dict(command.changes) | {"checked_at": tx.now, "checked_by": tx.by.member}
    changed, facts = domain.change_offer(offer, changes, organisation.kind, command.rulebook)
    await tx.store.save_offer(changed)
    tx.emit(*facts)
    return offer.id


async def read_offer(store: CommunityStore, offer_id: UUID) -> Offer:
    """Give an offer. Raises NotFoundError."""
    return await store.get_offer(offer_id)


async def read_offers(store: CommunityStore, search: Search, after: After, most: int) -> list[Offer]:
    """Give a page of open offers that fit."""
    return await store.search_offers(search, after, most)
