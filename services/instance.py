"""A running instance: tables at head, a demo's clock where it stood, loops that turn while it serves.

``opened`` and the app's lifespan are all that a server of any kind needs.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import structlog

from services.gateway.front import handlers as front
from services.migrate import FILE, BehindError, at_head, migrate
from services.stores import NoBusError, on_postgres
from services.system import SERVICES, System, build
from services.warming import warm
from shared.bus_log import LogBus
from shared.clock import MovableClock, SystemClock, monotonic
from shared.errors import AlongsideError, Kind, UnavailableError, WhoActs, fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from shared.settings import Settings

START_SECONDS = 60.0
"""How long a process waits for its databases before it ends: under what a startup probe allows (120 s, deploy/k8s)."""
AGAIN_SECONDS = 0.5
log = structlog.get_logger()


def opened(settings: Settings, names: Iterable[str] = SERVICES) -> System:
    """Bring an embedded place's tables to head and wire the services; the app's lifespan turns the loops and closes
    the files. On PostgreSQL nothing is changed: `alongside migrate` does that.

    Raises InUseError beside another writer, NewerDataError for data of a later version.
    """
    if not on_postgres(settings):
        migrate(settings.data / FILE)
    system = build(settings, MovableClock() if settings.demo else SystemClock(), names)

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        async with turning(system):
            yield

    system.app.router.lifespan_context = lifespan
    return system


class AwayError(AlongsideError):
    """A database of this process did not answer for a minute as it began."""

    code = "database-away"
    kind = Kind.UNAVAILABLE
    says = "The database did not answer for a minute. Look whether it runs, and whether address and password are right."
    who = WhoActs.STEWARD


@asynccontextmanager
async def turning(system: System) -> AsyncIterator[None]:
    """Turn the loops. At the end each finishes the step that it is in; then bus and files are let go.

    Raises NoBusError for a place on PostgreSQL without a broker, and what ``ready`` raises: AwayError where its
    databases do not answer for a minute.
    """
    try:
        if on_postgres(system.kit.settings) and isinstance(system.bus, LogBus):
            raise NoBusError
        await as_soon_as_can_be(system)
        system.loops.start()
        try:
            if on_postgres(system.kit.settings):
                await warm(system)  # beside the loops, which are at their busiest as they begin
            yield
        finally:
            await system.loops.stop()
            await system.bus.close()
    finally:
        system.close()


async def as_soon_as_can_be(system: System, seconds: float = START_SECONDS) -> None:
    """Wait ``seconds`` for databases that do not answer as we begin: ended and started anew, we would only wait again.

    Raises AwayError, and what ``ready`` raises.
    """
    until = monotonic() + seconds
    while True:
        try:
            return await ready(system)
        except UnavailableError as error:
            if monotonic() > until:
                raise AwayError from error
            log.warning("start-waits", **fault(error))
        await asyncio.sleep(AGAIN_SECONDS)


async def ready(system: System) -> None:
    """Put a demo's clock where it stood before the restart; fetch what other processes must tell first.

    Raises BehindError where tables are not what the code expects, NotDurableError where the database would lose what
    is committed, UnavailableError where it does not answer.
    """
    late = [name for name, each in system.running.items() if not await at_head(each.shell.database)]
    if late:
        raise BehindError(facts={"services": ", ".join(late)})
    clock = system.kit.clock
    if system.afar is not None:
        await system.afar.begin()
    if isinstance(clock, MovableClock) and "gateway" in system.running:
        offset = await system.running["gateway"].shell.read(front.clock_offset)
        clock.move(max(offset - clock.offset, type(offset)()))
