"""The executable map: which services run in this process, over what, and who answers whom."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from services import SERVICES
from services.figures import EVERY_SECONDS, Figures
from services.health import Health
from services.housekeeping import LOOK_SECONDS, Housekeeping
from services.operations import Operations
from services.stores import Stores, opened
from shared.app import Edge, handle_errors
from shared.bus_log import LogBus
from shared.cursor import Consumer, Journals
from shared.db_sqlite import SqliteFile
from shared.decisions import Answer, Ask, Decisions
from shared.due import DueWorker
from shared.errors import UnavailableError
from shared.http import Service
from shared.loops import IDLE_SECONDS, Loop, Loops, Wake
from shared.news import AskOfMany
from shared.ports import Ports
from shared.relay import Relay
from shared.routing import ByShape
from shared.service import Kit, Running
from shared.settings import Run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from uuid import UUID

    from services.calls.elsewhere import Elsewhere
    from shared.bus import Bus
    from shared.clock import Clock
    from shared.lease import Lease
    from shared.settings import Settings

SETTING_UP = frozenset({"community", "gateway"})
"""What serves before a place has its backstop and a duty line that was tried (J2a)."""
NOT_EMBEDDED = "this place keeps its rows on PostgreSQL, not in a file"
REPEATED = 3.0
"""How long a loop with a wake-up idles at most, in seconds, before it looks for itself: where one process alone has the
data. Else what another process wrote is found by looking (``IDLE_SECONDS``).
"""
APART_SECONDS = 0.025
"""How far apart busy relays and consumers begin their rounds on Kafka and PostgreSQL: a round costs a dozen journeys,
for one fact as for twenty. One that was idle begins at once.
"""


class _Consent:
    """Stands for consent until it is wired; then every question goes to it."""

    decider: Any = None

    async def surely_not(self, ask: AskOfMany) -> frozenset[UUID]:
        """As ``decide``."""
        if self.decider is None:
            raise UnavailableError
        found: frozenset[UUID] = await self.decider.surely_not(ask)
        return found

    async def decide(self, ask: Ask) -> Answer:
        """Ask consent. Raises UnavailableError when it does not run here."""
        if self.decider is None:
            raise UnavailableError
        answer: Answer = await self.decider.decide(ask)
        return answer

    async def hidden(self, person_id: UUID, ids: frozenset[UUID]) -> frozenset[UUID]:
        """Ask consent whom the person asked us not to speak to. Raises UnavailableError when it does not run here."""
        if self.decider is None:
            raise UnavailableError
        found: frozenset[UUID] = await self.decider.hidden(person_id, ids)
        return found


class LocalJournals:
    """Reads a stream from the journal of a service in this process."""

    def __init__(self, running: dict[str, Running[Any]]) -> None:
        """Keep the services."""
        self.running = running

    async def span(self, source: str, subject: UUID, first: int, last: int) -> list[bytes]:
        """Give events ``first`` to ``last``, in order."""
        if source not in self.running:
            raise UnavailableError
        shell = self.running[source].shell
        async with shell.database.read() as connection:
            rows = await connection.all(shell.tables.span, subject=subject, first=first, last=last)
        return [row["raw"] for row in rows]


@dataclass
class System:
    """A wired process: its services, its web app and its loops."""

    stores: Stores
    bus: Bus
    kit: Kit
    running: dict[str, Running[Any]]
    consumers: dict[str, Consumer[Any]]
    relays: dict[str, Relay]
    timers: dict[str, DueWorker[Any]]
    app: FastAPI
    loops: Loops
    afar: Elsewhere | None = None
    upkeep: Sequence[Loop] = ()
    """Those of ``loops`` that requests need: they stop last."""

    async def settle(self, most: int = 2_000) -> None:
        """Turn every loop until nothing is left to do now. For tests, the demo's checks and a clean stop."""
        for _ in range(most):
            if not any([await loop.step() for loop in self.loops.loops]):
                return
        message = f"the loops still find something to do after {most} rounds"
        raise RuntimeError(message)

    def close(self) -> None:
        """Close the files, and the connections to other processes."""
        if self.afar is not None:
            self.afar.close()
        self.stores.close()

    @property
    def file(self) -> SqliteFile:
        """Give the file of an embedded place."""
        if not isinstance(self.stores, SqliteFile):
            raise TypeError(NOT_EMBEDDED)
        return self.stores


def build(settings: Settings, clock: Clock, names: Iterable[str] = SERVICES, *, bus: Bus | None = None) -> System:
    """Wire the services of this process over their databases. The tables must be there (``migrate``).

    ``bus`` is for who has one already; else it is found in the settings.
    """
    stores = opened(settings)
    bus = bus or _bus(settings, stores, clock)
    consent = _Consent()
    kit = Kit(clock, Ports(), Decisions(consent), settings)
    running: dict[str, Running[Any]] = {
        name: import_module(f"services.{name}.app").build(stores.for_service(name), kit) for name in names
    }
    for name in ("community", "intake", "pathway", "notify"):
        if name in running:
            setattr(kit.ports, name, running[name].port)
    consent.decider = running["consent"].port if "consent" in running else None
    afar = None
    if settings.services:
        afar = import_module("services.calls.elsewhere").Elsewhere(kit, running)
        consent.decider = consent.decider or afar.services.get("consent")
    return _wired(stores, bus, kit, running, afar)


