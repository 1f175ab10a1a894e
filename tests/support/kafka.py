"""A real Kafka for tests: the one that KAFKA_BOOTSTRAP_SERVERS names, one in Docker, or a broker of our own.

Our own is started from Maven Central's jars (Java 17, KRaft, one node) and can be stopped, killed, held and wiped.
Where none can be had the tests skip, and with ALONGSIDE_REQUIRE_ENGINES=1 they fail.
"""

import base64
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pytest

from tests.support.ports import a_free_port
from tests.support.wait import until_blocking

VERSION = "4.1.0"
IMAGE = f"apache/kafka:{VERSION}"
CACHE = Path(os.environ.get("ALONGSIDE_ENGINES", Path.home() / ".cache" / "alongside"))
START_SECONDS = 60
FETCH_SECONDS = 600
HEAP = ("-Xmx256m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>broker</artifactId><version>1</version><dependencies><dependency>
<groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version>
</dependency><dependency>
<groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version>
</dependency></dependencies></project>"""
SERVER = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{advertised}
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.num.partitions=3
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.segment.bytes=16777216
log.cleaner.dedupe.buffer.size=4194304
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
num.network.threads=2
num.io.threads=4
"""
WATCHED = 'exec 3<&0; (cat <&3 >/dev/null; kill -9 $$) & exec 3<&-; exec "$@" </dev/null'
"""Runs a program that ends when the other end of its standard input goes, however its parent died."""


def without(reason: str) -> NoReturn:
    """Skip loudly, or fail where engines are required."""
    if os.environ.get("ALONGSIDE_REQUIRE_ENGINES") == "1":
        pytest.fail(f"NO KAFKA, and engines are required: {reason}")
    pytest.skip(f"NO KAFKA: {reason}")


def jars() -> Path:
    """Give the folder of the broker's jars, fetched once. Skips where Java or Maven can't be had."""
    folder = CACHE / f"kafka-{VERSION}"
    if not shutil.which("java"):
        without("KAFKA_BOOTSTRAP_SERVERS is not set, Docker does not answer, and there is no Java to run a broker")
    if folder.exists():
        return folder
    if not shutil.which("mvn"):
        without(f"KAFKA_BOOTSTRAP_SERVERS is not set, Docker does not answer, and there is no Maven to fill {folder}")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        (Path(scratch) / "pom.xml").write_text(POM)
        command = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={scratch}/jars"]
        told = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False, timeout=FETCH_SECONDS)
        if told.returncode:
            without(f"Maven could not fetch the broker: {told.stdout[-300:]}")
        with suppress(OSError):
            (Path(scratch) / "jars").rename(folder)
    return folder


@dataclass
class Broker:
    """A broker of our own. It listens on ``port`` and tells callers to come to ``advertised`` (a proxy's, in fault
    tests); what it keeps is in ``folder`` and outlives ``kill``.
    """

    folder: Path
    port: int = field(default_factory=a_free_port)
    controller: int = field(default_factory=a_free_port)
    advertised: int = 0
    process: subprocess.Popen[bytes] | None = None
    own: bool = True

    def __post_init__(self) -> None:
        self.jars = jars()
        self.advertised = self.advertised or self.port
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "log.txt"
        settings = {"port": self.port, "controller": self.controller, "advertised": self.advertised}
        (self.folder / "server.properties").write_text(SERVER.format(data=self.folder / "data", **settings))

    @property
    def servers(self) -> str:
        return f"127.0.0.1:{self.advertised}"

    def start(self) -> None:
        """Start it on what it kept; on nothing, with a new cluster id. Comes back when it serves."""
        if not (self.folder / "data").exists():
            self._java("kafka.tools.StorageTool", "format", "-t", _an_id(), "-c", "server.properties")
        said = len(self.log.read_bytes()) if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", WATCHED, "sh", *self._command("kafka.Kafka", "server.properties")],
                stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
            )  # fmt: skip
        until_blocking(lambda: self._serves(said), START_SECONDS, "the broker serves")

    def stop(self) -> None:
        """Stop it as an administrator would."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(START_SECONDS)
        self._over()

    def kill(self) -> None:
        """End it as a lost machine would. Does nothing to one that is gone."""
        if self.process is not None:
            self._over()

    def hold(self) -> None:
        """Let it hang: its sockets stay open and nothing answers."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it answer again."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def wipe(self) -> None:
        """Take everything that it kept; it must not be running."""
        assert self.process is None
        shutil.rmtree(self.folder / "data")

    def _over(self) -> None:
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None

    def _serves(self, said: int) -> bool:
        assert self.process is not None
        told = self.log.read_bytes()[said:]
        assert self.process.poll() is None, told[-2000:].decode(errors="replace")
        return b"Kafka Server started" in told

    def _java(self, *arguments: str) -> None:
        subprocess.run(self._command(*arguments), cwd=self.folder, check=True, capture_output=True, timeout=60)

    def _command(self, *arguments: str) -> list[str]:
        return ["java", *HEAP, "-cp", f"{self.jars}/*", *arguments]


@dataclass(frozen=True)
class Served:
    """A broker that others run: it can be used, not harmed."""

    servers: str
    own: bool = False


Kafka = Broker | Served


@contextmanager
def kafka() -> Iterator[Kafka]:
    """Find a Kafka, for as long as the tests run."""
    if given := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield Served(given)
        return
    with ExitStack() as ends:
        found: Kafka | None = None
        if docker_answers():
            with suppress(Exception):  # its images can't be had: then a broker of our own
                found = ends.enter_context(_in_docker())
        yield found or ends.enter_context(broker())


@contextmanager
def broker(*, advertised: int = 0) -> Iterator[Broker]:
    """Run a broker of our own that a test may harm."""
    with tempfile.TemporaryDirectory(prefix="alongside-kafka-", ignore_cleanup_errors=True) as folder:
        own = Broker(Path(folder), advertised=advertised)
        own.start()
        try:
            yield own
        finally:
            own.kill()


def docker_answers() -> bool:
    """Say whether there is a Docker engine, not only its command."""
    if not shutil.which("docker"):
        return False
    asked = ["docker", "version", "--format", "{{.Server.Version}}"]
    return subprocess.run(asked, capture_output=True, check=False, timeout=20).returncode == 0


@contextmanager
def _in_docker() -> Iterator[Served]:
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - only where there is a Docker engine
    from testcontainers.core.waiting_utils import wait_for_logs  # noqa: PLC0415 - as above

    port = a_free_port()
    container = DockerContainer(IMAGE).with_bind_ports(9092, port)
    for name, value in {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@127.0.0.1:9093",
        "KAFKA_LISTENERS": "PLAINTEXT://0.0.0.0:9092,CONTROLLER://127.0.0.1:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
    }.items():
        container = container.with_env(name, value)
    with container:
        wait_for_logs(container, "Kafka Server started", timeout=START_SECONDS)
        yield Served(f"127.0.0.1:{port}")


def _an_id() -> str:
    """Give a new cluster id as Kafka writes them. One that begins with a dash would be read as an option."""
    while (made := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):  # noqa: TID251
        pass
    return made


def needs_own(found: Kafka) -> Broker:
    """Give the broker if it is ours to harm."""
    if isinstance(found, Broker):
        return found
    without("this test kills its broker, and the one that was found is somebody's")
