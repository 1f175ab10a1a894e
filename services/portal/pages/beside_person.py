"""For those beside a person: what the person lets them see, and what they can do from here (J2d, J6, J8, S13)."""

from __future__ import annotations

from typing import Any

from services.portal import sentences
from services.portal.form import Form, Typed
from services.portal.naming import HOW, INTENSITIES, NEEDS, STORY, organisations
from services.portal.naming import MATTERS as MATTERS_NOW
from services.portal.page import Book
from services.portal.people import BESIDE, HOLDS, OUTCOMES, REACHED_BY, WAYS, WORK, items, whose, works
from services.portal.visit import Go, View, Visit
from services.portal.words import _

BOOK = Book()
MATTERS = "what-matters-most"
MOST = 10
LEFT_FROM = frozenset({"crisis-house", "hospital-ward", "assessment-centre", "emergency-department", "custody"})
"""Kinds of organisation whose building somebody leaves and is then watched over (J9)."""
LINKS = {
    "linked": _("waiting for an answer"),
    "welcomed": _("welcome; not met yet"),
    "met": _("they have met"),
    "not-right": _("not the right place"),
    "unsettled": _("the person said that a meeting did not happen: it is being settled"),
    "ended": _("over"),
}
ASKS = {
    "open": _("waiting for an answer"),
    "unanswered": _("nobody has answered in time"),
    "answered": _("answered"),
}
WALK = Form("/beside/walk", _("Walk beside them"))
NO_LONGER = Form("/beside/no-longer", _("No longer walk beside them"), warns=True)
HAND_BACK = Form("/beside/hand-back", _("Hand this back"), warns=True)
RETOLD = Form("/beside/retold", _("They had to tell it again here"))
SAID_WALKS = sentences.said("walks-beside", "Your organisation walks beside them from now.")
SAID_NO_LONGER = sentences.said("no-longer-beside", "Your organisation does not walk beside them any more.")
SAID_HANDED_BACK = sentences.said(
    "handed-back",
    "You have put it down. The body that is there day and night leads from this moment. You still walk beside them.",
)
SAID_RETOLD = sentences.said("retold", "We have counted it. Next time, read what they told before you ask.")


async def _parts(visit: Visit) -> dict[str, Any]:
    """Read all that the person lets the visitor see here; what there is nothing of to see is simply left out (C4)."""
    at = whose(visit)
    names = ("held", "told", "plan", "contacts", "asks", "links", "reach")
    found = await visit.api.all(
        f"{at}/lead", f"{at}/stories?limit=20", f"{at}/plan", f"{at}/contacts?limit={MOST}", f"{at}/asks?limit={MOST}",
        f"{at}/links?limit={MOST}", f"{at}/reach",
    )  # fmt: skip
    return dict(zip(names, found, strict=True))


def _stands(held: dict[str, Any], organisation: str) -> dict[str, bool]:
    """Say how one's own organisation stands to the person, whether or not one may see the rest."""
    if "you" in held:
        return dict(held["you"])
    return {
        "lead": held.get("lead") == organisation,
        "chosen": held.get("chosen") == organisation,
        "alongside": organisation in held.get("alongside", []),
    }


def _promised(contacts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the promises that still have to be kept, the soonest first."""
    open_ = [each for each in contacts if each["promise"] and not each["promise"]["kept_at"]]
    return sorted(open_, key=lambda each: str(each["promise"]["by"]))


@BOOK.page("/beside/{person:uuid}", *BESIDE)
async def person(visit: Visit) -> View:
    """Show somebody: their name and what matters most to them first (S13)."""
    known = await visit.api.read(whose(visit))
    seen = await _parts(visit)
    held = seen["held"] or {}
    contacts, links = items(seen["contacts"]), items(seen["links"])
    ids = [held.get("lead"), held.get("chosen"), *held.get("alongside", []), visit.by.organisation]
    names = await organisations(visit, [*ids, *(each["organisation"] for each in (*contacts, *links))])
    own = names.get(visit.by.organisation, {})
    matters = [p for each in items(seen["told"]) for p in each["passages"] if p["heading"] == MATTERS]
    return View("beside_person.html", _("Somebody you support"), seen | {
        "person": known, "held": held, "contacts": contacts, "links": links, "asks": items(seen["asks"]),
        "names": names, "matters": matters, "promised": _promised(contacts), "own": own, "works": works(visit),
        "you": _stands(held, visit.by.organisation), "holds": HOLDS, "link_states": LINKS, "ask_states": ASKS,
        "outcomes": OUTCOMES, "ways": WAYS, "intensities": INTENSITIES, "reached_by": REACHED_BY,
        "leaves": works(visit) and await _is_left_from(visit, own),
        "walk": visit.form(WALK), "no_longer": visit.form(NO_LONGER), "hand_back": visit.form(HAND_BACK),
    })  # fmt: skip


async def _is_left_from(visit: Visit, own: dict[str, Any]) -> bool:
    """Say whether people leave a building of this organisation and are watched over then (J9)."""
    if own.get("kind") in LEFT_FROM:
        return True
    found = await visit.api.maybe(f"/v1/offers?limit=100&organisation={visit.by.organisation}")
    return any(each["watched_after_leaving"] for each in items(found))


def _here(visit: Visit) -> str:
    return f"/beside/{visit.named['person']}"


@BOOK.form(WALK, person, at="/beside/{person:uuid}/walk", roles=frozenset(WORK))
async def walk(visit: Visit, _typed: Typed) -> Go:
    """Have one's organisation walk beside the person (J6)."""
    await visit.send("POST", f"{whose(visit)}/alongside", {})
    return Go(_here(visit), SAID_WALKS)


@BOOK.form(NO_LONGER, person, at="/beside/{person:uuid}/no-longer", roles=frozenset(WORK))
async def no_longer(visit: Visit, _typed: Typed) -> Go:
    """Have it no longer walk beside them (J6)."""
    await visit.send("DELETE", f"{whose(visit)}/alongside/{visit.by.organisation}")
    return Go("/beside", SAID_NO_LONGER)


@BOOK.form(HAND_BACK, person, at="/beside/{person:uuid}/hand-back", roles=frozenset(WORK))
async def hand_back(visit: Visit, _typed: Typed) -> Go:
    """Put a hold down with one press, at any hour; never turned down for a small group (J2d)."""
    await visit.send("POST", f"{whose(visit)}/lead/hand-back", {})
    return Go(_here(visit), SAID_HANDED_BACK)


@BOOK.page("/beside/{person:uuid}/story", *BESIDE)
async def story(visit: Visit) -> View:
    """Read what the person has told. They see that it was read (S2)."""
    at = whose(visit)
    told = await visit.api.read(f"{at}/stories?limit=50")
    needs = await visit.api.maybe(f"{at}/needs?limit=50")
    names = await organisations(visit, {p["by"]["organisation"] for each in told["items"] for p in each["passages"]})
    return View("beside_story.html", _("Told once"), {
        "told": told, "needs": items(needs), "names": names, "person": visit.named["person"],
        "retold": visit.form(RETOLD), "headings": STORY, "how": HOW, "kinds": NEEDS, "matters": MATTERS_NOW,
    })  # fmt: skip


@BOOK.form(RETOLD, story, at="/beside/{person:uuid}/retold")
async def retold(visit: Visit, _typed: Typed) -> Go:
    """Say that they had to tell it again here: a duty of the door (S2)."""
    await visit.send("POST", f"{whose(visit)}/told-again", {})
    return Go(f"{_here(visit)}/story", SAID_RETOLD)
