"""Connections to PostgreSQL are made a few at a time, and none is given up half-made."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.db_postgres_dial import AT_ONCE, Dialling
from tests.support.drivers import Driver
from tests.support.wait import until


@dataclass
class Server:
    """One that answers when the test lets it."""

    opens: asyncio.Event = field(default_factory=asyncio.Event)
    at_once: int = 0
    most: int = 0
    made: list[Driver] = field(default_factory=list)
    fails: bool = False

    async def connect(self, where: str, **_: Any) -> Driver:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await self.opens.wait()
        self.at_once -= 1
        if self.fails:
            raise OSError(where)
        self.made.append(Driver())
        return self.made[-1]


async def give_up(dialling: Dialling) -> None:
    """Want a connection, and stop waiting before it is there."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await dialling("here")


async def test_what_somebody_gave_up_waiting_for_goes_on_and_is_the_next_ones() -> None:
    server = Server()
    dialling = Dialling(server.connect)
    await give_up(dialling)
    server.opens.set()
    await until(lambda: len(server.made) == 1)
    assert await dialling("here") is server.made[0]
    assert len(server.made) == 1
    assert await dialling("here") is server.made[1], "each is given once"


async def test_one_that_was_given_up_while_it_was_prepared_is_the_next_ones_too() -> None:
    server, ready = Server(), asyncio.Event()
    server.opens.set()

    async def prepare(_: Any) -> None:
        await ready.wait()

    dialling = Dialling(server.connect, prepare)
    await give_up(dialling)
    ready.set()
    assert await dialling("here") is server.made[0]
    assert (len(server.made), server.made[0].gone) == (1, False)


async def test_no_more_than_a_few_are_made_at_once() -> None:
    server = Server()
    dialling = Dialling(server.connect)
    wanted = [asyncio.create_task(dialling("here")) for _ in range(3 * AT_ONCE)]
    await until(lambda: server.at_once == AT_ONCE)
    server.opens.set()
    assert len({id(each) for each in await asyncio.gather(*wanted)}) == 3 * AT_ONCE
    assert server.most == AT_ONCE


async def test_what_failed_or_ended_while_nobody_waited_is_given_to_nobody() -> None:
    server = Server()
    dialling = Dialling(server.connect)
    for fails in (True, False):
        server.opens, server.fails = asyncio.Event(), fails
        await give_up(dialling)
        server.opens.set()
        await until(lambda: server.at_once == 0)
        server.fails = False
        assert await dialling("here") is server.made[-1]
    server.opens.clear()
    await give_up(dialling)
    server.opens.set()
    await until(lambda: server.at_once == 0)
    server.made[-1].gone = True
    assert not (await dialling("here")).is_closed()


async def test_at_the_end_what_nobody_waits_for_is_let_go_of() -> None:
    server = Server()
    dialling = Dialling(server.connect)
    await give_up(dialling)
    server.opens.set()
    await until(lambda: len(server.made) == 1)
    await asyncio.gather(*dialling.begun["here"])
    dialling.close()
    assert server.made[0].gone
