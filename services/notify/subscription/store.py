"""Subscriptions in their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    update,
)

from services.notify.subscription.domain import State, Wish
from services.notify.tables import METADATA
from shared.db import Id, Instant, Json, Sql, insert_into
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from shared.db import Connection, Row

WISH = Table(
    "notify_subscription", METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation", Id, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", Json, nullable=False),
    Column("person", Id),
    Column("state", String(16), nullable=False),
    Column("secret", String(80), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("old_secret", String(80)),
    Column("old_until", Instant),
    Column("failing_since", Instant),
    Column("last_problem", String(48)),
    Column("quiet_until", Instant),
    Column("paused_why", String(48)),
    Column("id_key", LargeBinary),
    Column("base", Integer),
    Index("notify_subscription_owner", "organisation", "made_at"),
)  # fmt: skip
WISH_EVENT = Table(
    "notify_subscription_event", METADATA,
    Column("type", String(64), nullable=False),
    Column("subscription", Id, nullable=False),
    PrimaryKeyConstraint("type", "subscription"),
)  # fmt: skip

_CHANGING = ("state", "secret", "old_secret", "old_until", "failing_since", "last_problem", "quiet_until", "paused_why")
_this = WISH.c.id == bindparam("which", type_=Id)
_ADD = Sql(insert_into(WISH))
_ADD_EVENT = Sql(insert_into(WISH_EVENT))
_GET = Sql(select(WISH).where(WISH.c.id == bindparam("id")))
_CHANGE = Sql(
    update(WISH).where(_this)
    .values({name: bindparam(name, type_=WISH.c[name].type) for name in _CHANGING})
)  # fmt: skip
_OF = Sql(select(WISH).where(WISH.c.organisation == bindparam("organisation")).order_by(WISH.c.made_at, WISH.c.id))
_ALL = Sql(select(WISH).order_by(WISH.c.made_at, WISH.c.id))
_HOW_MANY = Sql(
    select(func.count().label("n")).select_from(WISH)
    .where(WISH.c.organisation == bindparam("organisation"), WISH.c.state != State.ENDED.value)
)  # fmt: skip
_KEY = Sql(
    update(WISH).where(_this).values(id_key=func.coalesce(WISH.c.id_key, bindparam("fresh", type_=LargeBinary)))
    .returning(WISH.c.id_key)
)  # fmt: skip
_LEAP = Sql(update(WISH).where(_this).values(base=bindparam("after", type_=Integer)))
_FORGET_EVENTS = Sql(delete(WISH_EVENT).where(WISH_EVENT.c.subscription == bindparam("subscription")))


class WishStore:
    """Reads and writes subscriptions."""

    connection: Connection

    async def add_wish(self, wish: Wish) -> None:
        """Keep a new one and what it is told of."""
        row = {name: getattr(wish, name) for name in WISH.c.keys()}  # noqa: SIM118 - a column collection
        await self.connection.run(_ADD, **row | {"state": wish.state.value})
        await self.connection.many(_ADD_EVENT, [{"type": each, "subscription": wish.id} for each in wish.events])

    async def wish(self, wish_id: UUID) -> Wish:
        """Give one. Raises NotFoundError."""
        row = await self.connection.one(_GET, id=wish_id)
        if row is None:
            raise NotFoundError
        return _wish(row)

    async def change_wish(self, wish: Wish) -> None:
        """Keep what changed; one that has ended is matched by no event any more."""
        row = {name: getattr(wish, name) for name in _CHANGING}
        await self.connection.run(_CHANGE, which=wish.id, **row | {"state": wish.state.value})
        if wish.state is State.ENDED:
            await self.connection.run(_FORGET_EVENTS, subscription=wish.id)

    async def keep_id_key(self, wish_id: UUID, fresh: bytes) -> bytes:
        """Keep a key of ids for a subscription that has none; gives the one that it has now."""
        row = await self.connection.one(_KEY, which=wish_id, fresh=fresh)
        return bytes((row or {})["id_key"])

    async def leap(self, wish_id: UUID, after: int) -> None:
        """Have every lane's order numbers go on after ``after``."""
        await self.connection.run(_LEAP, which=wish_id, after=after)

    async def wishes_of(self, organisation: UUID | None) -> Sequence[Wish]:
        """Give an organisation's, oldest first; everybody's for None (the steward)."""
        if organisation is None:
            return [_wish(row) for row in await self.connection.all(_ALL)]
        return [_wish(row) for row in await self.connection.all(_OF, organisation=organisation)]

    async def wishes_in_force(self, organisation: UUID) -> int:
        """Say how many an organisation has that have not ended."""
        row = await self.connection.one(_HOW_MANY, organisation=organisation)
        return int(row["n"]) if row else 0


def _wish(row: Row) -> Wish:
    return Wish(**row | {"state": State(row["state"]), "events": tuple(row["events"])})
