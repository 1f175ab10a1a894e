"""A value of any type that a port speaks of, so that no method is left out of a test because nobody wrote one."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from shared.event import GENESIS, Actor, Code, Envelope, Recorded, Role, decode, encode
from shared.passes import Pass
from tests.support.toy import Told


def sample(kind: Any, *, full: bool, n: int = 7) -> Any:
    """Give a value of ``kind``: ``full`` with everything that may be there, else with the least."""
    if kind is type(None):
        return None
    if kind in PLAIN:
        return PLAIN[kind](n)
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = [each for each in args if each is not type(None)]
        return sample(inner[0], full=full, n=n) if full or type(None) not in args else None
    if origin is not None:
        return _many(origin, args, full=full, n=n)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)[n % len(kind)]
    if kind is Recorded:
        return _a_fact()
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        told = [f.name for f in fields(kind) if not (kind is Pass and f.name == "signed")]
        return kind(**{name: sample(hints[name], full=full, n=n + i) for i, name in enumerate(told)})  # type: ignore[operator]
    message = f"no sample of {kind}"
    raise TypeError(message)


PLAIN: dict[Any, Any] = {
    UUID: lambda n: UUID(int=n + 1),
    str: lambda n: f"words {n} – “told” once",
    bytes: lambda n: f'{{"seq":{n},"words":"é"}}'.encode(),
    bool: lambda n: bool(n % 2),
    int: lambda n: n,
    float: lambda n: n + 0.25,
    Code: lambda n: Code(f"code-{n}"),
    datetime: lambda n: datetime(2026, 11, 22, 10, n % 60, 1, 234567, UTC),
    timedelta: lambda n: timedelta(days=n, microseconds=n),
}


def _a_fact() -> Recorded:
    some, at = UUID(int=3), datetime(2026, 11, 22, tzinfo=UTC)
    envelope = Envelope(some, 1, 1, GENESIS, at, None, some, Actor(Role.TIMER), 1)
    return decode(encode(Told(subject=some, number=5), envelope))


def _many(origin: Any, args: tuple[Any, ...], *, full: bool, n: int) -> Any:
    if origin is dict:
        return {sample(args[0], full=full, n=n): sample(args[1], full=full, n=n)} if full else {}
    return origin([sample(args[0], full=full, n=n + i) for i in range(3)] if full else [])
