"""What a steward may have the place do: let parked lanes go on, put a journal back to be sent; and what waits.

In every process. It names nobody.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from services.figures import oldest, waited
from shared.db import Sql
from shared.db_postgres_hurry import within
from shared.errors import InvalidError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from services.calls.afar import Afar
    from shared.cursor import Consumer
    from shared.relay import Relay
    from shared.shell import Shell


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in the tables of one service. Whole seconds, nought when nothing waits."""

    parked_lanes: int
    oldest_parked_seconds: int
    oldest_unsent_seconds: int
    oldest_due_seconds: int


class Operations:
    """Of this process; and, where there are others, of all."""

    def __init__(
        self, consumers: dict[str, Consumer[Any]], relays: dict[str, Relay], afar: Mapping[str, Afar] | None = None,
        shells: Mapping[str, Shell[Any]] | None = None,
    ) -> None:  # fmt: skip
        """Keep what turns here, what keeps its tables here, and whom to ask for the rest."""
        self.consumers = consumers
        self.relays = relays
        self.afar = afar or {}
        self.shells = shells or {}

    async def go_on(self, names: Iterable[str] = ()) -> dict[str, int]:
        """Try every parked lane again; gives how many lanes go on, by service. Raises InvalidError; UnavailableError
        when a process can't be reached: those before it go on, and asking again is safe.
        """
        found: dict[str, int] = {}
        with within(inf):
            for name in self._these(self.consumers, names):
                if name in self.consumers:
                    found[name] = await self.consumers[name].replay()
                    continue
                told = [each for each in await self.afar[name].everywhere("go_on") if each is not None]
                found |= {name: sum(told)} if told else {}
        return found

    async def send_again(self, names: Iterable[str] = ()) -> list[str]:
        """Put whole journals back to be sent, for a bus that lost its data; whoever heard them skips them."""
        done = []
        with within(inf):
            for name in self._these(self.relays, names):
                if name in self.relays:
                    await self.relays[name].replay()
                elif not any(await self.afar[name].everywhere("send_again")):
                    continue
                done.append(name)
        return done

    async def waiting(self) -> dict[str, Waiting | None]:
        """Say what waits, by service; None for one that can't be asked just now."""
        names = sorted({*self.shells, *self.afar})
        return dict(zip(names, await asyncio.gather(*map(self._waiting, names)), strict=True))

    async def _waiting(self, name: str) -> Waiting | None:
        try:
            return await (waiting(self.shells[name]) if name in self.shells else self.afar[name].waiting())  # type: ignore[attr-defined]
        except UnavailableError:
            return None

    def _these(self, among: Mapping[str, Any], names: Iterable[str]) -> list[str]:
        there = [*among, *(name for name in self.afar if name not in among)]
        wanted = list(names) or there
        if any(name not in there for name in wanted):
            raise InvalidError(fields=("services",))
        return wanted


class OperationsOf:
    """What another process may have one service of this one do. What does not turn here is left to who has it."""

    def __init__(self, operations: Operations, name: str) -> None:
        """Of service ``name``."""
        self.operations = operations
        self.name = name

    async def go_on(self) -> int | None:
        """Try its parked lanes again; gives how many go on, None where it hears nobody."""
        consumer = self.operations.consumers.get(self.name)
        return None if consumer is None else await consumer.replay()

    async def send_again(self) -> bool:
        """Put its journal back to be sent; says whether it is sent from here."""
        relay = self.operations.relays.get(self.name)
        if relay is not None:
            await relay.replay()
        return relay is not None

    async def waiting(self) -> Waiting:
        """Say what waits in its tables."""
        return await waiting(self.operations.shells[self.name])


async def waiting(shell: Shell[Any]) -> Waiting:
    """Say what waits in the tables of one service."""
    parked = shell.tables.parked.c
    lanes = select(parked.consumer, parked.source, parked.subject).distinct().subquery()
    async with shell.database.read() as connection:
        since = await connection.one(oldest(shell)) or {}
        count = await connection.one(Sql(select(func.count().label("lanes")).select_from(lanes))) or {"lanes": 0}
    seconds = (int(waited(shell.clock.now(), since.get(each))) for each in ("parked", "unsent", "due"))
    return Waiting(count["lanes"], *seconds)
