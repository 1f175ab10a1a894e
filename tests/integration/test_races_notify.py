"""Lanes, order numbers, limits and answers of notify hold when several write at once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.notify.delivery import handlers
from services.notify.delivery.domain import Delivery, Outcome
from services.notify.delivery.table import DELIVERY, LANE, delivery_of
from services.notify.message.domain import Message, State, Text
from services.notify.store import NotifyStore
from services.notify.subscription.domain import MOST_SUBSCRIPTIONS, TooManySubscriptionsError
from services.notify.subscription.handlers import OfWish, Subscribe, end, subscribe
from shared.clock import real_now
from shared.db import Sql
from shared.event import Actor, Recorded, Role
from shared.ids import new_id
from shared.passes import Origin, timer
from shared.shell import Shell
from tests.support import postgres
from tests.support.place import a_place
from tests.support.races import Held, holding_at, insistent, until_somebody_waits

ROWS = Sql(select(DELIVERY).order_by(DELIVERY.c.pos))
LAST = Sql(select(LANE.c.last))


@dataclass
class Lanes:
    """Notify alone, with one active subscription to everything."""

    shell: Shell[NotifyStore]
    organisation: UUID
    subscription: UUID

    async def rows(self, about: UUID | None = None) -> list[Delivery]:
        async with self.shell.database.read() as connection:
            rows = [delivery_of(row) for row in await connection.all(ROWS)]
        return [row for row in rows if about is None or row.subject == about]

    async def queue(self, person: UUID) -> None:
        """Queue a fact as the consumer does, which holds the subject's stream."""
        now = real_now()
        fact = Recorded(
            new_id(), "pathway.contact-made", 1, "pathway", person, 1, 1, "", now, None, new_id(),
            Actor(Role.TIMER), 1, {}, b"",
        )  # fmt: skip
        async with self.shell.database.write() as connection:
            await connection.lock(self.shell.tables.lock, subjects=[person])
            await NotifyStore(connection).queue(fact, now)

    async def ends(self, delivery: Delivery, status: int = 200) -> None:
        tried = handlers.Tried(delivery, Outcome(status), 0.0)
        await insistent(lambda: self.shell.run(handlers.record, tried, origin(), gives=type(None)))

    async def begin(self, delivery: Delivery) -> handlers.Going | None:
        async with self.shell.database.write() as connection:
            return await handlers.begin(NotifyStore(connection), delivery, b"key", real_now())


def origin() -> Origin:
    return Origin(timer("test"), new_id())


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[Lanes]:
    postgres.needed()
    async with a_place(tmp_path, ("community", "notify"), engine="postgres") as place:
        shell, organisation = place.system.running["notify"].shell, new_id()
        made = await shell.run(
            subscribe,
            Subscribe(new_id(), organisation, "http://127.0.0.1/", ("*",), None, "s", b"key"),
            origin(),
            gives=UUID,
        )
        lanes = Lanes(shell, organisation, made)
        await lanes.ends((await lanes.rows())[0])  # the test event, which makes it active
        yield lanes


async def test_a_lane_into_which_many_write_has_one_ready_until_it_is_empty(it: Lanes) -> None:
    person = new_id()
    await it.queue(person)

    async def sends() -> None:
        for _ in range(12):
            ready = [row for row in await it.rows(person) if row.state.value == "ready"]
            assert len(ready) <= 1
            if ready:
                await it.ends(ready[0])

    async def again() -> None:
        for row in [row for row in await it.rows(person) if row.state.value == "delivered" and row.id][:2]:
            command = handlers.SendAgain(it.organisation, delivery=row.id)
            await it.shell.run(handlers.send_again, command, origin(), gives=type(None))

    await asyncio.gather(sends(), sends(), *(insistent(lambda: it.queue(person)) for _ in range(8)), again())
    while waiting := [row for row in await it.rows(person) if row.state.value in {"ready", "waiting"}]:
        ready = [row for row in waiting if row.state.value == "ready"]
        assert len(ready) == 1
        await it.ends(ready[0])


