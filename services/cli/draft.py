"""Writes the next revision of each service whose tables in the code are not those that its migrations make.

For engineers: read what it wrote before it is committed. One function a table, so that a file can be read.
"""

from __future__ import annotations

import re
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import ExecuteSQLOp, UpgradeOps
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from services.migrate import OWNERS, folder_of, metadata_of, revisions, upgrade, version_table
from shared.db import Instant, Json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

MOST_LINES = 230
_HEAD = '''"""{title} of {owner}."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down}


def upgrade() -> None:
    """Make what is new."""
{calls}
'''


def draft() -> list[Path]:
    """Write what is missing; gives the files. None when every migration is up to date."""
    return [path for owner in OWNERS for path in _draft(owner)]


def differences(owner: str) -> list[tuple[str, list[str]]]:
    """Give what the migrations do not make yet: for each table the Python lines that make it so."""
    with _at_head(owner) as connection:
        context = MigrationContext.configure(connection, opts=_options(owner))
        made = produce_migrations(context, metadata_of(owner))
        found: dict[str, list[str]] = {}
        for each in (made.upgrade_ops or UpgradeOps()).ops:
            found.setdefault(_table(each), []).extend(_lines(each, context))
        for table, sql in _triggers(owner, connection):
            found.setdefault(table, []).extend(_lines(ExecuteSQLOp(sql), context))
    return list(found.items())


def _at_head(owner: str) -> Any:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    connection = engine.connect()
    if revisions(owner):
        upgrade(connection, owner)
    return connection


def _options(owner: str) -> dict[str, Any]:
    def ours(_: Any, name: str | None, kind: str, *__: Any) -> bool:
        return not (kind == "table" and name == version_table(owner))

    return {
        "target_metadata": metadata_of(owner),
        "version_table": version_table(owner),
        "include_object": ours,
        "render_item": _frozen,
        "compare_type": False,
        "sqlalchemy_module_prefix": "sa.",
        "alembic_module_prefix": "op.",
    }


def _frozen(kind: str, value: Any, _: Any) -> str | Literal[False]:
    """Write our own types as what they are kept as: a migration must not change when our code does."""
    if kind != "type":
        return False
    return {Instant: "sa.BigInteger()", Json: "sa.LargeBinary()"}.get(type(value), False)


def _table(operation: Any) -> str:
    return str(getattr(operation, "table_name", ""))


def _lines(operation: Any, context: MigrationContext) -> list[str]:
    if isinstance(operation, ExecuteSQLOp):
        only = 'if op.get_context().dialect.name == "sqlite":'
        return [only, *(f"    {line}" for line in _sql_lines(str(operation.sqltext)))]
    code = render_python_code(UpgradeOps([operation]), render_item=_frozen, migration_context=context)
    code = re.sub(r"((?:sqlite|postgresql)_where=)('[^']*'|\"[^\"]*\")", r"\1sa.text(\2)", code)
    lines = [line.removeprefix("    ") for line in code.splitlines()]
    return [line for line in lines if line.strip() and not line.strip().startswith("#")]


def _sql_lines(sql: str) -> list[str]:
    parts = wrap(" ".join(sql.split()), 90)
    return ["op.execute(", *(f"    {part + ' '!r}" for part in parts[:-1]), f"    {parts[-1]!r}", ")"]


def _triggers(owner: str, connection: Connection) -> Iterator[tuple[str, str]]:
    """Give what ``create_all`` makes beside tables and indexes, and the migrations do not make yet."""
    asked = "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
    have = {" ".join(sql.split()) for _, sql in connection.exec_driver_sql(asked)}
    fresh = create_engine("sqlite://", poolclass=StaticPool)
    metadata_of(owner).create_all(fresh)
    with fresh.connect() as other:
        yield from ((table, sql) for table, sql in other.exec_driver_sql(asked) if " ".join(sql.split()) not in have)


def _draft(owner: str) -> Iterator[Path]:
    found = differences(owner)
    folder = folder_of(owner)
    number = int((revisions(owner) or ["0"])[-1])
    while found:
        some, found = _a_file_of(found)
        number += 1
        title = "The first tables" if number == 1 else "More tables"
        text = _HEAD.format(
            title=title, owner=owner, revision=f"{number:04}",
            down=f'"{number - 1:04}"' if number > 1 else "None",
            calls="\n".join(f"    {_function(table)}()" for table, _ in some),
        )  # fmt: skip
        for table, lines in some:
            body = "\n".join(f"    {line}" for line in lines)
            text += f"\n\ndef {_function(table)}() -> None:\n{body}\n"
        folder.mkdir(exist_ok=True)
        path = folder / f"{number:04}_{'begin' if number == 1 else 'more'}.py"
        path.write_text(text)
        yield path


def _a_file_of(found: list[tuple[str, list[str]]]) -> tuple[list[tuple[str, list[str]]], list[tuple[str, list[str]]]]:
    total, count = 20, 0
    for _, lines in found:
        total += len(lines) + 4
        if count and total > MOST_LINES:
            break
        count += 1
    return found[:count], found[count:]


def _function(table: str) -> str:
    return "_" + re.sub(r"\W", "_", table)
