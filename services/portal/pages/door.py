"""For anyone: what this is, find support, numbers to ring, arrive by oneself, leave quickly."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from services.portal.asking import TurnedDownError
from services.portal.form import Field, Form, Kind, Option, Typed
from services.portal.naming import FOR_WHOM, INTENSITIES, NEEDS, organisations, ringing
from services.portal.page import FAULT, Book
from services.portal.safe import LEFT, LEFT_SECONDS, SESSION
from services.portal.visit import Go, View, Visit, ended
from services.portal.words import _

if TYPE_CHECKING:
    from collections.abc import Sequence

BOOK = Book()
LEAVING_SECONDS = 1.0
ARRIVE = Form(
    "/arrive",
    _("Send this"),
    (
        Field("called", _("What would you like to be called?"), needed=True, most=100,
              hint=_("Any name will do. It need not be on any paper."),
              missing=_("Say what you would like to be called")),
        Field("need", _("What do you need now?"), Kind.WORDS, most=5000,
              hint=_("In your own words. One word is enough. You can leave it empty and tell us when we talk.")),
        Field("phone", _("A phone number"), Kind.PHONE, most=30, autocomplete="tel", hint=_("Only if it is safe."),
              wrong=_("Write the phone number with its code, such as 07700 900123")),
        Field("email", _("An e-mail address"), Kind.EMAIL, most=254, autocomplete="email",
              hint=_("With it you can come back to this page by yourself."),
              wrong=_("Write the e-mail address like name@example.org")),
        Field("ways", _("How may we reach you?"), Kind.MANY,
              options=(Option("call", _("Ring me")), Option("text", _("Send me a text")),
                       Option("email", _("Write me an e-mail")),
                       Option("in-person", _("I will come by")))),
        Field("voicemail", _("You may leave a voicemail"), Kind.TICK),
        Field("somewhere", _("Who would you like to be beside you?"), Kind.PICK,
              hint=_("You need not know. Somebody looks after you from now on either way.")),
    ),
    who_reads=_("The team that is there day and night reads this now. From the moment you send it they look after "
                "you."),
)  # fmt: skip


@BOOK.page("/")
async def front(visit: Visit) -> View | Go:
    """Say in a few words what this is, and let everybody in by their door."""
    homes = {"person": "/me", "anyone": ""}
    home = homes.get(visit.by.role, "/beside")
    return View("front.html", _("Welcome"), {"home": home})


@BOOK.page("/about")
async def about(visit: Visit) -> View:
    """Say what this is, who sees what, and what it is not."""
    return View("about.html", _("What this is"), {"ringing": await ringing(visit)})


@BOOK.page("/now")
async def numbers(visit: Visit) -> View:
    """Give numbers to ring, for whoever is not signed in, and the way to be held now."""
    return View("now.html", _("Someone now"), {"ringing": await ringing(visit), "arrive": visit.form(ARRIVE)})


@BOOK.page("/leaving")
async def leaving(_visit: Visit) -> View:
    """Say how to leave a page quickly, and what stays behind on a phone or computer."""
    return View("leaving.html", _("Leaving quickly"))


@BOOK.page("/leave")
async def leave(visit: Visit) -> Go:
    """Leave at once for somewhere harmless: signed out, and Back goes there too for a while."""
    visit.cookies.put(SESSION, "", 0)
    with suppress(TurnedDownError, TimeoutError):  # leaving waits for nothing; the cookie goes either way
        async with asyncio.timeout(LEAVING_SECONDS):
            await ended(visit)
    visit.cookies.put(LEFT, "yes", LEFT_SECONDS)
    return Go(visit.away)


@BOOK.page("/offers")
async def offers(visit: Visit) -> View:
    """Find support by need, place, for whom and language."""
    asked = {name: visit.query.get(name, "")[:200] for name in ("need", "intensity", "for_whom", "language", "place")}
    known = {"need": NEEDS, "intensity": INTENSITIES, "for_whom": FOR_WHOM}
    given = {name: value for name, value in asked.items() if value and value in known.get(name, {value})}
    more = {"cursor": cursor} if (cursor := visit.query.get("cursor")) else {}
    try:
        found = await visit.api.read("/v1/offers?" + urlencode(given | more | {"limit": 20}))
    except TurnedDownError as error:
        if error.status >= FAULT:
            raise
        found = {"items": []}  # what was looked for can't be: nothing is found
    where = await organisations(visit, [each["organisation"] for each in found["items"]])
    again = urlencode(given | {"cursor": found["next"]}) if "next" in found else None
    return View("offers.html", _("Find support"), {
        "offers": found["items"], "where": where, "asked": asked, "again": again, "needs": NEEDS,
        "intensities": INTENSITIES, "for_whom": FOR_WHOM,
    })  # fmt: skip


@BOOK.page("/offers/{offer:uuid}")
async def offer(visit: Visit) -> View:
    """Show one offer: what it is, for whom, where, when and how to come."""
    found = await visit.api.read(f"/v1/offers/{visit.named['offer']}")
    where = (await organisations(visit, [found["organisation"]])).get(found["organisation"])
    return View("offer.html", _("Support"), {
        "offer": found, "where": where, "needs": NEEDS, "intensities": INTENSITIES, "for_whom": FOR_WHOM,
    })  # fmt: skip


async def _holders(visit: Visit) -> Sequence[Option]:
    found = await visit.api.every("/v1/organisations?limit=100")
    return [Option(each["id"], each["name"]) for each in found if each["can_lead"]]


@BOOK.page("/arrive")
async def arrive(visit: Visit) -> View:
    """Come by oneself: one name is enough (S1)."""
    form = ARRIVE.with_options(somewhere=await _holders(visit))
    return View("arrive.html", _("Come in"), {"arrive": visit.form(form), "ringing": await ringing(visit)})


@BOOK.form(ARRIVE, arrive)
async def arriving(visit: Visit, typed: Typed) -> View:
    """Be held from now: by the body that is there day and night, until whom one chose has acknowledged (J2a)."""
    body: dict[str, Any] = {"called": typed.one("called"), "door": "self"}
    reach = {name: typed.one(name) for name in ("phone", "email") if typed.one(name)}
    ways = [each for each in typed.every("ways") if each in {"call", "text", "email", "in-person"}]
    if reach or ways:
        body["reach"] = reach | {
            "ways": [{"how": each} for each in ways],
            "never_voicemail": not typed.ticked("voicemail"),
            "may_be_written_to": bool({"text", "email"} & set(ways)),
            "language": visit.tongue.language,
        }
    if need := typed.some("need"):
        passage = {"heading": "what-i-need-now", "words": need, "language": visit.tongue.language}
        body["passages"] = [passage]
    if (somewhere := typed.id("somewhere")) is not None:
        body["chosen_holder"] = somewhere
    held = await visit.send("POST", "/v1/arrivals", body)
    who = (await organisations(visit, [held["lead"], held["chosen"]])) if held.get("lead") else {}
    return View("arrived.html", _("We have you"), {
        "held": held, "lead": who.get(held["lead"]), "chosen": who.get(held["chosen"]), "by": held["by_when"]["at"],
        "mailed": bool(reach.get("email")), "ringing": await ringing(visit),
    })  # fmt: skip
