"""JSON from outside, read strictly; and the header values that every request may carry."""

from __future__ import annotations

import json
import re
from typing import Any

from shared.errors import MalformedError, UnsupportedError

MOST_NESTED = 32
MOST_EXACT = 2**53 - 1
"""The largest whole number that every reader of JSON keeps exactly (RFC 8259)."""
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def loads(body: bytes, content_type: str) -> Any:
    """Read a body. Raises UnsupportedError for another content type and MalformedError for anything but clean
    JSON.
    """
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedError
    try:
        text = body.decode()
        if _NUL.search(text):
            raise MalformedError
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_never, parse_float=_finite, parse_int=_exact)
        json.dumps(value, ensure_ascii=False).encode() if "\\u" in text else None
    except (ValueError, RecursionError):
        raise MalformedError from None
    if _depth(value) > MOST_NESTED:
        raise MalformedError
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        message = "a key stands twice"
        raise ValueError(message)
    return found


def _never(constant: str) -> Any:
    raise ValueError(constant)


def _exact(text: str) -> int:
    number = int(text)
    if abs(number) > MOST_EXACT:
        raise ValueError(text)
    return number


def _finite(text: str) -> float:
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise ValueError(text)
    return number


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level and deepest <= MOST_NESTED:
        deepest += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return deepest
