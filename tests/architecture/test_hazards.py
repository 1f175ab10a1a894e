"""The hazard log keeps pace: each starred rule that is built has a hazard, and names what exists (I4)."""

import re

from tests.support import tree

LOG = tree.REPOSITORY / "docs" / "hazards.md"
BUILT = (
    *(
        "S2",
        "S4",
        "P2",
        "P3",
        "P4",
        "P7",
        "P9",
        "P10",
        "J2",
        "J2a",
        "J2b",
        "J2d",
        "J3",
        "J4",
        "J5",
        "J7",
        "J9",
        "J12",
        "J13",
    ),
    *("C2", "C6", "C7", "M1", "M6"),
)
PARTS = ("Causes", "Effect", "Controls", "Shown by", "Left")


def hazards() -> dict[str, str]:
    _heading, *sections = re.split(r"^### (?=H\d+\. )", LOG.read_text(), flags=re.MULTILINE)
    return {section.split(".")[0]: section.split("\n## ")[0] for section in sections}


def test_every_starred_rule_that_is_built_has_a_hazard() -> None:
    rules = {
        rule for text in hazards().values() for rule in re.findall(r"\b[SPJCMWI]\d+[a-d]?\b", text.splitlines()[2])
    }
    assert set(BUILT) <= rules


def test_every_hazard_has_causes_effect_controls_tests_and_what_is_left() -> None:
    assert not [(number, part) for number, text in hazards().items() for part in PARTS if f"**{part}**: " not in text]
    assert [*hazards()] == [f"H{number}" for number in range(1, len(hazards()) + 1)]


def test_every_test_that_the_log_names_exists() -> None:
    """A file, and every test that stands beside it, is there by that name."""
    lines = [line for line in LOG.read_text().splitlines() if "`tests/" in line]
    assert lines
    missing = []
    for line in lines:
        path, *names = re.findall(r"`([\w/.]+)`", line)
        text = (tree.REPOSITORY / path).read_text() if (tree.REPOSITORY / path).is_file() else ""
        missing += [path] if not text else [name for name in names if f"def {name}(" not in text]
    assert not missing


def test_every_hazard_of_a_starred_rule_is_shown_by_tests_by_name() -> None:
    unnamed = [number for number, text in hazards().items() if "★" in text.splitlines()[2] and "`test_" not in text]
    assert not unnamed
