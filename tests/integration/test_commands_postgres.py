"""Commands at a place that keeps its rows on PostgreSQL: it is begun, read over and followed as an embedded one is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from services import SERVICES
from services.calls.hurried import Hurried
from shared.clock import MovableClock
from tests.support import postgres
from tests.support.command_line import PLACE, Done, a_process
from tests.support.place import on_postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    postgres.needed()
    name = postgres.a_database(postgres.migrated())
    yield name
    postgres.drop(name)


@pytest.fixture(scope="module")
def command(database: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Done]:
    data: Path = tmp_path_factory.mktemp("desk") / "data"
    url = postgres.told_of(database)["database_url"]
    return lambda *words: a_process(*words, "--data", data, ALONGSIDE_DATABASE_URL=url)


@pytest.fixture(scope="module")
def begun(command: Callable[..., Done]) -> dict[str, Any]:
    done = command("init", "--json", *PLACE)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_a_place_on_postgresql_is_begun_and_can_hold_somebody__j2a(begun: dict[str, Any]) -> None:
    assert begun["ready"] is True
    assert begun["signed_by"]


def test_a_place_that_is_set_up_is_not_begun_again(begun: dict[str, Any], command: Callable[..., Done]) -> None:
    done = command("init", *PLACE)
    assert (done.returncode, "already" in done.stderr) == (1, True), done.stderr


def test_every_journal_is_read_over_and_found_whole(begun: dict[str, Any], command: Callable[..., Done]) -> None:
    done = command("verify", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["findings"]) == (0, [])
    assert found["events"] > 5


def test_what_came_of_one_id_is_followed(begun: dict[str, Any], command: Callable[..., Done]) -> None:
    types = [each["type"] for each in json.loads(command("trace", begun["backstop"], "--json").stdout)]
    assert "community.organisation-joined" in types


def test_doctor_says_of_each_service_what_waits(begun: dict[str, Any], command: Callable[..., Done]) -> None:
    looks = {each["what"]: each for each in json.loads(command("doctor", "--json").stdout)}
    assert {looks[name]["standing"] for name in SERVICES} <= {"pass", "warn"}
    assert "facts not on the bus yet" in looks["community"]["says"]


def test_doctor_says_which_service_s_tables_are_behind(
    begun: dict[str, Any], command: Callable[..., Done], database: str
) -> None:
    postgres.statements("UPDATE notify_version SET version_num = '0000'", database=database)
    done = command("doctor", "--json")
    looks = {each["what"]: each for each in json.loads(done.stdout)}
    assert (done.returncode, looks["notify"]["standing"]) == (1, "fail")
    assert "alongside migrate" in looks["notify"]["says"]
    assert looks["intake"]["standing"] != "fail"


def test_a_journal_that_was_changed_behind_its_back_is_found(
    begun: dict[str, Any], command: Callable[..., Done], database: str
) -> None:
    taken = "DELETE FROM community_journal WHERE pos = (SELECT min(pos) FROM community_journal)"
    postgres.statements(taken, database=database)
    done = command("verify", "--json")
    assert done.returncode == 1
    assert {each["where"] for each in json.loads(done.stdout)["findings"]} >= {"community_journal"}


async def test_every_request_of_a_place_on_postgresql_has_its_time_before_anything_else(tmp_path: Path) -> None:
    postgres.needed()
    system = on_postgres(tmp_path, MovableClock(), SERVICES, {"data": tmp_path, "demo": True})
    first: Any = system.app.user_middleware[0].cls
    assert first is Hurried
    system.close()
    system.bus.database.file.close()  # type: ignore[attr-defined] # its embedded one
