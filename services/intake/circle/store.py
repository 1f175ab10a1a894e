"""The circle around people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import bindparam, select, update

from services.intake.circle.domain import Entry, May, Tie
from services.intake.reach.domain import as_reach
from services.intake.tables import CIRCLE
from shared.db import Connection, Instant, Row, Sql, insert_into, listed

if TYPE_CHECKING:
    from services.intake.keys import Keys
    from shared.decisions import Permit

_ID = CIRCLE.c.id.type
_LIST = Sql(
    select(CIRCLE)
    .where(CIRCLE.c.person == bindparam("person", type_=_ID), CIRCLE.c.ended.is_(None))
    .order_by(CIRCLE.c.at, CIRCLE.c.id)
)
_ADD = Sql(insert_into(CIRCLE))
_END = Sql(
    update(CIRCLE).where(listed(CIRCLE.c.id, "entries")).values(ended=bindparam("ended_at", type_=Instant), ring=None)
)
_RING = Sql(update(CIRCLE).where(CIRCLE.c.id == bindparam("entry", type_=_ID)).values(ring=bindparam("place")))
_TIE = Sql(
    update(CIRCLE)
    .where(CIRCLE.c.id == bindparam("entry", type_=_ID))
    .values(linked_person=bindparam("with_person", type_=_ID), mirror=bindparam("other_side", type_=_ID))
)


class CircleStore:
    """The circle (S6)."""

    connection: Connection
    keys: Keys

    async def list_circle(self, permit: Permit) -> list[Entry]:
        """Give the circle of the person that the permit is about."""
        return list(await self.circle_of(permit.person))

    async def circle_of(self, person: UUID) -> tuple[Entry, ...]:
        """Give a circle for a rule, or for whom to ring."""
        return tuple(_entry(row) for row in await self.connection.all(_LIST, person=person))

    async def add_entries(self, entries: Iterable[Entry]) -> None:
        """Write new entries."""
        await self.connection.many(_ADD, [_row(entry) for entry in entries])

    async def tie_entry(self, entry: Entry) -> None:
        """Write whom of the place an entry is about."""
        await self.connection.run(_TIE, entry=entry.id, with_person=entry.linked_person, other_side=entry.mirror)

    async def end_entries(self, entries: Iterable[UUID], at: datetime) -> None:
        """Take entries out; that they were there stays."""
        await self.connection.run(_END, entries=list(entries), ended_at=at)

    async def set_ringing(self, places: Iterable[tuple[UUID, int | None]]) -> None:
        """Write the places on the list of whom to ring."""
        await self.connection.many(_RING, [{"entry": entry, "place": place} for entry, place in places])


def _entry(row: Row) -> Entry:
    fields = {name: value for name, value in row.items() if name != "ended"}
    may = tuple(May(each) for each in row["may"])
    return Entry(**{**fields, "kind": Tie(row["kind"]), "may": may, "ways": as_reach(row["ways"])})


def _row(entry: Entry) -> Row:
    fields = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    return {**fields, "may": [each.value for each in entry.may], "ways": entry.ways.told(), "ended": None}
