"""Whose a text is, and reading those that came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.intake.arrival.domain import Arrival
from services.intake.arrival.store import ArrivalStore
from services.intake.paging import After
from services.intake.person.domain import Identifier
from services.intake.person.store import PersonStore
from services.intake.text.domain import Sender, as_text_sender, sender_of

if TYPE_CHECKING:
    from shared.decisions import Permit


async def who_sent(store: PersonStore, phone: Identifier) -> Sender:
    """Give who sent a text from ``phone``, in one statement for one, none or several."""
    return sender_of(await store.find(phone, as_text_sender(phone)))


async def read_texts(store: ArrivalStore, permit: Permit, behind: After, most: int) -> list[Arrival]:
    """Give the texts that came in of the person that the permit is about, oldest first."""
    return await store.list_texts(permit, behind, most)
