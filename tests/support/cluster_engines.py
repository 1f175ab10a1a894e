"""A PostgreSQL of a place's own that can be killed and filled up; a database and a role a service.

As root its data lie on a small file system in memory in a mount namespace of its own, so that the disk can be filled
and nothing is left behind; as anybody else, or where that is wanted, they lie in a folder, and a full disk can't be
tried.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from services import SERVICES
from tests.support.kafka import WATCHED
from tests.support.ports import a_free_port
from tests.support.postgres import ADMIN, SECRET, NoPostgresError, _account, statements, verifier
from tests.support.wait import until_blocking

SETTINGS = {
    "listen_addresses": "127.0.0.1", "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on",
    "max_connections": "150", "shared_buffers": "64MB", "autovacuum_naptime": "10s", "max_wal_size": "64MB",
    "min_wal_size": "32MB", "checkpoint_timeout": "30s", "log_min_messages": "fatal",
}  # fmt: skip
ROOM = "900m"
START_SECONDS = 60


def programs() -> Path | None:
    """Give the folder of PostgreSQL's programs; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    program = shutil.which("initdb") or (str(found[-1]) if found else None)
    return Path(program).resolve().parent if program else None


@dataclass
class Postgres:
    """One server. What it keeps is in ``folder`` and outlives ``kill``; on the real disk unless ``in_memory``."""

    folder: Path
    in_memory: bool = True
    port: int = field(default_factory=a_free_port)
    process: subprocess.Popen[bytes] | None = None
    room: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        found = programs()
        if found is None:
            raise NoPostgresError("no initdb on this machine")
        self.programs = found
        self.account = _account()
        self.folder.mkdir(parents=True)
        self.data = self.folder / "space" / "data"
        self.data.parent.mkdir()
        if self.account is not None:
            self.room = _a_room(self.data.parent) if self.in_memory else None
            os.chown(self._inside, self.account.pw_uid, self.account.pw_gid)
            for each in (self.folder, *self.folder.parents[:2]):
                each.chmod(0o755)
        (self.folder / "secret").write_text(SECRET)
        (self.folder / "secret").chmod(0o644)
        self._said(
            "initdb", "-D", str(self.data), "-U", ADMIN, "--pwfile", str(self.folder / "secret"), "-A",
            "scram-sha-256", "-E", "UTF8", "--locale", "C", "--no-instructions",
        )  # fmt: skip

    @property
    def _inside(self) -> Path:
        """Give the data's folder as this process sees it."""
        return self.data.parent if self.room is None else Path(f"/proc/{self.room.pid}/root{self.data.parent}")

    def url(self, database: str = "postgres", role: str = ADMIN, port: int = 0) -> str:
        return f"postgresql://{role}:{SECRET}@127.0.0.1:{port or self.port}/{database}"

    def start(self) -> None:
        """Start it on what it kept. Comes back when it answers."""
        told = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port), "-k", "", *told]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", WATCHED, "sh", *self._as_account(*command)],
                stdin=subprocess.PIPE, stdout=log, stderr=log, cwd="/", start_new_session=True,
            )  # fmt: skip
        until_blocking(self.answers, START_SECONDS, "PostgreSQL to answer")

    def answers(self) -> bool:
        """Say whether it takes statements."""
        assert self.process is not None
        if self.process.poll() is not None:
            raise NoPostgresError((self.folder / "log").read_text()[-500:])
        try:
            statements("SELECT 1", url=self.url())
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    def kill(self) -> None:
        """End it and every process of it as a lost machine would. Does nothing to one that is gone."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            children = _children(self.process.pid)
            os.killpg(self.process.pid, signal.SIGKILL)
            for child in children:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            until_blocking(lambda: not any(_lives(child) for child in children), 10, "its processes to be gone")
        self.process.wait()
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process = None

    def fill(self) -> None:
        """Leave no byte free where it writes. Only where it has a room of its own."""
        assert self.room is not None
        with (self._inside / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
            while ballast.write(b"\0" * (1 << 20)):
                pass

    def make_room(self) -> None:
        """Free what `fill` took; start it again if it ended over it."""
        (self._inside / "ballast").unlink(missing_ok=True)
        assert self.process is not None
        if self.process.poll() is not None:
            self.kill()
            self.start()

    def close(self) -> None:
        """End it, and its room."""
        self.kill()
        if self.room is not None:
            self.room.kill()
            self.room.wait()
            if self.room.stdin is not None:
                self.room.stdin.close()

    def _as_account(self, *command: str) -> list[str]:
        if self.account is None:
            return list(command)
        who = ("setpriv", f"--reuid={self.account.pw_uid}", f"--regid={self.account.pw_gid}", "--clear-groups")
        inside = () if self.room is None else ("nsenter", "-t", str(self.room.pid), "-m", "--")
        return [*inside, *who, *command]

    def asked(self, program: str, *words: str) -> None:
        """Run one of PostgreSQL's programs beside the server, as an administrator does."""
        _run([str(self.programs / program), *words])

    def _said(self, program: str, *words: str) -> None:
        _run(self._as_account(str(self.programs / program), *words))


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL, cwd="/")
    if done.returncode:
        raise NoPostgresError(done.stderr.decode(errors="replace")[-500:])


def make_roles(server: Postgres) -> None:
    """Make the owner of tables and a role for each service."""
    names = ("owner", *SERVICES)
    statements(
        *(f"CREATE ROLE alongside_{name} LOGIN PASSWORD '{verifier(SECRET)}'" for name in names), url=server.url()
    )


def make_database(server: Postgres, service: str) -> None:
    """Make a service's empty database."""
    how = "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
    statements(f"CREATE DATABASE alongside_{service} OWNER alongside_owner {how}", url=server.url())


def _a_room(folder: Path) -> subprocess.Popen[bytes]:
    """Mount a small file system in memory, which is there for whoever enters, and goes when we go."""
    script = f"mount -t tmpfs -o size={ROOM} tmpfs '{folder}' && echo ready && exec cat"
    room = subprocess.Popen(
        ["unshare", "-m", "--propagation", "private", "sh", "-c", script],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert room.stdout is not None
    if room.stdout.readline() != b"ready\n":
        raise NoPostgresError("no file system in memory can be mounted here")
    room.stdout.close()
    return room


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
