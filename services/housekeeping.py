"""Drops what is kept for a time only."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shared.db import EPOCH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shared.bus_log import LogBus
    from shared.clock import Clock
    from shared.shell import Shell

KEPT = timedelta(days=7)
"""How long a reply and a record of the bus are kept; the same as a Kafka topic's retention."""
EVERY = timedelta(minutes=1)
LOOK_SECONDS = 5.0
AT_ONCE = 1_000
"""How many are dropped in a transaction: on PostgreSQL no statement may take 2 seconds."""


class Housekeeping:
    """The housekeeping of one process."""

    def __init__(self, clock: Clock, bus: LogBus | None, shells: Mapping[str, Shell[Any]]) -> None:
        """Prepare. A broker keeps its own records: then there is no ``bus``."""
        self.clock = clock
        self.bus = bus
        self.shells = shells
        self.next_drop = EPOCH

    async def step(self) -> bool:
        """Drop what has come up; it is never in a hurry, so the answer is always no."""
        now = self.clock.now()
        if now >= self.next_drop:
            await self.drop(now - KEPT)
            self.next_drop = now + EVERY
        return False

    async def drop(self, before: datetime) -> None:
        """Drop replies, and records of the bus that every group has heard, from before ``before``."""
        for shell in self.shells.values():
            dropped = AT_ONCE
            while dropped == AT_ONCE:
                async with shell.database.write() as connection:
                    dropped = await connection.run(shell.tables.drop_replies, before=before, most=AT_ONCE)
        if self.bus is not None:
            await self.bus.drop_before(before)
