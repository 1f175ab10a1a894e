"""What a fact is on the wire: ids, codes, instants and numbers; never a name, an NHS number or free text.

A fact is a frozen class made with ``@fact``. A field of type ``str`` does not register. Events are stored and
hashed as bytes; ``prev`` chains each stream ``(source, subject)``.
"""

from __future__ import annotations

import hashlib
import re
import types
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import (
    Any,
    ClassVar,
    Self,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

import orjson

GENESIS = "0" * 64
MOST = 2**62
_CODE = re.compile(r"[a-z][a-z0-9-]{0,47}\Z")
_TYPE = re.compile(r"[a-z]+\.[a-z][a-z-]+\Z")


class Code(str):
    """A code of a rulebook or a code list: lower case letters, digits and hyphens, at most 48 long."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        """Refuse anything that could be a sentence."""
        if not _CODE.match(value):
            message = "a code is lower case letters, digits and hyphens"
            raise ValueError(message)
        return super().__new__(cls, value)

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, handler: Callable[[Any], Any]) -> dict[str, Any]:
        """Let a code be read and written where values travel between processes."""
        return {"type": "function-after", "function": {"type": "no-info", "function": cls}, "schema": handler(str)}


class Role(StrEnum):
    """As whom somebody acts. ``TIMER`` is a named principal of the system itself."""

    PERSON = "person"
    PEER_SUPPORTER = "peer-supporter"
    CARER = "carer"
    PRACTITIONER = "practitioner"
    DUTY = "duty"
    STEWARD = "steward"
    SYSTEM = "partner-system"
    TIMER = "timer"
    ANYONE = "anyone"


class Part(StrEnum):
    """What of a person a choice can open (C1). ``NAME`` is what they like to be called: that they are known
    there.
    """

    NAME = "name"
    STORY = "story"
    PLAN = "plan"
    JOURNEY = "journey"
    CIRCLE = "circle"
    CONTACT = "contact-details"
    EQUITY = "equity"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who caused a fact: a member, of an organisation, in a role. All ids are opaque."""

    role: Role
    member: UUID | None = None
    organisation: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """The base of every fact. ``subject`` names the stream: a person, or else what the fact is about."""

    type: ClassVar[str]
    version: ClassVar[int]
    source: ClassVar[str]
    says: ClassVar[str]
    part: ClassVar[Part | None]
    subject: UUID


E = TypeVar("E", bound=Event)
REGISTRY: dict[tuple[str, int], type[Event]] = {}
_READERS: dict[type[Event], dict[str, Callable[[Any], Any]]] = {}
UPCASTERS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def fact(name: str, *, says: str, part: Part | None, version: int = 1) -> Callable[[type[E]], type[E]]:
    """Make a class a fact of the bus.

    ``name`` is ``<service>.<what-happened>`` in the past tense; ``says`` is its plain English for the
    timeline and for ``docs/events.md``. Raises TypeError for a field that could hold free text.
    """
    if not _TYPE.match(name):
        message = f"{name} is not <service>.<past-tense>"
        raise TypeError(message)

    def make(cls: type[E]) -> type[E]:
        cls.type, cls.version, cls.says, cls.part = name, version, says, part
        cls.source = name.partition(".")[0]
        made = dataclass(frozen=True, kw_only=True)(cls)
        hints = get_type_hints(made)
        for field in fields(made):
            _codec(hints[field.name])
        if REGISTRY.setdefault((name, version), made).__qualname__ != made.__qualname__:
            message = f"two facts are called {name} version {version}"
            raise TypeError(message)
        return made

    return make


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact as it stands in a journal. ``raw`` is what was hashed and what travels; the rest is read from
    it.
    """

    id: UUID
    type: str
    version: int
    source: str
    subject: UUID
    seq: int
    tick: int
    prev: str
    time: datetime
    cause: UUID | None
    correlation: UUID
    actor: Actor
    rulebook: int
    data: dict[str, Any]
    raw: bytes

    @property
    def hash(self) -> str:
        """Give the SHA-256 of the bytes, in hex; the next event of the stream carries it as ``prev``."""
        return hashlib.sha256(self.raw).hexdigest()

    def known(self) -> bool:
        """Say whether this process can read this type and version."""
        return (self.type, self.version) in REGISTRY or (self.type, self.version) in UPCASTERS

    def event(self) -> Event:
        """Build the typed fact, through upcasters where its version is an old one. Raises KeyError if
        unknown.
        """
        version, data = self.version, self.data
        while (self.type, version) in UPCASTERS:
            data = UPCASTERS[self.type, version](data)
            version += 1
        cls = REGISTRY[self.type, version]
        readers = readers_of(cls)
        return cls(**{"subject": self.subject} | {k: readers[k](v) for k, v in data.items() if k in readers})


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the kernel adds to a fact; handlers never build it."""

    id: UUID
    seq: int
    tick: int
    prev: str
    time: datetime
    cause: UUID | None
    correlation: UUID
    actor: Actor
    rulebook: int


def encode(event: Event, envelope: Envelope) -> bytes:
    """Give the canonical bytes of a fact: JSON with sorted keys."""
    actor = envelope.actor
    return orjson.dumps(
        {
            "id": envelope.id,
            "type": event.type,
            "version": event.version,
            "source": event.source,
            "subject": event.subject,
            "seq": envelope.seq,
            "tick": envelope.tick,
            "prev": envelope.prev,
            "time": envelope.time,
            "cause": envelope.cause,
            "correlation": envelope.correlation,
            "actor": {"role": actor.role, "member": actor.member, "organisation": actor.organisation},
            "rulebook": envelope.rulebook,
            "data": {name: _plain(getattr(event, name)) for name in readers_of(type(event))},
        },
        option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z,
    )


def decode(raw: bytes) -> Recorded:
    """Read the envelope of a fact. Raises ValueError or KeyError when the bytes are not one of ours."""
    body = orjson.loads(raw)
    actor, data, numbers = body["actor"], body["data"], (body["version"], body["seq"], body["tick"])
    if not isinstance(data, dict) or any(type(n) is not int or not 0 < n < MOST for n in numbers):
        message = "not an event of ours"
        raise ValueError(message)
    return Recorded(
        id=UUID(body["id"]),
        type=body["type"],
        version=body["version"],
        source=body["source"],
        subject=UUID(body["subject"]),
        seq=body["seq"],
        tick=body["tick"],
        prev=body["prev"],
        time=datetime.fromisoformat(body["time"]),
        cause=_uuid(body["cause"]),
        correlation=UUID(body["correlation"]),
        actor=Actor(Role(actor["role"]), _uuid(actor["member"]), _uuid(actor["organisation"])),
        rulebook=body["rulebook"],
        data=data,
        raw=raw,
    )


def _uuid(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)


def _instant(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else str(value) if type(value) is Code else value


def readers_of(cls: type[Event]) -> dict[str, Callable[[Any], Any]]:
    """Give the reader of each field of a fact but its subject, by name, in the order of the class."""
    found = _READERS.get(cls)
    if found is None:
        found = _READERS[cls] = _readers(cls)
    return found


def _readers(cls: type[Event]) -> dict[str, Callable[[Any], Any]]:
    hints = get_type_hints(cls)
    return {f.name: _codec(hints[f.name]) for f in fields(cls) if f.name != "subject"}


def _codec(kind: Any) -> Callable[[Any], Any]:
    """Give the reader of a field's type. Raises TypeError for a type that an event may not hold."""
    plain: dict[Any, Callable[[Any], Any]] = {
        UUID: UUID,
        datetime: _instant,
        int: int,
        bool: bool,
        Code: Code,
    }
    if kind in plain:
        return plain[kind]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind
    if get_origin(kind) in (Union, types.UnionType):
        (inner,) = (_codec(arg) for arg in get_args(kind) if arg is not type(None))
        return lambda value: None if value is None else inner(value)
    if get_origin(kind) is tuple and get_args(kind)[1:] == (...,):
        each = _codec(get_args(kind)[0])
        return lambda value: tuple(each(item) for item in value)
    message = f"an event holds ids, codes, instants and numbers, not {kind}"
    raise TypeError(message)
