"""`alongside recover` as whoever is on call types it: what it says, and how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from services import SERVICES
from services.recover import ORDER
from tests.support.command_line import PLACE, alongside

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("recover") / "data"
    done = alongside("init", *PLACE, "--data", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_service_is_looked_at_consent_first_and_nothing_forgotten_ends_well(data: Path) -> None:
    done = alongside("recover", "--json", "--data", data)
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert [each["service"] for each in found] == list(ORDER)
    assert sorted(ORDER) == sorted(SERVICES)
    assert ORDER[0] == "consent"
    assert not any(each["taken_up"] or each["astray"] for each in found)


def test_only_those_that_were_named_are_looked_at_and_it_says_what_it_read(data: Path) -> None:
    done = alongside("recover", "notify", "consent", "--data", data)
    assert done.returncode == 0
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == ["consent", "notify"]


def test_a_service_that_there_is_not_and_a_folder_without_data_are_said(data: Path, tmp_path: Path) -> None:
    for words, code in (
        (("recover", "nobody", "--data", data), "invalid"),
        (("recover", "--data", tmp_path), "no-data"),
    ):
        done = alongside(*words, "--json")
        assert (done.returncode, json.loads(done.stdout)["error"]) == (1, code)
