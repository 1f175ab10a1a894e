"""Partner systems: which may sign in, where they are told, what came of it; never of whom (C4)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson

from services.portal import sentences
from services.portal.asking import MISSING, TurnedDownError
from services.portal.form import Field, Form, Kind, Option, Problem, Typed
from services.portal.naming import organisations
from services.portal.page import Book
from services.portal.pages.place import STEWARD, bodies, picks
from services.portal.people import items
from services.portal.visit import Go, View, Visit, WrongError
from services.portal.words import _

BOOK = Book()
HERE = "/place/systems"
SCOPES = {
    "read": _("read what people let its organisation see"),
    "write": _("write for its organisation"),
    "subscriptions": _("be told when something happens"),
    "texts": _("hand in texts that came to a phone number"),
}
STATES = {
    "unconfirmed": _("Not confirmed yet: its test has had no good answer"),
    "active": _("It is told"),
    "paused": _("Paused: what happens is kept for it"),
    "ended": _("Ended"),
}
PROBLEMS = {
    "could-not-connect": _("we could not connect to it"),
    "timed-out": _("it was too slow to answer"),
    "answer-was-not-2xx": _("it answered that it could not take it"),
    "address-not-allowed": _("its address is none that we may send to"),
    "answer-was-broken": _("its answer broke off"),
    "everything-failed": _("everything failed for days"),
    "by-owner": _("its organisation paused it"),
    "by-steward": _("a steward paused it"),
}
STATUSES = {"on-its-way": _("on its way"), "delivered": _("taken"), "failed": _("not taken")}
ADD = Form("/place/systems/add", _("Let it sign in"), (
    Field("organisation", _("Whose is it?"), Kind.PICK, needed=True),
    Field("name", _("What is it called?"), needed=True, most=200),
    Field("keys", _("Its public keys"), Kind.WORDS, needed=True, most=20_000, rows=6,
          hint=_("A JSON Web Key Set, as its makers give it. Public keys only."),
          wrong=_("This is no set of public keys. Paste all of it, with the brackets around it")),
    Field("scopes", _("What may it ask for?"), Kind.MANY, needed=True,
          options=tuple(Option(code, says) for code, says in SCOPES.items())),
))  # fmt: skip
AWAY = Form("/place/systems/away", _("Let it sign in no more"), warns=True)
PAUSE = Form("/place/systems/pause", _("Pause it"))
RESUME = Form("/place/systems/resume", _("Let it go on"))
SAID_ADDED = sentences.said("system-added", "It may sign in.")
SAID_AWAY = sentences.said("system-away", "It can't sign in any more, from now.")
SAID_PAUSED = sentences.said("told-paused", "It is told nothing until it goes on; what happens meanwhile is kept.")
SAID_RESUMED = sentences.said("told-resumed", "It is told again, from where it stopped.")


@BOOK.page(HERE, STEWARD)
async def systems(visit: Visit) -> View:
    """List partner systems and where they are told."""
    partners, wishes, every = await visit.api.read("/v1/partners"), await visit.api.read("/v1/subscriptions"), (
        await bodies(visit))  # fmt: skip
    ids = [each["organisation"] for each in (*items(partners), *items(wishes))]
    return View("place_systems.html", _("Partner systems"), {
        "partners": items(partners), "wishes": [each for each in items(wishes) if each["state"] != "ended"],
        "names": await organisations(visit, ids), "scopes": SCOPES, "states": STATES, "problems": PROBLEMS,
        "add": visit.form(ADD.with_options(organisation=picks(every))), "away": visit.form(AWAY),
    })  # fmt: skip


@BOOK.form(ADD, systems)
async def add(visit: Visit, typed: Typed) -> Go:
    """Register a partner system with its public keys."""
    try:
        keys: Any = orjson.loads(typed.one("keys"))
    except orjson.JSONDecodeError:
        keys = None
    if not isinstance(keys, dict):
        raise WrongError(Problem("keys", ADD.fields[2].wrong))
    body = {"organisation": typed.id("organisation"), "name": typed.one("name"), "keys": keys,
            "scopes": typed.every("scopes")}  # fmt: skip
    await visit.send("POST", "/v1/partners", body)
    return Go(HERE, SAID_ADDED)


@BOOK.form(AWAY, systems, at=f"{HERE}/{{partner:uuid}}/away")
async def take(visit: Visit, _typed: Typed) -> Go:
    """Let a partner system sign in no more."""
    await visit.send("DELETE", f"/v1/partners/{visit.named['partner']}")
    return Go(HERE, SAID_AWAY)


@BOOK.page(f"{HERE}/told/{{wish:uuid}}", STEWARD)
async def told(visit: Visit) -> View:
    """Show what was sent to one endpoint: times, tries, answers, and nothing of whom."""
    wishes = items(await visit.api.read("/v1/subscriptions"))
    wish = next((each for each in wishes if each["id"] == visit.named["wish"]), None)
    if wish is None:
        raise TurnedDownError(MISSING, {})
    asked = {"subscription": visit.named["wish"], "limit": "50"}
    if visit.query.get("after"):
        asked["after"] = visit.query["after"]
    log = await visit.api.read(f"/v1/deliveries?{urlencode(asked)}")
    return View("place_told.html", _("What it was told"), {
        "wish": wish, "log": items(log), "behind": log.get("next"), "states": STATES, "problems": PROBLEMS,
        "statuses": STATUSES, "names": await organisations(visit, [wish["organisation"]]),
        "pause": visit.form(PAUSE), "resume": visit.form(RESUME),
    })  # fmt: skip


def _wish(visit: Visit, verb: str) -> str:
    return f"/v1/subscriptions/{visit.named['wish']}/{verb}"


@BOOK.form(PAUSE, told, at=f"{HERE}/told/{{wish:uuid}}/pause")
async def pause(visit: Visit, _typed: Typed) -> Go:
    """Send nothing until it is resumed."""
    await visit.send("POST", _wish(visit, "pause"))
    return Go(f"{HERE}/told/{visit.named['wish']}", SAID_PAUSED)


@BOOK.form(RESUME, told, at=f"{HERE}/told/{{wish:uuid}}/resume")
async def resume(visit: Visit, _typed: Typed) -> Go:
    """Go on where it stopped."""
    await visit.send("POST", _wish(visit, "resume"))
    return Go(f"{HERE}/told/{visit.named['wish']}", SAID_RESUMED)
