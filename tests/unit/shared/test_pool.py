"""Connections to PostgreSQL are kept and given out again, so many and no more."""

import asyncio
from dataclasses import dataclass, field

import pytest

from shared.db_postgres_dial import IDLE_SECONDS, Pool
from tests.support.drivers import Driver


@dataclass
class Server:
    """Gives connections, or fails; and the time."""

    made: list[Driver] = field(default_factory=list)
    fails: bool = False
    now: float = 0.0

    async def dial(self) -> Driver:
        if self.fails:
            raise ConnectionRefusedError
        self.made.append(Driver())
        return self.made[-1]

    def clock(self) -> float:
        return self.now


async def test_what_comes_back_is_given_out_again_the_last_first() -> None:
    server = Server()
    pool = Pool(server.dial, 3)
    first, second = await pool.take(1), await pool.take(1)
    pool.give_back(first)
    pool.give_back(second)
    assert [await pool.take(1), await pool.take(1)] == [second, first]
    assert len(server.made) == 2


async def test_no_more_are_out_than_the_most_and_who_waits_has_the_next_that_comes_back() -> None:
    server = Server()
    pool = Pool(server.dial, 1)
    only = await pool.take(1)
    with pytest.raises(TimeoutError):
        await pool.take(0.01)
    waiting = asyncio.create_task(pool.take(5))
    await asyncio.sleep(0)
    pool.give_back(only)
    assert await waiting is only
    assert server.made == [only]


async def test_one_that_broke_is_given_to_nobody_whether_it_broke_in_use_or_idle() -> None:
    server = Server()
    pool = Pool(server.dial, 2)
    used, idle = await pool.take(1), await pool.take(1)
    used.gone = True
    pool.give_back(used)
    pool.give_back(idle)
    idle.gone = True
    fresh = await pool.take(1)
    assert fresh not in {used, idle}
    assert pool.every == {fresh}


async def test_a_connection_that_can_not_be_made_leaves_its_place_to_the_next() -> None:
    server = Server(fails=True)
    pool = Pool(server.dial, 1)
    with pytest.raises(ConnectionRefusedError):
        await pool.take(1)
    server.fails = False
    assert await pool.take(1) is server.made[0]


async def test_one_that_nobody_needed_for_long_is_let_go_of() -> None:
    server = Server()
    pool = Pool(server.dial, 2, server.clock)
    old, used = await pool.take(1), await pool.take(1)
    pool.give_back(old)
    pool.give_back(used)
    server.now = IDLE_SECONDS + 1
    pool.give_back(await pool.take(1))
    assert (old.gone, used.gone) == (True, False)


async def test_at_the_end_all_are_let_go_of_those_in_use_too_and_new_ones_can_be_had() -> None:
    server = Server()
    pool = Pool(server.dial, 1)
    driver = await pool.take(1)
    pool.close()
    assert driver.gone
    pool.give_back(driver)
    assert not (await pool.take(1)).gone
