"""How quickly consent decides, by hand: ``python -m tests.bench.decide``. Reads of a story in one process, too.

Prints decisions one after the other and many at once (each permit's line durable before it answers), and reads over
the ASGI app and over a real socket with the load in the same loop. Not part of the suite.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from shared.event import Part
from shared.ports import Act, Ask
from tests.support.served import served
from tests.support.whole_place import WholePlace, whole_place

HOW_MANY = 3_000
AT_ONCE = 32


async def timed(work: Callable[[], Awaitable[object]], at_once: int, how_many: int = HOW_MANY) -> str:
    """Run ``work`` ``how_many`` times, ``at_once`` at a time; say how many a second and the middle time."""
    took: list[float] = []

    async def one() -> None:
        for _ in range(how_many // at_once):
            begun = time.perf_counter()
            await work()
            took.append(time.perf_counter() - begun)

    begun, busy = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one() for _ in range(at_once)))
    whole, busy = time.perf_counter() - begun, (time.process_time() - busy) / len(took) * 1e3
    middle, slow = statistics.median(took) * 1e3, sorted(took)[int(len(took) * 0.99)] * 1e3
    rate = f"{len(took) / whole:8,.0f}/s   p50 {middle:6.3f} ms   p99 {slow:6.3f} ms"
    return f"{rate}   cpu {busy:6.3f} ms   ({at_once} at once)\n"


async def decisions(here: WholePlace) -> None:
    """Time the decision point itself."""
    port = here.place.system.running["consent"].port
    yes = Ask(here.group.by, here.r, Part.STORY, Act.READ)
    no = Ask(here.house.by, here.r, Part.STORY, Act.READ)
    blind = Ask(here.backstop.by, here.r, Part.CONTACT, Act.READ)
    for name, ask in (("yes by choice", yes), ("no", no), ("yes by standing", blind)):
        for at_once in (1, AT_ONCE):
            sys.stdout.write(f"{name:18}{await timed(partial(port.decide, ask), at_once)}")


async def reads(here: WholePlace) -> None:
    """Time a whole read over the socket."""
    path = f"/v1/people/{here.r}/stories/{here.story}"
    async with served(here.place) as at:
        for at_once in (1, AT_ONCE):
            free = [await at.reader(here.group.by) for _ in range(at_once)]

            async def read(free: list = free) -> None:  # type: ignore[type-arg]
                reader = free.pop()
                status, _, _ = await reader.ask("GET", path)
                free.append(reader)
                assert status == 200

            sys.stdout.write(f"{'story over HTTP':18}{await timed(read, at_once)}")


async def main() -> None:
    """Build a place, have R share with three, and time it."""
    with tempfile.TemporaryDirectory() as folder:
        async with whole_place(Path(folder)) as here:
            for organisation in (here.group.id, here.backstop.id, here.group.id):
                await here.yes(organisation, Part.STORY, Part.PLAN)
            await decisions(here)
            await reads(here)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
