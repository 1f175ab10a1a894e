"""What `doctor` looks at where a place keeps its rows on PostgreSQL: each service's database, tables and queues."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from services import SERVICES
from services.migrate import at_head
from services.stores import opened
from shared.clock import real_now
from shared.db import Sql
from shared.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from shared.db import Database, Row
    from shared.journal import KernelTables
    from shared.settings import Settings

LATE_SECONDS = 60.0
"""A fact that waits so long for the bus, or a reminder that is so late, is somebody's to look at."""
Finding = tuple[str, str, str]


def looked(settings: Settings) -> list[Finding]:
    """Give what was found of every service, as (what, standing, says): one that does not answer fails alone."""
    return asyncio.run(_looked(settings))


async def _looked(settings: Settings) -> list[Finding]:
    stores = opened(settings)
    try:
        return [finding for name in SERVICES for finding in await _service(stores.for_service(name), name)]
    finally:
        stores.close()


async def _service(database: Database, name: str) -> list[Finding]:
    try:
        if not await at_head(database):
            return [(name, "fail", "its tables are not what this version expects: `alongside migrate`")]
        return list(_said(name, await _counted(database, name)))
    except (UnavailableError, OSError):
        return [(name, "fail", "its database does not answer, or does not know this role")]


async def _counted(database: Database, name: str) -> Row:
    tables: KernelTables = import_module(f"services.{name}.tables").KERNEL
    journal, unsent, parked, due = tables.journal.c, tables.unsent.c, tables.parked, tables.due
    now_due = due.c.turn < bindparam("now", type_=due.c.turn.type)
    asked = select(
        select(func.count(unsent.pos)).scalar_subquery().label("unsent"),
        select(func.min(journal.at)).where(journal.pos == unsent.pos).scalar_subquery().label("oldest_unsent"),
        select(func.count(parked.c.seq)).scalar_subquery().label("parked"),
        select(func.count(due.c.kind)).where(now_due).scalar_subquery().label("due"),
        select(func.min(due.c.turn)).where(now_due).scalar_subquery().label("oldest_due"),
    )
    async with database.read() as connection:
        return await connection.one(Sql(asked), now=real_now()) or {}


def _said(name: str, found: Row) -> Iterator[Finding]:
    now, parked = real_now(), found["parked"]
    late = [what for what in ("unsent", "due") if _age(found[f"oldest_{what}"], now) > LATE_SECONDS]
    words = [
        f"{found['unsent']} facts not on the bus yet",
        f"{parked} events in parked lanes" + (" (`alongside replay` once the cause is mended)" if parked else ""),
        f"{found['due']} reminders to be given",
    ]
    words += [f"the oldest {what} has waited {_age(found[f'oldest_{what}'], now):,.0f} s" for what in late]
    yield (name, "warn" if late or parked else "pass", "; ".join(words))


def _age(oldest: datetime | None, now: datetime) -> float:
    return 0.0 if oldest is None else (now - oldest).total_seconds()
