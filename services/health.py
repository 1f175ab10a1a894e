"""What a running process can say of itself: database, tables, loops, setting-up, stopped relays and consumers, parked
lanes. It names nobody.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, select

from services.figures import stopped
from services.migrate import at_head
from shared.clock import monotonic
from shared.db import Sql
from shared.errors import AlongsideError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from services.figures import Stoppable
    from shared.db import Database
    from shared.loops import Loops
    from shared.service import Kit, Running

STUCK_SECONDS = 30.0
"""A loop goes round at least every few seconds, even when it has nothing to do or backs off."""
_HERE = Sql(select(literal(1).label("one")))


class Health:
    """Of one process."""

    def __init__(
        self,
        kit: Kit,
        running: dict[str, Running[Any]],
        loops: Loops,
        watched: Mapping[tuple[str, str], Stoppable],
    ) -> None:
        """Keep what is looked at; ``watched`` are the loops that can stop, by service and name."""
        self.kit = kit
        self.running = running
        self.driven = loops
        self.watched = watched
        self.parked = {name: Sql(select(each.shell.tables.parked.c.seq).limit(1)) for name, each in running.items()}
        self.stopping = False
        self.knows_rules: Callable[[], bool] = lambda: True

    def late(self) -> list[str]:
        """Name the loops that have not gone round lately, or never did."""
        now = monotonic()
        return [loop.name for loop in self.driven.loops if not loop.beat or now - loop.beat > STUCK_SECONDS]

    def loops(self) -> str:
        """Say whether every loop goes round."""
        return "fail" if self.late() else "pass"

    async def ready(self) -> dict[str, str]:
        """Say whether requests may come here: what another service does or not has no part in it, or all would go down
        with one. Only the rulebook must have been fetched once where community runs elsewhere.
        """
        database, tables = await asyncio.gather(self._all(_answers, "fail"), self._all(at_head, "fail"))
        return {
            "database": database,
            "tables": tables,
            "rulebook": "pass" if self.knows_rules() else "fail",
            "serving": "fail" if self.stopping else "pass",
        }

    async def checks(self) -> dict[str, str]:
        """Say how each part is. ``warn``: it serves, and a steward should look."""
        return {
            "database": await self._all(_answers, "fail"),
            "tables": await self._all(at_head, "fail"),
            "loops": self.loops(),
            "set-up": await self._set_up(),
            "bus": "warn" if stopped(self.watched) else "pass",
            "lanes": await self._all(self._unparked, "warn"),
        }

    async def _all(self, holds: Callable[[Database], Awaitable[bool]], otherwise: str) -> str:
        """Ask of every service's database at once; one that can't answer is a failure, whatever was asked."""
        try:
            found = await asyncio.gather(*(holds(each.shell.database) for each in self.running.values()))
        except Exception:  # noqa: BLE001 - a probe says so and never breaks itself
            return "fail"
        return "pass" if all(found) else otherwise

    async def _set_up(self) -> str:
        """Until backstop and duty line are set, an instance serves only its own setting-up (J2a)."""
        try:
            await self.kit.ports.community.backstop()
        except (AlongsideError, AttributeError):
            return "warn"
        return "pass"

    async def _unparked(self, database: Database) -> bool:
        async with database.read() as connection:
            return await connection.one(self.parked[database.prefix]) is None


async def _answers(database: Database) -> bool:
    async with database.read() as connection:
        return await connection.one(_HERE) is not None
