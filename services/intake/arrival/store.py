"""Arrivals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Integer, bindparam, or_, select

from services.intake.arrival.domain import Arrival
from services.intake.paging import After
from services.intake.tables import ARRIVAL
from shared.db import Connection, Instant, Sql, insert_into
from shared.event import Role
from shared.events.intake import Door

if TYPE_CHECKING:
    from shared.decisions import Permit

_ADD = Sql(insert_into(ARRIVAL))
_LIST = Sql(
    select(ARRIVAL)
    .where(
        ARRIVAL.c.person == bindparam("person", type_=ARRIVAL.c.person.type),
        or_(
            ARRIVAL.c.at > bindparam("after_at", type_=Instant),
            (ARRIVAL.c.at == bindparam("after_at", type_=Instant))
            & (ARRIVAL.c.id > bindparam("after_id", type_=ARRIVAL.c.id.type)),
        ),
    )
    .order_by(ARRIVAL.c.at, ARRIVAL.c.id)
    .limit(bindparam("most", type_=Integer))
)


class ArrivalStore:
    """Arrivals by any door (S1)."""

    connection: Connection

    async def add_arrival(self, arrival: Arrival) -> None:
        """Write that somebody came."""
        await self.connection.run(_ADD, **{name: getattr(arrival, name) for name in Arrival.__dataclass_fields__})

    async def list_arrivals(self, permit: Permit, behind: After, most: int) -> list[Arrival]:
        """Give the arrivals of the person that the permit is about, oldest first."""
        rows = await self.connection.all(_LIST, person=permit.person, after_at=behind.at, after_id=behind.id, most=most)
        return [Arrival(**{**row, "door": Door(row["door"]), "by_role": Role(row["by_role"])}) for row in rows]
