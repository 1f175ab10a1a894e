"""For the person: who leads and who is beside me, what happens next and by when, and all that happened (J2, J11)."""

from __future__ import annotations

from typing import Any

from services.portal import sentences
from services.portal.form import Form, Typed
from services.portal.naming import INTENSITIES, organisations
from services.portal.page import Book
from services.portal.visit import Go, View, Visit
from services.portal.words import _
from shared.event import Role

BOOK = Book()
STATES = {
    "held": _("They have met you and look after you."),
    "held-not-met": _("They look after you and have not met you yet."),
    "quietly-held": _("They are there, quietly. Nobody presses you."),
    "managing-independently": _("You manage independently. The way back is always open."),
    "left-be": _("You asked to be left be. The way back is always open."),
    "moved": _("You have moved to another place."),
}
LINK_STATES = {
    "linked": _("Waiting for their answer"),
    "welcomed": _("They said: you are welcome"),
    "met": _("You have met"),
    "not-right": _("They said it is not the right place"),
    "unsettled": _("You said that a meeting did not happen: it is being settled"),
    "ended": _("Over"),
}
OUTCOMES = {
    "made": _("You spoke with each other"),
    "tried": _("Somebody tried to reach you"),
    "turned-down": _("You did not want to talk then"),
}
NOT_SO = Form("/me/links/not-so", _("That did not happen"), warns=True)
SAID_NOT_SO = sentences.said("not-so", "We have noted it. Whoever led before leads again until this is settled.")


@BOOK.page("/me/lead", Role.PERSON)
async def lead(visit: Visit) -> View:
    """Say who leads, who is beside me, what happens next and by when."""
    held, links, asks, contacts, own = await visit.api.all(
        f"{visit.me}/lead", f"{visit.me}/links?limit=20", f"{visit.me}/asks?limit=5",
        f"{visit.me}/contacts?limit=20", f"{visit.me}/independence",
    )  # fmt: skip
    held, links, contacts = held or {}, (links or {}).get("items", []), (contacts or {}).get("items", [])
    ids = [held.get("lead"), held.get("chosen"), held.get("owes_the_way_back"), *held.get("alongside", [])]
    ids += [each["organisation"] for each in (*links, *contacts)]
    return View("lead.html", _("Who is beside me"), {
        "held": held, "links": links, "contacts": contacts, "names": await organisations(visit, ids), "own": own,
        "next": _next(links, (asks or {}).get("items", []), contacts), "states": STATES, "link_states": LINK_STATES,
        "outcomes": OUTCOMES, "intensities": INTENSITIES, "not_so": visit.form(NOT_SO),
    })  # fmt: skip


def _next(links: list[Any], asks: list[Any], contacts: list[Any]) -> list[dict[str, Any]]:
    """Give what is promised or owed, the soonest first."""
    coming = [
        {"by": each["first_date"] or each["answer_by"], "organisation": each["organisation"],
         "what": _("meets you") if each["first_date"] else _("answers whether you are welcome")}
        for each in links if each["state"] in {"linked", "welcomed"}
    ]  # fmt: skip
    coming += [{"by": each["answer_by"], "organisation": None, "what": _("somebody answers your asking")}
               for each in asks if each["state"] in {"open", "unanswered"}]  # fmt: skip
    coming += [{"by": each["promise"]["by"], "organisation": each["organisation"],
                "what": _("gets in touch, as promised")}
               for each in contacts if each["promise"] and not each["promise"]["kept_at"]]  # fmt: skip
    return sorted((each for each in coming if each["by"]), key=lambda each: str(each["by"]))


@BOOK.form(NOT_SO, lead, at="/me/links/{link:uuid}/not-so")
async def not_so(visit: Visit, _typed: Typed) -> Go:
    """Say that a meeting did not happen (J3)."""
    await visit.send("POST", f"/v1/links/{visit.named['link']}/that-did-not-happen")
    return Go("/me/lead", SAID_NOT_SO)


@BOOK.page("/me/timeline", Role.PERSON)
async def timeline(visit: Visit) -> View:
    """Give all that happened, in order and in plain words; as a picture, and the same as a list."""
    cursor = visit.query.get("cursor", "")
    more = f"&cursor={cursor}" if cursor.isalnum() else ""
    found = await visit.api.read(f"{visit.me}/timeline?limit=50{more}")
    names = await organisations(visit, {each["organisation"] or each["by"]["organisation"] for each in found["items"]})
    return View("timeline.html", _("What happened"), {"items": found["items"], "names": names,
                                                      "more": found.get("next")})  # fmt: skip
