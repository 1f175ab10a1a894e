"""`alongside run`: it says where it serves, stops cleanly, and is never a second writer."""

import signal
import socket
import sqlite3
from pathlib import Path

import pytest

from tests.support.command_line import PLACE, Served, a_process, alongside, served, told


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("run") / "place"
    assert told("init", "--data", data, *PLACE)["ready"] is True
    return data


def test_it_serves_and_stops_at_ctrl_c_with_nothing_lost(place: Path) -> None:
    with served(place) as running:
        assert running.get("/_ping").json()["status"] == "pass"
        assert running.get("/_status").json()["status"] == "pass"
        assert running.get("/docs").status_code == 200
        assert len(running.get("/docs/assets/swagger-ui-bundle.js").content) > 1_000_000
        assert running.get("/v1/rulebook").json()["signed_by"]
        beside(running, place)
        code, said = running.stop()
    assert (code, said.strip()) == (0, "")
    assert not (place / "running.json").exists()
    assert told("verify", "--data", place)["findings"] == []


def beside(running: Served, place: Path) -> None:
    """Commands beside a running instance go by HTTP or only read; a second writer is turned away."""
    second = a_process("run", "--data", place, "--port", 0)
    assert (second.returncode, "Another Alongside is running" in second.stderr) == (2, True)
    assert "Traceback" not in second.stderr
    moved = alongside("migrate", "--data", place)
    assert moved.returncode == 0, "there is nothing to do, so nothing to write"
    assert told("partner", "list", "--data", place) == []
    assert told("replay", "--data", place)["lanes_going_on"]
    assert told("verify", "--data", place)["findings"] == []
    looks = {look["what"]: look for look in told("doctor", "--data", place)}
    assert looks["running"]["standing"] == "pass"
    assert running.address in looks["running"]["says"]


def test_a_busy_port_is_said_plainly(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = a_process("run", "--data", tmp_path / "nothing", "--port", port)
    assert done.returncode == 2
    assert str(port) in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "nothing").exists(), "nothing is begun when it can't be served"


def test_what_is_not_set_up_serves_only_its_own_setting_up__j2a(tmp_path: Path) -> None:
    with served(tmp_path / "fresh") as running:
        assert running.greeting["set_up"] is False
        assert running.get("/_status").json()["checks"]["alongside:set-up"] == [{"status": "warn"}]
        code, said = running.stop(signal.SIGTERM)
    assert (code, said.strip()) == (0, ""), "as at Ctrl-C"


def test_demo_data_never_mix_with_a_place_of_one_s_own(place: Path) -> None:
    done = alongside("run", "--data", place, "--port", 0, "--demo-data")
    assert done.returncode == 2
    assert "no demo" in done.stderr
    assert not (place / "demo.json").exists()


def test_data_of_a_later_version_are_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "later"
    assert alongside("migrate", "--data", data).returncode == 0
    with sqlite3.connect(data / "alongside.sqlite3") as file:
        file.execute("UPDATE intake_version SET version_num = '9999'")
    done = alongside("run", "--data", data, "--port", 0)
    assert done.returncode == 2
    assert "later version" in done.stderr
    assert "Traceback" not in done.stderr
