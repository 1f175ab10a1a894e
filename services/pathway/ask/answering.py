"""What answers an ask, in the transaction of what does: a welcome (J12), contact made, an acknowledgement (P9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.pathway.ask import domain
from services.pathway.ask.domain import ANSWER_BY, Ask, AskKind

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from services.pathway.store import PathwayStore
    from shared.event import Recorded
    from shared.events.notify import AlertAcknowledged
    from shared.shell import Tx


async def asks_answered(tx: Tx[PathwayStore], person: UUID, link: UUID | None) -> None:
    """Stop the clock of all the more that a person asked for: somebody welcomed them, or said what could be (J5).

    Silence counted as *not right* is no answer: it must not call this.
    """
    for ask in await tx.store.open_asks(person):
        if ask.kind is AskKind.MORE:
            await _answered(tx, ask, link)


async def contact_was_made(tx: Tx[PathwayStore], person: UUID, happened: datetime) -> None:
    """Stop the clock of warning signs: somebody, whoever it was, spoke with the person since (P9)."""
    for ask in await tx.store.open_asks(person):
        if domain.contact_answers(ask, happened):
            await _answered(tx, ask, None)


async def on_acknowledged(event: AlertAcknowledged, recorded: Recorded, tx: Tx[PathwayStore]) -> None:
    """Stop the clock of warning signs: somebody who was told that they show is on it (P9)."""
    if event.kind not in domain.ALERTS:
        return
    for ask in await tx.store.open_asks(event.subject):
        if domain.acknowledgement_answers(ask, recorded.actor.member, recorded.time):
            await _answered(tx, ask, None)


async def _answered(tx: Tx[PathwayStore], ask: Ask, link: UUID | None) -> None:
    after, facts = domain.answered(ask, link, tx.now)
    await tx.store.move_ask(after)
    tx.emit(*facts)
    tx.forget(ANSWER_BY, ask.person, ask.id)
