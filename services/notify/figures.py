"""What notify shows of its tables: deliveries that wait or are paused, alerts that nobody has answered, messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge
from sqlalchemy import and_, func, select

from services.notify.alert.domain import State as AlertState
from services.notify.alert.store import ALERT
from services.notify.delivery.table import DELIVERY, READY
from services.notify.message.domain import State as MessageState
from services.notify.message.store import MESSAGE
from services.notify.subscription.domain import State as WishState
from services.notify.subscription.store import WISH
from services.notify.tables import among
from shared.db import Sql

if TYPE_CHECKING:
    from datetime import datetime

    from services.notify.store import NotifyStore
    from shared.shell import Shell

TRIED = Counter("alongside_deliveries", "Tries of deliveries, by what came of them", ["outcome"])
WAITING = Gauge("alongside_deliveries_waiting", "People's lanes with a delivery to an endpoint that is up")
OLDEST = Gauge("alongside_oldest_delivery_seconds", "How late the latest delivery to an endpoint that is up is")
PAUSED = Gauge("alongside_subscriptions_paused", "Subscriptions that were paused because their endpoint fails")
UNANSWERED = Gauge("alongside_oldest_alert_seconds", "How long the oldest alert has waited for somebody to answer")
MESSAGES = Gauge("alongside_oldest_message_seconds", "How late the latest text or mail is")

_c, _a, _m = DELIVERY.c, ALERT.c, MESSAGE.c
_going = and_(among(_c.state, READY), WISH.c.state == WishState.ACTIVE.value)
_one = and_(among(_a.state, AlertState.OPEN.value), _a.awaited)
_due = among(_m.state, MessageState.WAITING.value)
_TAKE = Sql(
    select(
        select(func.count()).select_from(DELIVERY.join(WISH, WISH.c.id == _c.subscription)).where(_going)
        .scalar_subquery().label("waiting"),
        select(func.min(_c.next_at)).select_from(DELIVERY.join(WISH, WISH.c.id == _c.subscription)).where(_going)
        .scalar_subquery().label("delivery"),
        select(func.count()).select_from(WISH).where(WISH.c.state == WishState.PAUSED.value)
        .scalar_subquery().label("paused"),
        select(func.min(_a.raised_at)).where(_one).scalar_subquery().label("alert"),
        select(func.min(_m.send_after)).where(_due).scalar_subquery().label("message"),
    )
)  # fmt: skip


async def take(shell: Shell[NotifyStore]) -> None:
    """Set the gauges."""
    now = shell.clock.now()
    async with shell.database.read() as connection:
        row = await connection.one(_TAKE) or {}
    WAITING.set(row["waiting"])
    PAUSED.set(row["paused"])
    for gauge, since in ((OLDEST, "delivery"), (UNANSWERED, "alert"), (MESSAGES, "message")):
        gauge.set(_waited(now, row[since]))


def _waited(now: datetime, since: datetime | None) -> float:
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)
