"""What the person reads of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.consent.choice.domain import WhoKind

if TYPE_CHECKING:
    from uuid import UUID

    from services.consent.choice.domain import Choice
    from services.consent.ledger.domain import Entry, Left
    from services.consent.store import ConsentStore


async def read_who_looked(store: ConsentStore, person: UUID, after: UUID | None, most: int) -> list[Entry]:
    """Give who was let see something of a person, newest first (C6). Ask it only for the person themself."""
    return await store.seen(person, after, most)


async def read_what_left(store: ConsentStore, choice: Choice) -> list[Left]:
    """Give what left to those whom a choice was about (C2). Ask it only for the person themself."""
    organisation = None
    if choice.who.kind is WhoKind.OFFER and choice.who.id is not None:
        organisation = await store.organisation_of(choice.who.id)
    return await store.left(choice.person, choice.who, organisation, choice.parts, choice.id)
