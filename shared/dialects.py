"""What the two engines' SQL differs in, so that a statement said once means the same on both.

A whole number has 64 bits and a text any length on PostgreSQL too, as SQLite keeps them: how long a text may be is a
rule, and rules are not the database's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Integer, String
from sqlalchemy.dialects import registry, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from collections.abc import Callable


def found_in(column: Any, text: Any) -> Any:
    """Say whether ``text`` stands anywhere in ``column``, letter for letter."""
    return _FoundIn(column, text)


class _FoundIn(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = False

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002 - SQLAlchemy's
        """Stand as it is, without "= 1" behind it."""
        return self


@compiles(Integer, "postgresql")
def _whole(element: Any, compiler: Any, **options: Any) -> str:  # noqa: ARG001 - SQLAlchemy's
    return "BIGINT"


@compiles(String, "postgresql")
def _characters(element: Any, compiler: Any, **options: Any) -> str:  # noqa: ARG001 - as above
    return "TEXT"


@compiles(_FoundIn)
def _instr(element: _FoundIn, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)}) > 0"


@compiles(_FoundIn, "postgresql")
def _strpos(element: _FoundIn, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)}) > 0"


def _postgresql() -> Any:
    return registry.load("postgresql.asyncpg")()  # loaded where it is used: an embedded start stays quick


DIALECTS: dict[str, Callable[[], Any]] = {
    "sqlite": lambda: sqlite.dialect(paramstyle="named"),
    "postgresql": _postgresql,
}
