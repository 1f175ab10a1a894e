"""One demo and one Chromium for all that looks at pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser

from services.portal.app import books
from shared.event import Role
from tests.support.chromium import chromium
from tests.support.command_line import served

KNOWN = ("person", "organisation", "offer")
"""Whose ids a page's address may hold, and still be looked at."""


@dataclass(frozen=True)
class Demo:
    """A demo that runs, and a token for each role."""

    base: str
    away: str
    """Where those go who leave: a page of this machine, since a test reaches no other."""
    tokens: dict[str, str]
    ids: dict[str, str]

    def at(self, path: str) -> str:
        """Give a path with the demo's person, or the first of its organisations or offers, in it."""
        for name, value in self.ids.items():
            path = path.replace(f"{{{name}:uuid}}", value)
        return path


class _Sunny(BaseHTTPRequestHandler):
    """Stands for wherever those go who leave."""

    def do_GET(self) -> None:
        body = b"<!doctype html><title>Weather</title><p>Sunny</p>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def away() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Sunny) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, away: str) -> Iterator[Demo]:
    with (
        pytest.MonkeyPatch.context() as said,
        served(_told(said, away, tmp_path_factory.mktemp("pages")) / "demo", "--demo-data") as running,
    ):
        people: list[dict[str, Any]] = running.greeting["sign_ins"]
        person = people[0]["try"].partition("/v1/people/")[2].partition("/")[0]
        first = {"person": person} | {name: _first(running.greeting["address"], f"{name}s") for name in KNOWN[1:]}
        yield Demo(running.greeting["address"], away, {each["role"]: each["token"] for each in people}, first)


def _first(base: str, what: str) -> str:
    return str(httpx2.get(f"{base}/v1/{what}", params={"limit": 1}).json()["items"][0]["id"])


def _told(said: pytest.MonkeyPatch, away: str, folder: Path) -> Path:
    said.setenv("ALONGSIDE_LEAVE_TO", away)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def paths(*roles: Role) -> list[str]:
    """Give the addresses of pages for one of these roles; for anybody when none is said.

    Those that need another id than ``demo.at`` fills in are left out.
    """
    ids = re.compile(rf"{{({'|'.join(KNOWN)}):uuid}}")
    known = [page for book in books() for page in book.pages if "{" not in ids.sub("", page.path)]
    every = [page for page in known if page.path != "/leave"]
    return [page.path for page in every if (page.roles & set(roles) if roles else not page.roles)]