def _bus(settings: Settings, stores: Stores, clock: Clock) -> Bus:
    if not settings.kafka.servers:
        return LogBus(stores.for_service("bus"), clock)
    kafka: Bus = import_module("shared.bus_kafka").KafkaBus(settings.kafka)
    return kafka


def _wired(stores: Stores, bus: Bus, kit: Kit, running: dict[str, Running[Any]], afar: Elsewhere | None) -> System:
    journals: Journals = LocalJournals(running)
    upkeep = [loop for r in running.values() for loop in r.upkeep]
    if afar is not None:
        journals, upkeep = afar.journals(journals), upkeep + afar.upkeep
    works = running if kit.settings.role is not Run.WEB else {}
    relays = {n: Relay(r.shell.database, r.shell.tables, bus) for n, r in works.items()}
    timers = {n: DueWorker(r.shell, r.due) for n, r in works.items() if r.due}
    consumers = {
        n: Consumer(r.shell, bus, journals, r.subscriptions, r.listens_to) for n, r in works.items() if r.listens_to
    }
    alone = kit.settings.role is Run.BOTH and not kit.settings.database_url.get_secret_value()
    idle, busy = (REPEATED, 0.0) if alone else (IDLE_SECONDS, APART_SECONDS)
    loops = [*upkeep, *(loop for r in works.values() for loop in r.loops)]
    for name, service in works.items():
        wake, tick = Wake(), Wake()
        service.shell.wake = _both(service.shell.wake, wake, tick)
        let_go = _letting_go(relays[name].lease)
        loops.append(Loop(f"{name}-relay", relays[name].step, wake.wait, idle, busy, close=let_go))
        if name in timers:
            loops.append(Loop(f"{name}-due", timers[name].step, tick.wait, 0.5, close=_letting_go(timers[name].lease)))
        if name in consumers:
            loops.append(Loop(f"{name}-consumer", consumers[name].step, consumers[name].bus.wait, REPEATED, busy))
    keeper = Housekeeping(
        kit.clock,
        bus if isinstance(bus, LogBus) else None,
        {n: r.shell for n, r in works.items()},
    )
    watched: dict[tuple[str, str], Relay | Consumer[Any]] = {(n, "relay"): each for n, each in relays.items()}
    watched |= {(n, "consumer"): each for n, each in consumers.items()}
    figures = Figures(kit.clock, keeper.shells, watched, [take for r in works.values() for take in r.figures])
    if works:
        loops.append(Loop("housekeeping", keeper.step, idle_seconds=LOOK_SECONDS))
        loops.append(Loop("figures", figures.step, idle_seconds=EVERY_SECONDS))
    app, driven = web(kit, running, afar), Loops(loops)
    app.state.operations = Operations(
        consumers, relays, afar.services if afar is not None else None, {n: r.shell for n, r in running.items()}
    )
    app.state.health = Health(kit, running, driven, watched)
    if afar is not None:
        app.state.health.knows_rules = afar.knows_rules
        afar.serve(app, app.state.operations)
    if not isinstance(stores, SqliteFile):
        app.add_middleware(import_module("services.calls.hurried").Hurried)
    return System(stores, bus, kit, running, consumers, relays, timers, app, driven, afar, upkeep)


def _letting_go(lease: Lease) -> Callable[[], Awaitable[None]]:
    """Let the next process begin at once, if this one ever led; a database that is gone has forgotten it in 10 s."""

    async def close() -> None:
        if lease.epoch:
            with suppress(UnavailableError):
                await lease.release()

    return close


def _both(*wakes: Callable[[], None]) -> Callable[[], None]:
    def wake() -> None:
        for each in wakes:
            each()

    return wake


def web(kit: Kit, running: dict[str, Running[Any]], afar: Elsewhere | None = None) -> FastAPI:
    """Give the web app of the services in this process: their routes, what a watcher asks, what others ask."""
    app = FastAPI(
        title="Alongside",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.services = {n: Service(n, r.shell, kit.decisions, kit.ports) for n, r in running.items()}
    app.state.kit = kit
    app.state.running = running

    async def until_set_up() -> None:
        await kit.ports.community.must_be_ready()

    waits = until_set_up if "community" in running or afar is not None else None
    public = [r for r in running.values() if kit.settings.role is not Run.WORK]
    routes = [
        (route, None if service.name in SETTING_UP else waits)
        for service in public
        for router in service.routers
        for route in router.routes
        if isinstance(route, APIRoute)
    ]
    if not any(service.name == "gateway" for service in public):
        probes = import_module("services.gateway.front.probes").router
        routes.extend((route, None) for route in probes.routes)
    app.router.routes.extend([ByShape(routes), *(route for route, _ in routes)])
    handle_errors(app)
    if "gateway" in running:
        import_module("services.gateway.front.openapi").described(app)
        app.add_middleware(Edge, identify=running["gateway"].port.identify)
        if kit.settings.role is not Run.WORK:
            import_module("services.pages").served(app, kit.settings)
    return app


__all__ = ["SERVICES", "System", "build", "web"]
