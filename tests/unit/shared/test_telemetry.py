"""A log line holds codes and numbers of ours, and nothing of anybody."""

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from shared.errors import fault
from shared.telemetry import BLOT, KEYS, LONGEST, blotted, only_allowed, start_logging


@pytest.fixture
def logging_as_a_process(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    start_logging()
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.mark.parametrize(
    "words",
    [
        "9434765919",
        "943 476 5919",
        "943-476-5919",
        "07700 900123",
        "+44 7700 900123",
        "(0161) 496 0000",
        "r.k@example.org",
    ],
)
def test_a_number_or_address_of_somebody_is_blotted_out(words: str) -> None:
    assert BLOT in blotted(f"sent to {words} today")
    assert words not in blotted(f"sent to {words} today")


@pytest.mark.parametrize(
    "code",
    [
        "2026-11-22T07:18:43.123456Z",
        "a0b1c2d3-1234-4567-89ab-0123456789ab",
        "shared.cursor:214",
        "pathway.lead-changed",
    ],
)
def test_what_is_ours_stays_readable(code: str) -> None:
    assert blotted(code) == code


def test_a_key_that_is_not_on_the_list_is_left_out() -> None:
    line = only_allowed(None, "", {"event": "x", "name": "Rowan", "seq": 3, "words": "I feel", "exception": "…"})
    assert line == {"event": "x", "seq": 3}
    assert not KEYS & {"name", "words", "person", "subject", "path", "url", "body", "exc_info", "exception"}


@pytest.mark.usefixtures("logging_as_a_process")
def test_a_fault_is_logged_by_its_kind_and_place_never_by_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        int("Rowan said: 9434765919")
    except ValueError as error:
        structlog.get_logger().error("request-failed", route="/v1/arrivals", **fault(error))
    line = json.loads(capsys.readouterr().err)
    assert line["error"] == "ValueError"
    assert line["at"].rsplit(":")[0].endswith("test_telemetry")
    assert "Rowan" not in json.dumps(line)


@pytest.mark.usefixtures("logging_as_a_process")
def test_what_a_library_logs_loses_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        int("of Rowan")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("GET %s failed", "/v1/people/Rowan")
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "GET %s failed"
    assert (line["logger"], line["error"]) == ("uvicorn.error", "ValueError")
    assert "Rowan" not in json.dumps(line)


@pytest.mark.usefixtures("logging_as_a_process")
def test_what_asyncio_writes_out_of_a_task_that_failed_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    loop = asyncio.new_event_loop()
    loop.call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": ValueError("Rowan"), "task": "Rowan"}
    )
    loop.close()
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["error"]) == ("Task exception was never retrieved", "ValueError")
    assert "Rowan" not in json.dumps(line)
    logging.getLogger("a.library").error("x" * 5_000)
    assert len(json.loads(capsys.readouterr().err)["event"]) == LONGEST
