"""Finds a route by the shape of its path: the framework tries every pattern in turn, half of what a read costs here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    from fastapi.routing import APIRoute
    from starlette.types import Receive, Scope, Send


class ByShape(BaseRoute):
    """Every route of an app. Put it before the routes themselves, which stay for the description of the API."""

    def __init__(self, routes: Iterable[tuple[APIRoute, Callable[[], Awaitable[None]] | None]]) -> None:
        """Take routes in their order, each with what must not raise before it is taken (or None)."""
        self.before: dict[int, Callable[[], Awaitable[None]] | None] = {}
        self.shapes: dict[int, dict[tuple[int, ...], dict[tuple[str, ...], list[APIRoute]]]] = {}
        self.rest: list[APIRoute] = []
        for route, before in routes:
            self.before[id(route)] = before
            self._add(route)
        for steps, shapes in self.shapes.items():
            self.shapes[steps] = {fixed: shapes[fixed] for fixed in sorted(shapes, key=len, reverse=True)}

    def _add(self, route: APIRoute) -> None:
        steps = route.path_format.split("/")
        if ":" in route.path or any("{" in step and not (step[0] == "{" and step[-1] == "}") for step in steps):
            self.rest.append(route)
            return
        fixed = tuple(n for n, step in enumerate(steps) if "{" not in step)
        named = self.shapes.setdefault(len(steps), {}).setdefault(fixed, {})
        named.setdefault(tuple(steps[n] for n in fixed), []).append(route)

    def _candidates(self, path: str) -> Iterator[APIRoute]:
        steps = path.split("/")
        for fixed, named in self.shapes.get(len(steps), {}).items():
            yield from named.get(tuple(steps[n] for n in fixed), ())
        yield from self.rest

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Give the first route that takes the path and the method, or say which methods are taken."""
        taken: set[str] = set()
        for route in self._candidates(scope["path"]) if scope["type"] == "http" else ():
            match, child = route.matches(scope)
            if match is Match.FULL:
                return match, child
            if match is Match.PARTIAL:
                taken |= route.methods or set()
        return (Match.PARTIAL, {"taken": taken}) if taken else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the route that was found."""
        if "taken" in scope:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(scope["taken"]))})
        before = self.before[id(scope["route"])]
        if before is not None:
            await before()
        await scope["route"].handle(scope, receive, send)
