"""Pages of lists that grow: an opaque cursor, no totals, at most 100 at once."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Protocol, TypeVar
from uuid import UUID

from fastapi import Query

from shared.db import EPOCH
from shared.errors import InvalidError

Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=100)]
_MICROSECOND = timedelta(microseconds=1)
NO_ID = UUID(int=0)
FAR = EPOCH + timedelta(days=365 * 1000)


class Dated(Protocol):
    """A thing of a list, newest first."""

    @property
    def id(self) -> UUID:
        """Give its id."""
        ...

    @property
    def at(self) -> datetime:
        """Give the instant that it stands in the list by."""
        ...


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Before:
    """Where a page begins: with what came before this instant and id. The first page begins with the newest."""

    at: datetime = FAR
    id: UUID = NO_ID


def before(cursor: str | None) -> Before:
    """Read a cursor. Raises InvalidError for one that we did not give."""
    if cursor is None:
        return Before()
    try:
        at, _, name = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(".")
        return Before(EPOCH + int(at) * _MICROSECOND, UUID(name))
    except (binascii.Error, ValueError, OverflowError):
        raise InvalidError(fields=("cursor",)) from None


def cut(items: list[T], limit: int, key: Callable[[T], Dated]) -> tuple[list[T], str | None]:
    """Cut ``limit`` + 1 things to a page and its cursor, if there is more."""
    if len(items) <= limit:
        return items, None
    last = key(items[limit - 1])
    told = f"{(last.at - EPOCH) // _MICROSECOND}.{last.id}"
    return items[:limit], urlsafe_b64encode(told.encode()).decode().rstrip("=")
