"""Whose a text is."""

from __future__ import annotations

from services.intake.person.domain import Identifier
from services.intake.person.store import PersonStore
from services.intake.text.domain import Sender, as_text_sender, sender_of


async def who_sent(store: PersonStore, phone: Identifier) -> Sender:
    """Give who sent a text from ``phone``, in one statement for one, none or several."""
    return sender_of(await store.find(phone, as_text_sender(phone)))
