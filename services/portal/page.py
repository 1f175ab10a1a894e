"""Pages and their forms: an address, who may come, a function. Everything else that a page needs is here, once.

A page reads what it shows from the API. Before its first byte leaves, all that it read is still permitted (the last
gate); a reader too slow to take it in that time is cut off. A form that the API turns down comes back with what was
typed and what to do; pressed twice it is done once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response

from services.portal import sentences
from services.portal.asking import GOOD, MISSING, TurnedDownError
from services.portal.form import REQUEST, TOKEN, Form, Problem, Shown, Typed, read
from services.portal.safe import HEADERS, LEFT, SAID, SAID_SECONDS, is_ours
from services.portal.visit import Go, View, Visit, WrongError
from shared.event import Role
from shared.http import CUT_OFF
from shared.ids import new_id

if TYPE_CHECKING:
    from starlette.requests import Request

    from services.portal.drawing import Drawing

Shows = Callable[[Visit], Awaitable[View | Go]]
Takes = Callable[[Visit, Typed], Awaitable[Go | View]]
ANYBODY: frozenset[Role] = frozenset()
TRIES = 3
NOT_SIGNED_IN, FORBIDDEN, INVALID, STALE, FAULT = 401, 403, 422, 412, 500
LIKE_MISSING = frozenset({MISSING, FORBIDDEN})
TELLS_NOTHING = frozenset({"not-found", "not-yours"})
"""Any other code of a refusal says what to do, and is said to whoever may not."""


@dataclass(frozen=True, slots=True)
class Page:
    """One address that can be looked at. ``roles`` empty: anybody, signed in or not."""

    path: str
    roles: frozenset[Role]
    shows: Shows


@dataclass(frozen=True, slots=True)
class Action:
    """One form's address. What is wrong with it is shown on ``page``."""

    path: str
    roles: frozenset[Role]
    form: Form
    takes: Takes
    page: Page


class Book:
    """The pages of one file."""

    def __init__(self) -> None:
        """Begin with none."""
        self.pages: list[Page] = []
        self.actions: list[Action] = []

    def page(self, path: str, *roles: Role) -> Callable[[Shows], Page]:
        """Enter a page."""

        def entered(shows: Shows) -> Page:
            made = Page(path, frozenset(roles), shows)
            self.pages.append(made)
            return made

        return entered

    def form(self, form: Form, page: Page, *, at: str = "", roles: frozenset[Role] | None = None
             ) -> Callable[[Takes], Takes]:  # fmt: skip
        """Enter what a form of ``page`` does. ``at``: its address where that is not the form's own action."""

        def entered(takes: Takes) -> Takes:
            self.actions.append(Action(at or form.action, page.roles if roles is None else roles, form, takes, page))
            return takes

        return entered


async def shown(page: Page, visit: Visit, draw: Drawing) -> Response:
    """Answer a look at a page."""
    if page.roles and visit.by.role not in page.roles:
        return _go(visit, Go(f"/sign-in?next={visit.path}")) if visit.by.role == Role.ANYONE else missing(visit, draw)
    for _ in range(TRIES):
        try:
            told = await page.shows(visit)
            if isinstance(told, Go):
                return _go(visit, told)
            drawn = Drawn(visit, draw.page(visit, told), told.status)
            if await visit.api.still():
                return drawn
        except TurnedDownError as error:
            return turned_down(visit, draw, error)
    return turned_down(visit, draw, TurnedDownError(503, {"code": "unavailable"}))


async def taken(action: Action, visit: Visit, draw: Drawing, request: Request) -> Response:
    """Answer a form that was sent."""
    try:
        visit.typed = typed = read(await request.body())
    except ValueError:
        return _only(visit, draw.page(visit, sentences.plain("not-read")), 400)
    if not is_ours(request.headers, visit.cookies.get("browser"), visit.by.principal, typed.one(TOKEN)):
        return _not_ours(action, visit, draw)
    if action.roles and visit.by.role not in action.roles:
        return missing(visit, draw)
    visit.request_id = typed.id(REQUEST) or str(new_id())
    return await _done(action, visit, draw)


