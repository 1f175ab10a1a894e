"""Naming needs and reading them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from services.intake.need.domain import NameNeeds, Need, name_needs
from services.intake.need.store import NeedStore
from services.intake.paging import After
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from services.intake.store import IntakeStore
    from shared.decisions import Permit
    from shared.shell import Tx


async def name_them(command: NameNeeds, tx: Tx[IntakeStore]) -> list[UUID]:
    """Write needs and give their ids, in the order named. Raises NotFoundError when there is no such person."""
    if not await tx.store.person_exists(command.person):
        raise NotFoundError
    needs, facts = name_needs(command, tx.by, tx.now, tx.new_id)
    await tx.store.add_needs(needs)
    tx.emit(*facts)
    return [need.id for need in needs]


async def read_needs(store: NeedStore, permit: Permit, behind: After, most: int) -> list[Need]:
    """Give the needs of the person that the permit is about, in the order named."""
    return await store.list_needs(permit, behind, most)
