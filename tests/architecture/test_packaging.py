"""One private distribution whose import names are its paths: nothing else can take their place."""

import importlib.metadata
import importlib.util
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.support.planted import REPOSITORY, copy_of_the_code

ROOMS = {"services", "shared"}


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_the_code_that_runs_is_the_code_in_this_folder(room: str) -> None:
    found = importlib.util.find_spec(room)
    assert found is not None
    assert found.origin is not None
    assert Path(found.origin) == REPOSITORY / room / "__init__.py"


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_no_other_distribution_brings_the_same_name(room: str) -> None:
    assert set(importlib.metadata.packages_distributions().get(room, [])) <= {"alongside"}


def test_the_distribution_can_not_be_published_by_mistake() -> None:
    told = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    assert "Private :: Do Not Upload" in told["project"]["classifiers"]


def test_a_wheel_holds_two_top_level_names_and_all_the_data_files(tmp_path: Path) -> None:
    root = copy_of_the_code(tmp_path)
    (root / "LICENSE").write_text((REPOSITORY / "LICENSE").read_text())
    (root / "tests").mkdir()
    (root / "tests" / "planted.py").write_text('"""Must not be shipped."""\n')

    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", "dist"]
    subprocess.run(build, cwd=root, check=True, capture_output=True, timeout=120)

    (wheel,) = (root / "dist").glob("*.whl")
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in shipped} == ROOMS
    assert shipped == {
        p.relative_to(root).as_posix() for room in ROOMS for p in (root / room).rglob("*") if p.is_file()
    }


def test_the_lock_names_only_the_public_index() -> None:
    """A lock made behind a mirror would send every other machine to that mirror."""
    locked = tomllib.loads((REPOSITORY / "uv.lock").read_text())
    sources = {package["source"].get("registry", "https://pypi.org/simple") for package in locked["package"]}
    assert sources == {"https://pypi.org/simple"}
