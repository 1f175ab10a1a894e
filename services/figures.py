"""Takes the figures that a process shows of its tables: how long the oldest of each kind has waited, who leads.

What each figure means and which alarm looks at it: ``docs/metrics.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from prometheus_client import Gauge
from sqlalchemy import func, select

from shared.clock import monotonic
from shared.db import Sql
from shared.lease import DatabaseNow

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from shared.clock import Clock
    from shared.shell import Shell

EVERY_SECONDS = 5.0
OLDEST_UNSENT = Gauge("alongside_oldest_unsent_seconds", "Age of the oldest fact not yet on the bus", ["service"])
OLDEST_PARKED = Gauge("alongside_oldest_parked_seconds", "How long the oldest lane has waited", ["service"])
OLDEST_DUE = Gauge("alongside_oldest_due_seconds", "How late the latest reminder is", ["service"])
LEASE_LEFT = Gauge(
    "alongside_lease_left_seconds", "How long a loop's lease still runs; below nought: since when none holds it",
    ["service", "loop"],
)  # fmt: skip
STOPPED = Gauge("alongside_stopped", "1 when a relay or consumer waits for a person to look", ["service", "loop"])


class Stoppable(Protocol):
    """A relay or consumer; ``stopped`` is true while it waits for a person to look."""

    stopped: Any


class Figures:
    """The figures of one process. What several replicas show of one database is the same in each."""

    def __init__(
        self,
        clock: Clock,
        shells: Mapping[str, Shell[Any]],
        watched: Mapping[tuple[str, str], Stoppable],
        more: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        """``watched`` are the loops that can stop, by service and name; ``more`` takes what services show."""
        self.clock = clock
        self.shells = shells
        self.watched = watched
        self.more = more
        self.next = 0.0
        self.oldest = {name: oldest(shell) for name, shell in shells.items()}
        self.leases = {name: _leases(shell) for name, shell in shells.items()}

    async def step(self) -> bool:
        """Take them when it is time; it is never in a hurry, so the answer is always no."""
        if monotonic() >= self.next:
            await self.take(self.clock.now())
            self.next = monotonic() + EVERY_SECONDS
        return False

    async def take(self, now: datetime) -> None:
        """Set the gauges, in seconds; nought when nothing waits."""
        for (name, loop), each in self.watched.items():
            STOPPED.labels(name, loop).set(bool(each.stopped))
        for name, shell in self.shells.items():
            async with shell.database.read() as connection:
                row = await connection.one(self.oldest[name]) or {}
                leases = await connection.all(self.leases[name])
            for gauge, at in ((OLDEST_UNSENT, "unsent"), (OLDEST_PARKED, "parked"), (OLDEST_DUE, "due")):
                gauge.labels(name).set(waited(now, row.get(at)))
            for lease in leases:
                LEASE_LEFT.labels(name, lease["name"]).set((lease["until"] - lease["now"]).total_seconds())
        for take in self.more:
            await take()


def waited(now: datetime, since: datetime | None) -> float:
    """Give for how many seconds something has waited; nought when nothing does, or when its time is still to come."""
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)


def stopped(watched: Mapping[tuple[str, str], Stoppable]) -> list[str]:
    """Name the relays and consumers that wait for a person to look."""
    return [f"{name}-{loop}" for (name, loop), each in watched.items() if each.stopped]


def oldest(shell: Shell[Any]) -> Sql:
    """Give what reads since when the oldest of each kind has waited."""
    journal, unsent = shell.tables.journal, shell.tables.unsent
    first = select(func.min(unsent.c.pos)).scalar_subquery()
    return Sql(
        select(
            select(journal.c.at).where(journal.c.pos == first).scalar_subquery().label("unsent"),
            select(func.min(shell.tables.parked.c.at)).scalar_subquery().label("parked"),
            select(func.min(shell.tables.due.c.turn)).scalar_subquery().label("due"),
        )
    )


def _leases(shell: Shell[Any]) -> Sql:
    lease = shell.tables.lease
    return Sql(select(lease.c.name, lease.c.until, DatabaseNow().label("now")))
