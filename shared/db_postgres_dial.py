"""Makes connections to PostgreSQL so that progress is kept: a few at a time, none given up half-made; and keeps them.

Signing in costs processor time on both sides (SCRAM: 28 ms of it here, in asyncpg's own Python). After an outage every
request wants a connection at once: each would be so slow that its asker gives up in time, and all begin anew, for as
long as requests come (seen: a place that did not come back in 30 s). So what was begun goes on, and is the next one's.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from shared.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

AT_ONCE = 4
IDLE_SECONDS = 300.0
"""How long a connection that nobody needed is kept."""
KEEPALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3}


class Dialling:
    """Stands in for asyncpg's own ``connect`` in the pools of one process."""

    def __init__(
        self, connect: Callable[..., Awaitable[Any]], prepare: Callable[[Any], Awaitable[None]] | None = None
    ) -> None:
        """Begin nothing yet. ``prepare`` makes a new connection ours: a part of what is not given up half-made."""
        self.connect = connect
        self.prepare = prepare
        self.turns = asyncio.Semaphore(AT_ONCE)
        self.begun: dict[str, list[asyncio.Task[Any]]] = {}

    async def __call__(self, where: str, **how: Any) -> Any:
        """Give a connection. Who gives up waiting leaves it to whoever comes next; raises what ``connect`` raises."""
        begun = self.begun.setdefault(where, [])
        while True:
            task = begun.pop(0) if begun else asyncio.create_task(self._dial(where, how))
            if task.done() and (task.cancelled() or task.exception() or task.result().is_closed()):
                continue
            try:
                return await asyncio.shield(task)
            except asyncio.CancelledError:
                begun.append(task)
                raise

    async def _dial(self, where: str, how: dict[str, Any]) -> Any:
        async with self.turns:
            made = await self.connect(where, **how)
            try:
                if self.prepare is not None:
                    await self.prepare(made)
            except BaseException:
                made.terminate()
                raise
            return made

    def close(self) -> None:
        """Let go of what nobody waits for."""
        for task in [task for tasks in self.begun.values() for task in tasks]:
            task.cancel()
            with suppress(asyncio.CancelledError, asyncio.InvalidStateError, Exception):
                task.result().terminate()
        self.begun.clear()


class Pool:
    """The connections of one service, at most ``most``, the one that was used last first. Nothing of ours outlives a
    transaction, so one that comes back is left as it is.

    asyncpg's own makes a task, a stand-in and timers for each use, which cost as much as a statement does.
    """

    def __init__(self, dial: Callable[[], Awaitable[Any]], most: int, now: Callable[[], float] = monotonic) -> None:
        """Connect to nothing yet."""
        self.dial = dial
        self.now = now
        self.turns = asyncio.Semaphore(most)
        self.idle: deque[tuple[float, Any]] = deque()
        self.every: set[Any] = set()

    async def take(self, seconds: float) -> Any:
        """Give a connection that nobody else has. Raises TimeoutError after ``seconds``, and what ``dial`` raises."""
        driver = None if self.turns.locked() else self._kept()
        if driver is not None:
            await self.turns.acquire()  # one is free: it does not wait
            return driver
        async with asyncio.timeout(seconds):
            await self.turns.acquire()
            try:
                driver = self._kept() or await self.dial()
            except BaseException:
                self.turns.release()
                raise
        self.every.add(driver)
        return driver

    def give_back(self, driver: Any) -> None:
        """Take a connection back, broken or not."""
        now = self.now()
        if driver.is_closed():
            self.every.discard(driver)
        else:
            self.idle.append((now, driver))
        if self.idle and now - self.idle[0][0] > IDLE_SECONDS:
            _, old = self.idle.popleft()
            self.every.discard(old)
            old.terminate()
        self.turns.release()

    def close(self) -> None:
        """Let go of every connection at once."""
        for driver in self.every:
            driver.terminate()
        self.every.clear()
        self.idle.clear()

    def _kept(self) -> Any:
        while self.idle:
            _, driver = self.idle.pop()
            if not driver.is_closed():
                return driver
            self.every.discard(driver)
        return None


def keep_alive(sock: socket.socket | None) -> None:
    """Have the machine see within some seconds that the other side has gone without a word."""
    if sock is None or sock.family == socket.AF_UNIX:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