async def _done(action: Action, visit: Visit, draw: Drawing) -> Response:
    """Do what the form asks for, or show it again."""
    typed = visit.typed
    if problems := action.form.typed(typed):
        return await _back(action, visit, draw, problems)
    try:
        told = await action.takes(visit, typed)
    except WrongError as error:
        return await _back(action, visit, draw, error.problems)
    except TurnedDownError as error:
        return await _after(action, visit, draw, error)
    if isinstance(told, Go):
        return _go(visit, told)
    drawn = Drawn(visit, draw.page(visit, told), told.status)
    with suppress(TurnedDownError):  # it is done: what can't be shown with it is left out
        if await visit.api.still():  # what was read since passes the gate too
            return drawn
    return _only(visit, draw.page(visit, sentences.plain("done")), GOOD.start)


async def _after(action: Action, visit: Visit, draw: Drawing, error: TurnedDownError) -> Response:
    """Say what the API would not take, beside the field where it names one."""
    if error.status == NOT_SIGNED_IN and visit.by.role != Role.ANYONE:
        return _only(visit, draw.page(visit, sentences.ended(visit, action.form)), NOT_SIGNED_IN)
    if error.status in LIKE_MISSING and error.code in TELLS_NOTHING:
        return missing(visit, draw)
    named = error.problem.get("fields", [])
    problems = [Problem(f.name, f.wrong) for f in action.form.fields if any(f.named_by(place) for place in named)]
    if not problems:
        problems = [Problem("", said) for said in sentences.of_problem(error)]
    again = visit.request_id if error.status >= FAULT else None
    return await _back(action, visit, draw, problems, again, error.status)


async def _back(action: Action, visit: Visit, draw: Drawing, problems: Any, request_id: str | None = None,
                status: int = INVALID) -> Response:  # fmt: skip
    """Show the page again with what was typed. A new request id, but where what came of the first is not known."""
    visit.again = Shown(action.form, visit.typed, tuple(problems), request_id or str(new_id()))
    response = await shown(action.page, visit, draw)
    if response.status_code >= FAULT:  # the page itself can't be had now: its words are kept, to be sent again
        return _only(visit, draw.page(visit, sentences.kept(visit, action.form)), response.status_code)
    if response.status_code in GOOD:
        response.status_code = status
    return response


def _not_ours(action: Action, visit: Visit, draw: Drawing) -> Response:
    ended = action.roles and visit.by.role == Role.ANYONE
    view = sentences.ended(visit, action.form) if ended else sentences.plain("not-ours")
    return _only(visit, draw.page(visit, view), NOT_SIGNED_IN if ended else FORBIDDEN)


def missing(visit: Visit, draw: Drawing) -> Response:
    """Say that there is nothing here: the same for what is not and for what is not theirs (C4)."""
    return _only(visit, draw.page(visit, sentences.plain("missing")), MISSING)


def turned_down(visit: Visit, draw: Drawing, error: TurnedDownError) -> Response:
    """Say why a page can't be shown."""
    if error.status == NOT_SIGNED_IN:
        return _go(visit, Go(f"/sign-in?next={visit.path}"))
    if error.status in LIKE_MISSING:
        return missing(visit, draw)
    return _only(visit, draw.page(visit, sentences.of_page(error)), max(error.status, FAULT))


def _go(visit: Visit, to: Go) -> Response:
    if to.said:
        visit.cookies.put(SAID, to.said, SAID_SECONDS)
    response = RedirectResponse(to.path, 303, HEADERS)
    visit.cookies.write(response)
    return response


def _only(visit: Visit, body: str, status: int) -> Response:
    response = Response(body, status, HEADERS, "text/html; charset=utf-8")
    visit.cookies.write(response)
    return response


def left(visit: Visit) -> Response | None:
    """Turn whoever presses Back after *leave this page* to where that went; None for everybody else."""
    return RedirectResponse(visit.away, 303, HEADERS) if visit.cookies.get(LEFT) else None


class Drawn(Response):
    """A drawn page that passes the last gate as it leaves (``Disclosure`` of the API, for what was read from it)."""

    def __init__(self, visit: Visit, body: str, status: int) -> None:
        """Keep what the gate asks."""
        super().__init__(body, status, HEADERS, "text/html; charset=utf-8")
        visit.cookies.write(self)
        self.visit = visit

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002 - ASGI's
        """Send while all that was read may be shown; whoever is too slow to take it is cut off."""
        try:
            async with asyncio.timeout(self.visit.api.left()):
                start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
                await send(start)
                await send({"type": "http.response.body", "body": self.body, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            cut_off = scope.get("extensions", {}).get(CUT_OFF)
            if cut_off is not None:
                cut_off()
            raise
