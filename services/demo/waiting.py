"""Waiting for what others bring about: a condition and a limit, never a guess at how long it takes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from shared.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 90.0
"""How long a journey waits for one thing, in seconds: what was on its way at a kill is claimed for up to thirty."""


class NeverCameError(RuntimeError):
    """What was waited for did not come."""


async def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait for a condition. Raises NeverCameError."""
    give_up = monotonic() + seconds
    while not condition():
        if monotonic() > give_up:
            message = f"waited {seconds:.0f} seconds for {what}"
            raise NeverCameError(message)
        await asyncio.sleep(0.02)
