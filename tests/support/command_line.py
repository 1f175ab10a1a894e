"""The command line as a person uses it: real processes, real folders, real ports."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from typer.testing import CliRunner

from services.__main__ import app
from tests.support.wait import until_blocking

PLACE = (
    *("--backstop", "Night and Day Trust", "--backstop-does", "Is there day and night."),
    *("--backstop-telephone", "01632 960000", "--steward-name", "Ana", "--steward-email", "ana@trust.example"),
    *("--duty-name", "Di", "--duty-email", "di@trust.example", "--first-route", "text:+44 1632 960001"),
    *("--second-route", "email:duty@trust.example", "--routes-answered", "--group", "Kitchen Table"),
    *("--group-does", "We walk alongside.", "--group-member", "Sam", "--group-email", "sam@table.example"),
)
START_SECONDS = 240.0
STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


def alongside(*words: object) -> Done:
    """Run one command to its end in this process, without a terminal; what it did not catch is raised."""
    ended = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    return Done(ended.exit_code, ended.stdout, ended.stderr)


def a_process(*words: object, **environment: str) -> Done:
    """Run one command to its end as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "services", *map(str, words)],
        capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
        env=os.environ | environment,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def told(*words: object) -> Any:
    """Run one command with ``--json``; gives its value."""
    done = alongside(*words, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@dataclass
class Served:
    """An instance that runs: its process, its address and what it said when it began."""

    process: subprocess.Popen[str]
    address: str
    greeting: dict[str, Any]

    def get(self, path: str) -> httpx2.Response:
        """Ask for a page."""
        return httpx2.get(self.address + path, timeout=30)

    def stop(self, by: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Stop it as Ctrl-C does; gives the exit code and all that it said since, errors included."""
        self.process.send_signal(by)
        out, errors = self.process.communicate(timeout=STOP_SECONDS)
        return self.process.returncode, out + errors


@contextmanager
def run_apart(data: Path, *words: object, **environment: str) -> Iterator[Served]:
    """Run some of the services in a process of their own until the test ends."""
    command = [sys.executable, "-m", "services", "run", "--data", str(data), "--json", *map(str, words)]
    env = os.environ | {"PYTHONUNBUFFERED": "1"} | environment
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, stdin=subprocess.DEVNULL
    )
    try:
        yield Served(process, *_greeting(process))
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@contextmanager
def served(data: Path, *words: str) -> Iterator[Served]:
    """Run an instance on a free port until the test ends."""
    command = [sys.executable, "-m", "services", "run", "--data", str(data), "--port", "0", "--json", *words]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, stdin=subprocess.DEVNULL
    )
    try:
        until_blocking(lambda: (data / "running.json").exists() or process.poll() is not None, START_SECONDS, "a start")
        yield Served(process, *_greeting(process))
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _greeting(process: subprocess.Popen[str]) -> tuple[str, dict[str, Any]]:
    assert process.stdout is not None
    lines: list[str] = []
    while line := process.stdout.readline():
        lines.append(line)
        if line.rstrip() == "}":
            break
    found = json.loads("".join(lines) or "{}")
    assert "address" in found, [*lines, process.stderr.read() if process.stderr else ""]
    return found["address"], found
