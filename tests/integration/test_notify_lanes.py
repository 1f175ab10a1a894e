"""A lane of deliveries on PostgreSQL: what is queued while the one before it is finished does not wait for ever."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import select

from services.notify.delivery import handlers
from services.notify.delivery.domain import Delivery, Outcome
from services.notify.delivery.table import DELIVERY, delivery_of
from services.notify.subscription.handlers import Subscribe, subscribe
from shared.clock import MovableClock
from shared.db import Connection, Sql
from shared.event import Actor, Recorded, Role
from shared.ids import new_id
from shared.passes import Origin, timer
from shared.service import Running
from tests.support import postgres
from tests.support.place import on_postgres
from tests.support.wait import until

ROWS = Sql(select(DELIVERY).order_by(DELIVERY.c.pos))
HELD_UP = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


def a_fact(person: UUID, clock: MovableClock) -> Recorded:
    return Recorded(
        new_id(), "pathway.contact-made", 1, "pathway", person, 1, 1, "", clock.now(), None, new_id(),
        Actor(Role.TIMER), 1, {}, b"",
    )  # fmt: skip


async def test_what_is_queued_while_the_one_before_it_ends_is_let_go(tmp_path: Path) -> None:
    postgres.needed()
    clock, person = MovableClock(), new_id()
    system = on_postgres(tmp_path, clock, ("community", "notify"), {"data": tmp_path, "demo": True})
    notify = system.running["notify"]
    try:
        wish = Subscribe(new_id(), new_id(), "http://127.0.0.1/", ("*",), None, "secret", b"key")
        await notify.shell.run(subscribe, wish, Origin(timer("test"), new_id()), gives=UUID)
        await _ended(notify, (await _rows(notify))[0])  # the test event, which makes the subscription active
        await _queue(notify, a_fact(person, clock))
        first = next(row for row in await _rows(notify) if row.state.value == "ready")
        async with notify.shell.database.write() as connection:
            await _queue_in(notify, connection, a_fact(person, clock))
            ending = asyncio.create_task(_ended(notify, first))

            async def decided() -> Any:
                return ending.done() or await _held_up()

            await until(decided, what="the one that ends has ended, or waits for us")
        await ending
        assert [row.state.value for row in await _rows(notify)] == ["delivered", "delivered", "ready"]
    finally:
        system.close()


async def _queue(notify: Running[Any], fact: Recorded) -> None:
    async with notify.shell.database.write() as connection:
        await _queue_in(notify, connection, fact)


async def _queue_in(notify: Running[Any], connection: Connection, fact: Recorded) -> None:
    """Queue as a consumer does: the subject's stream is locked first."""
    await connection.lock(notify.shell.tables.lock, subjects=[fact.subject])
    assert await notify.shell.make_store(connection).queue(fact, fact.time) == 1


async def _ended(notify: Running[Any], delivery: Delivery) -> None:
    tried = handlers.Tried(delivery, Outcome(204), 0.0)
    await notify.shell.run(handlers.record, tried, Origin(timer("test"), new_id()), gives=type(None))


async def _rows(notify: Running[Any]) -> list[Delivery]:
    async with notify.shell.database.read() as connection:
        return [delivery_of(row) for row in await connection.all(ROWS)]


async def _held_up() -> bool:
    connection = await asyncpg.connect(postgres.server())
    try:
        return bool(await connection.fetchval(HELD_UP))
    finally:
        await connection.close()
