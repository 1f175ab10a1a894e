"""Rows of asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, String, and_, bindparam, func, or_, select, update

from services.pathway.ask.domain import Ask, AskKind
from services.pathway.tables import ASK
from shared.db import Id, Instant, Sql, insert_into

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.db import Connection, Row
    from shared.decisions import Permit

_NAMES = tuple(c.name for c in ASK.c)
_person = bindparam("person", type_=Id)
_this = ASK.c.id == bindparam("ask", type_=Id)
_ADD = Sql(insert_into(ASK))
_MOVE = Sql(
    update(ASK).where(_this).values(
        {n: bindparam(n, type_=ASK.c[n].type) for n in ("unanswered_at", "answered_at", "link")}
    )
)  # fmt: skip
_GET = Sql(select(ASK).where(_this))
_OPEN = Sql(select(ASK).where(ASK.c.person == _person, ASK.c.answered_at.is_(None)).order_by(ASK.c.asked_at))
_before = bindparam("before", type_=Instant)
_LIST = Sql(
    select(ASK)
    .where(
        ASK.c.person == _person,
        ASK.c.kind == bindparam("kind", type_=String),
        or_(
            ASK.c.asked_at < _before,
            and_(ASK.c.asked_at == _before, ASK.c.id < bindparam("before_id", type_=Id)),
        ),
    )
    .order_by(ASK.c.asked_at.desc(), ASK.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_FIGURE = Sql(
    select(func.count().label("asked"), func.count(ASK.c.unanswered_at).label("unanswered"))
    .select_from(ASK)
    .where(ASK.c.asked_at >= bindparam("since", type_=Instant), ASK.c.kind == AskKind.MORE.value)
)


class AskStore:
    """Statements on asks."""

    connection: Connection

    async def add_ask(self, ask: Ask) -> None:
        """Write an ask."""
        row = {name: getattr(ask, name) for name in _NAMES}
        await self.connection.run(_ADD, **row | {"kind": ask.kind.value})

    async def move_ask(self, ask: Ask) -> None:
        """Write where an ask is now."""
        moved = {name: getattr(ask, name) for name in ("unanswered_at", "answered_at", "link")}
        await self.connection.run(_MOVE, ask=ask.id, **moved)

    async def get_ask(self, ask: UUID) -> Ask | None:
        """Give an ask for a rule to decide on."""
        row = await self.connection.one(_GET, ask=ask)
        return _ask(row) if row else None

    async def open_asks(self, person: UUID) -> list[Ask]:
        """Give the asks of a person that nobody has answered, oldest first."""
        return [_ask(row) for row in await self.connection.all(_OPEN, person=person)]

    async def list_asks(self, permit: Permit, kind: AskKind, before: datetime, before_id: UUID, most: int) -> list[Ask]:
        """Give a page of the asks of one kind of the permit's person, newest first."""
        values: dict[str, Any] = {"kind": kind.value, "before": before, "before_id": before_id, "most": most}
        return [_ask(row) for row in await self.connection.all(_LIST, person=permit.person, **values)]

    async def count_asks(self, since: datetime) -> tuple[int, int]:
        """Count how many asked for more since, and how many of those were not answered in time."""
        row = await self.connection.one(_FIGURE, since=since)
        return (row["asked"], row["unanswered"]) if row else (0, 0)


def _ask(row: Row) -> Ask:
    told = {"by_person": bool(row["by_person"]), "kind": AskKind(row["kind"])}
    return Ask(**{name: row[name] for name in _NAMES} | told)
