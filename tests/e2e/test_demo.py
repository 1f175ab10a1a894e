"""`alongside demo` as anybody would run it: journey 1 whole, on our own data and on real data where they lie."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
ASSETS = SHARED / "trafford" / "mental_health_services.csv"
PERSON = SHARED / "ukcore-examples" / "UKCore-Patient-RichardSmith-Example.json"
LAST = re.compile(r"journey: (\d+) checks held, (\d+) broken")
AT_LEAST = 25


def run(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the command in an empty folder, as a process of its own."""
    command = [sys.executable, "-m", "services", "demo", *options]
    return subprocess.run(
        command, check=False, cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True, timeout=600
    )


def test_the_demo_tells_journey_1_and_every_check_holds(tmp_path: Path) -> None:
    done = run("--keep", str(tmp_path / "kept"))
    last = LAST.fullmatch(done.stdout.rstrip().splitlines()[-1])
    assert last, done.stdout[-3000:] + done.stderr[-3000:]
    assert int(last[1]) >= AT_LEAST
    assert (int(last[2]), done.returncode) == (0, 0), done.stdout[-3000:]
    for said in (
        "Who leads now: Northgate Assessment Centre",
        "Turned back:",
        "Webhook: ",
        "Message: text to",
        "Message: email to",
    ):
        assert said in done.stdout, said
    assert (tmp_path / "kept" / "alongside.sqlite3").exists()


@pytest.mark.skipif(
    not (ASSETS.exists() and PERSON.exists()), reason="the shared data set does not lie beside this clone"
)
def test_the_demo_takes_a_real_directory_and_a_person_of_uk_core(tmp_path: Path) -> None:
    done = run("--assets", str(ASSETS), "--person", str(PERSON))
    last = LAST.fullmatch(done.stdout.rstrip().splitlines()[-1])
    assert last, done.stdout[-3000:] + done.stderr[-3000:]
    assert (int(last[2]), done.returncode) == (0, 0), done.stdout[-3000:]
    assert "60 lines" in done.stdout
    number = next(each["value"] for each in json.loads(PERSON.read_text())["identifier"])
    assert number not in done.stdout


@pytest.mark.parametrize("bad", [b"", b"[]", b"{", b'{"resourceType": "Observation"}', b"\xff\xfe"])
def test_a_person_that_can_not_be_read_is_told_plainly(bad: bytes, tmp_path: Path) -> None:
    file = tmp_path / "person.json"
    file.write_bytes(bad)
    done = run("--person", str(file))
    assert done.returncode != 0
    assert "Traceback" not in done.stderr + done.stdout
    assert done.stderr.strip()
