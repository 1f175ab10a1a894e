"""What `doctor` finds of the duty line: whether there is one that answers, and what it was told of late.

It shows counts and ages; no number, no address, nobody.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from services.cli.rows import ANSWER_SECONDS, age
from shared.clock import real_now
from shared.db import Instant, NoTableError, Sql
from shared.errors import AlongsideError
from shared.events.community import PLACE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from services.cli.rows import Finding
    from services.community.place.domain import Place
    from services.community.route.domain import RingRoute
    from shared.db import Database, Row

MODULES = ("services.community.store", "services.notify.message.store", "services.notify.alert.domain")
TESTED_EVERY = timedelta(days=7)
"""A route of the duty line is tried every week, or oftener by the rulebook (W1)."""
LOOKED_BACK = timedelta(days=7)
WAITED_SECONDS = 300.0


async def duty_line(community: Database, notify: Database) -> list[Finding]:
    """Give what was found, as (what, standing, says)."""
    now = real_now()
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            store_of = import_module("services.community.store").CommunityStore
            async with community.read() as connection:
                store = store_of(connection)
                place, routes = await store.place(), await store.routes_of(PLACE)
            async with notify.read() as connection:
                told = await connection.one(_told(), now=now, since=now - LOOKED_BACK) or {}
    except (AlongsideError, NoTableError, TimeoutError, OSError):
        return [("duty line", "fail", "it can't be looked at: its services' tables do not answer")]
    return [*_set(place, routes, now), *_heard(told, now)]


def _set(place: Place, routes: tuple[RingRoute, ...], now: datetime) -> Iterator[Finding]:
    rules = import_module("services.community.route.domain")
    answered, failing = sum(each.tested for each in routes), sum(each.unanswered > 0 for each in routes)
    late = sum(each.overdue(now, TESTED_EVERY) for each in routes)
    says = (
        f"{len(routes)} routes, {answered} answered by a human; {failing} not answered last time, {late} not for a week"
    )
    if not place.ready:
        yield ("duty line", "warn", f"the place is not set up yet (`alongside init`): {says}")
    elif not rules.two_of_them_answer(routes) or failing == len(routes):
        yield ("duty line", "fail", f"{says}: ring it, then add a route that is answered")
    else:
        yield ("duty line", "warn" if failing or late else "pass", says)


def _told() -> Sql:
    message = import_module("services.notify.message.store").MESSAGE.c
    states = import_module("services.notify.message.domain").State
    to_duty = message.who == import_module("services.notify.alert.domain").Who.DUTY_LINE.value
    lately = message.made_at > bindparam("since", type_=Instant)
    failed, sent = message.state == states.FAILED.value, message.state == states.SENT.value
    waits = message.state.in_([states.WAITING.value, states.SENDING.value])
    due = message.send_after <= bindparam("now", type_=Instant)

    def one(what: Any, name: str, *where: Any) -> Any:
        return select(what).where(to_duty, lately, *where).scalar_subquery().label(name)

    return Sql(
        select(
            one(func.count(message.id), "sent", sent),
            one(func.max(message.sent_at), "last_sent", sent),
            one(func.count(message.id), "failed", failed),
            one(func.max(message.made_at), "last_failed", failed),
            one(func.min(message.send_after), "waits", waits, due),
        )
    )


def _heard(told: Row, now: datetime) -> Iterator[Finding]:
    waits = age(told["waits"], now)
    words = [f"{told['sent']} messages were taken in the last week, {told['failed']} failed"]
    words += [f"one has waited for {waits:,.0f} s"] if waits > WAITED_SECONDS else []
    failed = told["last_failed"] is not None and (told["last_sent"] is None or told["last_failed"] > told["last_sent"])
    if failed:
        words.append("the last one failed, and none was taken since: ring it yourself, and look at how it is told")
    worse = "warn" if told["failed"] or waits > WAITED_SECONDS else "pass"
    yield ("duty line told", "fail" if failed else worse, "; ".join(words))