async def test_a_delivery_begun_by_two_at_once_has_one_number_and_one_id(it: Lanes) -> None:
    person = new_id()
    await it.queue(person)
    (seen,) = await it.rows(person)
    begun = [each for each in await asyncio.gather(*(it.begin(seen) for _ in range(4))) if each]
    assert {(each.delivery.order, each.delivery.id) for each in begun} == {(1, begun[0].delivery.id)}
    await it.queue(person)
    await it.ends(begun[0].delivery)
    second = await it.begin((await it.rows(person))[1])
    assert second is not None
    assert second.delivery.order == 2


async def test_a_delivery_dropped_by_two_gives_its_number_back_once(it: Lanes) -> None:
    person, now = new_id(), real_now()
    for _ in range(2):
        await it.queue(person)
    first = (await it.begin((await it.rows(person))[0])) or pytest.fail("it may go")
    await it.ends(first.delivery)
    second = (await it.begin((await it.rows(person))[1])) or pytest.fail("it may go")

    async def drops() -> None:
        async with it.shell.database.write() as connection:
            await NotifyStore(connection).drop(second.delivery, now, wired=False)

    await asyncio.gather(drops(), drops())
    async with it.shell.database.read() as connection:
        row = await connection.one(Sql(select(LANE.c.last).where(LANE.c.subject == person)))
    assert row == {"last": 1}


async def test_what_is_queued_while_its_subscription_ends_is_dropped_with_the_rest(it: Lanes) -> None:
    person, held = new_id(), Held()
    slow: Shell[Any] = Shell(it.shell.database, it.shell.tables, holding_at("queue", held, NotifyStore), it.shell.clock)

    async def queues() -> None:
        async with slow.database.write() as connection:
            now = real_now()
            fact = Recorded(
                new_id(), "pathway.contact-made", 1, "pathway", person, 1, 1, "", now, None, new_id(),
                Actor(Role.TIMER), 1, {}, b"",
            )  # fmt: skip
            await slow.make_store(connection).queue(fact, now)

    queueing = asyncio.create_task(queues())
    await held.reached.wait()
    command = OfWish(it.subscription, it.organisation)
    ending = asyncio.create_task(it.shell.run(end, command, origin(), gives=type(None)))
    await until_somebody_waits()
    held.go_on.set()
    await asyncio.gather(queueing, ending)
    assert await it.rows(person) == []


async def test_an_organisation_has_no_more_subscriptions_than_it_may_however_many_ask_at_once(it: Lanes) -> None:
    async def asks() -> bool:
        wish = Subscribe(new_id(), it.organisation, "http://127.0.0.1/", ("*",), None, "s", b"key")
        try:
            await insistent(lambda: it.shell.run(subscribe, wish, origin(), gives=UUID))
        except TooManySubscriptionsError:
            return False
        return True

    assert sum(await asyncio.gather(*(asks() for _ in range(MOST_SUBSCRIPTIONS + 4)))) == MOST_SUBSCRIPTIONS - 1


async def test_a_message_claimed_by_several_senders_is_one_senders(it: Lanes) -> None:
    now, message = real_now(), new_id()
    async with it.shell.database.write() as connection:
        await NotifyStore(connection).add_messages(
            [
                Message(
                    message,
                    None,
                    None,
                    "organisation",
                    new_id(),
                    Text.YOUR_ORGANISATION,
                    0,
                    "R",
                    State.WAITING,
                    0,
                    0,
                    now,
                    now,
                )
            ]
        )

    async def claims() -> bool:
        async with it.shell.database.write() as connection:
            return await NotifyStore(connection).begin_message(message, now, now + timedelta(minutes=5))

    assert sum(await asyncio.gather(*(insistent(claims) for _ in range(5)))) == 1
