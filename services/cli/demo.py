"""``alongside demo``: a journey told step by step against a real process, with a mailbox that prints what was sent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from services.cli.demo_data import keep_apart
from services.cli.door import notice_in
from services.cli.options import file_in, settings_for
from services.cli.output import Out, plainly
from shared.errors import AlongsideError, Kind, WhoActs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.demo.servers import Servers
    from services.demo.telling import Telling
    from shared.settings import Settings

NOTIFY_KEY = "demo-00000000-0000-4000-8000-000000000001-00000000-0000-4000-8000-000000000002"
TEMPLATE = "00000000-0000-4000-8000-000000000003"
PORTS = (2525, 2526, 2527)
LOOPBACK = "127.0.0.1"
WHOLE = "every journal is whole: numbered without a gap, chained, and heard (verify)"
FileOption = typer.Option(exists=True, dir_okay=False, show_default=False)


class Receives(Protocol):
    """Where mail and texts go."""

    @property
    def smtp_port(self) -> int:
        """A port of loopback."""
        ...

    @property
    def notify(self) -> str:
        """An address."""
        ...


class DidNotStartError(AlongsideError):
    """The demo's own process ended before it served."""

    code = "did-not-start"
    kind = Kind.UNAVAILABLE
    says = "The demo's own process did not start. What it said stands above."
    who = WhoActs.STEWARD


class PortsBusyError(AlongsideError):
    """The demo's own servers can't listen."""

    code = "ports-busy"
    kind = Kind.UNAVAILABLE
    says = "The demo's own mailbox and receivers can't listen there: another demo may be running."
    who = WhoActs.STEWARD


def demo(
    journey: Annotated[int, typer.Option(help="Which journey.", min=1, max=1)] = 1,
    assets: Annotated[Path | None, FileOption] = None,
    person: Annotated[Path | None, FileOption] = None,
    keep: Annotated[Path | None, typer.Option(help="Leave the instance's data here.", show_default=False)] = None,
    base: Annotated[
        str,
        typer.Option(
            help="A demo that runs already, sends mail and texts to the first two of --ports and webhooks to the third."
        ),
    ] = "",
    token: Annotated[str, typer.Option(help="A steward's token, with --base.", envvar="ALONGSIDE_TOKEN")] = "",
    listen: Annotated[
        str,
        typer.Option(help="An address of this machine that the instance of --base reaches (its ALONGSIDE_DEMO_HOST)."),
    ] = LOOPBACK,
    ports: Annotated[
        tuple[int, int, int], typer.Option(help="Where the demo takes mail, texts and webhooks, with --base.")
    ] = PORTS,
    ca_file: Annotated[
        Path | None, typer.Option(help="Whom to trust for the certificate of --base.", show_default=False, exists=True)
    ] = None,
) -> None:
    """Tell journey 1, from the assessment centre to the crisis house. Exit 1 when a check breaks."""
    from services.demo.telling import Telling

    told = Telling("journey" if journey == 1 else f"journey {journey}")
    out = Out()
    with plainly(out):
        brought = person_in(person, out) if person else {}
        if base:
            with servers(*ports, host=listen) as local:
                asyncio.run(play(told, local, base.rstrip("/"), token, brought, ca_file))
            told.say("Whether its journals are whole was not looked at: `alongside verify` beside its data says it.")
        else:
            tell_here(told, keep, assets, brought, out)
    raise typer.Exit(0 if told.end() else 1)


def tell_here(told: Telling, keep: Path | None, assets: Path | None, brought: dict[str, Any], out: Out) -> None:
    """Tell the journey against a process of its own, then look whether its journals are whole."""
    with tempfile.TemporaryDirectory(prefix="alongside-demo-") as folder:
        settings = settings_for(keep or Path(folder) / "data")
        keep_apart(settings.data, file_in(settings))
        if assets:
            list_assets(settings, assets, out)
        with servers() as local, a_process(settings, local) as (base, token):
            asyncio.run(play(told, local, base, token, brought))
        told.check(WHOLE, verified(settings))
        if keep:
            told.say(f"The data are left in {settings.data}.")


def list_assets(settings: Settings, assets: Path, out: Out) -> None:
    """Import a directory's file before the story begins."""
    from services.cli.assets import imported, say_report
    from services.migrate import migrate

    migrate(file_in(settings))
    say_report(out, asyncio.run(imported(settings, assets.read_bytes(), out)))


def person_in(file: Path, out: Out) -> dict[str, Any]:
    """Read a person of a FHIR file into what an arrival may hold; says what was not understood."""
    from services.intake.person.fhir import arrival_of

    found = arrival_of(file.read_bytes())
    out.table(("not understood", "why"), [(each.path, each.says) for each in found.remarks])
    return found.body


@contextmanager
def servers(smtp: int = 0, notify: int = 0, hooks: int = 0, *, host: str = LOOPBACK) -> Iterator[Servers]:
    """Run the mailbox's servers and the partners' receivers. Raises PortsBusyError."""
    from services.demo.servers import local_servers

    with ExitStack() as stack:
        try:
            local = stack.enter_context(local_servers(smtp, notify, hooks, host=host))
        except OSError:
            raise PortsBusyError(fields=(host, str(smtp), str(notify), str(hooks))) from None
        yield local


@contextmanager
def a_process(settings: Settings, local: Servers) -> Iterator[tuple[str, str]]:
    """Run ``alongside run`` as a process of its own; gives its address and a steward's token. Ctrl-C reaches it too."""
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "services", "run", "--data", str(settings.data), "--port", "0", "--json"],
        stdout=subprocess.PIPE, env=environment(local), start_new_session=True,
    )  # fmt: skip
    try:
        stdout = process.stdout
        while (line := stdout.readline() if stdout else b"") and line.strip() != b"}":
            continue
        told = notice_in(settings.data)
        if told is None:
            raise DidNotStartError
        yield told.address, told.token
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        if process.stdout:
            process.stdout.close()


def environment(local: Receives) -> dict[str, str]:
    """Give the settings by which an instance sends to the demo's own servers."""
    return os.environ | {
        "ALONGSIDE_SMTP_URL": f"smtp://127.0.0.1:{local.smtp_port}",
        "ALONGSIDE_NOTIFY_URL": local.notify,
        "ALONGSIDE_NOTIFY_KEY": NOTIFY_KEY,
        "ALONGSIDE_NOTIFY_TEXT_TEMPLATE": TEMPLATE,
        "ALONGSIDE_NOTIFY_EMAIL_TEMPLATE": TEMPLATE,
    }


async def play(
    told: Telling, local: Servers, base: str, token: str, brought: dict[str, Any], ca_file: Path | None = None
) -> None:
    """Play journey 1 against an instance. ``ca_file``: whom to trust for its certificate, if not the usual."""
    import ssl

    import httpx2

    from services.demo.tell import a_world, tell

    trusted = ssl.create_default_context(cafile=ca_file) if ca_file else True
    async with httpx2.AsyncClient(base_url=base, timeout=30, verify=trusted) as http:
        await tell(told, a_world(http, token, local), brought)


def verified(settings: Settings) -> bool:
    """Say whether ``alongside verify`` finds nothing in the data of an instance that has stopped."""
    from contextlib import closing

    from services import verify as reading
    from services.cli.lineage import read_only

    with closing(read_only(file_in(settings))) as reader:
        return not reading.verify(reader, told=lambda _: None).findings
