"""The edge of a process: ids of a request, who calls, limits, and the one place where an error becomes an
answer.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from opentelemetry.trace import SpanKind
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from shared.clock import monotonic
from shared.errors import (
    AlongsideError,
    FaultError,
    InvalidError,
    Kind,
    MalformedError,
    MethodError,
    NotFoundError,
    TooLargeError,
    fault,
)
from shared.http import KNOWN_FIELDS
from shared.ids import new_id
from shared.telemetry import count_request
from shared.tracing import allowed, span

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from shared.passes import Pass

MOST_BYTES = 512 * 1024
MOST_DIGITS = 18
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Those that are counted by name: a caller makes up no label."""
STATUS_BY_KIND = {
    Kind.MALFORMED: HTTPStatus.BAD_REQUEST,
    Kind.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.UNKNOWN_CALLER: HTTPStatus.UNAUTHORIZED,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.MISSING: HTTPStatus.NOT_FOUND,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.STALE: HTTPStatus.PRECONDITION_FAILED,
    Kind.GONE: HTTPStatus.GONE,
    Kind.METHOD: HTTPStatus.METHOD_NOT_ALLOWED,
    Kind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Kind.UNSUPPORTED: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Kind.THROTTLED: HTTPStatus.TOO_MANY_REQUESTS,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.FAULT: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_ALWAYS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
log = structlog.get_logger()


def problem(error: AlongsideError, request_id: UUID | None = None) -> Response:
    """Render an error as RFC 9457. It holds codes, our own sentences, ids and names of our own fields."""
    status = STATUS_BY_KIND[error.kind]
    body: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.says,
        "status": status.value,
        "code": error.code,
        "who_must_act": error.who.value,
    }
    if error.reasons:
        body["reasons"] = [{"code": reason.value, "says": reason.says} for reason in error.reasons]
    if error.fields:
        body["fields"] = list(error.fields)
    if error.facts:
        body["facts"] = error.facts
    if request_id is not None:
        body["request_id"] = request_id
    headers = {"Retry-After": "2"} if error.kind in {Kind.UNAVAILABLE, Kind.THROTTLED} else {}
    if error.kind is Kind.UNKNOWN_CALLER:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(orjson.dumps(body), status.value, headers, "application/problem+json")


def handle_errors(app: FastAPI) -> None:
    """Turn every exception of a route into the one shape; nothing of the input is echoed."""

    async def known(request: Request, error: Exception) -> Response:
        assert isinstance(error, AlongsideError)  # noqa: S101 - FastAPI gives us what we registered for
        return problem(error, request.scope.get("request_id"))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        places = [place for place in (".".join(_named(e)) for e in error.errors()) if place]
        return problem(InvalidError(fields=tuple(dict.fromkeys(places))[:20]), request.scope.get("request_id"))

    async def plain(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        response = problem(_of_framework(error), request.scope.get("request_id"))
        if allow := (error.headers or {}).get("Allow"):
            response.headers["Allow"] = allow
        return response

    app.add_exception_handler(AlongsideError, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, plain)


def _of_framework(error: HTTPException) -> AlongsideError:
    """Find ours in what the framework made of it: it wraps what a body's reader raises."""
    if isinstance(error.__cause__, AlongsideError):
        return error.__cause__
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return MethodError()
    return NotFoundError() if error.status_code == HTTPStatus.NOT_FOUND else MalformedError()


def _named(error: dict[str, Any]) -> list[str]:
    """Name a field by our own schema; a key that the caller made up is not repeated."""
    kind, *steps = error["loc"]
    unknown = error["type"] == "extra_forbidden"
    steps = steps[:-1] if unknown else steps
    place = [str(step) for step in steps if kind != "body" or isinstance(step, int) or step in KNOWN_FIELDS]
    return [*place, "(unknown field)"] if unknown else place


class Edge:
    """ASGI middleware: request ids, the pass, the size limit, no-store, and 500 without a word too many."""

    def __init__(self, app: ASGIApp, identify: Callable[[str], Awaitable[Pass | None]]) -> None:
        """``identify`` turns a bearer token into a pass, or None when the token is no good."""
        self.app = app
        self.identify = identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        status, began = 0, monotonic()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._mark(scope, message)
            await send(message)

        try:
            self._ids(scope, headers)
            with span("request", SpanKind.SERVER, story=scope["correlation_id"]) as made:
                try:
                    await self._sign_in(scope, headers)
                    await self.app(scope, self._limited(headers, receive), sending)
                finally:
                    made.update_name(f"{_method(scope)} {_route(scope)}")
                    made.set_attributes(allowed(route=_route(scope), method=_method(scope), status=status))
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - nothing passes this edge but an answer of the catalogue
            if not isinstance(error, AlongsideError):
                log.error("request-failed", route=_route(scope), request_id=scope.get("request_id"), **fault(error))
            if not status:
                answer = error if isinstance(error, AlongsideError) else FaultError()
                await problem(answer, scope.get("request_id"))(scope, receive, sending)
        finally:
            count_request(_route(scope), _method(scope), status, monotonic() - began)

    def _ids(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        scope["request_id"] = _id(headers, b"x-request-id", "X-Request-ID")
        correlation = _id(headers, b"x-correlation-id", "X-Correlation-ID")
        # An id that replies are kept by is written nowhere, and a correlation is journalled.
        scope["correlation_id"] = new_id() if correlation in {None, scope["request_id"]} else correlation

    async def _sign_in(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        given = headers.get(b"authorization")
        if given is None:
            return
        kind, _, token = given.decode("latin-1").partition(" ")
        found = await self.identify(token.strip()) if kind.lower() == "bearer" and token.strip() else None
        scope["token_was_bad"] = found is None
        if found is not None:
            scope["pass"] = found

    def _mark(self, scope: Scope, message: Message) -> None:
        message["headers"] = [
            *(pair for pair in message.get("headers", ()) if pair[0] != b"cache-control"),
            *_ALWAYS,
            (b"x-correlation-id", str(scope.get("correlation_id")).encode()),
        ]
        if scope.get("request_id"):
            message["headers"].append((b"x-request-id", str(scope["request_id"]).encode()))

    def _limited(self, headers: dict[bytes, bytes], receive: Receive) -> Receive:
        told = headers.get(b"content-length", b"0")
        if not told.isdigit() or len(told) > MOST_DIGITS or int(told) > MOST_BYTES:
            raise TooLargeError
        total = 0

        async def limited() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > MOST_BYTES:
                raise TooLargeError
            return message

        return limited


def _id(headers: dict[bytes, bytes], name: bytes, field: str) -> UUID | None:
    if name not in headers:
        return None
    try:
        return UUID(headers[name].decode("ascii"))
    except ValueError:
        raise InvalidError(fields=(field,)) from None


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else "other"


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "none")
