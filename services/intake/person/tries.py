"""Wrong code words are counted, and after a few nothing is recognised for a while; nobody is told (S2, C4)."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable

from shared.clock import monotonic

WINDOW_SECONDS = 15 * 60.0
MOST_OF_A_CALLER = 10
MOST_FOR_AN_IDENTIFIER = 5
MOST_KEPT = 50_000


class Tries:
    """Counts wrong tries in this process, for each caller and for each identifier that was tried."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        """``now`` gives seconds of a clock that never goes back."""
        self._now = now
        self._wrong: OrderedDict[Hashable, deque[float]] = OrderedDict()

    def too_many(self, caller: Hashable, identifier: Hashable) -> bool:
        """Say whether ``caller``, or anybody for ``identifier``, was wrong too often of late."""
        by_caller = len(self._recent(("caller", caller))) >= MOST_OF_A_CALLER
        return len(self._recent(("identifier", identifier))) >= MOST_FOR_AN_IDENTIFIER or by_caller

    def wrong(self, caller: Hashable, identifier: Hashable) -> None:
        """Count a wrong try."""
        for key in (("caller", caller), ("identifier", identifier)):
            self._recent(key).append(self._now())
            self._wrong[key] = self._wrong.pop(key)
        while len(self._wrong) > MOST_KEPT:
            self._wrong.popitem(last=False)

    def _recent(self, key: Hashable) -> deque[float]:
        tries = self._wrong.setdefault(key, deque(maxlen=MOST_OF_A_CALLER))
        while tries and tries[0] < self._now() - WINDOW_SECONDS:
            tries.popleft()
        return tries
