"""Deliveries in their table. One lane for each (subscription, subject): its first open row is ready, the rest wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
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
from sqlalchemy.dialects.sqlite import insert as upsert

from services.notify.delivery.domain import TEST, Delivery, State, is_good
from services.notify.subscription import domain as wishes
from services.notify.subscription.store import WISH, WISH_EVENT
from services.notify.tables import METADATA
from shared.db import Id, Instant, Sql, listed
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from services.notify.delivery.domain import Outcome, Verdict
    from shared.db import Connection, Row
    from shared.event import Recorded

READY, WAITING, DELIVERED, FAILED = (state.value for state in State)
DELIVERY = Table(
    "notify_delivery", METADATA,
    Column("pos", Integer, primary_key=True, autoincrement=True),
    Column("id", Id, unique=True),
    Column("subscription", Id, nullable=False),
    Column("subject", Id, nullable=False),
    Column("event", Id, nullable=False),
    Column("type", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", String(12), nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("order", Integer),
    Column("wired", Boolean, nullable=False),
    Column("sending", Boolean, nullable=False),
    Column("first_at", Instant),
    Column("last_at", Instant),
    Column("last_status", Integer),
    Column("problem", String(32)),
    sqlite_autoincrement=True,
)  # fmt: skip
_c = DELIVERY.c
Index("notify_delivery_ready", _c.subscription, _c.next_at, sqlite_where=_c.state == READY)
Index("notify_delivery_lane", _c.subscription, _c.subject, _c.pos)
Index("notify_delivery_log", _c.subscription, _c.pos, sqlite_where=_c.wired)
LANE = Table(
    "notify_lane", METADATA,
    Column("subscription", Id, nullable=False),
    Column("subject", Id, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("subscription", "subject"),
)  # fmt: skip

_now = bindparam("now", type_=Instant)
_subject = bindparam("subject", type_=Id)
_this = _c.pos == bindparam("this", type_=Integer)
_open = _c.state.in_([READY, WAITING])


def _behind(subscription: Any, subject: Any) -> Any:
    earlier = DELIVERY.alias("earlier")
    ahead = exists().where(
        earlier.c.subscription == subscription, earlier.c.subject == subject, earlier.c.state.in_([READY, WAITING])
    )
    return case((ahead, literal(WAITING)), else_=literal(READY))


_NEW = ("subscription", "subject", "event", "type", "at", "state", "next_at", "tries", "wired", "sending")
_QUEUE = Sql(
    insert(DELIVERY).from_select(
        _NEW,
        select(
            WISH.c.id, _subject, bindparam("event", type_=Id), bindparam("type"), bindparam("at", type_=Instant),
            _behind(WISH.c.id, _subject), _now, literal(0), false(), false(),
        )
        .select_from(WISH.join(WISH_EVENT, WISH_EVENT.c.subscription == WISH.c.id))
        .where(
            WISH_EVENT.c.type.in_([bindparam("type"), wishes.EVERY]),
            WISH.c.state.in_([wishes.State.ACTIVE.value, wishes.State.PAUSED.value]),
            or_(WISH.c.person.is_(None), WISH.c.person == _subject),
        ),
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
_may_go = or_(
    WISH.c.state == wishes.State.ACTIVE.value,
    and_(_c.type == TEST, WISH.c.state != wishes.State.ENDED.value),
)
_ripe = [
    _c.state == READY,
    _c.next_at <= _now,
    _may_go,
    or_(WISH.c.quiet_until.is_(None), WISH.c.quiet_until <= _now),
]
_BUSY = Sql(select(_c.subscription).join(WISH, WISH.c.id == _c.subscription).where(*_ripe).distinct())
_NEXT = Sql(
    select(DELIVERY).join(WISH, WISH.c.id == _c.subscription)
    .where(_c.subscription == bindparam("subscription", type_=Id), *_ripe)
    .order_by(_c.next_at, _c.pos).limit(1)
)  # fmt: skip
_wish_may = exists().where(WISH.c.id == _c.subscription, _may_go)
_BEGIN = Sql(
    update(DELIVERY).where(_this, _c.state == READY, _wish_may)
    .values(sending=True, id=func.coalesce(_c.id, bindparam("fresh", type_=Id)),
            wired=or_(_c.wired, _c.sending))
)  # fmt: skip
_count = upsert(LANE).values(subscription=bindparam("subscription", type_=Id), subject=_subject, last=1)
_COUNT = Sql(
    _count.on_conflict_do_update(index_elements=["subscription", "subject"], set_={"last": LANE.c.last + 1})
    .returning(LANE.c.last)
)  # fmt: skip
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
_DROP = Sql(delete(DELIVERY).where(_this))
_STAND = Sql(update(DELIVERY).where(_this).values(state=bindparam("becomes"), sending=False, last_at=_now))
_LATER = Sql(update(DELIVERY).where(_this).values(next_at=bindparam("again", type_=Instant), sending=False))
_in_lane = [_c.subscription == bindparam("of", type_=Id), _c.subject == bindparam("about", type_=Id)]
_other = DELIVERY.alias("other")
_lane_of_other = [_other.c.subscription == bindparam("of", type_=Id), _other.c.subject == bindparam("about", type_=Id)]
_first_waiting = select(func.min(_other.c.pos)).where(*_lane_of_other, _other.c.state == WAITING).scalar_subquery()
_PROMOTE = Sql(
    update(DELIVERY).where(
        _c.pos == _first_waiting,
        ~select(_other.c.pos).where(*_lane_of_other, _other.c.state == READY).exists(),
    ).values(state=READY, next_at=_now)
)  # fmt: skip
_DROP_OPEN = Sql(delete(DELIVERY).where(_c.subscription == bindparam("of", type_=Id), _open))
_HURRY = Sql(
    update(DELIVERY).where(_c.subscription == bindparam("of", type_=Id), _c.state == READY).values(next_at=_now)
)
_HURRY_TEST = Sql(
    update(DELIVERY)
    .where(_c.subscription == bindparam("of", type_=Id), _c.type == TEST, _c.state == READY)
    .values(next_at=_now)
)
_LOG = Sql(
    select(DELIVERY).join(WISH, WISH.c.id == _c.subscription)
    .where(
        WISH.c.organisation == bindparam("organisation"), _c.wired, _c.pos < bindparam("before", type_=Integer),
        or_(bindparam("every", type_=Boolean), _c.subscription == bindparam("subscription", type_=Id)),
    )
    .order_by(_c.pos.desc()).limit(bindparam("most", type_=Integer))
)  # fmt: skip
_BY_ID = Sql(
    select(DELIVERY).join(WISH, WISH.c.id == _c.subscription)
    .where(_c.id == bindparam("id"), _c.wired, WISH.c.organisation == bindparam("organisation"))
)  # fmt: skip
_finished = _c.state.in_([DELIVERED, FAILED])
_AGAIN = Sql(
    update(DELIVERY).where(_finished, _c.wired, listed(_c.pos, "which")).values(state=WAITING, tries=0, next_at=_now)
)
_SINCE = Sql(
    select(_c.pos).where(*_in_lane, _finished, _c.wired, _c.order >= bindparam("since", type_=Integer)).order_by(_c.pos)
)
_TIDY = Sql(delete(DELIVERY).where(_finished, _c.last_at < bindparam("before", type_=Instant)))


class DeliveryStore:
    """Reads and writes deliveries."""

    connection: Connection

    async def queue(self, event: Recorded, now: datetime) -> int:
        """Queue a fact for every subscription that wants its type, in one statement; says how many do."""
        row = {"subject": event.subject, "event": event.id, "type": event.type, "at": event.time}
        return await self.connection.run(_QUEUE, **row, now=now)

    async def queue_test(self, subscription: UUID, test_id: UUID, now: datetime) -> None:
        """Queue a test event, or hurry the one that waits: it is about the subscription itself."""
        if not await self.connection.run(_HURRY_TEST, of=subscription, now=now):
            await self.connection.run(_QUEUE_TEST, subject=subscription, event=test_id, now=now)

    async def busy(self, now: datetime) -> list[UUID]:
        """Give the subscriptions for which something is ripe."""
        return [row["subscription"] for row in await self.connection.all(_BUSY, now=now)]

    async def next_of(self, subscription: UUID, now: datetime) -> Delivery | None:
        """Give the next ripe delivery of a subscription."""
        row = await self.connection.one(_NEXT, subscription=subscription, now=now)
        return None if row is None else _delivery(row)

    async def begin(self, delivery: Delivery, fresh: UUID) -> int | None:
        """Mark a try as begun and give the order number; None when it may no longer be sent.

        A try that began and was never recorded counts as having left: its number stays its own.
        """
        if not await self.connection.run(_BEGIN, this=delivery.pos, fresh=fresh):
            return None
        if delivery.order is not None:
            return delivery.order
        lane = {"subscription": delivery.subscription, "subject": delivery.subject}
        row = await self.connection.one(_COUNT, **lane)
        number = int((row or {})["last"])
        await self.connection.run(_NUMBER, this=delivery.pos, number=number)
        return number

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
            await self.connection.run(_DROP, this=delivery.pos)
            if delivery.order is not None:
                await self.connection.run(_GIVE_BACK, of=delivery.subscription, about=delivery.subject)
        await self._promote(delivery, now)

    async def later(self, delivery: Delivery, at: datetime) -> None:
        """Leave it as it is until ``at``: consent could not be asked."""
        await self.connection.run(_LATER, this=delivery.pos, again=at)

    async def _promote(self, delivery: Delivery, now: datetime) -> None:
        await self.connection.run(_PROMOTE, of=delivery.subscription, about=delivery.subject, now=now)

    async def drop_open(self, subscription: UUID) -> None:
        """Drop all that waits."""
        await self.connection.run(_DROP_OPEN, of=subscription)

    async def hurry(self, subscription: UUID, now: datetime) -> None:
        """Try at once what waits for its time."""
        await self.connection.run(_HURRY, of=subscription, now=now)

    async def log(self, organisation: UUID, subscription: UUID | None, before: int, most: int) -> list[Delivery]:
        """Give what went on the wire to an organisation's subscriptions, newest first."""
        rows = await self.connection.all(
            _LOG, organisation=organisation, every=subscription is None, subscription=subscription,
            before=before, most=most,
        )  # fmt: skip
        return [_delivery(row) for row in rows]

    async def delivery(self, delivery_id: UUID, organisation: UUID) -> Delivery:
        """Give one that went on the wire to this organisation. Raises NotFoundError."""
        row = await self.connection.one(_BY_ID, id=delivery_id, organisation=organisation)
        if row is None:
            raise NotFoundError
        return _delivery(row)

    async def again(self, positions: list[int], subscription: UUID, subject: UUID, now: datetime) -> None:
        """Put finished deliveries of one lane back, in their order, with the ids and numbers that they had."""
        await self.connection.run(_AGAIN, which=positions, now=now)
        await self.connection.run(_PROMOTE, of=subscription, about=subject, now=now)

    async def since(self, subscription: UUID, subject: UUID, order: int) -> list[int]:
        """Give the finished deliveries of a lane from an order number on."""
        rows = await self.connection.all(_SINCE, of=subscription, about=subject, since=order)
        return [row["pos"] for row in rows]

    async def tidy(self, before: datetime) -> None:
        """Forget deliveries that finished before ``before``."""
        await self.connection.run(_TIDY, before=before)


def _delivery(row: Row) -> Delivery:
    return Delivery(**row | {"state": State(row["state"])})
