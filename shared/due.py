"""Time that comes: reminders written in a command's transaction, worked by the lease-holder as ordinary
commands.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import structlog
from sqlalchemy import Integer, bindparam, delete, select, update

from shared.db import Instant, Sql, same
from shared.errors import UnavailableError, fault
from shared.ids import new_id
from shared.lease import Lease
from shared.passes import timer
from shared.shell import Origin, Shell, Tx

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

S = TypeVar("S")
BATCH = 50
LONGEST_SECONDS = 300
"""How long an item that keeps failing waits at most before it is tried again; its own ``at`` stays."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DueItem:
    """A reminder whose time has come."""

    kind: str
    subject: UUID
    ref: UUID
    at: datetime

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about its subject."""
        return (self.subject,)


DueHandlers = Mapping[str, Callable[[DueItem, Tx[S]], Awaitable[None]]]


class DueWorker(Generic[S]):
    """The timer of one service. ``handlers`` is its one literal: kind of reminder to handler."""

    def __init__(self, shell: Shell[S], handlers: DueHandlers[S]) -> None:
        """Prepare; nothing is claimed until the first step."""
        self.shell = shell
        self.handlers = handlers
        due = shell.tables.due
        self.lease = Lease(shell.database, shell.tables, "due")
        self.principal = timer(f"{shell.tables.prefix}-timer")
        ripe = select(due).where(due.c.turn <= bindparam("now", type_=Instant)).order_by(due.c.turn, due.c.at)
        self._ripe = Sql(ripe.limit(bindparam("most", type_=Integer)))
        this = same(due.c.subject, due.c.kind, due.c.ref, due.c.at, named="of_")
        self._done = Sql(delete(due).where(this))
        later = {"turn": bindparam("next", type_=Instant), "tries": due.c.tries + 1}
        self._later = Sql(update(due).where(this).values(later))

    async def step(self) -> bool:
        """Work what is due; says whether there was something. One item that fails is tried later, alone."""
        now = self.shell.clock.now()
        async with self.shell.database.read(once=True) as connection:
            rows = await connection.all(self._ripe, now=now, most=BATCH)
        if not rows or not await self.lease.held():
            return False
        for row in rows:
            item = DueItem(row["kind"], row["subject"], row["ref"], row["at"])
            try:
                await self.shell.run(self._work, item, Origin(self.principal, new_id()), gives=type(None))
            except UnavailableError:
                raise
            except Exception as error:  # noqa: BLE001 - logged by its kind and place; what it says may be somebody's words
                log.error("due-failed", kind=item.kind, **fault(error))
                await self._put_off(item, row["tries"], now)
        return True

    async def _work(self, item: DueItem, tx: Tx[S]) -> None:
        if await tx.connection.run(self._done, **_named(item)):
            await self.handlers[item.kind](item, tx)

    async def _put_off(self, item: DueItem, tries: int, now: datetime) -> None:
        later = now + timedelta(seconds=min(2 ** min(tries, 10), LONGEST_SECONDS))
        async with self.shell.database.write() as connection:
            await connection.run(self._later, next=later, **_named(item))


def _named(item: DueItem) -> dict[str, Any]:
    return {"of_subject": item.subject, "of_kind": item.kind, "of_ref": item.ref, "of_at": item.at}
