"""Writes the ledger by group commit: askers append, one transaction a batch, each waits for its own line.

Nothing is permitted before its line is durable. What is denied is written too, without being waited for; a line
of a denial can be lost when the disk is full, a line of a permit can't: its asker is then told no (C3).
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter

from services.consent.ledger.domain import FIRST, Entry, chain, line
from services.consent.ledger.store import LedgerStore
from shared.db_postgres_hurry import left, within
from shared.errors import UnavailableError

if TYPE_CHECKING:
    from shared.db import Database

MOST_IN_A_BATCH = 500
MOST_DENIALS_WAITING = 20_000
NO_END = 2**62
FAILED = Counter("alongside_ledger_failures", "Batches of the ledger that could not be written: who asked was told no")
LOST = Counter("alongside_ledger_denials_lost", "Lines of denials that were not written")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Waiting:
    entry: Entry
    durable: asyncio.Future[None] | None


class Ledger:
    """The one writer of the ledger in a process."""

    def __init__(self, database: Database) -> None:
        """Nothing waits yet."""
        self.database = database
        self.denials_lost = 0
        self._waiting: deque[_Waiting] = deque()
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def write(self, entry: Entry) -> None:
        """Come back when ``entry`` is durable. Raises UnavailableError when it can't be written, or not while whoever
        asks still waits.
        """
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(entry, durable))
        self._start()
        seconds = left(inf)
        try:
            async with asyncio.timeout(None if seconds == inf else seconds):
                await durable
        except TimeoutError:
            raise UnavailableError from None

    def note(self, entry: Entry) -> None:
        """Have a denial written soon."""
        if len(self._waiting) >= MOST_DENIALS_WAITING:
            self._lose(1)
            return
        self._waiting.append(_Waiting(entry, None))
        self._start()

    async def step(self) -> bool:
        """Write one batch of what waits; says whether anything did. Who asks while it waits to write is in it."""
        async with self._turn:
            if not self._waiting:
                return False
            batch: list[_Waiting] = []
            try:
                async with self.database.write() as connection:
                    batch += [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_IN_A_BATCH))]
                    await append(LedgerStore(connection), [each.entry for each in batch])
            except Exception as error:  # noqa: BLE001 - whatever it was, every asker of the batch is told no
                batch = batch or [self._waiting.popleft() for _ in range(len(self._waiting))]
                log.error("ledger-failed", error=type(error).__name__, count=len(batch))
                FAILED.inc()
                self._lose(sum(each.durable is None for each in batch))
                _tell(batch, error)
            except BaseException:
                _tell(batch, UnavailableError())
                raise
            else:
                _tell(batch, None)
            return True

    def _lose(self, lines: int) -> None:
        self.denials_lost += lines
        LOST.inc(lines)

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain(), name="consent-ledger")

    async def _drain(self) -> None:
        with within(inf):  # begun by one request, it writes for many
            while await self.step():
                pass


async def append(store: LedgerStore, entries: list[Entry]) -> None:
    """Write one batch behind the last, on a connection that writes."""
    number, prev = await store.tail()
    number += 1
    digest = chain(prev, number, [line(entry) for entry in entries])
    await store.append(number, prev, digest, entries)


def _tell(batch: list[_Waiting], error: Exception | None) -> None:
    for each in batch:
        if each.durable is None or each.durable.done():
            continue
        if error is None:
            each.durable.set_result(None)
        else:
            each.durable.set_exception(UnavailableError())


async def broken_batches(store: LedgerStore, most: int = 500) -> list[int]:
    """Give the numbers of batches whose lines or chain are not as they were written; none when all is well."""
    beyond, prev = 0, FIRST
    wrong: list[int] = []
    while batches := await store.batches(beyond, most):
        lines: dict[int, list[bytes]] = {}
        for number, entry in await store.lines(batches[0]["number"], batches[-1]["number"]):
            lines.setdefault(number, []).append(line(entry))
        for batch in batches:
            number, said = batch["number"], lines.get(batch["number"], [])
            follows = number == beyond + 1 and batch["prev"] == prev
            if not follows or batch["hash"] != chain(batch["prev"], number, said):
                wrong.append(number)
            beyond, prev = number, batch["hash"]
    strays = await store.lines(beyond + 1, NO_END)
    return wrong + sorted({number for number, _ in strays})
