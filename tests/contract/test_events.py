"""Every event ever written can be read: one golden file for each type and version, as bytes."""

from pathlib import Path

import pytest

from shared.event import UPCASTERS, decode, encode
from tests.support.golden import FOLDER, a_sample, path_of, registered
from tests.support.toy import Told

EVENTS = sorted(registered())
FILES = sorted(FOLDER.glob("*.json"))
WRITE = "python -m tests.support.golden writes what is missing (with --again all, before the first release only)"


@pytest.mark.parametrize(("kind", "version"), EVENTS)
def test_an_event_is_written_as_the_bytes_of_its_golden_file(kind: str, version: int) -> None:
    path = path_of(kind, version)
    assert path.exists(), WRITE
    assert encode(*a_sample(registered()[kind, version])) == path.read_bytes(), "a changed meaning is a new version"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_file_is_read_by_the_process_of_today(path: Path) -> None:
    recorded = decode(path.read_bytes())
    assert path == path_of(recorded.type, recorded.version)
    assert recorded.known(), "it may lose its class only for an upcaster"
    event = recorded.event()
    if (recorded.type, recorded.version) not in UPCASTERS:
        assert event == a_sample(type(event))[0]


def test_the_hash_of_an_event_is_that_of_its_bytes_and_stays_what_it_was() -> None:
    recorded = decode(encode(*a_sample(Told)))
    assert recorded.hash == "ed60987bb8744fcc250f0a13b379cc1e312213410908fe49f84c076e6139cc77"
