"""A real `alongside run` in a process group of its own, on one port, that can be killed and started again."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from services.cli.demo import environment
from services.cli.demo_data import keep_apart
from services.cli.door import RUNNING, notice_in
from services.cli.lineage import read_only
from services.cli.options import file_in, settings_for
from services.demo.servers import Servers
from services.system import SERVICES
from shared.bus import topic_of
from tests.support.ports import a_free_port

START_SECONDS = 60
HEARERS = {
    name: import_module(f"services.{name}.subscriptions").LISTENS_TO for name in ("consent", "notify", "pathway")
}


@dataclass
class Instance:
    """The process, and how often it was killed."""

    data: Path
    local: Servers
    port: int = field(default_factory=a_free_port)
    kills: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> str:
        """Start it and wait until it serves; gives a steward's token."""
        settings = settings_for(self.data)
        keep_apart(settings.data, file_in(settings))
        (self.data / RUNNING).unlink(missing_ok=True)
        log = (self.data / "log.txt").open("ab")
        command = [
            sys.executable,
            "-m",
            "services",
            "run",
            "--data",
            str(self.data),
            "--port",
            str(self.port),
            "--json",
        ]
        with log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, env=environment(self.local), start_new_session=True
            )
        assert self.process.stdout is not None
        while (line := self.process.stdout.readline()) and line.strip() != b"}":
            pass
        told = notice_in(self.data)
        assert told is not None, (self.data / "log.txt").read_text()[-2000:]
        return told.token

    def kill(self) -> None:
        """End it as a lost machine would: SIGKILL to the whole group."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._let_go()
        self.kills += 1

    def stop(self) -> int:
        """Stop it as Ctrl-C would; gives its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(START_SECONDS)
        self._let_go()
        return code

    def _let_go(self) -> None:
        if self.process is not None and self.process.stdout is not None:
            self.process.stdout.close()

    def behind(self) -> int:
        """How many events are journalled and not yet sent, or sent and not yet heard by every consumer."""
        with closing(read_only(file_in(settings_for(self.data)))) as reader:
            unsent = sum(_one(reader, f"SELECT count(*) FROM {name}_unsent") for name in SERVICES)  # noqa: S608
            return unsent + sum(_unheard(reader, group, sources) for group, sources in HEARERS.items())


def _unheard(reader: sqlite3.Connection, group: str, sources: tuple[str, ...]) -> int:
    after = f"coalesce((SELECT pos FROM bus_offset WHERE consumer = '{group}'), 0)"  # noqa: S608 - our own names
    topics = ", ".join(f"'{topic_of(source)}'" for source in sources)
    return _one(reader, f"SELECT count(*) FROM bus_record WHERE pos > {after} AND topic IN ({topics})")  # noqa: S608


def _one(reader: sqlite3.Connection, sql: str) -> int:
    number: int = reader.execute(sql).fetchone()[0]
    return number
