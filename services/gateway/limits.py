"""How often one caller may try. Kept in memory: a restart forgives, and nothing of a caller is written down."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from shared.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

MOST_KEYS = 10_000
PER_MINUTE = {"token": 60.0, "anonymous-arrival": 60.0}


class Limits:
    """Token buckets by (what, who); the ones longest unused are forgotten first."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        """Start with every bucket full."""
        self.now = now
        self._buckets: OrderedDict[tuple[str, Hashable], tuple[float, float]] = OrderedDict()

    def allows(self, what: str, who: Hashable) -> bool:
        """Take one try; False when there is none left this minute."""
        most = PER_MINUTE[what]
        now = self.now()
        left, at = self._buckets.pop((what, who), (most, now))
        left = min(most, left + (now - at) * most / 60)
        self._buckets[what, who] = (left - 1 if left >= 1 else left, now)
        if len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)
        return left >= 1
