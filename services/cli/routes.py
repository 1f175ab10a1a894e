"""``alongside routes``: which service owns which path, for whoever writes the reverse proxy's table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.output import JsonFlag, Out, plainly

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastapi.routing import APIRouter

_NAMED = re.compile(r"\{[^}]+\}")


def routes(
    as_map: Annotated[
        bool, typer.Option("--map", help="As a map of expressions, such as HAProxy's, with a demo's paths too.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """List every public path with the service that owns it and the expression that finds it."""
    out = Out(as_json)
    with plainly(out):
        from services.calls.elsewhere import wired_over_nothing

        with wired_over_nothing(demo=as_map) as system:
            found = owners({name: running.routers for name, running in system.running.items()})
        if as_map:
            for path, owner in found:
                out.say(f"{expression(path)} {owner}")
            return
        out.table(("owner", "path"), [(owner, path) for path, owner in found])
        out.give([{"owner": owner, "path": path, "expression": expression(path)} for path, owner in found])


def owners(routers: Mapping[str, Iterable[APIRouter]]) -> list[tuple[str, str]]:
    """Give each path with its owner, in the order of paths."""
    found = {
        (route.path, name)
        for name, each in routers.items()
        for router in each
        for route in router.routes
        if hasattr(route, "path")
    }
    return sorted(found)


def expression(path: str) -> str:
    """Give a regular expression that matches whole paths of a template: what is named is one step."""
    fixed = [re.escape(part) for part in _NAMED.split(path)]
    return "^" + "[^/]+".join(fixed) + "$"
