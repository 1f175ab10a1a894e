"""Needs, as people put them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import Integer, bindparam, or_, select

from services.intake.need.domain import Coded, Matters, Need
from services.intake.paging import After
from services.intake.story.domain import Written
from services.intake.tables import NEED
from shared.db import Connection, Instant, Row, Sql, insert_into
from shared.events.intake import NeedKind

if TYPE_CHECKING:
    from shared.decisions import Permit

_ADD = Sql(insert_into(NEED))
_LIST = Sql(
    select(NEED)
    .where(
        NEED.c.person == bindparam("person", type_=NEED.c.person.type),
        or_(
            NEED.c.at > bindparam("after_at", type_=Instant),
            (NEED.c.at == bindparam("after_at", type_=Instant))
            & (NEED.c.id > bindparam("after_id", type_=NEED.c.id.type)),
        ),
    )
    .order_by(NEED.c.at, NEED.c.id)
    .limit(bindparam("most", type_=Integer))
)


class NeedStore:
    """Needs (S5)."""

    connection: Connection

    async def add_needs(self, needs: Iterable[Need]) -> None:
        """Write new needs."""
        await self.connection.many(_ADD, [asdict(need) for need in needs])

    async def list_needs(self, permit: Permit, behind: After, most: int) -> list[Need]:
        """Give the needs of the person that the permit is about, in the order they were named."""
        rows = await self.connection.all(_LIST, person=permit.person, after_at=behind.at, after_id=behind.id, most=most)
        return [_need(row) for row in rows]


def _need(row: Row) -> Need:
    codes = tuple(Coded(**code) for code in row["codes"])
    known = {"kind": NeedKind(row["kind"]), "matters": Matters(row["matters"]), "how": Written(row["how"])}
    return Need(**{**row, **known, "codes": codes})
