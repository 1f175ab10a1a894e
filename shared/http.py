"""What every route of every service shares: who calls, strict JSON, errors in one shape, nothing cached.

A route takes a ``Call`` from ``calls(service, *roles)``: so no route is without a decision on who may use it,
and the route matrix is generated from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Depends, Request
from fastapi.routing import APIRoute, APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import Response

from shared.decisions import Act, Ask, Decisions, Permit
from shared.errors import MissingPermitError, NotSignedInError, NotYoursError
from shared.event import Role
from shared.ids import new_id
from shared.passes import ANYONE, Pass
from shared.shell import Command, Origin, Shell, TurnedBack, Tx
from shared.strict_json import loads

if TYPE_CHECKING:
    from shared.event import Part

S = TypeVar("S")
C = TypeVar("C", bound=Command)
R = TypeVar("R")
JSON = "application/json"


class Body(BaseModel):
    """The base of every request body: an unknown field is an error, text is trimmed of nothing and
    bounded.
    """

    model_config = ConfigDict(extra="forbid", str_max_length=20_000, hide_input_in_errors=True)


Line = Annotated[
    str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")
]
"""One line of somebody's words."""
Words = Annotated[
    str, StringConstraints(min_length=1, max_length=20_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")
]
"""Somebody's words, at length."""


@dataclass(frozen=True)
class Service(Generic[S]):
    """A running service as its routes see it. ``ports`` are its questions to others; each service has its own
    class.
    """

    name: str
    shell: Shell[S]
    decisions: Decisions
    ports: Any


@dataclass(frozen=True)
class Call(Generic[S]):
    """One request to one service: who asks, and what a route may do."""

    service: Service[S]
    by: Pass
    origin: Origin
    request: Request

    @property
    def ports(self) -> Any:
        """Give the service's questions to others."""
        return self.service.ports

    async def run(
        self, handler: Callable[[C, Tx[S]], Awaitable[R | TurnedBack]], command: C, gives: type[R]
    ) -> R:
        """Run a command in one transaction."""
        return await self.service.shell.run(handler, command, self.origin, gives=gives)

    async def read(self, reader: Callable[[S], Awaitable[R]]) -> R:
        """Run a read."""
        return await self.service.shell.read(reader)

    async def permit(
        self, person: UUID, part: Part, act: Act = Act.READ, thing: UUID | None = None
    ) -> Permit:
        """Ask consent. Raises NotFoundError for a no: the same as for somebody who does not exist (C4)."""
        return await self.service.decisions.need(Ask(self.by, person, part, act, thing))

    def disclose(
        self, permit: Permit, value: Any, *, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        """Answer with something of a person: the last gate stands before the first byte."""
        return Disclosure(self.service.decisions, permit, orjson.dumps(value), status, headers)


def answer(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with what is of no person, or only what the caller has just made."""
    return Response(orjson.dumps(value), status, headers, JSON)


def page(items: list[Any], after: str | None) -> dict[str, Any]:
    """Give the shape of every list: items, and a cursor when there is more. No totals (C4)."""
    return {"items": items} | ({"next": after} if after else {})


class Disclosure(Response):
    """A response that asks again at the last gate when its permit is no longer fresh."""

    def __init__(
        self,
        decisions: Decisions,
        permit: Permit,
        body: bytes,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Keep what the gate needs."""
        if not isinstance(permit, Permit):
            raise MissingPermitError
        super().__init__(body, status, headers, JSON)
        self.decisions = decisions
        self.permit = permit

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the gate, then send. A no at the gate becomes the answer for somebody unknown."""
        await self.decisions.gate(self.permit)
        await super().__call__(scope, receive, send)


class StrictRequest(Request):
    """Reads JSON strictly: no key twice, no NaN, no lone surrogate, no other content type."""

    async def json(self) -> Any:
        """Give the body. Raises MalformedError or UnsupportedError."""
        if not hasattr(self, "_strict"):
            self._strict = loads(await self.body(), self.headers.get("content-type", ""))
        return self._strict


class StrictRoute(APIRoute):
    """A route whose request is a ``StrictRequest``."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Wrap FastAPI's own."""
        handler = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            response: Response = await handler(StrictRequest(request.scope, request.receive))
            return response

        return strictly


def router(*tags: str) -> APIRouter:
    """Give a router whose routes read strictly. Use it for every route under ``/v1``."""
    return APIRouter(route_class=StrictRoute, tags=list(tags), redirect_slashes=False)


ACCESS = "x-roles"


def calls(service: str, *roles: Role, scope: str | None = None) -> Any:
    """Give the dependency of a route: only ``roles`` may use it. The matrix test reads ``allowed_roles``.

    A partner system needs a scope too: ``scope``, else ``read`` for GET and ``write`` for the rest.
    """
    allowed = frozenset(roles)

    async def the_call(request: Request) -> Call[Any]:
        by: Pass = request.scope.get("pass", ANYONE)
        if by.role not in allowed:
            raise NotSignedInError if by is ANYONE else NotYoursError
        needed = scope or ("read" if request.method in {"GET", "HEAD"} else "write")
        if by.role is Role.SYSTEM and needed not in by.scopes:
            raise NotYoursError
        body = hashlib.sha256(
            f"{request.method} {request.url.path} ".encode() + await request.body()
        ).hexdigest()
        given: UUID | None = request.scope.get("request_id")
        origin = Origin(by, request.scope.get("correlation_id") or new_id(), given, body)
        return Call(request.app.state.services[service], by, origin, request)

    the_call.allowed_roles = allowed  # type: ignore[attr-defined]
    return Depends(the_call)
