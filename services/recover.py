"""Takes up from the bus what restored databases forgot (ADR 0019). Beside the databases, while their processes stand.

The bus keeps seven days of every service's facts, byte for byte and chained. What a service's journal lacks is read
from there and put behind its own last fact; in the same transaction the service mends the state that those facts name:
``services/<name>/mending.py`` gives, as ``mends(ports)``, what ``Mends`` says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from shared.event import Recorded
    from shared.shell import Tx


class Mends(Protocol):
    """What a service does about its state when its journal went back and was made whole again."""

    async def restored(self, tx: Tx[Any]) -> None:
        """Do what must be done after every restore, found anything or not: once for each run, in a transaction of its
        own that locks no stream, before the first fact is taken up. A run that was killed does it again.
        """
        ...

    async def took_up(self, facts: Sequence[Recorded], tx: Tx[Any]) -> Collection[UUID]:
        """Mend what ``facts`` name: one stream's, in order, those that the state has forgotten. The stream is locked and
        they are in the journal again. Says the ids of those whose state stands now as they say; the others are listed
        for people to look at. ``tx`` may remind, forget and emit, as in any command; ``tx.now`` is now.
        """
        ...
