"""What a subscriber sees of its deliveries, and sending them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Integer, bindparam, delete, or_, select, update

from services.notify.delivery.domain import Delivery
from services.notify.delivery.table import DELIVERED, DELIVERY, FAILED, PROMOTE, READY, WAITING, delivery_of
from services.notify.subscription.store import WISH
from services.notify.tables import among
from shared.db import Id, Instant, Sql, listed
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.db import Connection

_c = DELIVERY.c
_now = bindparam("now", type_=Instant)
_open = among(_c.state, READY, WAITING)
_in_lane = [_c.subscription == bindparam("of", type_=Id), _c.subject == bindparam("about", type_=Id)]
_DROP_OPEN = Sql(delete(DELIVERY).where(_c.subscription == bindparam("of", type_=Id), _open))
_UNNUMBER = Sql(
    update(DELIVERY)
    .where(_c.subscription == bindparam("of", type_=Id), among(_c.state, READY), _c.order.is_not(None), ~_c.wired)
    .values(order=None)
)
_HURRY = Sql(
    update(DELIVERY).where(_c.subscription == bindparam("of", type_=Id), among(_c.state, READY)).values(next_at=_now)
)
_seen = or_(
    bindparam("by_steward", type_=Boolean), WISH.c.organisation == bindparam("organisation", type_=Id)
)  # fmt: skip
_LOG = Sql(
    select(DELIVERY).join(WISH, WISH.c.id == _c.subscription)
    .where(
        _seen, _c.wired, _c.pos < bindparam("before", type_=Integer),
        or_(bindparam("every", type_=Boolean), _c.subscription == bindparam("subscription", type_=Id)),
    )
    .order_by(_c.pos.desc()).limit(bindparam("most", type_=Integer))
)  # fmt: skip
_BY_ID = Sql(
    select(DELIVERY).join(WISH, WISH.c.id == _c.subscription)
    .where(_c.id == bindparam("id"), _c.wired, _seen)
)  # fmt: skip
_finished = among(_c.state, DELIVERED, FAILED)
_AGAIN = Sql(
    update(DELIVERY).where(_finished, _c.wired, listed(_c.pos, "which")).values(state=WAITING, tries=0, next_at=_now)
)
_SINCE = Sql(
    select(_c.pos).where(*_in_lane, _finished, _c.wired, _c.order >= bindparam("since", type_=Integer)).order_by(_c.pos)
)
_TIDY = Sql(delete(DELIVERY).where(_finished, _c.last_at < bindparam("before", type_=Instant)))


class LogStore:
    """Reads the log; drops, hurries and repeats deliveries."""

    connection: Connection

    async def drop_open(self, subscription: UUID) -> None:
        """Drop all that waits."""
        await self.connection.run(_DROP_OPEN, of=subscription)

    async def take_numbers_back(self, subscription: UUID) -> None:
        """Take back the order numbers of which nothing has left, as far as is known: they may have gone to others."""
        await self.connection.run(_UNNUMBER, of=subscription)

    async def hurry(self, subscription: UUID, now: datetime) -> None:
        """Try at once what waits for its time."""
        await self.connection.run(_HURRY, of=subscription, now=now)

    async def log(self, organisation: UUID | None, subscription: UUID | None, before: int, most: int) -> list[Delivery]:
        """Give what went on the wire to an organisation's subscriptions, or to everybody's (None), newest first."""
        rows = await self.connection.all(
            _LOG, by_steward=organisation is None, organisation=organisation, every=subscription is None,
            subscription=subscription, before=before, most=most,
        )  # fmt: skip
        return [delivery_of(row) for row in rows]

    async def delivery(self, delivery_id: UUID, organisation: UUID | None) -> Delivery:
        """Give one that went on the wire to this organisation, or to any (None). Raises NotFoundError."""
        row = await self.connection.one(
            _BY_ID, id=delivery_id, by_steward=organisation is None, organisation=organisation
        )  # fmt: skip
        if row is None:
            raise NotFoundError
        return delivery_of(row)

    async def again(self, positions: list[int], subscription: UUID, subject: UUID, now: datetime) -> None:
        """Put finished deliveries of one lane back, in their order, with the ids and numbers that they had."""
        await self.connection.run(_AGAIN, which=positions, now=now)
        await self.connection.run(PROMOTE, of=subscription, about=subject, now=now)

    async def since(self, subscription: UUID, subject: UUID, order: int) -> list[int]:
        """Give the finished deliveries of a lane from an order number on."""
        rows = await self.connection.all(_SINCE, of=subscription, about=subject, since=order)
        return [row["pos"] for row in rows]

    async def tidy(self, before: datetime) -> None:
        """Forget deliveries that finished before ``before``."""
        await self.connection.run(_TIDY, before=before)
