"""Requests of the right shape for every route, made from the API's own description; and what R's world holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.gateway.front.openapi import allowed_roles, routes
from shared.event import Role
from shared.ids import new_id

STRINGS = ("words", "en", "M33 1AA", "+441632960001", "sam@demo.example", "https://demo.example", "0" * 24, "480273")
FORMATS = {
    "uuid": lambda: str(new_id()),
    "date-time": lambda: "2031-05-06T10:00:00Z",
    "date": lambda: "1990-01-01",
}
JOINING = {"name": "Group", "does": "Walks.", "reach": {"telephone": "01632 960000"}}
WAY = {"channel": "text", "address": "+44 1632 960009"}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/v1/organisations"): JOINING,
    ("POST", "/v1/place/organisations"): JOINING,
    ("POST", "/v1/organisations/{organisation}/members"): {"name": "Sam", "role": "peer-supporter"},
    ("POST", "/v1/organisations/{organisation}/alert-routes"): WAY,
    ("POST", "/v1/place/duty-line/routes"): WAY,
    ("POST", "/v1/place/assets"): {"csv_base64": "bmFtZQpCbHVlYmVsbAo="},
    ("POST", "/v1/people/{person}/choices"): {"who": {"role": "practitioner"}, "what": ["story"], "permit": True},
    ("POST", "/v1/people/{person}/withholdings"): {"passage": str(new_id()), "from": {"role": "carer"}},
    ("POST", "/v1/people/{person}/steps"): {"to": "crisis"},
    ("POST", "/v1/plans/{plan}/agreement"): {"revision": 1, "agreed": True, "how": "in-person"},
    ("POST", "/v1/subscriptions"): {"url": "http://127.0.0.1:9/hook", "events": ["*"]},
    ("PATCH", "/v1/organisations/{organisation}"): {"does": "More."},
    ("PATCH", "/v1/organisations/{organisation}/members/{member}"): {"named_worker": False},
    ("PATCH", "/v1/offers/{offer}"): {"says": "More."},
}
"""What a schema can't say, where fields depend on each other."""


@dataclass(frozen=True)
class Shaped:
    """A route with what it needs to be asked properly."""

    method: str
    path: str
    roles: frozenset[Role] | None
    body: dict[str, Any] | None = field(compare=False, hash=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def params(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    def filled(self, ids: dict[str, Any]) -> str:
        """Give the path with ``ids``, and new ones for what is not among them."""
        return re.sub(r"{(\w+)}", lambda found: str(ids.get(found[1]) or new_id()), self.path)


def shaped(app: FastAPI) -> list[Shaped]:
    """Give every route of the app."""
    told = app.openapi()
    return [_shaped(route, method, told) for route in routes(app) for method in sorted(route.methods or ())]


def _shaped(route: APIRoute, method: str, told: dict[str, Any]) -> Shaped:
    operation = told["paths"].get(route.path, {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    body = BODIES.get((method, route.path)) or (None if schema is None else sample(schema, told))
    return Shaped(method, route.path, allowed_roles(route), body)


def sample(schema: dict[str, Any], told: dict[str, Any]) -> Any:
    """Give the least value that a schema takes."""
    if "$ref" in schema:
        return sample(told["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], told)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return sample(next(each for each in schema[key] if each.get("type") != "null"), told)
    return _plain(schema, told)


def _plain(schema: dict[str, Any], told: dict[str, Any]) -> Any:
    match schema.get("type"):
        case "object":
            return {name: sample(schema["properties"][name], told) for name in schema.get("required", ())}
        case "array":
            return [sample(schema["items"], told) for _ in range(schema.get("minItems", 0))]
        case "string":
            return _string(schema)
        case "integer" | "number":
            return int(schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1))
        case "boolean":
            return True
    return {}


def _string(schema: dict[str, Any]) -> str:
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]()
    fits = (
        each
        for each in STRINGS
        if re.search(schema.get("pattern", ""), each) and len(each) >= schema.get("minLength", 0)
    )
    return next(fits)
