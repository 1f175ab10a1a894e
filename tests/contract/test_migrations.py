"""An upgraded file has exactly the tables, columns, indexes and triggers that the code names: nothing drifts."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from services.migrate import FILE, OWNERS, behind_in, metadata_of, migrate, revisions, version_table
from tests.support.migrated import migrated

Shape = dict[tuple[str, str], list[object]]


def shape(path: Path) -> Shape:
    """What a file's tables are like: columns in order, indexes, triggers, whatever the words of their making."""
    found: Shape = {}
    with closing(sqlite3.connect(path)) as file:
        kinds = file.execute("SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'trigger')").fetchall()
        for kind, name, sql in kinds:
            if name.startswith("sqlite_") or name in map(version_table, OWNERS):
                continue
            if kind == "trigger":
                found[kind, name] = [" ".join(sql.split())]
                continue
            found["columns", name] = file.execute(f"PRAGMA table_info({name})").fetchall()
            found["counts up", name] = ["AUTOINCREMENT" in sql]
            for _, index, unique, origin, partial in file.execute(f"PRAGMA index_list({name})").fetchall():
                columns = [row[2] for row in file.execute(f"PRAGMA index_info({index})")]
                key = f"{name} by {', '.join(map(str, columns))}"
                found.setdefault(("index", key), []).append((unique, origin, partial))
    return found


@pytest.mark.parametrize("owner", OWNERS)
def test_upgraded_from_nothing_it_is_what_the_code_names(owner: str, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'made.sqlite3'}")
    metadata_of(owner).create_all(engine)
    engine.dispose()
    (tmp_path / FILE).write_bytes(migrated())
    made = shape(tmp_path / "made.sqlite3")
    upgraded = {key: value for key, value in shape(tmp_path / FILE).items() if key[1].startswith(f"{owner}_")}
    assert upgraded == made


def test_an_upgraded_file_is_not_touched_again(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_bytes(migrated())
    assert behind_in(path) == []
    assert migrate(path) == []
    assert path.read_bytes() == migrated()


@pytest.mark.parametrize("owner", OWNERS)
def test_revisions_follow_one_another_without_a_gap(owner: str) -> None:
    assert revisions(owner) == [f"{n:04}" for n in range(1, len(revisions(owner)) + 1)]
