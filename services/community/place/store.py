"""Keeps how far the place is set up: one row."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from services.community.place.domain import Place
from services.community.tables import PLACE_SET_UP
from shared.db import Sql, upsert_into
from shared.events.community import PLACE

if TYPE_CHECKING:
    from shared.db import Connection

_GET = Sql(select(PLACE_SET_UP).where(PLACE_SET_UP.c.id == bindparam("id")))
_SAVE = Sql(upsert_into(PLACE_SET_UP, "id", only=("backstop", "ready")))


class PlaceStore:
    """The place as a row."""

    connection: Connection

    async def place(self) -> Place:
        """Give how far the place is set up."""
        row = await self.connection.one(_GET, id=PLACE)
        return Place() if row is None else Place(row["backstop"], row["ready"])

    async def save_place(self, place: Place) -> None:
        """Write it."""
        await self.connection.run(_SAVE, id=PLACE, **asdict(place))
