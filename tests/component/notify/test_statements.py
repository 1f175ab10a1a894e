"""What a loop asks every half second, or a request waits for, is found by an index however long the place has run."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from importlib import import_module
from typing import TYPE_CHECKING

from shared.db import Sql
from tests.support.place import make_tables

if TYPE_CHECKING:
    from pathlib import Path

STORES = ("subscription.store", "delivery.store", "delivery.log", "delivery.table", "alert.store", "message.store")
GROWING = ("notify_delivery", "notify_alert", "notify_message", "notify_told", "notify_code", "notify_lane")
ONCE_AN_HOUR = frozenset({"_TIDY", "_TIDY_CODES"})


def test_no_statement_but_the_tidying_walks_through_a_table_that_grows(tmp_path: Path) -> None:
    make_tables(tmp_path / "alongside.sqlite3")
    walks, seen = [], 0
    with closing(sqlite3.connect(tmp_path / "alongside.sqlite3")) as driver:
        for store in STORES:
            module = import_module(f"services.notify.{store}")
            for name, sql in vars(module).items():
                if isinstance(sql, Sql) and name not in ONCE_AN_HOUR:
                    seen += 1
                    walks += [f"{store}.{name}: {step}" for step in _plan(driver, sql) if _walks(step)]
    assert seen > 40
    assert not walks


def _plan(driver: sqlite3.Connection, sql: Sql) -> list[str]:
    compiled = sql.on("sqlite")
    text = re.sub(r"\(__\[POSTCOMPILE_\w+\]\)", "(NULL)", compiled.text)
    names = [name for name, _ in (*compiled.single, *compiled.lists)]
    return [str(row[3]) for row in driver.execute(f"EXPLAIN QUERY PLAN {text}", dict.fromkeys(names))]


def _walks(step: str) -> bool:
    return step.startswith("SCAN") and any(re.search(rf"\b{table}\b", step) for table in GROWING)
