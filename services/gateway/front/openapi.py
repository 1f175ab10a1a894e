"""Finishes FastAPI's description of the API: who may call each route, how to sign in, and the one shape of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.routing import APIRoute

from shared.event import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

ABOUT = """\
Told once, held until held. The JSON API of one place.

Sign in with a bearer token: partner systems by `POST /oauth/token` (SMART Backend Services), people and small groups by
a one-time link, `POST /v1/sign-in/links`. Send an `X-Request-ID` (a UUID) with every POST: the same id gives the same
answer, so trying again is safe. Lists come in pages: pass `next` back as `cursor`. What you may not see answers exactly
as what does not exist.
"""
PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "who_must_act"],
    "properties": {
        "type": {"type": "string", "description": "Where the error is explained."},
        "title": {"type": "string", "description": "What went wrong, in plain English."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; docs/errors.md lists them."},
        "who_must_act": {"type": "string"},
        "reasons": {
            "type": "array",
            "items": {"type": "object", "properties": {"code": {"type": "string"}, "says": {"type": "string"}}},
        },
        "fields": {"type": "array", "items": {"type": "string"}, "description": "Our own names, never what was sent."},
        "facts": {"type": "object"},
        "request_id": {"type": "string", "format": "uuid"},
    },
}
METHODS = {"get", "put", "post", "patch", "delete"}


def allowed_roles(route: APIRoute) -> frozenset[Role] | None:
    """Give the roles that a route declares through ``calls``; None when it declares none."""
    found = [getattr(d.call, "allowed_roles", None) for d in route.dependant.dependencies]
    return next((roles for roles in found if roles is not None), None)


def described(app: FastAPI) -> None:
    """Have ``app.openapi()``, and so /v1/openapi.json, say the whole."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None or "x-whole" not in app.openapi_schema:
            app.openapi_schema = None
            app.openapi_schema = whole(plain(), app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def whole(told: dict[str, Any], app: FastAPI) -> dict[str, Any]:
    """Add what FastAPI can't know."""
    told["info"]["description"] = ABOUT
    told["x-whole"] = True
    parts = told.setdefault("components", {})
    parts["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    schemas = parts.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["Problem"] = PROBLEM
    roles = {
        (route.path, method.lower()): allowed_roles(route) for route in routes(app) for method in route.methods or ()
    }
    for path, operations in told["paths"].items():
        for method in METHODS & operations.keys():
            _operation(operations[method], roles.get((path, method)))
    return told


def routes(app: FastAPI) -> Iterator[APIRoute]:
    """Give every route of the services in this process."""
    for service in app.state.running.values():
        for router in service.routers:
            yield from (route for route in router.routes if isinstance(route, APIRoute))


def _operation(operation: dict[str, Any], roles: frozenset[Role] | None) -> None:
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = {
        "description": "A problem (RFC 9457)",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if roles is None:
        return
    operation["x-roles"] = sorted(role.value for role in roles)
    if roles != {Role.ANYONE}:
        operation["security"] = [{"bearer": []}, *([{}] if Role.ANYONE in roles else [])]
