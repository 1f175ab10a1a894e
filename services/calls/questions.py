"""What can be asked between processes: read off the Protocols of ``shared.ports`` by their type hints.

A method of a port is one question at ``POST /internal/<service>/<method>``: its arguments as one JSON object, its
answer as JSON, an error of the catalogue as its plain form. Nothing here names a method, but for how long it may take.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, get_type_hints
from uuid import UUID

from pydantic import BaseModel, ConfigDict, TypeAdapter, create_model

from services.operations import Waiting
from shared.news import AskOfMany
from shared.passes import Origin, Pass
from shared.ports import Ask, CommunityPort, Decider, GatewayPort, IntakePort, NotifyPort, PathwayPort

if TYPE_CHECKING:
    from collections.abc import Mapping


BESIDE = {"ask": {"by": {"signed"}}, "origin": {"by": {"signed"}}}
CARRIERS = (Ask, AskOfMany, Origin)
"""What holds the pass that a question is asked for."""
OPERATION_SECONDS = 60.0
STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)


class JournalPort(Protocol):
    """The journal of any service, for those who hear it."""

    async def span(self, subject: UUID, first: int, last: int) -> tuple[bytes, ...]:
        """Give the events ``first`` to ``last`` of a stream in order, at most a page of 500."""
        ...


class OperationsPort(Protocol):
    """What a steward may have a service do, asked of every replica; whoever has heard an event skips it."""

    async def go_on(self) -> int | None:
        """Try its parked lanes again; gives how many go on, None where it hears nobody."""
        ...

    async def send_again(self) -> bool:
        """Put its journal back to be sent; says whether it is sent from there."""
        ...

    async def waiting(self) -> Waiting:
        """Say what waits in its tables."""
        ...


PORTS: Mapping[str, tuple[type, ...]] = {
    "gateway": (GatewayPort, JournalPort, OperationsPort),
    "intake": (IntakePort, JournalPort, OperationsPort),
    "community": (CommunityPort, JournalPort, OperationsPort),
    "pathway": (PathwayPort, JournalPort, OperationsPort),
    "consent": (Decider, JournalPort, OperationsPort),
    "notify": (NotifyPort, JournalPort, OperationsPort),
}
"""What each service answers."""
SECONDS = 1.8
"""How long a question may take in all; a caller of ours is then told to come back (503), within 2 s of their asking."""
OWN_SECONDS = {
    ("consent", "decide"): 0.3,
    ("consent", "hidden"): 0.3,
    ("consent", "surely_not"): 0.6,
    ("pathway", "arrive_again"): 5.0,
    ("pathway", "lead_lost_sight"): 5.0,
}
MOST_BYTES = 64 * 1024
OWN_BYTES = {("consent", "decide"): 1024}
REPEATS = {
    ("pathway", "arrive_again"): "under the person's lock; who is held already is not held twice (J7)",
    ("pathway", "lead_lost_sight"): "under the person's lock; who leads no more is not moved again (C2)",
    ("notify", "send_link"): "the same link a second time: spent at its first use, whichever mail it came by",
}
"""Every command among the questions, with what makes it harmless to do twice: one whose connection broke before an
answer is asked once more, of another replica where there is one.
"""


@dataclass(frozen=True)
class Question:
    """One method of one port."""

    service: str
    name: str
    takes: type[BaseModel]
    gives: TypeAdapter[Any]
    seconds: float
    most_bytes: int

    @property
    def path(self) -> str:
        """Give where it is asked."""
        return f"/internal/{self.service}/{self.name}"

    def named(self, args: tuple[Any, ...], more: dict[str, Any]) -> dict[str, Any]:
        """Give the arguments by name; those left out stay out, and have their default on the other side."""
        return dict(zip(self.takes.model_fields, args, strict=False)) | more

    def write(self, arguments: dict[str, Any]) -> bytes:
        """Give the arguments as they travel; the signed pass goes beside them."""
        told = self.takes.model_construct(**arguments)
        return told.model_dump_json(exclude_unset=True, exclude=BESIDE).encode()

    def read(self, body: bytes) -> dict[str, Any]:
        """Read them. Raises ValidationError."""
        told = self.takes.model_validate_json(body)
        return {name: getattr(told, name) for name in told.model_fields_set}


@cache
def questions_of(service: str) -> Mapping[str, Question]:
    """Give what ``service`` can be asked, by name."""
    return {
        name: _question(service, name, method)
        for port in PORTS[service]
        for name, method in vars(port).items()
        if inspect.isfunction(method) and not name.startswith("_")
    }


def _question(service: str, name: str, method: Any) -> Question:
    hints = get_type_hints(method)
    gives = hints.pop("return")
    defaults = {key: each.default for key, each in inspect.signature(method).parameters.items()}
    told: dict[str, Any] = {
        key: (kind, ... if defaults[key] is inspect.Parameter.empty else defaults[key]) for key, kind in hints.items()
    }
    own = (service, name)
    return Question(
        service,
        name,
        create_model(f"{service}_{name}", __config__=STRICT, **told),
        TypeAdapter(gives),
        OPERATION_SECONDS if name in vars(OperationsPort) else OWN_SECONDS.get(own, SECONDS),
        OWN_BYTES.get(own, MOST_BYTES),
    )


def pass_in(arguments: Mapping[str, Any]) -> Pass | None:
    """Give the one pass that a question is asked for, or None for one that is about nobody's rights."""
    return next((each.by for each in arguments.values() if isinstance(each, CARRIERS)), None)


def with_pass(arguments: Mapping[str, Any], by: Pass) -> dict[str, Any]:
    """Give the arguments with that pass as it was signed, so that it can be carried on."""
    return {name: replace(each, by=by) if isinstance(each, CARRIERS) else each for name, each in arguments.items()}
