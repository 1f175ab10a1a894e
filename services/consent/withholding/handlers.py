"""Withholding a passage and giving it back: one transaction each; and what the person reads of them (S4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.consent.withholding import domain
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from uuid import UUID

    from services.consent.store import ConsentStore
    from services.consent.withholding.domain import GiveBack, Withhold, Withholding
    from shared.shell import Tx

FAR = 2**31


async def withhold(command: Withhold, tx: Tx[ConsentStore]) -> UUID:
    """Write a withholding, once for the same passage and the same one."""
    before = await tx.store.withheld_by(command.person)
    number = await tx.store.next_withholding(command.person)
    made = domain.withhold(command, before, new_id=tx.new_id(), number=number, now=tx.now)
    if made not in before:
        await tx.store.add_withholding(made)
        tx.emit(domain.withheld(made))
    return made.id


async def give_back(command: GiveBack, tx: Tx[ConsentStore]) -> None:
    """Write that a passage may be seen again. Raises NotFoundError for a withholding that is not this person's."""
    found = await read_withholding(tx.store, command.person, command.withholding)
    if found.in_force:
        gone = domain.give_back(found, tx.now)
        await tx.store.give_back(gone)
        tx.emit(domain.given_back(gone))


async def read_withholding(store: ConsentStore, person: UUID, withholding: UUID) -> Withholding:
    """Give one of a person's own. Raises NotFoundError for anybody else's."""
    found = await store.withholding(withholding)
    if found is None or found.person != person:
        raise NotFoundError
    return found


async def read_withholdings(store: ConsentStore, person: UUID, after: UUID | None, most: int) -> list[Withholding]:
    """Give a page of a person's own, newest first. Raises NotFoundError for a cursor that is not theirs."""
    before = FAR if after is None else (await read_withholding(store, person, after)).number
    return await store.withholdings_page(person, before, most)
