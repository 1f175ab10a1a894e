"""One event of each kind as bytes, written once: what a process of today must read for ever.

``python -m tests.support.golden`` writes the files of events that have none yet. A file that exists is not touched: a
changed meaning is a new version with an upcaster, and its old file stays. Before the first release ``--again`` writes
them all anew.
"""

import sys
import types
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid5

import shared.events
from shared.event import GENESIS, REGISTRY, Actor, Code, Envelope, Event, Role, encode

FOLDER = Path(__file__).parents[1] / "contract" / "events"
THEN = datetime(2026, 11, 22, 7, 18, 43, 123456, tzinfo=UTC)
SPACE = UUID("a0a1a2a3-a4a5-46a7-88a9-aaabacadaeaf")


def registered() -> dict[tuple[str, int], type[Event]]:
    """Give every event of the services, by type and version."""
    for module in iter_modules(shared.events.__path__):
        import_module(f"shared.events.{module.name}")
    return {key: cls for key, cls in REGISTRY.items() if cls.__module__.startswith("shared.events.")}


def path_of(kind: str, version: int) -> Path:
    return FOLDER / f"{kind}.v{version}.json"


def a_value(kind: Any, name: str) -> Any:
    """Give a value of a field's type, always the same for the same name."""
    if get_origin(kind) in (Union, types.UnionType):
        kind = next(arg for arg in get_args(kind) if arg is not type(None))
    if get_origin(kind) is tuple:
        return tuple(a_value(get_args(kind)[0], f"{name}-{n}") for n in range(2))
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return next(iter(kind))
    plain = {
        UUID: uuid5(SPACE, name),
        datetime: THEN + timedelta(seconds=len(name)),
        int: len(name),
        bool: True,
        Code: Code("a-code"),
    }
    return plain[kind]


def a_sample(cls: type[Event]) -> tuple[Event, Envelope]:
    """Give an event with every field filled, and its envelope."""
    hints = get_type_hints(cls)
    event = cls(**{field.name: a_value(hints[field.name], f"{cls.type}-{field.name}") for field in fields(cls)})
    ids = [uuid5(SPACE, f"{cls.type}-{name}") for name in ("id", "cause", "correlation", "member", "organisation")]
    actor = Actor(Role.PEER_SUPPORTER, ids[3], ids[4])
    return event, Envelope(ids[0], 1, 7, GENESIS, THEN, ids[1], ids[2], actor, 3)


def write(*, again: bool) -> Iterator[Path]:
    """Write what is missing, or all."""
    FOLDER.mkdir(exist_ok=True)
    for (kind, version), cls in sorted(registered().items()):
        path = path_of(kind, version)
        raw = encode(*a_sample(cls))
        if (again or not path.exists()) and not (path.exists() and path.read_bytes() == raw):
            path.write_bytes(raw)
            yield path


if __name__ == "__main__":
    for written in write(again="--again" in sys.argv):
        sys.stdout.write(f"{written.name}\n")
