"""Pages of lists that grow: an opaque cursor, no totals, at most 100 at once."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.db import EPOCH
from shared.errors import InvalidError

_FIRST = UUID(int=0)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class After:
    """The place behind which a page begins."""

    at: datetime = EPOCH
    id: UUID = _FIRST


def after(cursor: str | None) -> After:
    """Read a cursor that ``onwards`` gave. Raises InvalidError for any other text."""
    if cursor is None:
        return After()
    try:
        at, _, identity = base64.urlsafe_b64decode(cursor.encode("ascii")).decode("ascii").partition(".")
        return After(EPOCH + int(at) * _MICROSECOND, UUID(identity))
    except (ValueError, OverflowError):
        raise InvalidError(fields=("after",)) from None


def behind_number(cursor: str | None) -> int:
    """Read a cursor that ``cut_numbered`` gave. Raises InvalidError for any other text."""
    return max((after(cursor).at - EPOCH) // _MICROSECOND, 0) if cursor else 0


def cut_numbered(items: list[Any], behind: int, limit: int) -> tuple[list[Any], str | None]:
    """Cut a list that is numbered from one to the page behind ``behind``, and its cursor if there is more."""
    page = items[behind : behind + limit]
    more = len(items) > behind + limit
    return page, onwards(After(EPOCH + (behind + limit) * _MICROSECOND)) if more else None


def cut(items: list[Any], limit: int) -> tuple[list[Any], str | None]:
    """Cut ``limit`` + 1 things (with ``at`` and ``id``) to a page and its cursor, if there is more."""
    if len(items) <= limit:
        return items, None
    last = items[limit - 1]
    return items[:limit], onwards(After(last.at, last.id))


def onwards(place: After) -> str:
    """Give the cursor of the page that begins behind ``place``."""
    told = f"{(place.at - EPOCH) // _MICROSECOND}.{place.id}"
    return base64.urlsafe_b64encode(told.encode()).decode()
