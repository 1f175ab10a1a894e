"""`alongside run --services … --role …`: real processes that know one another over HTTP, each with its own data."""

from __future__ import annotations

import json
import shutil
import signal
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from services import SERVICES
from services.cli.door import notice_in
from tests.support.browser import Browser
from tests.support.command_line import PLACE, Served, a_process, run_apart, told
from tests.support.ports import a_free_port
from tests.support.wait import until_blocking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROCESSES = {"front": "gateway,notify", "care": "community,intake,pathway", "consent": "consent"}
DUTY_LINE = "/v1/place/duty-line/routes"
"""What only those on duty and stewards may read."""


@dataclass
class Running:
    """The processes by name, and a steward's token that front gave."""

    by_name: dict[str, Served]
    steward: str
    folder: Path
    settings: dict[str, str]

    def get(self, name: str, path: str, *, signed_in: bool = True) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.steward}"} if signed_in else {}
        return httpx2.get(self.by_name[name].address + path, headers=headers, timeout=30)


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Start them: each on a copy of one place that was set up, for there is no bus between them here."""
    folder = tmp_path_factory.mktemp("apart")
    assert told("init", "--data", folder / "place", *PLACE)["ready"] is True
    made = told("keys", "--folder", folder / "keys")["made"]
    assert len(made) == len(SERVICES)
    ports = {name: a_free_port() for name in PROCESSES}
    lives = {
        service: [f"http://127.0.0.1:{ports[name]}"]
        for name, services in PROCESSES.items()
        for service in services.split(",")
    }
    settings = {
        "ALONGSIDE_SERVICES": json.dumps(lives), "ALONGSIDE_KEYS": str(folder / "keys"), "ALONGSIDE_DRAIN_SECONDS": "2",
    }  # fmt: skip
    with ExitStack() as stack:
        by_name = {}
        for name, services in PROCESSES.items():
            shutil.copytree(folder / "place", folder / name)
            words = ("--services", services, "--port", ports[name])
            by_name[name] = stack.enter_context(run_apart(folder / name, *words, **settings))
        until_blocking((folder / "front" / "running.json").exists, what="front's notice")
        notice = notice_in(folder / "front")
        assert notice is not None
        running = Running(by_name, notice.token, folder, settings)
        until_blocking(lambda: all(running.get(name, "/_ready").status_code == 200 for name in PROCESSES), 30)
        yield running


def test_a_sign_in_of_front_is_known_by_every_process_and_its_own_routes_only_are_there(processes: Running) -> None:
    assert processes.get("care", DUTY_LINE).status_code == 200
    assert processes.get("care", DUTY_LINE, signed_in=False).status_code == 401
    elsewhere = processes.get("consent", DUTY_LINE)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "not-found")
    assert processes.get("front", DUTY_LINE).status_code == 404


def test_the_description_of_the_api_is_whole_wherever_the_routes_are(processes: Running) -> None:
    paths: dict[str, Any] = processes.get("front", "/v1/openapi.json").json()["paths"]
    assert {"/v1/place", "/v1/people/{person}/choices", "/v1/people/{person}/plans", "/oauth/token"} <= paths.keys()
    assert not [path for path in paths if path.startswith("/internal")]


async def test_pages_of_front_are_of_what_the_others_answer(processes: Running) -> None:
    browser = Browser(processes.by_name["front"].address)
    page = await browser.open("/arrive")
    assert page.says("Night and Day Trust", "01632 960000"), "of community, in another process"
    page = await browser.press("Send this", called="Kit", need="Someone to ring in the evenings.")
    assert page.says("Somebody looks after you now", "Night and Day Trust")
    assert (await browser.open("/me")).path == "/sign-in"
    await browser.close()


def test_what_services_ask_one_another_is_not_there_for_anybody_else(processes: Running) -> None:
    paths = {
        "front": "/internal/gateway/known",
        "care": "/internal/pathway/lead",
        "consent": "/internal/consent/decide",
    }
    for name, path in paths.items():
        answers = [
            httpx2.request(method, processes.by_name[name].address + path, headers=headers, content=b"{}", timeout=10)
            for method in ("GET", "POST")
            for headers in ({}, {"Authorization": f"Bearer {processes.steward}"}, {"Alongside-Caller": "me"})
        ]
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not-found")}


def test_a_process_of_work_answers_watchers_and_not_the_public(processes: Running, tmp_path: Path) -> None:
    data = tmp_path / "work"
    shutil.copytree(processes.folder / "place", data)
    words = ("--services", PROCESSES["care"], "--role", "work", "--port", 0)
    with run_apart(data, *words, **processes.settings) as work:
        assert work.greeting["role"] == "work"
        until_blocking(lambda: work.get("/_ready").status_code == 200)
        assert work.get("/_live").status_code == 200
        assert work.get("/v1/place").status_code == 404
        assert "loops" in work.get("/_status").text


def test_a_process_that_answers_the_public_turns_no_loop_but_its_own_upkeep(processes: Running, tmp_path: Path) -> None:
    data = tmp_path / "web"
    shutil.copytree(processes.folder / "place", data)
    words = ("--services", PROCESSES["consent"], "--role", "web", "--port", 0)
    with run_apart(data, *words, **processes.settings) as web:
        until_blocking(lambda: web.get("/_ready").status_code == 200)
        assert web.get("/_live").status_code == 200
        assert web.get("/v1/people/00000000-0000-4000-8000-000000000000/choices").status_code == 401


def test_one_that_is_told_to_stop_says_so_answers_for_a_while_and_ends_well(processes: Running, tmp_path: Path) -> None:
    data = tmp_path / "ending"
    shutil.copytree(processes.folder / "place", data)
    with run_apart(data, "--services", PROCESSES["care"], "--port", 0, **processes.settings) as care:
        until_blocking(lambda: care.get("/_ready").status_code == 200)
        care.process.send_signal(signal.SIGTERM)
        until_blocking(lambda: care.get("/_ready").status_code == 503)
        headers = {"Authorization": f"Bearer {processes.steward}"}
        answer = httpx2.get(care.address + DUTY_LINE, headers=headers, timeout=10)
        assert (answer.status_code, answer.headers.get("connection")) == (200, "close")
        out, errors = care.process.communicate(timeout=30)
    assert (care.process.returncode, errors.strip()) == (0, ""), out


def test_one_that_can_not_reach_the_others_lives_and_is_ready_but_for_the_rulebook(
    processes: Running, tmp_path: Path
) -> None:
    data = tmp_path / "alone"
    shutil.copytree(processes.folder / "place", data)
    nobody = f"http://127.0.0.1:{a_free_port()}"
    lives = json.dumps({name: [nobody] for name in SERVICES})
    with run_apart(
        data, "--services", PROCESSES["care"], "--port", 0, **processes.settings | {"ALONGSIDE_SERVICES": lives}
    ) as care:
        assert (care.get("/_live").status_code, care.get("/_ready").status_code) == (200, 200)
    with run_apart(
        data, "--services", "consent", "--port", 0, **processes.settings | {"ALONGSIDE_SERVICES": lives}
    ) as consent:
        assert consent.get("/_ready").json()["checks"]["alongside:rulebook"] == [{"status": "fail"}]
        assert consent.get("/_live").status_code == 200


def test_without_keys_or_with_a_service_that_there_is_not_it_says_so_plainly(tmp_path: Path) -> None:
    lives = json.dumps({"consent": ["http://127.0.0.1:9"]})
    no_keys = a_process("run", "--data", tmp_path / "a", "--port", 0, "--services", "intake", ALONGSIDE_SERVICES=lives)
    unknown = a_process("run", "--data", tmp_path / "b", "--port", 0, "--services", "portal")
    assert (no_keys.returncode, "alongside keys" in no_keys.stderr) == (2, True)
    assert (unknown.returncode, "There is no such service" in unknown.stderr) == (2, True)
