"""What every route of every service shares: who calls, strict JSON, errors in one shape, nothing cached.

A route takes a ``Call`` from ``calls(service, *roles)``: so no route is without a decision on who may use it,
and the route matrix is generated from it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Depends, Request
from fastapi.routing import APIRoute, APIRouter
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import Response

from shared.clock import monotonic
from shared.decisions import GATE_SECONDS, Act, Ask, Decisions, Permit
from shared.errors import MissingPermitError, NotSignedInError, NotYoursError, UnavailableError
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
PERMITS = "alongside.permits"
CUT_OFF = "alongside.cut-off"
"""In a scope: the permits that a request was given, and (an extension of our server) what ends its connection."""


KNOWN_FIELDS: set[str] = set()


class Body(BaseModel):
    """The base of every request body: an unknown field is an error, text is trimmed of nothing and
    bounded.
    """

    model_config = ConfigDict(extra="forbid", str_max_length=20_000, hide_input_in_errors=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Remember the names that an error may repeat: ours, never a caller's."""
        super().__pydantic_init_subclass__(**kwargs)
        KNOWN_FIELDS.update(*((name, field.alias or name) for name, field in cls.model_fields.items()))


Line = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
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

    async def run(self, handler: Callable[[C, Tx[S]], Awaitable[R | TurnedBack]], command: C, gives: type[R]) -> R:
        """Run a command in one transaction."""
        return await self.service.shell.run(handler, command, self.origin, gives=gives)

    async def read(self, reader: Callable[[S], Awaitable[R]], *, once: bool = False) -> R:
        """Run a read; ``once`` for one that is one statement."""
        return await self.service.shell.read(reader, once=once)

    async def permit(self, person: UUID, part: Part, act: Act = Act.READ, thing: UUID | None = None) -> Permit:
        """Ask consent. Raises NotFoundError for a no, UnavailableError where it can't be asked: each the same as for
        somebody who does not exist (C4).
        """
        permit = await self.service.decisions.need(Ask(self.by, person, part, act, thing))
        self.request.scope.setdefault(PERMITS, []).append((self.service.decisions, permit))
        return permit

    def disclose(
        self,
        permit: Permit | Sequence[Permit],
        value: Any,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """Answer with something of a person, or of several: the last gate stands before the first byte."""
        permits = permit if isinstance(permit, Sequence) else (permit,)
        return Disclosure(self.service.decisions, permits, orjson.dumps(value), status, headers)


def answer(value: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with what is of no person, or only what the caller has just made."""
    return Response(orjson.dumps(value), status, headers, JSON)


def page(items: list[Any], after: str | None) -> dict[str, Any]:
    """Give the shape of every list: items, and a cursor when there is more. No totals (C4)."""
    return {"items": items} | ({"next": after} if after else {})


class Disclosure(Response):
    """A response that asks again at the last gate when a permit of its is no longer fresh."""

    def __init__(
        self,
        decisions: Decisions,
        permits: Sequence[Permit],
        body: bytes,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Keep what the gate needs. ``permits`` are all that the body rests on."""
        if not all(isinstance(permit, Permit) for permit in permits):
            raise MissingPermitError
        super().__init__(body, status, headers, JSON)
        self.decisions = decisions
        self.permits = tuple(permits)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002 - ASGI's
        """Pass the gate for every permit, then send while all live. A no there is the answer for somebody unknown.

        A reader too slow to take it in that time is cut off: what waits here for them never leaves (C2).
        """
        give_up = monotonic() + GATE_SECONDS
        permits = await self._gated()
        while not all(permit.fresh() for permit in permits):  # one ran out while another was asked about
            if monotonic() > give_up:
                raise UnavailableError
            permits = await self._gated()
        body = {"type": "http.response.body", "body": self.body, "more_body": True}
        try:
            async with asyncio.timeout(min((permit.left() for permit in permits), default=None)):
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                await send(body)
                await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            cut_off = scope.get("extensions", {}).get(CUT_OFF)
            if cut_off is not None:
                cut_off()
            raise UnavailableError from None

    async def _gated(self) -> list[Permit]:
        if all(permit.fresh() for permit in self.permits):
            return list(self.permits)
        return await asyncio.gather(*(self.decisions.gate(permit) for permit in self.permits))


class StrictRequest(Request):
    """Reads JSON strictly: no key twice, no NaN, no lone surrogate, no other content type."""

    async def json(self) -> Any:
        """Give the body. Raises MalformedError or UnsupportedError."""
        if not hasattr(self, "_strict"):
            self._strict = loads(await self.body(), self.headers.get("content-type", ""))
        return self._strict


class StrictRoute(APIRoute):
    """A route whose request is a ``StrictRequest``. Any answer or error of a request that was given a permit
    passes the last gate: a refusal can tell as much as a page (C4). Only that something is away is said without
    it: that tells no more than that there was a permit as the request began, and to ask consent again, which may be
    what is away, would take whoever waits longer than 2 seconds.
    """

    def get_route_handler(self) -> Callable[[Request], Any]:
        """Wrap FastAPI's own."""
        handler = super().get_route_handler()

        takes_json = self.body_field is not None

        async def strictly(request: Request) -> Response:
            strict = StrictRequest(request.scope, request.receive)
            if takes_json and await strict.body():
                await strict.json()
            try:
                response: Response = await handler(strict)
            except UnavailableError as error:
                if type(error) is UnavailableError:
                    request.scope.pop(PERMITS, None)
                raise
            finally:
                for decisions, permit in request.scope.get(PERMITS, ()):
                    await decisions.gate(permit)
            return response

        return strictly


def router(*tags: str) -> APIRouter:
    """Give a router whose routes read strictly. Use it for every route under ``/v1``."""
    return APIRouter(route_class=StrictRoute, tags=list(tags), redirect_slashes=False)


def calls(service: str, *roles: Role, scope: str | None = None) -> Any:
    """Give the dependency of a route: only ``roles`` may use it. The matrix test reads ``allowed_roles``.

    A partner system needs a scope too: ``scope``, else ``read`` for GET and ``write`` for the rest.
    """
    allowed = frozenset(roles)

    async def the_call(request: Request) -> Call[Any]:
        if request.scope.get("token_was_bad"):
            raise NotSignedInError
        by: Pass = request.scope.get("pass", ANYONE)
        if by.role not in allowed:
            raise NotSignedInError if by is ANYONE else NotYoursError
        needed = scope or ("read" if request.method in {"GET", "HEAD"} else "write")
        if by.role is Role.SYSTEM and needed not in by.scopes:
            raise NotYoursError
        asked = f"{request.method} {request.url.path} ".encode() + await request.body()
        origin = Origin(by, request.scope.get("correlation_id") or new_id(), *_kept_by(request, asked))
        return Call(request.app.state.services[service], by, origin, request)

    the_call.allowed_roles = allowed  # type: ignore[attr-defined]
    return Depends(the_call)


def _kept_by(request: Request, asked: bytes) -> tuple[UUID | None, str]:
    """Give what a reply is kept by: hashes of the request id, and of it with what was asked.

    The id itself is kept nowhere, so what was asked can't be looked for by whoever has the database alone.
    """
    given: UUID | None = request.scope.get("request_id")
    if given is None:
        return None, ""
    name = hashlib.sha256(b"reply" + given.bytes).digest()[:16]
    return UUID(bytes=name), hashlib.sha256(given.bytes + asked).hexdigest()
