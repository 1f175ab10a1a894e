"""Keeps the ways to ring, and how each test went."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, bindparam, delete, select, update

from services.community.route.domain import RingRoute, RouteTest
from services.community.tables import ROUTE, ROUTE_TEST
from shared.db import Id, Instant, Sql, insert_into
from shared.errors import NotFoundError
from shared.ports import Channel

if TYPE_CHECKING:
    from uuid import UUID

    from shared.db import Connection, Row

_OF = Sql(select(ROUTE).where(ROUTE.c.owner == bindparam("owner")).order_by(ROUTE.c.position, ROUTE.c.id))
_ADD = Sql(insert_into(ROUTE))
_DROP = Sql(delete(ROUTE).where(ROUTE.c.id == bindparam("id")))
_TESTED = Sql(
    update(ROUTE)
    .where(ROUTE.c.id == bindparam("of_id", type_=Id))
    .values(answered_at=bindparam("answered_at", type_=Instant), unanswered=bindparam("unanswered", type_=Integer))
)
_ADD_TEST = Sql(insert_into(ROUTE_TEST))
_TESTS = Sql(
    select(ROUTE_TEST)
    .where(ROUTE_TEST.c.route == bindparam("route"))
    .order_by(ROUTE_TEST.c.at.desc(), ROUTE_TEST.c.id)
    .limit(bindparam("most", type_=Integer))
)  # fmt: skip


class RouteStore:
    """Ways to ring as rows."""

    connection: Connection

    async def routes_of(self, owner: UUID) -> tuple[RingRoute, ...]:
        """Give the routes of an organisation or of the place, in their order."""
        rows = await self.connection.all(_OF, owner=owner)
        return tuple(_route(row) for row in rows)

    async def get_route(self, owner: UUID, route_id: UUID) -> RingRoute:
        """Give one route of ``owner``. Raises NotFoundError."""
        for route in await self.routes_of(owner):
            if route.id == route_id:
                return route
        raise NotFoundError

    async def add_route(self, route: RingRoute) -> None:
        """Write a new one."""
        await self.connection.run(_ADD, **_row(route))

    async def drop_route(self, route_id: UUID) -> None:
        """Take one away."""
        await self.connection.run(_DROP, id=route_id)

    async def add_test(self, route: RingRoute, test: RouteTest) -> None:
        """Write a test and what it means for the route."""
        await self.connection.run(_ADD_TEST, **asdict(test))
        await self.connection.run(_TESTED, of_id=route.id, answered_at=route.answered_at, unanswered=route.unanswered)

    async def last_tests(self, route_id: UUID, most: int) -> list[RouteTest]:
        """Give the latest tests of a route, newest first."""
        return [RouteTest(**row) for row in await self.connection.all(_TESTS, route=route_id, most=most)]


def _row(route: RingRoute) -> dict[str, Any]:
    return asdict(route) | {"channel": route.channel.value}


def _route(row: Row) -> RingRoute:
    return RingRoute(**row | {"channel": Channel(row["channel"])})
