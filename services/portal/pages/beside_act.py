"""For those beside a person: note a contact, ask for more for them, link them, they left the building (J8, J9, J12)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from services.portal import sentences
from services.portal.form import Field, Form, Kind, Option, Problem, Typed
from services.portal.naming import INTENSITIES, NEEDS, options, organisations
from services.portal.page import Book
from services.portal.people import BESIDE, OUTCOMES, SLEEPING, WAYS, WORK, instant, items, whose
from services.portal.visit import Go, View, Visit, WrongError
from services.portal.words import _

BOOK = Book()
CONTACT = Form("/beside/contact", _("Keep this"), (
    Field("outcome", _("What came of it?"), Kind.ONE, needed=True, options=options(OUTCOMES)),
    Field("how", _("How?"), Kind.ONE, needed=True, options=options(WAYS),
          hint=_("Spoken with each other is in person, by phone or by video. A text, a letter or a sighting counts "
                 "as tried.")),
    Field("happened_at", _("When was it?"), Kind.WHEN, most=20, hint=_("Leave it empty if it is just now."),
          wrong=_("Pick a day and a time that have been")),
    Field("note", _("A note"), Kind.WORDS, most=5000, rows=3,
          hint=_("One sentence is enough, such as: I saw them, they know I am saying so.")),
    Field("shown", _("They were shown this note, or it was read to them"), Kind.TICK, api="shown_to_person",
          hint=_("They know that you are saying this.")),
    Field("promise_by", _("Did you promise something? By when?"), Kind.WHEN, most=20, api="by",
          hint=_("If nobody has been in touch by then, you and those they chose are told."),
          wrong=_("Pick a day and a time that are still to come")),
    Field("promise_words", _("What did you promise?"), most=500, api="words"),
), who_reads=_("The person reads it, and so do those whom they let see how things go. Nobody answers it: if they need "
               "somebody, ask for more for them."))  # fmt: skip
ASK = Form("/beside/ask", _("Ask for more"), (
    Field("words", _("What would help?"), Kind.WORDS, most=5000,
          hint=_("In their words if you can. You need not write anything.")),
), who_reads=_("Whoever leads their support reads this now, and those who stand beside them are told. Somebody has to "
               "answer in time; if nobody does, the next are asked."))  # fmt: skip
LINK = Form("/beside/link", _("Link them to this"), (
    Field("offer", _("Which one?"), Kind.ONE, needed=True, missing=_("Pick what they are to be linked to")),
    Field("need", _("For which need?"), Kind.PICK),
    Field("leads", _("They are to lead once they have met"), Kind.TICK,
          hint=_("Until they have met, whoever leads now goes on leading.")),
), who_reads=_("The organisation that you pick is told now and has to answer; by when, you see on the person's page. "
               "They learn what the person is called."))  # fmt: skip
LEFT = Form("/beside/left", _("They left"), (
    Field("offer", _("What did they leave?"), Kind.PICK),
    Field("left_at", _("When did they leave?"), Kind.WHEN, most=20, hint=_("Leave it empty if it is just now."),
          wrong=_("Pick a day and a time that have been")),
    Field("sleeping", _("Where will they sleep for the next seven nights? Their own answer"), Kind.ONE,
          options=options(SLEEPING),
          hint=_("If it is nowhere, or not safe, whoever leads and the council are told at once.")),
))  # fmt: skip
SAID_KEPT = sentences.said("contact-kept", "It is kept, and they can read it.")
SAID_ASKED = sentences.said("asked-for-them", "You asked for more for them. A clock has started: somebody answers.")
SAID_LINKED = sentences.said("linked", "They are linked. You see here when there is an answer.")
SAID_LEFT = sentences.said("left-building", "It is noted. Somebody has to be in touch with them in time.")
PROMISE_NEEDS_DAY = _("Say by when, so that it is kept")
PAGE = 20


def _here(visit: Visit) -> str:
    return f"/beside/{visit.named['person']}"


async def _form_page(visit: Visit, title: Any, form: Form, **more: Any) -> View:
    person = await visit.api.read(whose(visit))
    values = {"person": person, "title_": title, "shown": visit.form(form), "action": visit.path}
    return View("beside_form.html", title, values | more)


@BOOK.page("/beside/{person:uuid}/contact", *BESIDE)
async def contact(visit: Visit) -> View:
    """Show what is asked of a contact."""
    return await _form_page(visit, _("Note a contact"), CONTACT)


@BOOK.form(CONTACT, contact, at="/beside/{person:uuid}/contact")
async def keep_contact(visit: Visit, typed: Typed) -> Go:
    """Keep a contact: made, tried or turned down, with a promise that has a date (J8, W2)."""
    by = instant(visit, typed, "promise_by")
    if typed.some("promise_words") and by is None:
        raise WrongError(Problem("promise_by", PROMISE_NEEDS_DAY))
    body: dict[str, Any] = {
        "outcome": typed.one("outcome"), "how": typed.one("how"), "note": typed.some("note"),
        "shown_to_person": typed.ticked("shown"), "happened_at": instant(visit, typed, "happened_at"),
        "promise": {"by": by, "words": typed.some("promise_words")} if by else None,
    }  # fmt: skip
    await visit.send("POST", f"{whose(visit)}/contacts", body)
    return Go(_here(visit), SAID_KEPT)


@BOOK.page("/beside/{person:uuid}/ask", *BESIDE)
async def ask(visit: Visit) -> View:
    """Show how to ask for more for somebody."""
    says = _("In one act, at any time. Nobody needs a threshold to be met.")
    return await _form_page(visit, _("Ask for more"), ASK, says=says)


@BOOK.form(ASK, ask, at="/beside/{person:uuid}/ask")
async def ask_for_more(visit: Visit, typed: Typed) -> Go:
    """Ask for more for them (J12)."""
    await visit.send("POST", f"{whose(visit)}/asks", {"words": typed.some("words")})
    return Go(_here(visit), SAID_ASKED)


def _asked(visit: Visit) -> dict[str, str]:
    """Give what the directory is looked through for."""
    known = {"need": NEEDS, "intensity": INTENSITIES}
    asked = {name: visit.query.get(name, "")[:200] for name in ("need", "intensity", "place")}
    return {name: value for name, value in asked.items() if value and value in known.get(name, {value})}


async def offers(visit: Visit, asked: dict[str, str]) -> tuple[list[Option], str | None]:
    """Give what is open in the directory, to pick from, and where more begins."""
    more = {"cursor": cursor} if (cursor := visit.query.get("cursor")) else {}
    found = await visit.api.read("/v1/offers?" + urlencode(asked | more | {"limit": PAGE}))
    names = await organisations(visit, [each["organisation"] for each in found["items"]])
    say = visit.tongue.say
    picks = [
        Option(each["id"], each["name"], " · ".join((
            names.get(each["organisation"], {}).get("name", ""), say(INTENSITIES.get(each["intensity"], "")),
            *([say(_("places free now: {n}"), n=each["places_free"])] if each["places_free"] is not None else []),
        )))
        for each in found["items"] if each["is_open"]
    ]  # fmt: skip
    return picks, found.get("next")


@BOOK.page("/beside/{person:uuid}/link", *BESIDE)
async def link(visit: Visit) -> View:
    """Show what there is in the directory, and link somebody to one of them."""
    person, needs = await visit.api.all(whose(visit), f"{whose(visit)}/needs?limit=50")
    asked = _asked(visit)
    picks, more = await offers(visit, asked)
    theirs = [Option(each["need"], each["words"][:80]) for each in items(needs)]
    form = LINK.with_options(offer=picks, need=theirs)
    query = urlencode(asked | ({"cursor": visit.query["cursor"]} if "cursor" in visit.query else {}))
    return View("beside_link.html", _("Link them"), {
        "person": person or await visit.api.read(whose(visit)), "shown": visit.form(form), "found": bool(picks),
        "asked": asked, "needs": NEEDS, "intensities": INTENSITIES, "action": f"{visit.path}?{query}",
        "more": urlencode(asked | {"cursor": more}) if more else None,
    })  # fmt: skip


@BOOK.form(LINK, link, at="/beside/{person:uuid}/link")
async def open_link(visit: Visit, typed: Typed) -> Go:
    """Open a warm link: the lead stays the lead until they have met (J3)."""
    body = {"offer": typed.id("offer"), "need": typed.id("need"), "leads": typed.ticked("leads")}
    await visit.send("POST", f"{whose(visit)}/links", body)
    return Go(_here(visit), SAID_LINKED)


async def _left_form(visit: Visit) -> Form:
    found = await visit.api.read(f"/v1/offers?limit=100&organisation={visit.by.organisation}")
    ours = [Option(each["id"], each["name"]) for each in found["items"] if each["watched_after_leaving"]]
    return LEFT.with_options(offer=ours) if ours else Form(
        LEFT.action, LEFT.button, tuple(each for each in LEFT.fields if each.name != "offer")
    )  # fmt: skip


@BOOK.page("/beside/{person:uuid}/left", *WORK)
async def left(visit: Visit) -> View:
    """Show what is asked as somebody leaves a building."""
    says = _("From the moment they leave, somebody has to be in touch with them in time, whoever leads.")
    return await _form_page(visit, _("They left the building"), await _left_form(visit), says=says)


@BOOK.form(LEFT, left, at="/beside/{person:uuid}/left")
async def say_left(visit: Visit, typed: Typed) -> Go:
    """Say that they left the building (J9, J13)."""
    body = {"offer": typed.id("offer"), "left_at": instant(visit, typed, "left_at"),
            "sleeping": typed.some("sleeping")}  # fmt: skip
    await visit.send("POST", f"{whose(visit)}/left-the-building", body)
    return Go(_here(visit), SAID_LEFT)
