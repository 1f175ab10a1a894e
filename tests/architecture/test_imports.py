"""The import rules hold, and each of them bites: a contract that never failed proves nothing."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.planted import REPOSITORY, ROOMS, copy_of_the_code, plant

# For each contract: modules that do what it forbids.
PLANTED = {
    "services-on-shared": [("shared.planted", "import services.intake")],
    "services-apart": [
        ("services.intake.planted.domain", "import services.pathway"),
        ("services.consent.planted.handlers", "import services.notify"),
    ],
    "domain-lowest": [
        ("services.intake.planted.domain", "import services.intake.planted.store"),
        ("services.intake.planted.domain", "import services.intake.other.handlers"),
        ("services.intake.planted.domain", "import services.intake.app"),
    ],
    "store-above-domain": [
        ("services.intake.planted.store", "import services.intake.planted.handlers"),
        ("services.intake.planted.store", "import services.intake.subscriptions"),
    ],
    "handlers-above-store": [
        ("services.intake.planted.handlers", "import services.intake.planted.api"),
        ("services.intake.planted.handlers", "import fastapi"),
    ],
    "edges-through-handlers": [
        ("services.intake.planted.api", "import services.intake.planted.store"),
        ("services.intake.planted.fhir", "import services.intake.other.store"),
        ("services.intake.planted.api", "import sqlalchemy"),
    ],
    "rules-pure": [
        ("services.intake.planted.domain", "import sqlalchemy"),
        ("services.intake.planted.domain", "import services.intake.planted.words\nimport httpx2"),
        ("shared.events.planted", "import structlog"),
        ("shared.event", "import sqlite3"),
        ("shared.errors", "import fastapi"),
    ],
    "rules-know-values": [
        ("services.intake.planted.domain", "import shared.db"),
        ("services.intake.planted.domain", "import shared.shell"),
        ("shared.errors", "import shared.journal"),
        ("shared.events.planted", "import shared.clock"),
    ],
    "kafka-in-one-place": [("shared.bus_log", "import kafka"), ("services.notify.planted", "import kafka")],
    "fhir-at-the-edge": [("services.intake.planted.handlers", "import fhir.resources")],
    "demo-by-http": [
        ("services.demo.planted", "import services.intake"),
        ("services.demo.planted", "import shared.db"),
    ],
}


def lint(root: Path, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the code in `root`, on one contract or on all."""
    program = Path(sys.executable).with_name("lint-imports")
    only = ["--contract", contract] if contract else []
    return subprocess.run(
        [program, "--no-cache", "--no-logo", *only],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def contracts() -> list[str]:
    told = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    return [contract["id"] for contract in told["tool"]["importlinter"]["contracts"]]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code with harmless modules in the places that the planted imports name; every rule still holds."""
    root = copy_of_the_code(tmp_path_factory.mktemp("kept"))
    parts = ("domain", "store", "words", "handlers", "api", "fhir")
    nouns = [f"services.intake.{noun}.{part}" for noun in ("planted", "other") for part in parts]
    rooms = [f"services.{room}.app" for room in (*ROOMS, "demo")]
    for module in (
        *nouns,
        *rooms,
        "services.intake.subscriptions",
        "services.system",
        "shared.events.planted",
    ):
        plant(root, module, "")
    found = lint(root)
    assert found.returncode == 0, found.stdout
    return root


def test_the_code_keeps_every_import_rule() -> None:
    found = lint(REPOSITORY)
    assert found.returncode == 0, found.stdout


def test_every_import_rule_is_shown_to_bite() -> None:
    assert set(PLANTED) == set(contracts())


@pytest.mark.parametrize(
    ("contract", "module", "code"),
    [(contract, *planted) for contract, each in PLANTED.items() for planted in each],
)
def test_a_planted_import_breaks_its_rule(tmp_path: Path, kept: Path, contract: str, module: str, code: str) -> None:
    root = copy_of_the_code(tmp_path, kept)
    plant(root, module, code)

    found = lint(root, contract)

    assert found.returncode == 1
    assert "BROKEN" in found.stdout
    assert module in found.stdout
