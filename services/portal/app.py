"""Wires the pages into a process that runs gateway."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, compile_path

from services.portal.asking import Api, TurnedDownError
from services.portal.drawing import Drawing
from services.portal.page import FAULT, NOT_SIGNED_IN, Action, Book, Page, left, missing, shown, taken, turned_down
from services.portal.safe import LANGUAGE, LANGUAGE_SECONDS, SESSION, Cookies
from services.portal.visit import ME, SignedIn, Visit
from services.portal.words import ENGLISH, LANGUAGES, Tongue, translations, wanted
from shared.errors import AlongsideError, fault
from shared.event import Role

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from services.portal.asking import Speak
    from shared.settings import Settings

FILES = (
    *("door", "signin", "device", "me", "signs", "story", "withheld", "plan", "journey", "sharing", "reaching"),
    *("beside", "beside_person", "beside_act", "beside_plan", "beside_arrive", "beside_us", "work", "work_person"),
    *("place", "place_bodies", "place_offers", "place_rules", "place_duty", "place_systems", "place_lanes"),
)
"""The files under ``pages``; each has a ``BOOK``."""
API_PATHS = ("/v1/", "/oauth/", "/docs", "/problems/", "/metrics", "/demo/", "/internal/", "/_", "/fhir/", "/assets/")
"""What is the API's: an address that it does not know is its to answer."""
HTML, LEAVE = "text/html", "/leave"
TRANSLATED = {Role.PERSON, Role.ANYONE}
"""Whose pages are in every language; the others' are English."""


log = structlog.get_logger()


def books() -> list[Book]:
    """Give every page of this release."""
    return [import_module(f"services.portal.pages.{name}").BOOK for name in FILES]


class Pages(BaseRoute):
    """Every page of the place: one route of its app, after those of the API."""

    def __init__(self, speak: Speak, settings: Settings) -> None:
        """``speak`` carries what pages ask to the API."""
        self.speak = speak
        self.demo = settings.demo
        self.away = settings.leave_to
        self.secure = settings.base_url.startswith("https://")
        self.zone = ZoneInfo(settings.time_zone)
        self.drawing = Drawing()
        for language in LANGUAGES:
            translations(language)  # read now: whoever comes first does not wait for it
        self.routes: list[tuple[Any, dict[str, Any], dict[str, Page | Action]]] = []
        by_path: dict[str, dict[str, Page | Action]] = {}
        for book in books():
            for page in book.pages:
                by_path.setdefault(page.path, {})["GET"] = page
            for action in book.actions:
                by_path.setdefault(action.path, {})["POST"] = action
        for path, methods in sorted(by_path.items(), key=lambda each: each[0].count("{")):
            shape, _, convertors = compile_path(path)
            self.routes.append((shape, convertors, methods))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take the addresses of pages, and any other that a browser asks for and is not the API's."""
        if scope["type"] != "http":
            return Match.NONE, {}
        path = scope["path"]
        for shape, convertors, methods in self.routes:
            if found := shape.match(path):
                named = {name: str(convertors[name].convert(value)) for name, value in found.groupdict().items()}
                return Match.FULL, {"page": (methods, named)}
        asks_for_page = HTML in dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
        if asks_for_page and not path.startswith(API_PATHS):
            return Match.FULL, {"page": ({}, {})}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one visit."""
        methods, named = scope["page"]
        request = Request(scope, receive)
        visit = self._visit(request, named)
        try:
            response = await self._answer(visit, methods, request)
        except AlongsideError:
            raise
        except Exception as error:  # noqa: BLE001 - whoever looks at a page gets a page, with numbers to ring
            log.error("page-failed", route=getattr(scope.get("route"), "path", ""), **fault(error))
            response = turned_down(visit, self.drawing, TurnedDownError(FAULT, {}))
        await response(scope, receive, send)

    async def _answer(self, visit: Visit, methods: dict[str, Page | Action], request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        found = methods.get(method)
        request.scope["route"] = found
        gone = left(visit)
        if gone is not None:
            return gone
        if isinstance(found, Page) and found.path == LEAVE:  # whoever leaves is asked nothing first
            return await shown(found, visit, self.drawing)
        try:
            visit.by = await self._who(visit)
            if visit.by.role not in TRANSLATED:
                visit.tongue = Tongue(ENGLISH, self.zone)
        except TurnedDownError as error:
            return turned_down(visit, self.drawing, error)
        if isinstance(found, Page):
            return await shown(found, visit, self.drawing)
        if isinstance(found, Action):
            return await taken(found, visit, self.drawing, request)
        action = methods.get("POST")
        if isinstance(action, Action) and method == "GET":  # loaded again, or asked for in another language
            return await shown(action.page, visit, self.drawing)
        return missing(visit, self.drawing)

    def _visit(self, request: Request, named: dict[str, str]) -> Visit:
        cookies = Cookies(request.headers.get("cookie", ""), secure=self.secure)
        asked = request.query_params.get("lang", "")
        if asked in LANGUAGES:
            cookies.put(LANGUAGE, asked, LANGUAGE_SECONDS)
        language = wanted(cookies.get(LANGUAGE), request.headers.get("accept-language", ""))
        api = Api(
            self.speak,
            cookies.get(SESSION) or None,
            correlation=request.scope.get("correlation_id"),
            address=request.client.host if request.client else "nowhere",
        )
        return Visit(
            path=request.url.path, query=dict(request.query_params), named=named, by=SignedIn(), api=api,
            tongue=Tongue(language, self.zone), cookies=cookies, demo=self.demo, away=self.away,
        )  # fmt: skip

    async def _who(self, visit: Visit) -> SignedIn:
        """Say whose session it is. One that has ended is forgotten: the visitor is nobody."""
        if visit.api.token is None:
            return SignedIn()
        try:
            me = await visit.api.read(ME)
        except TurnedDownError as error:
            if error.status != NOT_SIGNED_IN:
                raise
            visit.cookies.put(SESSION, "", 0)
            visit.api.token = None
            visit.api.readings.clear()
            return SignedIn()
        ids = (me.get("person") or "", me.get("member") or "", me.get("organisation") or "")
        return SignedIn(me["role"], *ids, me.get("kind") or "")
