"""The only reader of the clock. Rules get the time as an argument; leases, tokens and permits use real
time.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time of the place, in UTC."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Give the present instant."""
        return real_now()


class MovableClock:
    """A demo instance's clock: the machine's, moved on by an offset that only grows."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        """Start at the machine's time plus ``offset``."""
        self.offset = offset

    def now(self) -> datetime:
        """Give the moved instant."""
        return real_now() + self.offset

    def move(self, by: timedelta) -> None:
        """Move on by ``by``; a negative step is refused, because no fact may come before its cause."""
        if by < timedelta():
            message = "a demo clock moves only forwards"
            raise ValueError(message)
        self.offset += by


def real_now() -> datetime:
    """Give the machine's time in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds of a clock that never goes back; for permits and time-outs."""
    return time.monotonic()
