"""What a running process can say of itself: database, tables, loops, setting-up, parked lanes. It names nobody."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from services.migrate import behind
from shared.clock import monotonic
from shared.errors import AlongsideError

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.db_sqlite import SqliteFile
    from shared.loops import Loops
    from shared.service import Kit, Running

STUCK_SECONDS = 30.0
"""A loop goes round at least every few seconds, even when it has nothing to do or backs off."""


class Health:
    """Of one process."""

    def __init__(self, file: SqliteFile, kit: Kit, running: dict[str, Running[Any]], loops: Loops) -> None:
        """Keep what is looked at."""
        self.file = file
        self.kit = kit
        self.running = running
        self.driven = loops
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
        return {
            "database": self._database(),
            "tables": self._tables(),
            "rulebook": "pass" if self.knows_rules() else "fail",
            "serving": "fail" if self.stopping else "pass",
        }

    async def checks(self) -> dict[str, str]:
        """Say how each part is. ``warn``: it serves, and a steward should look."""
        return {
            "database": self._database(),
            "tables": self._tables(),
            "loops": self.loops(),
            "set-up": await self._set_up(),
            "lanes": self._lanes(),
        }

    def _database(self) -> str:
        try:
            self.file.reader.execute("SELECT 1").fetchone()
        except sqlite3.Error:
            return "fail"
        return "pass"

    def _tables(self) -> str:
        return "fail" if behind(self.file.reader, self.running) else "pass"

    async def _set_up(self) -> str:
        """Until backstop and duty line are set, an instance serves only its own setting-up (J2a)."""
        try:
            await self.kit.ports.community.backstop()
        except (AlongsideError, AttributeError):
            return "warn"
        return "pass"

    def _lanes(self) -> str:
        tables = [running.shell.tables.parked.name for running in self.running.values()]
        sql = " UNION ALL ".join(f"SELECT 1 FROM {name}" for name in tables)  # noqa: S608 - our own names
        try:
            return "warn" if self.file.reader.execute(f"SELECT 1 FROM ({sql}) LIMIT 1").fetchone() else "pass"  # noqa: S608
        except sqlite3.Error:
            return "fail"
