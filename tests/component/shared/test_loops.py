"""Loops outlive the faults of their steps, and a stop never cuts a step in two."""

import asyncio
from itertools import pairwise

from shared.clock import monotonic
from shared.ids import new_id
from shared.loops import Loop, Loops, Wake
from tests.support.toy import Toy
from tests.support.wait import until


async def test_a_stop_waits_for_the_step_that_has_begun() -> None:
    done: list[str] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def step() -> bool:
        begun.set()
        await go_on.wait()
        done.append("step")
        return True

    loops = Loops([Loop("slow", step)])
    loops.start()
    await begun.wait()
    stopping = asyncio.create_task(loops.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    go_on.set()
    await stopping
    assert done == ["step"]


async def test_a_step_that_never_ends_is_cut_after_the_grace() -> None:
    begun = asyncio.Event()

    async def step() -> bool:
        begun.set()
        await asyncio.Event().wait()
        return True

    loops = Loops([Loop("stuck", step)])
    loops.start()
    await begun.wait()
    await loops.stop(grace=0.01)


async def test_an_idle_loop_stops_at_once() -> None:
    async def step() -> bool:
        return False

    loops = Loops([Loop("idle", step, idle_seconds=3600)])
    loops.start()
    await until(lambda: loops.loops[0].beat)
    async with asyncio.timeout(2):
        await loops.stop()


async def test_a_loop_goes_on_after_a_fault_and_slows_down() -> None:
    tried: list[int] = []

    async def step() -> bool:
        tried.append(1)
        if len(tried) < 3:
            raise RuntimeError
        return False

    loop = Loop("faulty", step)
    loops = Loops([loop])
    loops.start()
    await until(lambda: len(tried) >= 3)
    await loops.stop()
    assert loop.fails == 0


async def test_a_commit_wakes_a_loop_that_would_idle_for_an_hour(toy: Toy) -> None:
    wake = Wake()
    toy.teller.wake = wake
    loops = Loops(
        [
            Loop("relay", toy.relay.step, wake.wait, 3600),
            Loop("consumer", toy.consumer.step, toy.consumer.bus.wait, 3600),
        ]
    )
    loops.start()
    subject = new_id()
    await until(lambda: all(loop.beat for loop in loops.loops))
    await toy.tell(subject, 1)

    await until(lambda: toy.rows("hearer_heard"), timeout=2)
    assert await toy.heard(subject) == [1]
    await loops.stop()


async def test_what_requests_need_goes_on_until_the_second_stop() -> None:
    gone: list[str] = []

    def loop(name: str) -> Loop:
        async def step() -> bool:
            return False

        async def close() -> None:
            gone.append(name)

        return Loop(name, step, idle_seconds=0.001, close=close)

    work, upkeep = loop("work"), loop("upkeep")
    loops = Loops([work, upkeep])
    loops.start()
    await until(lambda: work.beat and upkeep.beat)
    await loops.stop(but=[upkeep])
    beats = work.beat, upkeep.beat
    await until(lambda: upkeep.beat > beats[1])
    assert (work.beat, gone) == (beats[0], ["work"])
    async with asyncio.timeout(2):
        await loops.stop()
    assert "upkeep" in gone


async def test_a_busy_loop_begins_its_rounds_apart_and_an_idle_one_begins_when_it_is_woken() -> None:
    began: list[float] = []
    wake, apart = Wake(), 0.05

    async def step() -> bool:
        began.append(monotonic())
        return len(began) < 4

    loops = Loops([Loop("busy", step, wake.wait, 3600, apart)])
    loops.start()
    await until(lambda: len(began) == 4)
    assert min(after - before for before, after in pairwise(began)) >= apart
    wake()
    await until(lambda: len(began) == 5)
    await loops.stop()
