"""Drops what is kept for a time only, and takes the figures that a process shows of its tables."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import func, select

from shared.clock import monotonic
from shared.db import EPOCH, Sql
from shared.telemetry import OLDEST_DUE, OLDEST_PARKED, OLDEST_UNSENT, STOPPED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shared.bus_log import LogBus
    from shared.clock import Clock
    from shared.shell import Shell

KEPT = timedelta(days=7)
"""How long a reply and a record of the bus are kept; the same as a Kafka topic's retention."""
EVERY = timedelta(minutes=1)
FIGURES_SECONDS = 5.0


class Stoppable(Protocol):
    """A relay or consumer; ``stopped`` is true while it waits for a person to look."""

    stopped: Any


class Housekeeping:
    """The housekeeping of one process."""

    def __init__(
        self,
        clock: Clock,
        bus: LogBus | None,
        shells: Mapping[str, Shell[Any]],
        watched: Mapping[tuple[str, str], Stoppable],
    ) -> None:
        """Prepare; ``watched`` are the loops that can stop, by service and name. A broker keeps its own records."""
        self.clock = clock
        self.bus = bus
        self.shells = shells
        self.watched = watched
        self.next_drop = EPOCH
        self.next_figures = 0.0
        self.oldest = {name: _oldest(shell) for name, shell in shells.items()}

    async def step(self) -> bool:
        """Do what has come up; it is never in a hurry, so the answer is always no."""
        now = self.clock.now()
        if now >= self.next_drop:
            await self.drop(now - KEPT)
            self.next_drop = now + EVERY
        if monotonic() >= self.next_figures:
            await self.take_figures(now)
            self.next_figures = monotonic() + FIGURES_SECONDS
        return False

    async def drop(self, before: datetime) -> None:
        """Drop replies, and records of the bus that every group has heard, from before ``before``."""
        for shell in self.shells.values():
            async with shell.database.write() as connection:
                await connection.run(shell.tables.drop_replies, before=before)
        if self.bus is not None:
            await self.bus.drop_before(before)

    async def take_figures(self, now: datetime) -> None:
        """Set the gauges: how long the oldest of each kind has waited, in seconds; nought when none does."""
        for name, shell in self.shells.items():
            async with shell.database.read() as connection:
                row = await connection.one(self.oldest[name]) or {}
            for gauge, at in ((OLDEST_UNSENT, "unsent"), (OLDEST_PARKED, "parked"), (OLDEST_DUE, "due")):
                waited = (now - row[at]).total_seconds() if row.get(at) else 0.0
                gauge.labels(name).set(max(waited, 0.0))
        for (name, loop), each in self.watched.items():
            STOPPED.labels(name, loop).set(bool(each.stopped))


def _oldest(shell: Shell[Any]) -> Sql:
    journal, unsent = shell.tables.journal, shell.tables.unsent
    first = select(func.min(unsent.c.pos)).scalar_subquery()
    return Sql(
        select(
            select(journal.c.at).where(journal.c.pos == first).scalar_subquery().label("unsent"),
            select(func.min(shell.tables.parked.c.at)).scalar_subquery().label("parked"),
            select(func.min(shell.tables.due.c.turn)).scalar_subquery().label("due"),
        )
    )
