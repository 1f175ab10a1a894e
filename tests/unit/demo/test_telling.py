"""A check of the demo can fail, and a failed one can't be missed."""

from io import StringIO

import pytest
from rich.console import Console

from services.demo.telling import Telling


def telling() -> Telling:
    return Telling(console=Console(file=StringIO(), width=300))


def test_a_check_that_does_not_hold_breaks_the_journey(capsys: pytest.CaptureFixture[str]) -> None:
    told = telling()
    told.check("two and two are four", so=2 + 2 == 4)
    told.check("two and two are five", so=2 + 2 == 5)
    assert told.end() is False
    assert capsys.readouterr().out == "journey: 1 checks held, 1 broken\n"
    assert told.broken == ["two and two are five"]


def test_the_last_line_is_one_line_on_the_narrowest_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    told = Telling(console=Console(file=StringIO(), width=10))
    told.check("it holds", so=True)
    assert told.end() is True
    assert capsys.readouterr().out == "journey: 1 checks held, 0 broken\n"
