"""Asks: one function is one transaction (J12). A welcome and an answer with an alternative call ``asks_answered``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from services.pathway.ask import domain
from services.pathway.ask.domain import ANSWER_BY, Ask, AskForMore, Figure
from services.pathway.wayout.handlers import welcome_back

if TYPE_CHECKING:
    from services.pathway.store import PathwayStore
    from shared.decisions import Permit
    from shared.due import DueItem
    from shared.shell import Tx


@dataclass(frozen=True, slots=True)
class Asked:
    """What the one who asked is told."""

    ask: UUID
    answer_by: datetime
    lead: UUID


async def ask_for_more(command: AskForMore, tx: Tx[PathwayStore]) -> Asked:
    """Begin the clock of an ask. Somebody who had gone is held again by asking (J7, J12)."""
    within = command.rules.hold_acknowledged_within
    holding = await welcome_back(tx, command.person, None, command.place, within)
    ask, facts = domain.asked(command, holding, tx.now, tx.new_id())
    await tx.store.add_ask(ask)
    tx.emit(*facts)
    tx.remind(ANSWER_BY, ask.answer_by, ask.person, ask.id)
    return Asked(ask.id, ask.answer_by, holding.lead or command.place.backstop)


async def asks_answered(tx: Tx[PathwayStore], person: UUID, link: UUID | None) -> None:
    """Stop the clock of everything that a person asked for: somebody welcomed them, or said what could be (J5).

    Silence counted as *not right* is no answer: it must not call this.
    """
    for ask in await tx.store.open_asks(person):
        after, facts = domain.answered(ask, link, tx.now)
        await tx.store.move_ask(after)
        tx.emit(*facts)
        tx.forget(ANSWER_BY, person, ask.id)


async def answer_by_came(item: DueItem, tx: Tx[PathwayStore]) -> None:
    """Say that nobody answered in time (J12)."""
    ask = await tx.store.get_ask(item.ref)
    if ask is not None:
        after, facts = domain.time_came(ask, tx.now)
        await tx.store.move_ask(after)
        tx.emit(*facts)


async def read_asks(store: PathwayStore, permit: Permit, before: datetime, before_id: UUID, most: int) -> list[Ask]:
    """Read a page of asks, newest first."""
    return await store.list_asks(permit, before, before_id, most)


async def read_figure(store: PathwayStore, now: datetime) -> Figure:
    """Read the published figure of the last year."""
    return domain.figure(*await store.count_asks(now - domain.YEAR))
