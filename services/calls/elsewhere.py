"""Connects a process with the services that run elsewhere: their ports, their journals, and who signs in there."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from services import SERVICES
from services.calls.afar import CALLER, Afar, FarJournals, greetings
from services.calls.copies import CLOCK_EVERY_SECONDS, LOOK_EVERY_SECONDS, ClockAfar, CommunityAfar, identify
from services.calls.inside import Inside, JournalHere
from services.calls.keys import Keyring
from services.operations import OperationsOf
from shared.app import Edge
from shared.clock import MovableClock, SystemClock
from shared.errors import UnavailableError
from shared.loops import Loop
from shared.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from services.operations import Operations
    from services.system import System
    from shared.cursor import Journals
    from shared.service import Kit, Running

KEYS = "keys"
PORTS = ("community", "intake", "pathway", "notify", "gateway")


class Elsewhere:
    """What a process knows of the others. Made only where the settings say that some service lives elsewhere."""

    def __init__(self, kit: Kit, running: dict[str, Running[Any]]) -> None:
        """Give ``kit.ports`` the services that do not run here. Raises NoKeysError; connects to nobody yet."""
        for name in SERVICES:
            import_module(f"services.{name}.app")  # an error that another raises is one of ours here too
        self.kit, self.running = kit, running
        settings = kit.settings
        self.keys = Keyring(settings.keys or settings.data / KEYS, running)
        self.services: dict[str, Any] = {
            name: Afar(name, addresses, self.keys)
            for name, addresses in settings.services.items()
            if name not in running
        }
        self.upkeep: list[Loop] = []
        self._rules: CommunityAfar | None = None
        if "community" in self.services:
            self._rules = self.services["community"] = CommunityAfar(self.services["community"])
            self.upkeep.append(Loop("rulebook-copy", self._rules.look, idle_seconds=LOOK_EVERY_SECONDS))
        if "gateway" in self.services and isinstance(kit.clock, MovableClock):
            clock = ClockAfar(kit.clock, self.services["gateway"])
            self.upkeep.append(Loop("demo-clock", clock.look, idle_seconds=CLOCK_EVERY_SECONDS))
        for name in PORTS:
            if name in self.services:
                setattr(kit.ports, name, self.services[name])
        if "gateway" in running:
            kit.ports.gateway = running["gateway"].port

    async def begin(self) -> None:
        """Fetch what is kept a copy of; what can't be had yet is looked for again by its loop."""
        for loop in self.upkeep:
            with suppress(UnavailableError):
                await loop.step()

    async def greet(self) -> None:
        """Ask every replica elsewhere about nobody: what calls others is there before a request is."""
        await asyncio.gather(*(each.greet() for each in self.services.values()))

    def own_greetings(self) -> list[tuple[str, dict[str, str], bytes]]:
        """Give the same questions to the services of this process, as they come: path, headers, body."""
        return [
            (question.path, {CALLER: self.keys.calling(name)}, question.write(arguments))
            for name in self.running
            for question, arguments in greetings(name)
        ]

    def knows_rules(self) -> bool:
        """Say whether there is a rulebook to go by: this process is not ready before."""
        return self._rules is None or self._rules.knows()

    def journals(self, here: Journals) -> Journals:
        """Give what reads a stream from its owner, wherever that runs."""
        return FarJournals(here, self.services)

    def serve(self, app: FastAPI, operations: Operations) -> None:
        """Let in whom gateway knows, describe the whole API where gateway is, and answer the others."""
        if "gateway" in self.running:
            described_whole(app, self.kit.settings)
        elif "gateway" in self.services:
            app.add_middleware(Edge, identify=identify(self.kit.ports))
        answers = {
            name: (service.port, JournalHere(service.shell), OperationsOf(operations, name))
            for name, service in self.running.items()
        }
        app.add_middleware(Inside, answers=answers, keys=self.keys)

    def close(self) -> None:
        """Close the connections that are idle."""
        for each in self.services.values():
            each.close()


@contextmanager
def wired_over_nothing(*, demo: bool = False) -> Iterator[System]:
    """Give every service wired in an empty folder, for what can be read off their routes; nothing of it is served."""
    from services.system import build  # noqa: PLC0415 - it wires us

    with TemporaryDirectory(prefix="alongside-") as folder:
        settings = Settings.model_construct(data=Path(folder), demo=demo)  # whatever the environment says
        system = build(settings, SystemClock())
        try:
            yield system
        finally:
            system.close()


def described_whole(app: FastAPI, settings: Settings) -> None:
    """Have /v1/openapi.json describe every service's routes, wherever it runs."""
    told: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not told:
            with wired_over_nothing(demo=settings.demo) as system:
                told.update(system.app.openapi())
        return told

    app.openapi = openapi  # type: ignore[method-assign]
