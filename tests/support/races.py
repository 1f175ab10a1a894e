"""Two that write at once on PostgreSQL: one is held where it stands, the other runs into it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

from shared.errors import UnavailableError
from tests.support import postgres
from tests.support.wait import until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


@dataclass
class Held:
    """Where a command stands still, once: ``reached`` when it is there, until ``go_on`` is set."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def here(self) -> None:
        """Stand still, the first time that anybody comes by."""
        if not self.reached.is_set():
            self.reached.set()
            await self.go_on.wait()


def holding_at(method: str, held: Held, store: type[Any], *, before: bool = False) -> type[Any]:
    """Give a ``store`` whose ``method`` stands still when it has run, or ``before`` it runs."""

    async def stands(self: Any, *given: Any, **named: Any) -> Any:
        if before:
            await held.here()
        result = await getattr(super(made, self), method)(*given, **named)
        if not before:
            await held.here()
        return result

    made: type[Any] = type(f"Held{store.__name__}", (store,), {method: stands})
    return made


async def somebody_waits() -> bool:
    """Say whether a connection waits for a lock."""
    connection = await asyncpg.connect(postgres.server())
    try:
        return bool(await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
    finally:
        await connection.close()


async def until_somebody_waits() -> None:
    """Come back when a connection waits for a lock."""
    waits: Callable[[], bool | Awaitable[bool]] = somebody_waits
    await until(waits)


async def insistent(asks: Callable[[], Awaitable[T]]) -> T:
    """Ask again where the answer is a 503, as whoever is told so does: many at once on a busy machine get some."""
    for _ in range(20):
        with suppress(UnavailableError):
            return await asks()
    return await asks()
