"""One row of the bench table, and how the rows are shown and kept."""

from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table

EMBEDDED, APART = "alongside-embedded", "alongside-kafka-postgres"
TITLES = {
    EMBEDDED: "one process, SQLite, load source on the same cores",
    APART: "five processes, Kafka, PostgreSQL on the real disk with fsync, load source: all on the same cores",
}


@dataclass(frozen=True)
class Row:
    """One workload: rates a second, milliseconds, CPU ms a request, MB resident; unknown is None. ``goal`` in words."""

    workload: str
    concurrency: int
    per_s: float | None
    p50_ms: float | None
    p99_ms: float | None
    cpu_ms: float | None
    rss_mb: float | None
    note: str
    system: str = EMBEDDED
    goal: str = ""


def shown(rows: list[Row]) -> None:
    """Print a table for each system."""
    for system, theirs in groupby(rows, lambda row: row.system):
        _table(TITLES.get(system, system), list(theirs))


def _table(title: str, rows: list[Row]) -> None:
    table = Table(title=f"bench: {title}", title_justify="left")
    goals = any(row.goal for row in rows)
    for name in ("workload", "conc", "per s", "p50 ms", "p99 ms", "CPU ms", "RSS MB", *(["goal"] * goals), "note"):
        table.add_column(name, justify="left" if name in {"workload", "goal", "note"} else "right")
    for row in rows:
        figures = (row.per_s, row.p50_ms, row.p99_ms, row.cpu_ms, row.rss_mb)
        cells = ["" if each is None else f"{each:,.2f}" if each < 10 else f"{each:,.0f}" for each in figures]
        table.add_row(row.workload, str(row.concurrency), *cells, *([row.goal] * goals), row.note)
    Console(width=170).print(table)


def kept(rows: list[Row], path: Path) -> None:
    """Write bench.json."""
    path.write_bytes(orjson.dumps([asdict(row) for row in rows], option=orjson.OPT_INDENT_2))
