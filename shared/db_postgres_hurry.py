"""How long whoever asks still waits: one time for all that a request waits for, in every process that it goes through.

Each transaction of a request waits on its own to begin while a database is away; a request has up to eight, and asks
other processes that wait as well. Whoever asked is to hear within 2 seconds that it can't be done now (research,
reliability P10). Loops and the command line have no such time: a ``ContextVar`` says who has.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from typing import TYPE_CHECKING

from shared.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUEST_SECONDS = 1.5
SHORTEST_SECONDS = 0.3
"""What a wait has even then: a request that was slow for another reason is not ended for it."""
_until: ContextVar[float] = ContextVar("until", default=inf)


def left(most: float) -> float:
    """Give how many seconds may be waited now, ``most`` at most."""
    return min(most, max(_until.get() - monotonic(), SHORTEST_SECONDS))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Have all that is waited for inside be over in ``seconds``; ``inf`` for what takes its time."""
    before = _until.set(monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(before)


def give_back(seconds: float) -> None:
    """Add what was waited for whoever asks: they are the ones who are slow."""
    _until.set(_until.get() + seconds)
