"""Signing in: a one-time link by e-mail, which only the browser that asked can use, and only by pressing a button."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from services.portal import sentences
from services.portal.asking import TurnedDownError
from services.portal.form import Field, Form, Kind, Option, Problem, Typed
from services.portal.page import FAULT, Book
from services.portal.safe import SESSION, SESSION_SECONDS
from services.portal.visit import Go, View, Visit, WrongError
from services.portal.words import _
from shared.event import Role

if TYPE_CHECKING:
    from services.portal.words import Message

BOOK = Book()
BINDING, NEXT, BINDING_SECONDS = "binding", "next", 15 * 60
EVERYONE = (Role.PERSON, Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY, Role.STEWARD)
ASK = Form("/sign-in", _("Send me a link"), (
    Field("email", _("Your e-mail address"), Kind.EMAIL, needed=True, most=254, autocomplete="email",
          missing=_("Write your e-mail address"), wrong=_("Write the e-mail address like name@example.org")),
    Field("as", _("If you are here both for yourself and to support others: as whom now?"), Kind.ONE,
          options=(Option("person", _("For myself")), Option("supporter", _("To support others"))),
          api="sign_in_as"),
))  # fmt: skip
USE = Form("/sign-in/link", _("Sign in"))
TOKEN = Form("/sign-in/demo", _("Sign in to the demo"), (
    Field("token", _("A token that the demo printed"), Kind.SECRET, needed=True, most=100,
          missing=_("Paste one of the tokens that were printed as the demo began")),
))  # fmt: skip
OUT = Form("/sign-out", _("Sign out"))
OUT_EVERYWHERE = Form("/me/sign-ins/all", _("Sign out everywhere"), warns=True)
SIGNED_OUT = sentences.said("signed-out", "You are signed out.")
SPENT: Message = _(
    "This link can't be used. It may be older than 15 minutes, have been used already, or belong to another phone or "
    "computer: it works only where you asked for it. Ask for a new one."
)
NOT_KNOWN = _("This token is not one of this demo's.")
OURS = re.compile(r"/(?:[a-z0-9-]+/?)*")
HOMES = {"person": "/me", "steward": "/place"}


@BOOK.page("/sign-in")
async def sign_in(visit: Visit) -> View:
    """Ask for a link."""
    if wanted := _ours(visit.query.get("next", "")):
        visit.cookies.put(NEXT, wanted, BINDING_SECONDS)
    provider = await visit.api.maybe("/v1/sign-in/openid")
    return View("sign_in.html", _("Sign in"), {
        "ask": visit.form(ASK), "demo": visit.form(TOKEN) if visit.demo else None,
        "provider": (provider or {}).get("name"), "device": bool(visit.cookies.get("device")),
    })  # fmt: skip


@BOOK.form(ASK, sign_in)
async def ask(visit: Visit, typed: Typed) -> View:
    """Send a link, if the address is known here; what is said is the same if it is not (C4)."""
    body = {"email": typed.one("email"), "sign_in_as": typed.some("as")}
    made = await visit.api.send("POST", "/v1/sign-in/links", body)
    visit.cookies.put(BINDING, made["binding"], BINDING_SECONDS)
    return View("link_sent.html", _("Look at your e-mail"))


@BOOK.page("/sign-in/link/{token}")
async def link(visit: Visit) -> View:
    """Show a button: whatever opens links to look into them uses nothing up."""
    return View("link.html", _("Sign in"), {"use": visit.form(USE), "action": f"/sign-in/link/{visit.named['token']}"})


@BOOK.form(USE, link, at="/sign-in/link/{token}")
async def use(visit: Visit, _typed: Typed) -> Go:
    """Sign in with the link, in the browser that asked for it."""
    binding = visit.cookies.get(BINDING) or "none-was-asked-for-here"
    try:
        made = await visit.api.send("POST", "/v1/sign-in/sessions", {"token": visit.named["token"], "binding": binding})
    except TurnedDownError as error:
        if error.status >= FAULT:
            raise
        raise WrongError(Problem("", SPENT)) from None
    visit.cookies.put(BINDING, "", 0)
    return signed_in(visit, made)


@BOOK.form(TOKEN, sign_in, at="/sign-in/demo")
async def use_token(visit: Visit, typed: Typed) -> Go:
    """Sign in to a demo with a token that it printed; there is no such thing in any other instance."""
    if not visit.demo:
        return Go("/sign-in")
    visit.api.token = typed.one("token")
    try:
        me = await visit.api.read("/v1/sign-in/sessions/current")
    except TurnedDownError as error:
        if error.status >= FAULT:
            raise
        raise WrongError(Problem("token", NOT_KNOWN)) from None
    return _in(visit, visit.api.token, me["role"], SESSION_SECONDS)


@BOOK.page("/me/sign-ins", *EVERYONE)
async def sign_ins(visit: Visit) -> View:
    """List where one is signed in."""
    found = await visit.api.read("/v1/sign-in/sessions")
    return View("sign_ins.html", _("Where I am signed in"), {
        "sessions": found["items"], "out": visit.form(OUT), "everywhere": visit.form(OUT_EVERYWHERE),
    })  # fmt: skip


@BOOK.form(OUT, sign_ins)
async def sign_out(visit: Visit, _typed: Typed) -> Go:
    """End this session."""
    await visit.signs_out()
    return Go("/", SIGNED_OUT)


@BOOK.form(OUT_EVERYWHERE, sign_ins)
async def sign_out_everywhere(visit: Visit, _typed: Typed) -> Go:
    """End every session of one's own."""
    await visit.send("DELETE", "/v1/sign-in/sessions")
    visit.cookies.put(SESSION, "", 0)
    return Go("/", SIGNED_OUT)


def signed_in(visit: Visit, made: dict[str, Any], *, shared: bool = False) -> Go:
    """Keep a session that the API began, and go on; on a ``shared`` phone never to where somebody else wanted to go."""
    if shared:
        visit.cookies.put(NEXT, "", 0)
    return _in(visit, made["access_token"], made["role"], min(made["expires_in"], SESSION_SECONDS))


def _in(visit: Visit, secret: str, role: str, seconds: int) -> Go:
    """Keep the session and go on to where they wanted to go."""
    wanted = _ours(visit.cookies.get(NEXT))
    visit.cookies.put(NEXT, "", 0)
    visit.signs_in(secret, seconds)
    return Go(wanted or HOMES.get(role, "/beside"))


def _ours(path: str) -> str:
    """Give a path of ours as it is, and nothing for what could lead elsewhere."""
    return path if OURS.fullmatch(path) and not path.startswith("/sign-in") else ""
