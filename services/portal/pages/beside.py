"""For those beside people: what asks us to look, whom we walk beside and whom our organisation leads (J2b, J9, W1)."""

from __future__ import annotations

from typing import Any

from services.portal import sentences
from services.portal.form import Form, Typed
from services.portal.naming import organisations
from services.portal.page import Book
from services.portal.people import BESIDE, HOLDS, WORK, called, items, ours, works
from services.portal.visit import Go, View, Visit
from services.portal.words import _

BOOK = Book()
MOST = 8
ALERTS = {
    "drifting": _("Nobody has been in touch by the time that somebody should"),
    "plan-not-agreed": _("They said: I do not agree to this plan"),
    "let-go-turned-back": _("Somebody tried to let them go and was turned back"),
    "asked-for-more": _("They asked for more"),
    "ask-unanswered": _("They asked for more and nobody has answered"),
    "bounced": _("Twice they were told: not the right place"),
    "conversation-called": _("A conversation about what could be right has a date"),
    "nowhere-to-sleep": _("They have nowhere safe to sleep"),
    "not-met": _("They are held, and nobody has met them yet"),
    "chosen-to-hold": _("They chose your organisation to look after them"),
    "returned": _("They came back"),
    "check-in-due": _("It is time to check in"),
    "warning-signs-showing": _("They said that their warning signs are showing"),
    "warning-signs-unanswered": _("Their warning signs are showing and nobody has answered"),
    "plan-review-due": _("It is time to look at the plan again, with them"),
}
ON_IT = Form("/beside/alerts/on-it", _("I am on it"))
SAID_ON_IT = sentences.said("on-it", "You said that you are on it. Nobody else is asked from now.")


@BOOK.page("/beside", *BESIDE)
async def home(visit: Visit) -> View:
    """Show what is open, and the people."""
    paths = ["/v1/alerts?limit=20", f"{ours(visit)}/alongside?limit={MOST}"]
    paths += [f"{ours(visit)}/holding?limit={MOST}"] if works(visit) else []
    found = [*await visit.api.all(*paths), None]
    alerts, beside, led = found[0], found[1], found[2]
    people = [each.get("person") for each in (*items(alerts), *items(beside), *items(led))]
    return View("beside.html", _("People"), {
        "alerts": items(alerts), "kinds": ALERTS, "beside": items(beside), "led": items(led), "works": works(visit),
        "called": await called(visit, people), "on_it": visit.form(ON_IT), "holds": HOLDS,
        "more_beside": (beside or {}).get("next"), "more_led": (led or {}).get("next"),
        "ours": (await organisations(visit, [visit.by.organisation])).get(visit.by.organisation),
    })  # fmt: skip


@BOOK.form(ON_IT, home, at="/beside/alerts/{alert:uuid}/on-it")
async def on_it(visit: Visit, _typed: Typed) -> Go:
    """Say that a human is on it (W1)."""
    await visit.send("POST", f"/v1/alerts/{visit.named['alert']}/acknowledgement", {})
    return Go("/beside", SAID_ON_IT)


async def _listed(visit: Visit, which: str) -> dict[str, Any]:
    cursor = visit.query.get("cursor", "")
    more = f"&cursor={cursor}" if cursor.replace("-", "").isalnum() else ""
    found = await visit.api.read(f"{ours(visit)}/{which}?limit={MOST}{more}")
    names = await called(visit, [each["person"] for each in found["items"]])
    return {"people": found["items"], "called": names, "more": found.get("next"), "holds": HOLDS}


@BOOK.page("/beside/alongside", *BESIDE)
async def alongside(visit: Visit) -> View:
    """Show everybody whom we walk beside."""
    return View("beside_people.html", _("People"), {**await _listed(visit, "alongside"), "led": False})


@BOOK.page("/beside/held", *WORK)
async def held(visit: Visit) -> View:
    """Show everybody whom our organisation leads."""
    return View("beside_people.html", _("People"), {**await _listed(visit, "holding"), "led": True})
