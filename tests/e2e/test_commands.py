"""The other commands: each does one thing, says it plainly, and gives it as JSON too."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from shared.ids import new_id
from tests.support.command_line import PLACE, a_process, alongside, served, told

COLUMNS = "name,description,address,postcode,telephone,website\n"
ASSETS = (
    COLUMNS + "Bluebell,Crafts on Thursdays,1 High St,M33 1AA,0161 496 0000,https://bluebell.example\n,No name,,,,\n"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("commands") / "place"
    told("init", "--data", data, *PLACE)
    return data


@pytest.fixture(scope="module")
def began(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    data = tmp_path_factory.mktemp("init") / "place"
    return data, told("init", "--data", data, *PLACE)


def test_init_starts_a_place_that_can_hold_somebody__j2a(began: tuple[Path, dict[str, Any]]) -> None:
    data, place = began
    assert place["ready"] is True
    assert place["group"]
    assert place["rulebook_version"] >= 1
    assert place["signed_by"], "the rulebook is signed by a key made now (M6)"
    assert (data / "leaders-private.jwk.json").stat().st_mode & 0o077 == 0
    assert data.stat().st_mode & 0o077 == 0


def test_init_changes_nothing_where_there_is_a_place_already(began: tuple[Path, dict[str, Any]]) -> None:
    data, _ = began
    before = sorted((p.name, p.stat().st_mtime_ns) for p in data.iterdir())
    done = alongside("init", "--data", data, *PLACE)
    assert (done.returncode, "already" in done.stderr) == (1, True)
    assert sorted((p.name, p.stat().st_mtime_ns) for p in data.iterdir()) == before


def test_init_without_a_terminal_names_every_option_that_is_missing(tmp_path: Path) -> None:
    done = alongside("init", "--data", tmp_path / "place", "--backstop", "Trust")
    assert done.returncode == 1
    assert {"--backstop-does", "--second-route", "--routes-answered"} <= set(
        done.stderr.replace(",", " ").replace("(", " ").replace(")", " ").split()
    )
    assert not (tmp_path / "place").exists(), "a place is begun whole or not at all"


def test_init_does_not_begin_a_place_whose_duty_line_nobody_answered__j2a(tmp_path: Path) -> None:
    words = [word for word in PLACE if word != "--routes-answered"]
    done = alongside("init", "--data", tmp_path / "place", *words)
    assert (done.returncode, "--routes-answered" in done.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_one_phone_twice_is_one_route_and_leaves_nothing_behind__j2a(tmp_path: Path) -> None:
    words = ["text:+44 1632 960001" if word.startswith("email:duty") else word for word in PLACE]
    done = told("init", "--data", tmp_path / "place", *words)
    assert done["ready"] is False


def test_partners_and_assets_are_managed_beside_a_running_instance_too(place: Path, tmp_path: Path) -> None:
    key = ECKey.generate_key("P-384")
    keys, file = tmp_path / "keys.json", tmp_path / "assets.csv"
    keys.write_text(json.dumps({**key.as_dict(private=False), "kid": "one"}))
    file.write_text(ASSETS)
    made = told("partner", "add", "Records", "--organisation", _backstop(place), "--keys", keys, "--data", place)
    first = told("import-assets", file, "--data", place)
    assert (first["lines"], first["new"], first["left_out"]) == (2, 1, 1)
    assert {remark["line"] for remark in first["remarks"] if remark["left_out"]} == {3}
    with served(place):
        assert [p["partner"] for p in told("partner", "list", "--data", place)] == [made["partner"]]
        told("partner", "remove", made["partner"], "--data", place)
        assert told("import-assets", file, "--data", place)["same"] == 1, "the same file again changes nothing"
    assert told("partner", "list", "--data", place) == []


def test_a_private_key_is_never_taken(place: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    secret = ECKey.generate_key("P-384").as_dict(private=True)
    keys.write_text(json.dumps({**secret, "kid": "one"}))
    done = alongside("partner", "add", "Records", "--organisation", _backstop(place), "--keys", keys, "--data", place)
    assert done.returncode == 1
    assert "public keys only" in done.stderr
    assert str(secret["d"]) not in done.stdout + done.stderr


def _backstop(place: Path) -> str:
    with sqlite3.connect(place / "alongside.sqlite3") as file:
        return str(file.execute("SELECT backstop FROM community_place").fetchone()[0])


def test_verify_finds_what_was_changed_behind_its_back(began: tuple[Path, dict[str, Any]]) -> None:
    data, _ = began
    assert told("verify", "--data", data)["findings"] == []
    with sqlite3.connect(data / "alongside.sqlite3") as file:
        file.execute("UPDATE community_head SET seq = seq + 1 WHERE rowid = 1")
    done = alongside("verify", "--data", data)
    assert done.returncode == 1
    assert "the head is not the last event of its stream" in done.stdout


def test_trace_shows_what_came_of_one_request(began: tuple[Path, dict[str, Any]]) -> None:
    data, place = began
    events = told("trace", place["group"], "--data", data)
    assert events[0]["subject"] == place["group"]
    same = told("trace", events[0]["correlation"], "--data", data)
    assert events[0]["id"] in {event["id"] for event in same}
    assert told("trace", new_id(), "--data", data) == []


@pytest.mark.parametrize("command", ["verify", "partner list", "replay", "import-assets pyproject.toml"])
def test_a_folder_without_a_place_is_said_plainly(tmp_path: Path, command: str) -> None:
    done = alongside(*command.split(), "--data", tmp_path)
    assert (done.returncode, "alongside init" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr


def test_doctor_says_what_to_do_about_an_empty_folder(tmp_path: Path) -> None:
    done = alongside("doctor", "--data", tmp_path)
    assert done.returncode == 1
    assert "alongside init" in done.stdout


def test_words_are_plain_when_nobody_looks_at_a_terminal(place: Path) -> None:
    done = a_process("doctor", "--data", place, NO_COLOR="1")
    assert "\x1b" not in done.stdout
    assert not set(done.stdout) & set("─│┃━╭╮╰╯")


def test_help_is_quick_to_import_and_lists_every_command() -> None:
    done = alongside("--help")
    commands = ("init", "run", "doctor", "migrate", "partner", "trace", "replay", "verify", "import-assets", "docs")
    assert [name for name in commands if f"  {name} " not in done.stdout] == []
