"""Asks: one function is one transaction (J12, P9). What answers them is in ``answering``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from services.pathway.ask import domain
from services.pathway.ask.domain import ANSWER_BY, Ask, AskForMore, AskKind, Figure, SaySigns
from services.pathway.plan.handlers import opened
from services.pathway.plan.headings import PlanKind
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


@dataclass(frozen=True, slots=True)
class SignsSaid:
    """What the one who said it is told. ``line``: the sign that was kept, if they named one of the plan in force."""

    signs: UUID
    answer_by: datetime
    lead: UUID
    line: UUID | None


async def say_signs(command: SaySigns, tx: Tx[PathwayStore]) -> SignsSaid:
    """Begin what the plan promised, and its clock. Somebody who had gone is held again by it (P9, J7).

    The plan in force is opened by it, for who may see it, and looked at again after (P6).
    """
    ask = command.ask
    holding = await welcome_back(tx, ask.person, None, ask.place, ask.rules.hold_acknowledged_within)
    in_force = await tx.store.in_force(ask.person) if command.sees_plan else None
    plan = await tx.store.plan(in_force.plan, in_force.revision) if in_force and command.line else None
    said, facts = domain.signs_showing(command, holding, plan, tx.now, tx.new_id())
    await tx.store.add_ask(said)
    tx.emit(*facts)
    tx.remind(ANSWER_BY, said.answer_by, said.person, said.id)
    if in_force is not None:
        opened(tx, said.person, in_force.plan)
    return SignsSaid(said.id, said.answer_by, holding.lead or ask.place.backstop, said.line)


async def answer_by_came(item: DueItem, tx: Tx[PathwayStore]) -> None:
    """Say that nobody answered in time (J12)."""
    ask = await tx.store.get_ask(item.ref)
    if ask is not None:
        after, facts = domain.time_came(ask, tx.now)
        await tx.store.move_ask(after)
        tx.emit(*facts)


async def read_asks(
    store: PathwayStore, permit: Permit, kind: AskKind, before: datetime, before_id: UUID, most: int
) -> list[Ask]:
    """Read a page of asks of a kind, newest first."""
    return await store.list_asks(permit, kind, before, before_id, most)


async def read_promised(store: PathwayStore, permit: Permit) -> dict[str, Any] | None:
    """Read what the safety plan in force promises when its signs show (P9); None when none is in force."""
    found = await store.read_in_force(permit, PlanKind.SAFETY)
    return domain.promised(orjson.loads(found[0])) if found else None


async def read_figure(store: PathwayStore, now: datetime) -> Figure:
    """Read the published figure of the last year."""
    return domain.figure(*await store.count_asks(now - domain.YEAR))
