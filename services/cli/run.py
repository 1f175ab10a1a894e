"""``alongside run``: every service in one process, until Ctrl-C."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services import SERVICES
from services.cli.demo_data import DEMO_FOLDER, is_demo, keep_apart
from services.cli.options import DataOption, file_in, settings_for
from services.cli.output import JsonFlag, Out, plainly
from shared.errors import AlongsideError, Kind, WhoActs
from shared.settings import Run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from services.cli.server import Server
    from services.system import System
    from shared.settings import Settings

CANNOT_SERVE = 2
QUEUE = 2048


def run(
    data: DataOption = None,
    demo_data: Annotated[
        bool, typer.Option("--demo-data", help="Fill a demo with journey 1 and give sign-ins.")
    ] = False,
    port: Annotated[int, typer.Option(help="The port; 0 takes one that is free.", min=0, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    services: Annotated[
        str | None, typer.Option(help="Which services run here, by commas; where the others live: ALONGSIDE_SERVICES.")
    ] = None,
    role: Annotated[
        Run | None, typer.Option(help="web answers the public, work turns the loops (ALONGSIDE_ROLE).")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Serve every service in one process until Ctrl-C; or some of them, beside other processes."""
    out = Out(as_json)
    listening = take(out, host, port)
    with listening, plainly(out, CANNOT_SERVE):
        address = f"http://{host}:{listening.getsockname()[1]}"
        names = named(services)
        settings = settings_for(data or (DEMO_FOLDER if demo_data else None), role=role)
        if "base_url" not in settings.model_fields_set:
            settings = settings.model_copy(update={"base_url": address})
        demo = demo_data or settings.demo or is_demo(settings.data)
        if demo:
            keep_apart(settings.data, file_in(settings))
        if demo_data and not file_in(settings).exists():
            from services.cli.filling import fill

            fill(settings, out)
        serve(settings.model_copy(update={"demo": demo}), listening, out, names)


class UnknownServiceError(AlongsideError):
    """``--services`` names one that there is not."""

    code = "unknown-service"
    kind = Kind.INVALID
    says = "There is no such service. Say some of these, by commas: " + ", ".join(SERVICES) + "."
    who = WhoActs.STEWARD


def named(services: str | None) -> tuple[str, ...]:
    """Give the services that ``--services`` names, in their usual order. Raises UnknownServiceError."""
    if services is None:
        return SERVICES
    wanted = {name.strip() for name in services.split(",")}
    if not wanted <= set(SERVICES):
        raise UnknownServiceError
    return tuple(name for name in SERVICES if name in wanted)


def take(out: Out, host: str, port: int) -> socket.socket:
    """Take the port first of all: a busy one is said plainly, before anything is opened. Nobody gets through yet: who
    asks one that can't answer must be turned away at once and go to another replica, not wait his time out in a queue.
    """
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError:
        taken.close()
        raise busy(out, host, port) from None
    return taken


def busy(out: Out, host: str, port: int) -> typer.Exit:
    """Say that the port can't be had."""
    text = f"Port {port} of {host} is in use or can't be had. Say another with --port (make run PORT=…)."
    return out.stop(text, "port-busy", CANNOT_SERVE)


def serve(settings: Settings, listening: socket.socket, out: Out, names: Sequence[str] = SERVICES) -> None:
    """Open the instance and serve it until a signal comes."""
    gc.disable()  # what is imported stays for good: looking through it while it grows costs a tenth of the start
    from services.cli.server import Server
    from services.instance import opened
    from shared.telemetry import start_logging

    start_logging()
    system = opened(settings, names)
    gc.freeze()
    gc.enable()
    server = Server(system.app)
    with ExitStack() as held:
        if settings.traces_url:
            from services.tracing import tracing

            held.enter_context(tracing(settings, names))
        runner = held.enter_context(asyncio.Runner(loop_factory=server.config.get_loop_factory()))
        with suppress(KeyboardInterrupt):
            runner.run(_serve(system, server, listening, out))


async def _serve(system: System, server: Server, listening: socket.socket, out: Out) -> None:
    from services.cli.greeting import greet
    from services.instance import turning

    data: Path = system.kit.settings.data
    async with turning(system):
        try:
            listening.listen(QUEUE)
        except OSError:
            raise busy(out, *listening.getsockname()) from None
        loop = asyncio.get_running_loop()
        stopping = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopping.set)
        serving = asyncio.create_task(server.serve([listening]))
        greeting = asyncio.create_task(greet(system, out, server.up, listening.getsockname()))
        greeting.add_done_callback(lambda task: stopping.set() if _failed(task) else None)
        waiting = asyncio.create_task(stopping.wait())
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        out.say("Stopping: finishing what has begun.")
        greeting.cancel()
        system.app.state.health.stopping = True
        server.last_answers()
        drained = asyncio.wait({serving}, timeout=system.kit.settings.drain_seconds)
        await asyncio.gather(system.loops.stop(but=system.upkeep), drained)
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        await _let_go(data, greeting, waiting)
    if _failed(greeting):
        greeting.result()
    out.say("Stopped. Everything is kept.")


def _failed(task: asyncio.Task[Any]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is not None


async def _let_go(data: Path, *tasks: asyncio.Task[Any]) -> None:
    from services.cli.door import take_down

    take_down(data)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
