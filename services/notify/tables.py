"""Notify's kernel tables; the nouns' stores add their own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, MetaData, literal_column

from shared.journal import KernelTables

METADATA = MetaData()
KERNEL = KernelTables("notify", METADATA)


def among(column: ColumnElement[Any], *codes: str) -> Any:
    """Give "is one of the codes" with the codes written out: only so does a partial index serve a statement."""
    written: list[ColumnElement[Any]] = [literal_column(f"'{code}'") for code in codes]
    return column == written[0] if len(written) == 1 else column.in_(written)
