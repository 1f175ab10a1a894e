"""Who is in the circle, who leaves it, and whom to ring first: one transaction each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from services.intake.circle import invitation
from services.intake.circle.domain import (
    AddToCircle,
    Entry,
    OrderRinging,
    RemoveFromCircle,
    TieBoth,
    add,
    order,
    remove,
    tie,
)
from services.intake.circle.store import CircleStore
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from services.intake.store import IntakeStore
    from shared.decisions import Permit
    from shared.shell import Tx


async def add_to_circle(command: AddToCircle, tx: Tx[IntakeStore]) -> UUID:
    """Write an entry, and its other side when it names a person of the place (S6). Raises NotFoundError."""
    person = await tx.store.person_of(command.person)
    other = command.ringed.person
    if person is None or (other is not None and not await tx.store.person_exists(other)):
        raise NotFoundError
    there = await tx.store.circle_of(command.person)
    entries, facts = add(there, command, person.called, tx.by, tx.now, tx.new_id)
    await tx.store.add_entries(entries)
    tx.emit(*facts)
    return entries[0].id


async def invite(store: CircleStore, person: UUID, entry: UUID, until: datetime) -> str:
    """Give the code by which whom an entry is about can say yes to being tied. Raises NotFoundError."""
    found = next((each for each in await store.circle_of(person) if each.id == entry), None)
    if found is None or found.linked_person is not None:
        raise NotFoundError
    return invitation.write(invitation.Invitation(person, entry, until), store.keys.sign)


async def read_invitation(store: CircleStore, code: str, now: datetime) -> invitation.Invitation:
    """Read a code. Raises NotFoundError."""
    return invitation.read(code, store.keys.sign, now)


async def tie_both(command: TieBoth, tx: Tx[IntakeStore]) -> UUID:
    """Write both sides of a tie that both persons said yes to, and give the new side (S6)."""
    inviting = await tx.store.person_of(command.other)
    there = {entry.id: entry for entry in await tx.store.circle_of(command.other)}
    called = inviting.called if inviting else ""
    tied, other, facts = tie(there.get(command.entry), command, called, tx.by, tx.now, tx.new_id)
    await tx.store.tie_entry(tied)
    await tx.store.add_entries([other])
    tx.emit(*facts)
    return other.id


async def remove_from_circle(command: RemoveFromCircle, tx: Tx[CircleStore]) -> None:
    """Take somebody out of the circle, on both sides of a tie."""
    there = {entry.id: entry for entry in await tx.store.circle_of(command.person)}
    ended, facts = remove(there.get(command.entry), command, tx.by)
    await tx.store.end_entries(ended, tx.now)
    tx.emit(*facts)


async def order_ringing(command: OrderRinging, tx: Tx[CircleStore]) -> None:
    """Write in which order to ring (J9)."""
    changed, facts = order(await tx.store.circle_of(command.person), command, tx.by)
    if changed:
        await tx.store.set_ringing(changed)
    tx.emit(*facts)


async def read_circle(store: CircleStore, permit: Permit) -> list[Entry]:
    """Give the circle of the person that the permit is about, in the order added."""
    return await store.list_circle(permit)


async def other_side(store: CircleStore, person: UUID, entry: UUID) -> UUID | None:
    """Give the person of the place whom an entry names, so that both streams can be locked."""
    found = next((each for each in await store.circle_of(person) if each.id == entry), None)
    return found.linked_person if found else None
