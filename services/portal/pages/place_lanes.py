"""What waits between the services: parked lanes, facts not passed on, what is due; and letting it go on."""

from __future__ import annotations

from services.portal import sentences
from services.portal.form import Field, Form, Kind, Option, Typed
from services.portal.page import Book
from services.portal.pages.place import SERVICES, STEWARD
from services.portal.people import items
from services.portal.visit import Go, View, Visit
from services.portal.words import _

BOOK = Book()
HERE = "/place/lanes"
EVERY = tuple(Option(code, says) for code, says in SERVICES.items())
GO_ON = Form("/place/lanes/go-on", _("Try the parked lanes again"), (
    Field("lanes", _("Of which parts?"), Kind.MANY, options=EVERY, hint=_("Tick none for all of them."),
          api="services"),
))  # fmt: skip
AGAIN = Form("/place/lanes/again", _("Send everything again"), (
    Field("journals", _("Of which parts?"), Kind.MANY, options=EVERY, hint=_("Tick none for all of them."),
          api="services"),
), warns=True)  # fmt: skip
SAID_GO_ON = sentences.said("lanes-go-on", "They were tried again. What still stands still shows below.")
SAID_AGAIN = sentences.said("journals-again", "All of it is put back to be sent. That can take some minutes.")


@BOOK.page(HERE, STEWARD)
async def lanes(visit: Visit) -> View:
    """Show what waits, by service, in numbers."""
    found = await visit.api.read("/v1/operations")
    return View("place_lanes.html", _("What waits"), {
        "parts": items(found), "services": SERVICES,
        "go_on": visit.form(GO_ON), "again": visit.form(AGAIN),
    })  # fmt: skip


@BOOK.form(GO_ON, lanes)
async def go_on(visit: Visit, typed: Typed) -> Go:
    """Let parked lanes go on."""
    await visit.send("POST", "/v1/operations/replay", {"what": "lanes", "services": typed.every("lanes")})
    return Go(HERE, SAID_GO_ON)


@BOOK.form(AGAIN, lanes)
async def send_again(visit: Visit, typed: Typed) -> Go:
    """Put journals back to be sent; whoever has heard a fact skips it."""
    await visit.send("POST", "/v1/operations/replay", {"what": "journals", "services": typed.every("journals")})
    return Go(HERE, SAID_AGAIN)
