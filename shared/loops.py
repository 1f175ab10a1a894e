"""Drives loops that are ``step() -> bool``: one task each, with back-off, a heartbeat and a clean stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from shared.clock import monotonic
from shared.errors import fault
from shared.telemetry import LOOP_FAILURES

IDLE_SECONDS = 0.2
"""How soon a loop finds what another process wrote; a commit of its own process wakes it at once."""
BACK_OFF_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0)
GRACE_SECONDS = 20.0
log = structlog.get_logger()


class Wake:
    """Lets a commit wake a loop of the same process; a loop elsewhere finds it by polling."""

    def __init__(self) -> None:
        """Nobody is awake."""
        self._event = asyncio.Event()

    def __call__(self) -> None:
        """Wake the loop."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Come back when woken, or after ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
        finally:
            self._event.clear()


@dataclass
class Loop:
    """One loop. ``wait`` is how it idles; ``beat`` is when it last went round, by the monotonic clock; ``close``
    lets go of what it holds beside the database. ``ending`` says that it goes round no more. A busy one begins a round
    ``apart_seconds`` after the last one began at the earliest: so it takes more at once.
    """

    name: str
    step: Callable[[], Awaitable[bool]]
    wait: Callable[[float], Awaitable[None]] = field(default_factory=lambda: Wake().wait)
    idle_seconds: float = IDLE_SECONDS
    apart_seconds: float = 0.0
    beat: float = 0.0
    fails: int = 0
    idle: bool = True
    ending: bool = False
    close: Callable[[], Awaitable[None]] | None = None

    async def once(self) -> bool:
        """Go round once; a failure is logged by its kind only and backed off."""
        self.beat = monotonic()
        self.idle = False
        try:
            worked = await self.step()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - logged by its kind and place; what it says may be somebody's words
            self.idle = True
            pause = BACK_OFF_SECONDS[min(self.fails, len(BACK_OFF_SECONDS) - 1)]
            self.fails += 1
            LOOP_FAILURES.labels(self.name).inc()
            log.error("loop-failed", loop=self.name, **fault(error), fails=self.fails)
            await asyncio.sleep(pause)
            return False
        finally:
            self.idle = True
        self.fails = 0
        return worked


class Loops:
    """The loops of one process."""

    def __init__(self, loops: list[Loop]) -> None:
        """Start none yet."""
        self.loops = loops
        self._tasks: dict[asyncio.Task[None], Loop] = {}

    def start(self) -> None:
        """Start every loop on the running event loop."""
        self._tasks = {asyncio.create_task(self._drive(loop), name=loop.name): loop for loop in self.loops}

    async def stop(self, grace: float = GRACE_SECONDS, *, but: Sequence[Loop] = ()) -> None:
        """Let each finish the step that it is in, ``grace`` seconds at most, then end: no step is cut in two. ``but``
        go on until it is called once more, as what is still asked of a process needs them.
        """
        ends = {task: loop for task, loop in self._tasks.items() if loop not in but}
        for task, loop in ends.items():
            loop.ending = True
            if loop.idle:
                task.cancel()
        if ends:
            _, late = await asyncio.wait(ends, timeout=grace)
            for task in late:
                task.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
        for each in self.loops:
            if each.close is not None and each not in but:
                await each.close()

    async def _drive(self, loop: Loop) -> None:
        loop.ending = False
        while not loop.ending:
            if await loop.once():
                await asyncio.sleep(max(0.0, loop.beat + loop.apart_seconds - monotonic()))
            else:
                await loop.wait(loop.idle_seconds)
