"""Opaque cursors and entity tags: they tell nothing of how much there is, nor how often it changed (C4)."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

import orjson

from shared.errors import InvalidError, StaleError


@dataclass(frozen=True, slots=True)
class After:
    """Where a page begins: after this name and id."""

    name: str
    id: UUID


START = After("", UUID(int=0))


def cursor_of(after: After) -> str:
    """Give the opaque text of a place in a list."""
    return urlsafe_b64encode(orjson.dumps([after.name, after.id])).decode().rstrip("=")


def after_of(cursor: str | None) -> After:
    """Read a cursor. Raises InvalidError for one that we did not give."""
    if cursor is None:
        return START
    try:
        name, value = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return After(str(name), UUID(value))
    except (binascii.Error, ValueError, TypeError, AttributeError):
        raise InvalidError(fields=("cursor",)) from None


def tag_of(thing: UUID, revision: int) -> str:
    """Give the entity tag of one revision of a thing."""
    return f'"{sha256(thing.bytes + revision.to_bytes(8, "big")).hexdigest()[:24]}"'


def must_match(given: str | None, thing: UUID, revision: int) -> None:
    """Raise StaleError unless ``given`` (the If-Match header) is the present tag, InvalidError when absent."""
    if given is None:
        raise InvalidError(fields=("If-Match",))
    if given != tag_of(thing, revision):
        raise StaleError
