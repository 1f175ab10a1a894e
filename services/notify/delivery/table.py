"""The table of deliveries: one lane for each (subscription, subject), whose first open row is ready; the rest wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    bindparam,
    func,
    select,
    update,
)

from services.notify.delivery.domain import Delivery, State
from services.notify.tables import METADATA, among
from shared.db import Id, Instant, Sql

if TYPE_CHECKING:
    from shared.db import Row

READY, WAITING, DELIVERED, FAILED = (state.value for state in State)
DELIVERY = Table(
    "notify_delivery", METADATA,
    Column("pos", Integer, Identity(), primary_key=True),
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
    Column("correlation", Id),
    sqlite_autoincrement=True,
)  # fmt: skip
_c = DELIVERY.c
_ready = among(_c.state, READY)
Index("notify_delivery_ready", _c.subscription, _c.next_at, sqlite_where=_ready, postgresql_where=_ready)
Index("notify_delivery_lane", _c.subscription, _c.subject, _c.pos)
LANE = Table(
    "notify_lane", METADATA,
    Column("subscription", Id, nullable=False),
    Column("subject", Id, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("subscription", "subject"),
)  # fmt: skip

_now = bindparam("now", type_=Instant)
_other = DELIVERY.alias("other")
_lane_of_other = [_other.c.subscription == bindparam("of", type_=Id), _other.c.subject == bindparam("about", type_=Id)]
_first_waiting = select(func.min(_other.c.pos)).where(*_lane_of_other, among(_other.c.state, WAITING)).scalar_subquery()
PROMOTE = Sql(
    update(DELIVERY).where(
        _c.pos == _first_waiting,
        ~select(_other.c.pos).where(*_lane_of_other, among(_other.c.state, READY)).exists(),
    ).values(state=READY, next_at=_now)
)  # fmt: skip
"""Lets the first that waits in a lane go, unless one is on its way. Whoever runs it holds the subject's stream, as who
queues does: else each would leave it to the other, and the lane would wait for ever.
"""


def delivery_of(row: Row) -> Delivery:
    """Give a row as a delivery."""
    return Delivery(**row | {"state": State(row["state"])})
