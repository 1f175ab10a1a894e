"""Waiting for something to become true: the only place in the tests that may sleep.

A fixed sleep is too short on a slow machine and too long on a quick one: a test says what it waits for.
"""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.01


async def until(
    condition: Callable[[], T | Awaitable[T]],
    timeout: float = 10.0,  # noqa: ASYNC109 - a poll has no await that a time-out scope could cut
    what: str = "",
) -> T:
    """Poll `condition` (plain or async), return its first true answer; TimeoutError after `timeout` s."""
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(_said(condition, timeout, what))
        await asyncio.sleep(POLL_SECONDS)


def until_blocking(condition: Callable[[], T], timeout: float = 10.0, what: str = "") -> T:
    """As `until`, for tests that hold no event loop (those that start and kill processes)."""
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(_said(condition, timeout, what))
        time.sleep(POLL_SECONDS)
    return answer


async def slowly(seconds: float) -> None:
    """Be slow on purpose: for a server that a test makes drip. Nothing waits for it by this."""
    await asyncio.sleep(seconds)


def _said(condition: Callable[[], object], timeout: float, what: str) -> str:
    return f"not within {timeout} s: {what or getattr(condition, '__qualname__', repr(condition))}"
