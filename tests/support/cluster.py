"""A whole place as real processes on loopback: a broker, PostgreSQL, five processes of services, a reverse proxy.

Each is in a group of its own and can be killed, held and started again by name. Everything ends when this process does,
however it ends: what is started watches the other end of its standard input.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

import httpx2
import pytest

from services import SERVICES
from services.calls import keys
from services.cli.demo import environment
from services.cli.demo_data import keep_apart
from services.cli.door import notice_in
from services.cli.options import file_in, settings_for
from services.demo.servers import Servers
from services.migrate_postgres import migrate
from shared.settings import Settings
from tests.support.cluster_engines import Postgres, make_database, make_roles, programs
from tests.support.cluster_net import Front, Link, Net
from tests.support.kafka import WATCHED, Broker, jars
from tests.support.ports import a_free_port
from tests.support.wait import until_blocking

PROCESSES = {
    "front": ("gateway",),
    "care": ("community", "intake", "pathway"),
    "consent-1": ("consent",),
    "consent-2": ("consent",),
    "notify": ("notify",),
}
"""What runs where, as `docker-compose.yml` has it."""
START_SECONDS = 180
MOST_ENDS = 20
REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Receiving:
    """Where a place sends mail and texts; `services.demo.servers.Servers` is one too."""

    smtp_port: int
    notify: str


@dataclass
class Process:
    """One process of some services."""

    name: str
    services: tuple[str, ...]
    folder: Path
    settings: dict[str, str]
    port: int = field(default_factory=a_free_port)
    process: subprocess.Popen[bytes] | None = None
    ended: int = 0
    """How often it ended by itself and was started again since it was last ready."""

    def start(self) -> None:
        """Start it; `until_ready` waits."""
        words = ("run", "--data", str(self.folder), "--port", str(self.port), "--services", ",".join(self.services))
        (self.folder / "running.json").unlink(missing_ok=True)
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", WATCHED, "sh", sys.executable, "-m", "services", *words],
                stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, cwd=REPOSITORY,
                env=os.environ | {"PYTHONUNBUFFERED": "1"} | self.settings,
            )  # fmt: skip

    def until_ready(self) -> None:
        """Wait until requests may come to it."""
        until_blocking(self.ready, START_SECONDS, f"{self.name} is ready")

    def ready(self) -> bool:
        """Say whether it says so."""
        assert self.process is not None
        if self.process.poll() is not None:
            self._again()
            return False
        try:
            is_ready = httpx2.get(f"http://127.0.0.1:{self.port}/_ready", timeout=5).status_code == httpx2.codes.OK
        except httpx2.TransportError:
            return False
        self.ended = 0 if is_ready else self.ended
        return is_ready

    def _again(self) -> None:
        """Do what whoever supervises processes does: start one that ended by itself, as when it found no database."""
        self.ended += 1
        if self.ended > MOST_ENDS:
            raise RuntimeError(f"{self.name} ends again and again: {self.said()[-1500:]}")
        self.kill()
        self.start()

    def said(self) -> str:
        """Give its log."""
        return (self.folder / "log.txt").read_text()

    def kill(self) -> None:
        """End it as a lost machine would. Does nothing to one that is gone."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process = None

    def hold(self) -> None:
        """Let it hang."""
        self._tell(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on where it was."""
        self._tell(signal.SIGCONT)

    def _tell(self, number: signal.Signals) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, number)


@dataclass
class Cluster:
    """The place. ``links`` are by name: ``broker``, ``database-<process>``, ``consent-1``, ``consent-2``."""

    folder: Path
    net: Net
    broker: Broker
    postgres: Postgres
    front: Front
    links: dict[str, Link]
    processes: dict[str, Process]
    settings: dict[str, str]

    @property
    def base(self) -> str:
        return self.front.base

    @property
    def token(self) -> str:
        """A steward's."""
        until_blocking((self.folder / "front" / "running.json").exists, START_SECONDS, "front's notice")
        told = notice_in(self.folder / "front")
        assert told is not None
        return told.token

    def settings_here(self, **more: str) -> Settings:
        """Give the settings by which this process reaches the databases itself, past the links."""
        given = Settings(
            data=self.folder / "here",
            database_url=self._url("{service}"),  # type: ignore[arg-type] # pydantic makes it a secret
            database_owner_url=self._url("owner"),  # type: ignore[arg-type]
        )
        return given.model_copy(update=more)

    def _url(self, role: str) -> str:
        return self.postgres.url("alongside_{service}", f"alongside_{role}")

    def until_ready(self) -> None:
        """Wait until every process that runs is ready."""
        for each in self.processes.values():
            each.until_ready()


def routes() -> list[tuple[re.Pattern[str], str]]:
    """Give every path's expression with its owner, as `alongside routes` tells them."""
    done = subprocess.run(
        [sys.executable, "-m", "services", "routes", "--json"], capture_output=True, check=True, cwd=REPOSITORY
    )
    return [(re.compile(each["expression"]), each["owner"]) for each in json.loads(done.stdout)]


def needed() -> None:
    """Skip the test where no broker or no PostgreSQL of our own can be had; fail where engines are required."""
    jars()
    if programs() is None:
        reason = "NO POSTGRESQL OF OUR OWN: install postgresql (there is no initdb on this machine)"
        if os.environ.get("ALONGSIDE_REQUIRE_ENGINES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


@contextmanager
def a_cluster(
    local: Servers | Receiving, *, harmed: bool = True, processes: Mapping[str, tuple[str, ...]] = PROCESSES
) -> Iterator[Cluster]:
    """Start everything, and end it. Mails, texts and webhooks go to ``local``. What is not to be ``harmed`` has no
    links between its processes, and its databases lie on the real disk: for measuring. ``processes`` says what runs
    where; one of them is named front.
    """
    folder = Path(mkdtemp(prefix="alongside-cluster-"))
    net = Net()
    made: list[Process | Broker | Postgres] = []
    try:
        cluster = _engines(folder, net, made, harmed=harmed)
        _services(cluster, local, processes, harmed=harmed)
        made.extend(cluster.processes.values())
        for each in cluster.processes.values():
            each.start()
        cluster.until_ready()
        yield cluster
    finally:
        for one in reversed(made):
            if isinstance(one, Postgres):
                one.close()
            else:
                one.kill()
        net.close()
        shutil.rmtree(folder, ignore_errors=True)


def _engines(folder: Path, net: Net, made: list[Process | Broker | Postgres], *, harmed: bool) -> Cluster:
    link = Link(net, a_free_port(), straight=not harmed)
    broker = Broker(folder / "kafka", port=link.target, advertised=link.port)
    made.append(broker)
    broker.start()
    postgres = Postgres(folder / "postgres", in_memory=harmed)
    made.append(postgres)
    postgres.start()
    make_roles(postgres)
    for service in SERVICES:
        make_database(postgres, service)
    cluster = Cluster(folder, net, broker, postgres, Front(net, routes(), {}), {"broker": link}, {}, {})
    asyncio.run(migrate(cluster.settings_here()))
    return cluster


def _services(
    cluster: Cluster, local: Servers | Receiving, processes: Mapping[str, tuple[str, ...]], *, harmed: bool
) -> None:
    """Say how each process is told where the others live: databases, broker and consent over links."""
    keys.make(cluster.folder / "keys", SERVICES)
    ports = {name: a_free_port() for name in processes}
    for name in processes:
        cluster.links[f"database-{name}"] = Link(cluster.net, cluster.postgres.port, straight=not harmed)
        if name.startswith("consent"):
            cluster.links[name] = Link(cluster.net, ports[name], straight=not harmed)
    lives: dict[str, list[str]] = {}
    for name, services in processes.items():
        inside = cluster.links[name].port if name in cluster.links else ports[name]
        for service in services:
            lives.setdefault(service, []).append(f"http://127.0.0.1:{inside}")
            cluster.front.replicas.setdefault(service, []).append(ports[name])
    cluster.settings = environment(local) | {
        "ALONGSIDE_BASE_URL": cluster.front.base,
        "ALONGSIDE_SERVICES": json.dumps(lives),
        "ALONGSIDE_KEYS": str(cluster.folder / "keys"),
        "ALONGSIDE_KAFKA_SERVERS": f"127.0.0.1:{cluster.links['broker'].port}",
        "ALONGSIDE_KAFKA_SESSION_MS": "6000",
    }
    for name, services in processes.items():
        data = cluster.folder / name
        keep_apart(data, file_in(settings_for(data)))
        url = cluster.postgres.url("alongside_{service}", "alongside_{service}", cluster.links[f"database-{name}"].port)
        settings = cluster.settings | {"ALONGSIDE_DATABASE_URL": url}
        cluster.processes[name] = Process(name, services, data, settings, ports[name])
