"""Queues deliveries, begins their tries and records what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Integer,
    and_,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from services.notify.delivery.domain import TEST, Delivery, State, is_good
from services.notify.delivery.table import (
    DELIVERED,
    DELIVERY,
    FAILED,
    LANE,
    PROMOTE,
    READY,
    WAITING,
    delivery_of,
)
from services.notify.subscription import domain as wishes
from services.notify.subscription.store import WISH, WISH_EVENT
from services.notify.tables import among
from shared.db import Id, Instant, Sql, changing, listed, putting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from services.notify.delivery.domain import Outcome, Verdict
    from shared.db import Connection
    from shared.event import Recorded

_c = DELIVERY.c
_now = bindparam("now", type_=Instant)
_subject = bindparam("subject", type_=Id)
_this = _c.pos == bindparam("this", type_=Integer)


def _behind(subscription: Any, subject: Any) -> Any:
    earlier = DELIVERY.alias("earlier")
    ahead = exists().where(
        earlier.c.subscription == subscription, earlier.c.subject == subject, among(earlier.c.state, READY, WAITING)
    )
    return case((ahead, literal(WAITING)), else_=literal(READY))


_NEW = ("subscription", "subject", "event", "type", "at", "state", "next_at", "tries", "wired", "sending")
_QUEUE = Sql(
    insert(DELIVERY).from_select(
        (*_NEW, "correlation"),
        select(
            WISH.c.id, _subject, bindparam("event", type_=Id), bindparam("type"), bindparam("at", type_=Instant),
            _behind(WISH.c.id, _subject), _now, literal(0), false(), false(), bindparam("correlation", type_=Id),
        )
        .select_from(WISH.join(WISH_EVENT, WISH_EVENT.c.subscription == WISH.c.id))
        .where(
            WISH_EVENT.c.type.in_([bindparam("type"), wishes.EVERY]),
            WISH.c.state.in_([wishes.State.ACTIVE.value, wishes.State.PAUSED.value]),
            or_(WISH.c.person.is_(None), WISH.c.person == _subject),
        )
        .with_for_update(read=True, of=WISH),  # who ends a subscription waits, and drops this too
    )
)  # fmt: skip
_QUEUE_TEST = Sql(
    insert(DELIVERY).from_select(
        (*_NEW, "id"),
        select(
            _subject, _subject, bindparam("event", type_=Id), literal(TEST), _now,
            _behind(_subject, _subject), _now, literal(0), false(), false(), bindparam("event", type_=Id),
        ),
    )
)  # fmt: skip
_HURRY_TEST = Sql(
    update(DELIVERY)
    .where(_c.subscription == bindparam("of", type_=Id), _c.type == TEST, among(_c.state, READY))
    .values(next_at=_now)
)
_may_go = or_(
    WISH.c.state == wishes.State.ACTIVE.value,
    and_(_c.type == TEST, WISH.c.state != wishes.State.ENDED.value),
)
_may_go_now = [_may_go, or_(WISH.c.quiet_until.is_(None), WISH.c.quiet_until <= _now)]
_ripe = [among(_c.state, READY), _c.next_at <= _now, *_may_go_now]
_BUSY = Sql(select(WISH.c.id).where(exists().where(_c.subscription == WISH.c.id, *_ripe)))
_NEXT = Sql(
    select(DELIVERY).join(WISH, WISH.c.id == _c.subscription)
    .where(_c.subscription == bindparam("subscription", type_=Id), *_ripe)
    .order_by(_c.next_at, _c.pos).limit(bindparam("most", type_=Integer))
)  # fmt: skip
_wish_may = exists().where(WISH.c.id == _c.subscription, *_may_go_now)
_BEGIN = Sql(
    update(DELIVERY).where(_this, _c.state == READY, _c.next_at <= _now, _wish_may)
    .values(sending=True, id=func.coalesce(_c.id, bindparam("outside", type_=Id)),
            wired=or_(_c.wired, _c.sending))
    .returning(DELIVERY)
)  # fmt: skip
_base = select(func.coalesce(WISH.c.base, 0)).where(WISH.c.id == bindparam("of", type_=Id)).scalar_subquery()
_count = putting(LANE, subscription=bindparam("of", type_=Id), subject=_subject, last=_base + 1)
_first = _count.excluded.last
_goes_on = case((LANE.c.last >= _first, LANE.c.last + 1), else_=_first)
_COUNT = Sql(changing(_count, ("subscription", "subject"), {"last": _goes_on}).returning(LANE.c.last))
_NUMBER = Sql(update(DELIVERY).where(_this).values(order=bindparam("number", type_=Integer)))
_TRIED = Sql(
    update(DELIVERY).where(_this)
    .values(
        sending=False, tries=bindparam("tried"), state=bindparam("becomes"), next_at=bindparam("again", type_=Instant),
        wired=or_(_c.wired, bindparam("out", type_=Boolean)), first_at=func.coalesce(_c.first_at, _now), last_at=_now,
        last_status=bindparam("status", type_=Integer), problem=bindparam("why"),
    )
)  # fmt: skip
_GIVE_BACK = Sql(
    update(LANE).where(LANE.c.subscription == bindparam("of", type_=Id), LANE.c.subject == bindparam("about", type_=Id))
    .values(last=LANE.c.last - 1)
)  # fmt: skip
_DROP = Sql(delete(DELIVERY).where(_this).returning(_c.order))
_WEED = Sql(
    delete(DELIVERY)
    .where(
        listed(_c.pos, "positions"), _c.subscription == bindparam("of", type_=Id),
        among(_c.state, READY), _c.order.is_(None), _c.sending.is_(False), _c.wired.is_(False),
    )
    .returning(_c.subject)
)  # fmt: skip
_STAND = Sql(update(DELIVERY).where(_this).values(state=bindparam("becomes"), sending=False, last_at=_now))
_NOT_BEGUN = Sql(update(DELIVERY).where(_this).values(sending=False))


class DeliveryStore:
    """Reads and writes deliveries."""

    connection: Connection

    async def queue(self, event: Recorded, now: datetime) -> int:
        """Queue a fact for every subscription that wants its type, in one statement; says how many do."""
        row = {"subject": event.subject, "event": event.id, "type": event.type, "at": event.time}
        return await self.connection.run(_QUEUE, **row, correlation=event.correlation, now=now)

    async def queue_test(self, subscription: UUID, test_id: UUID, now: datetime) -> None:
        """Queue a test event, or hurry the one that waits: it is about the subscription itself."""
        if not await self.connection.run(_HURRY_TEST, of=subscription, now=now):
            await self.connection.run(_QUEUE_TEST, subject=subscription, event=test_id, now=now)

    async def busy(self, now: datetime) -> list[UUID]:
        """Give the subscriptions for which something is ripe."""
        return [row["id"] for row in await self.connection.all(_BUSY, now=now)]

    async def next_of(self, subscription: UUID, now: datetime, most: int) -> list[Delivery]:
        """Give the next ripe deliveries of a subscription, of each lane one at most."""
        rows = await self.connection.all(_NEXT, subscription=subscription, now=now, most=most)
        return [delivery_of(row) for row in rows]

    async def begin(self, delivery: Delivery, outside: UUID, now: datetime) -> Delivery | None:
        """Mark a try as begun; gives it as it stands, with its id (``outside`` where it has none) and order number.
        None when it may no longer be sent, or not yet.

        A try that began and was never recorded counts as having left: its number stays its own.
        """
        row = await self.connection.one(_BEGIN, this=delivery.pos, outside=outside, now=now)
        if row is None:
            return None
        if row["order"] is None:
            counted = await self.connection.one(_COUNT, of=delivery.subscription, subject=delivery.subject)
            row["order"] = int((counted or {})["last"])
            await self.connection.run(_NUMBER, this=delivery.pos, number=row["order"])
        return delivery_of(row | {"sending": False})

    async def record(self, delivery: Delivery, outcome: Outcome, verdict: Verdict, now: datetime) -> None:
        """Record a try, and let the next of the lane go when this one is finished."""
        await self.connection.run(
            _TRIED, this=delivery.pos, tried=delivery.tries + 1, becomes=verdict.state.value, now=now,
            again=verdict.again_at or now, out=outcome.wired, status=outcome.status,
            why=outcome.problem.value if outcome.problem else None,
        )  # fmt: skip
        if verdict.state is not State.READY:
            await self._promote(delivery, now)

    async def drop(self, delivery: Delivery, now: datetime, *, wired: bool) -> None:
        """Drop what may not be sent. What never left leaves no trace: its number is free again (C4)."""
        if wired:
            becomes = DELIVERED if is_good(delivery.last_status) else FAILED
            await self.connection.run(_STAND, this=delivery.pos, becomes=becomes, now=now)
        else:
            row = await self.connection.one(_DROP, this=delivery.pos)
            if row is not None and row["order"] is not None:
                await self.connection.run(_GIVE_BACK, of=delivery.subscription, about=delivery.subject)
        await self._promote(delivery, now)

    async def weed(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        """Drop many of one subscription's that never began; none leaves a trace, as none has a number."""
        of = deliveries[0].subscription
        gone = await self.connection.all(_WEED, of=of, positions=[each.pos for each in deliveries])
        await self.connection.many(PROMOTE, [{"of": of, "about": row["subject"], "now": now} for row in gone])

    async def not_begun(self, delivery: Delivery) -> None:
        """Take back that a try began: nothing has left. It stays as ripe as it was."""
        await self.connection.run(_NOT_BEGUN, this=delivery.pos)

    async def _promote(self, delivery: Delivery, now: datetime) -> None:
        await self.connection.run(PROMOTE, of=delivery.subscription, about=delivery.subject, now=now)
