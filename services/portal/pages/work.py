"""For those who answer for an organisation: who waits for its word, and links to welcome or not right (J2a, J3, J5)."""

from __future__ import annotations

from typing import Any

from services.portal import sentences
from services.portal.form import Field, Form, Kind, Option, Typed
from services.portal.naming import INTENSITIES, NEEDS, options
from services.portal.page import Book
from services.portal.pages.beside_act import offers
from services.portal.pages.beside_person import LINKS
from services.portal.people import WAYS, WORK, called, instant, items, members, ours
from services.portal.visit import Go, View, Visit
from services.portal.words import _

BOOK = Book()
MOST = 10
NAMED = Field("named", _("Who will meet them?"), Kind.PICK, hint=_("You, if you leave it empty."))
DEPUTY = Field("deputy", _("And if that one can't?"), Kind.PICK)
WELCOME = Form("/work/links/welcome", _("They are welcome"), (
    NAMED, DEPUTY,
    Field("first_date", _("When do you meet first?"), Kind.WHEN, most=20,
          hint=_("They see it. Say it only if you can keep it."), wrong=_("Pick a day and a time")),
), who_reads=_("The person, and whoever leads their support."))  # fmt: skip
REASONS = {
    "no-place-free": _("No place is free"),
    "another-offer-fits-better": _("Something else fits better"),
    "not-what-the-person-wants": _("It is not what they want"),
    "too-far": _("It is too far away"),
    "focus-on-another-group": _("It is for another group of people"),
    "kept-apart": _("Somebody here must be kept apart from them"),
}
NOT_RIGHT = Form("/work/links/not-right", _("Not right for them, and here is what could be"), (
    Field("reason", _("Why is it not right for them?"), Kind.ONE, needed=True, options=options(REASONS)),
    Field("alternative", _("What could be right instead?"), Kind.PICK,
          hint=_("Something that is open and takes this need.")),
    Field("call_together", _("Call whoever leads together with us, to find something"), Kind.TICK,
          hint=_("If you know of nothing else. It gets a date within a few working days.")),
), who_reads=_("The person, and whoever leads their support. That somebody must be kept apart, nobody but you "
               "reads."))  # fmt: skip
MET = Form("/work/links/met", _("We have met"), (
    Field("worker", _("Who met them?"), Kind.PICK, hint=_("You, if you leave it empty.")),
    Field("how", _("How?"), Kind.ONE, needed=True,
          options=tuple(Option(code, WAYS[code]) for code in ("in-person", "phone", "video"))),
))  # fmt: skip
SAID_WELCOME = sentences.said("welcomed", "They hear that they are welcome, and who meets them.")
SAID_NOT_RIGHT = sentences.said("said-not-right", "They and whoever leads hear what could be right instead.")
SAID_MET = sentences.said("have-met", "You have met. If you are to lead, you lead from this moment.")


def _page(visit: Visit, which: str) -> str:
    return f"{ours(visit)}/{which}limit={MOST}"


@BOOK.page("/work", *WORK)
async def waiting(visit: Visit) -> View:
    """Show who chose us, which links wait for our answer, and whom we have still to meet."""
    chosen, linked, welcomed = await visit.api.all(
        _page(visit, "chosen?"), _page(visit, "links?state=linked&"), _page(visit, "links?state=welcomed&")
    )
    links = sorted(items(linked), key=lambda each: str(each["answer_by"]))
    people = [each["person"] for each in (*items(chosen), *links, *items(welcomed))]
    named = await visit.api.all(*sorted({f"/v1/offers/{each['offer']}" for each in (*links, *items(welcomed))}))
    return View("work.html", _("Waiting for us"), {
        "chosen": items(chosen), "links": links, "welcomed": items(welcomed), "called": await called(visit, people),
        "offers": {each["id"]: each["name"] for each in named if each},
        "more": any("next" in (each or {}) for each in (chosen, linked, welcomed)),
    })  # fmt: skip


async def _alternatives(visit: Visit, link: dict[str, Any]) -> list[Option]:
    """Give what could be right instead: open, and not this one."""
    needs = await visit.api.maybe(f"/v1/people/{link['person']}/needs?limit=50") if link["need"] else None
    kind = next((each["kind"] for each in items(needs) if each["need"] == link["need"]), None)
    asked = {"need": kind} if kind in NEEDS else {}
    picks, _more = await offers(visit, asked | {"limit": "100"})
    return [Option(each.value, f"{each.label} – {each.hint}") for each in picks if each.value != link["offer"]]


@BOOK.page("/work/links/{link:uuid}", *WORK)
async def link(visit: Visit) -> View:
    """Show one link: welcome them, say what could be right instead, or that you have met."""
    found = await visit.api.read(f"/v1/links/{visit.named['link']}")
    person = await visit.api.maybe(f"/v1/people/{found['person']}") or {}
    offer = await visit.api.maybe(f"/v1/offers/{found['offer']}") or {}
    with_us = await members(visit)
    welcome = WELCOME.with_options(named=with_us, deputy=with_us)
    not_right = NOT_RIGHT.with_options(alternative=await _alternatives(visit, found))
    return View("work_link.html", _("Waiting for us"), {
        "link": found, "called": person.get("called", ""), "offer": offer, "states": LINKS, "intensities": INTENSITIES,
        "names": {each.value: each.label for each in with_us}, "welcome": visit.form(welcome),
        "not_right": visit.form(not_right), "met": visit.form(MET.with_options(worker=with_us)),
        "late": found["state"] == "not-right" and found["by_silence"], "reasons": REASONS,
    })  # fmt: skip


def _at(visit: Visit, verb: str) -> str:
    return f"/v1/links/{visit.named['link']}/{verb}"


@BOOK.form(WELCOME, link, at="/work/links/{link:uuid}/welcome")
async def say_welcome(visit: Visit, typed: Typed) -> Go:
    """Say that they are welcome, who meets them and when (J3)."""
    body = {"named": typed.id("named"), "deputy": typed.id("deputy"), "first_date": instant(visit, typed, "first_date")}
    await visit.send("POST", _at(visit, "welcome"), body)
    return Go("/work", SAID_WELCOME)


@BOOK.form(NOT_RIGHT, link, at="/work/links/{link:uuid}/not-right")
async def say_not_right(visit: Visit, typed: Typed) -> Go:
    """Say what could be right instead, or call the holder together; nothing else is an answer (J5)."""
    body = {"reason": typed.one("reason"), "alternative": typed.id("alternative"),
            "call_together": typed.ticked("call_together")}  # fmt: skip
    await visit.send("POST", _at(visit, "not-right"), body)
    return Go("/work", SAID_NOT_RIGHT)


@BOOK.form(MET, link, at="/work/links/{link:uuid}/met")
async def say_met(visit: Visit, typed: Typed) -> Go:
    """Say that you have met, both there at once; where the link leads, you lead now (J3)."""
    await visit.send("POST", _at(visit, "met"), {"worker": typed.id("worker"), "how": typed.one("how")})
    return Go("/work", SAID_MET)
