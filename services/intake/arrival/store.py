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
    from datetime import datetime
    from uuid import UUID

    from shared.decisions import Permit

_ADD = Sql(insert_into(ARRIVAL))
_PAGE = (
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
_LIST = Sql(_PAGE)
_TEXTS = Sql(_PAGE.where(ARRIVAL.c.words.is_not(None)))
_AT_DOOR = Sql(
    select(ARRIVAL.c.id)
    .where(
        ARRIVAL.c.person == bindparam("person", type_=ARRIVAL.c.person.type),
        ARRIVAL.c.by_organisation == bindparam("organisation", type_=ARRIVAL.c.by_organisation.type),
        ARRIVAL.c.at >= bindparam("since", type_=Instant),
        ARRIVAL.c.door.not_in([Door.POLICE.value, Door.TEXT.value]),
    )
    .limit(1)
)


class ArrivalStore:
    """Arrivals by any door (S1)."""

    connection: Connection

    async def add_arrival(self, arrival: Arrival) -> None:
        """Write that somebody came."""
        await self.connection.run(_ADD, **{name: getattr(arrival, name) for name in Arrival.__dataclass_fields__})

    async def came_to(self, person: UUID, organisation: UUID, since: datetime) -> bool:
        """Say whether an organisation wrote that the person came to it of late.

        The police never count (C9), nor does whoever passes texts on: a text proves nobody, and comes to no door (J7).
        """
        return await self.connection.one(_AT_DOOR, person=person, organisation=organisation, since=since) is not None

    async def list_arrivals(self, permit: Permit, behind: After, most: int) -> list[Arrival]:
        """Give the arrivals of the person that the permit is about, oldest first."""
        return await self._page(_LIST, permit, behind, most)

    async def list_texts(self, permit: Permit, behind: After, most: int) -> list[Arrival]:
        """Give the arrivals with words: the texts that came in, oldest first."""
        return await self._page(_TEXTS, permit, behind, most)

    async def _page(self, sql: Sql, permit: Permit, behind: After, most: int) -> list[Arrival]:
        rows = await self.connection.all(sql, person=permit.person, after_at=behind.at, after_id=behind.id, most=most)
        return [Arrival(**{**row, "door": Door(row["door"]), "by_role": Role(row["by_role"])}) for row in rows]
