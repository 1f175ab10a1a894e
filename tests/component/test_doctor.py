"""What doctor finds of an embedded place: what waits, who leads its loops, bus, duty line; and nobody's name."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from services import SERVICES
from services.cli.engines import looked
from services.migrate import FILE
from shared.clock import real_now
from shared.db import EPOCH
from shared.events.community import PLACE as THE_PLACE
from shared.ids import new_id
from shared.settings import Settings
from tests.support.command_line import PLACE, alongside

HOLDER = new_id()


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("begun") / "place"
    assert alongside("init", "--data", data, *PLACE).returncode == 0
    return data / FILE


@pytest.fixture
def found(begun: Path, tmp_path: Path) -> Any:
    """Run statements on a copy of the place, then look it over."""
    (tmp_path / FILE).write_bytes(begun.read_bytes())

    def look(*said: tuple[str, tuple[Any, ...]]) -> dict[str, tuple[str, str]]:
        with closing(sqlite3.connect(tmp_path / FILE)) as file, file:
            for statement, values in said:
                file.execute(statement, values)
        before = (tmp_path / FILE).read_bytes()
        told = {what: (standing, says) for what, standing, says in looked(Settings(data=tmp_path))}
        assert (tmp_path / FILE).read_bytes() == before, "it only reads"
        return told

    return look


def instant(by: timedelta = timedelta()) -> int:
    """Give now plus ``by`` as it is kept."""
    return (real_now() + by - EPOCH) // timedelta(microseconds=1)


def lease(loop: str, until: int) -> tuple[str, tuple[Any, ...]]:
    return "INSERT INTO community_lease VALUES (?, ?, 3, ?)", (loop, HOLDER.hex, until)


def message(state: str, ago: timedelta) -> tuple[str, tuple[Any, ...]]:
    sent = instant(-ago) if state == "sent" else None
    told = (new_id().hex, "duty-line", new_id().hex, state, instant(-ago), instant(-ago), sent)
    names = "id, who, [to], state, send_after, made_at, sent_at, text, rung, reference, way, tries, resend_safe"
    return f"INSERT INTO notify_message ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, 'duty-line', 3, 'X', 0, 0, 1)", told  # noqa: S608 - ours


def test_a_place_that_was_begun_has_nothing_that_fails(found: Any) -> None:
    looks = found()
    assert {standing for standing, _ in looks.values()} == {"pass"}
    assert set(looks) >= {"bus", "duty line", "duty line told", *SERVICES, *(f"{name} leases" for name in SERVICES)}


def test_it_names_nobody_and_shows_no_address(found: Any) -> None:
    says = str(found(message("failed", timedelta(hours=1)), lease("relay", instant())))
    words = [word for option, word in pairwise(PLACE) if option.startswith("--")]
    told = [part for word in words for part in word.split(":") if len(part) > 4]
    assert [word for word in ("632", "trust.example", *told) if word in says] == []


def test_who_leads_a_loop_is_said_and_since_when(found: Any) -> None:
    standing, says = found(
        lease("relay", instant(timedelta(seconds=7))), lease("due", instant(-timedelta(seconds=90)))
    )["community leases"]
    assert standing == "pass", "nothing has waited for long"
    assert re.search(rf"relay: {HOLDER.hex[:8]} leads \(epoch 3, said so \d s ago\)", says)
    assert "due: nobody for 9" in says


def test_what_waits_with_nobody_to_lead_is_said(found: Any) -> None:
    late = "INSERT INTO community_due VALUES (?, 'x', ?, ?, ?, 0)"
    row = (new_id().hex, new_id().hex, instant(-timedelta(minutes=5)), instant(-timedelta(minutes=5)))
    looks = found((late, row), lease("relay", instant(timedelta(seconds=7))))
    assert looks["community"][0] == "warn"
    assert "1 reminders to be given, the oldest for 30" in looks["community"][1]
    assert looks["community leases"][0] == "warn"
    assert "nobody leads due, and its work waits" in looks["community leases"][1]
    led = found(lease("due", instant(timedelta(seconds=7))))
    assert led["community leases"][0] == "pass"


def test_a_parked_lane_is_said_with_its_age(found: Any) -> None:
    parked = "INSERT INTO pathway_parked VALUES ('pathway', 'intake', ?, 4, 'fork', ?, x'00')"
    standing, says = found((parked, (new_id().hex, instant(-timedelta(minutes=2)))))["pathway"]
    assert standing == "warn"
    assert re.search(r"1 events in parked lanes, the oldest for 12\d s \(`alongside replay`", says)


def test_a_log_that_is_not_the_one_a_relay_spoke_to_fails(found: Any) -> None:
    known = "INSERT INTO notify_bus VALUES (?)"
    looks = found(("INSERT INTO bus_identity VALUES ('one')", ()), (known, ("relay=one",)), (known, ("intake=other",)))
    assert looks["bus"][0] == "pass"
    assert looks["bus's identity"][0] == "fail"
    assert "notify's consumer of alongside.intake" in looks["bus's identity"][1]
    assert "relay" not in looks["bus's identity"][1].partition(":")[0]


def test_a_log_that_lost_all_that_it_was_told_fails(found: Any) -> None:
    looks = found(("INSERT INTO notify_bus VALUES ('relay=gone')", ()))
    assert looks["bus"] == ("fail", "it answers, but not there, or not to be seen: alongside.notify")


def test_a_duty_line_that_nobody_answers_fails_and_one_of_two_warns(found: Any) -> None:
    missed = "UPDATE community_route SET unanswered = 1 WHERE owner = ?"
    one = found((f"{missed} AND position = 1", (THE_PLACE.hex,)))
    assert one["duty line"][0] == "warn"
    both = found((missed, (THE_PLACE.hex,)))
    assert both["duty line"][0] == "fail"
    assert "2 not answered last time" in both["duty line"][1]


def test_a_duty_line_that_was_not_tried_for_a_week_warns(found: Any) -> None:
    old = "UPDATE community_route SET answered_at = ? WHERE owner = ?"
    standing, says = found((old, (instant(-timedelta(days=8)), THE_PLACE.hex)))["duty line"]
    assert (standing, "2 not for a week" in says) == ("warn", True)


def test_a_duty_line_whose_last_message_failed_fails_until_one_is_taken(found: Any) -> None:
    failed = found(message("failed", timedelta(hours=2)))["duty line told"]
    assert failed[0] == "fail"
    assert "1 failed" in failed[1]
    later = found(message("sent", timedelta(hours=1)))["duty line told"]
    assert later[0] == "warn"


def test_a_message_to_the_duty_line_that_waits_is_said(found: Any) -> None:
    standing, says = found(message("waiting", timedelta(minutes=10)))["duty line told"]
    assert (standing, "one has waited for 60" in says) == ("warn", True)


def test_what_fails_ends_the_command_with_1(begun: Path, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(begun.read_bytes())
    with closing(sqlite3.connect(tmp_path / FILE)) as file, file:
        file.execute("INSERT INTO notify_bus VALUES ('relay=gone')")
    assert alongside("doctor", "--data", tmp_path).returncode == 1
