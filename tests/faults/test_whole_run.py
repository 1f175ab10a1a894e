"""`make faults` goes on where it was ended, and its last line says everything that was found."""

from collections import Counter
from pathlib import Path

import pytest

from tests.faults.__main__ import FOUND, begun, keep, rounds_done, total, wanted


def a_batch(**found: list[str]) -> dict[str, object]:
    whole: dict[str, object] = {name: [] for name in FOUND}
    counts = {"rounds": {"kill care": 3, "wipe": 1}, "operations": {"story ok": 5, "story unknown": 2}}
    return whole | counts | {"seed": 1, "converged": 12.4} | found


def test_what_is_done_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KILLS", "10")
    state = begun(tmp_path / "state.json")
    state["batches"].append(a_batch())
    keep(tmp_path / "state.json", state)
    left = wanted() - rounds_done(begun(tmp_path / "state.json"))
    assert (left["kill care"], left["kill front"], left["wipe"], left["partition"]) == (7, 10, 4, 40)


def test_the_last_line_tells_all_that_was_found() -> None:
    said, clean = total({"batches": [a_batch(), a_batch(lost=["one"], disclosed=["two", "three"])]})
    assert said == (
        "faults: 8 rounds, 14 operations (4 unknown): 1 lost, 0 done twice, 0 out of order, 0 without a lead, "
        "2 disclosed, 0 with lanes parked, 0 late; converged within 12 s"
    )
    assert not clean
    assert total({"batches": [a_batch()]})[1]
    assert rounds_done({"batches": [a_batch()]}) == Counter({"kill care": 3, "wipe": 1})
