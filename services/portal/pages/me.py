"""For the person: the first page, I need someone now, I need more, leave me be, come back."""

from __future__ import annotations

from services.portal import sentences
from services.portal.form import Field, Form, Kind, Typed
from services.portal.naming import organisations, ringing
from services.portal.page import Book
from services.portal.pages.signs import heard
from services.portal.visit import Go, View, Visit
from services.portal.words import _
from shared.event import Role

BOOK = Book()
NOW = Form("/me/now", _("I need someone now"))
MORE = Form(
    "/me/more",
    _("I need more"),
    (Field("words", _("What would help?"), Kind.WORDS, most=5000,
           hint=_("You need not write anything. Pressing the button is enough.")),),
    who_reads=_("Whoever leads your support reads this, and those you asked to stand beside you are told. "
                "The page that follows says by when they answer."),
)  # fmt: skip
LEAVE_BE = Form(
    "/me/leave-me-be",
    _("Leave me be"),
    (Field("words", _("Anything you want to say about it"), Kind.WORDS, most=5000, rows=3,
           hint=_("You owe nobody a reason.")),),
    who_reads=_("Those who led your support see that you asked for this, so that they stop. Messages stop at once."),
    warns=True,
)  # fmt: skip
RETURN = Form("/me/return", _("I want support again"))
WELCOME_BACK = sentences.said("welcome-back", "Welcome back. Somebody looks after you from this moment.")
LEFT_BE = sentences.said(
    "left-be", "We leave you be. Nobody writes to you or rings you from now on. You can come back whenever you like."
)
MOST = 5


@BOOK.page("/me", Role.PERSON)
async def me(visit: Visit) -> View:
    """Say who leads, what happens next, and what one can do here."""
    person, lead, asks = await visit.api.all(visit.me, f"{visit.me}/lead", f"{visit.me}/asks?limit={MOST}")
    lead = lead or {}
    names = await organisations(visit, [lead.get("lead"), lead.get("chosen"), *lead.get("alongside", [])])
    waiting = [each for each in (asks or {}).get("items", []) if each["state"] != "answered"]
    return View("me.html", _("My page"), {
        "called": (person or {}).get("called", ""), "lead": lead, "names": names, "waiting": waiting,
        "back": visit.form(RETURN), "gone": not lead.get("lead"),
    })  # fmt: skip


@BOOK.form(NOW, me)
async def now(visit: Visit, _typed: Typed) -> View:
    """Ask for somebody with one press: nothing to fill in, nothing to prove (P10, J7).

    It is said as warning signs are (P9): its clock is the shortest that there is, at any hour and intensity, it climbs
    until a human answers, and what was planned for such a time stands on the answer.
    """
    made = await visit.send("POST", f"{visit.me}/warning-signs", {})
    return await heard(visit, made)


@BOOK.page("/me/more", Role.PERSON)
async def more(visit: Visit) -> View:
    """Ask for more, and see what became of what one asked for (J12)."""
    asks = await visit.api.read(f"{visit.me}/asks?limit=20")
    return View("more.html", _("I need more"), {"more": visit.form(MORE), "asks": asks["items"]})


@BOOK.form(MORE, more)
async def ask(visit: Visit, typed: Typed) -> View:
    """Ask for more, in one act."""
    made = await visit.send("POST", f"{visit.me}/asks", {"words": typed.some("words")})
    return await _asked(visit, made)


async def _asked(visit: Visit, made: dict[str, object]) -> View:
    lead = await visit.api.perhaps(f"{visit.me}/lead") or {}
    names = await organisations(visit, [lead.get("lead")])
    return View("asked.html", _("We have heard you"), {
        "ask": made, "lead": names.get(lead.get("lead", "")), "ringing": await ringing(visit),
    })  # fmt: skip


@BOOK.page("/me/leave-me-be", Role.PERSON)
async def leave_be(visit: Visit) -> View:
    """Say what leaving means before it is done; one press does it (J4)."""
    return View("leave_be.html", _("Leave me be"), {"leave": visit.form(LEAVE_BE)})


@BOOK.form(LEAVE_BE, leave_be)
async def leaving(visit: Visit, typed: Typed) -> Go:
    """Be left be."""
    await visit.send("POST", f"{visit.me}/leave-me-be", {"words": typed.some("words")})
    return Go("/me", LEFT_BE)


@BOOK.form(RETURN, me)
async def come_back(visit: Visit, _typed: Typed) -> Go:
    """Be held again within the second (J7)."""
    await visit.send("POST", "/v1/returns", {})
    return Go("/me", WELCOME_BACK)
