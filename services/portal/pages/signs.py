"""My warning signs are showing: one act of the person, or of whoever they allowed; what was planned begins (P9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.portal import sentences
from services.portal.form import Field, Form, Kind, Option
from services.portal.naming import organisations, ringing
from services.portal.page import Book
from services.portal.pages.plan import HEADINGS
from services.portal.people import BESIDE, whose
from services.portal.visit import Go, View, Visit
from services.portal.words import _
from shared.event import Role

if TYPE_CHECKING:
    from services.portal.form import Typed
    from services.portal.words import Message

BOOK = Book()
SIGNS = "warning-signs"
READERS = _(
    "Whoever leads the support reads this now, and those chosen to stand beside are told. If nobody answers, the next "
    "are asked, until somebody does."
)


def _form(action: str, button: Message) -> Form:
    return Form(action, button, (
        Field("line", _("Which one?"), Kind.ONE, hint=_("You need not pick one.")),
        Field("words", _("Anything to say about it"), Kind.WORDS, most=5000, rows=3),
    ), who_reads=READERS)  # fmt: skip


MINE = _form("/me/signs", _("My warning signs are showing"))
THEIRS = _form("/beside/signs", _("Their warning signs are showing"))
SAID_THEIRS = sentences.said("their-signs", "It is said. Somebody has to answer, and what they planned begins.")


async def _signs(visit: Visit, record: str) -> list[Option]:
    plan = await visit.api.maybe(f"{record}/plan") or {}
    return [
        Option(each["id"], each["words"])
        for each in plan.get("lines", [])
        if each["heading"] == SIGNS and not each["not_now"]
    ]


def _said(typed: Typed) -> dict[str, Any]:
    return {"line": typed.id("line"), "words": typed.some("words")}


def _asking(form: Form, signs: list[Option]) -> Form:
    """Ask which sign only where there are some to pick from."""
    known = form.with_options(line=signs)
    return known if signs else Form(form.action, form.button, form.fields[1:], form.who_reads)


@BOOK.page("/me/signs", Role.PERSON)
async def mine(visit: Visit) -> View:
    """Show what one wrote down as signs, and the one button; with no plan it works as well."""
    found = await visit.api.read(f"{visit.me}/{SIGNS}?limit=10")
    form = visit.form(_asking(MINE, await _signs(visit, visit.me)))
    return View("signs.html", _("How it is going"), {"signs": form, "items": found["items"]})


@BOOK.form(MINE, mine)
async def say_mine(visit: Visit, typed: Typed) -> View:
    """Say so: no threshold, and what the plan promised stands on the answer."""
    return await heard(visit, await visit.send("POST", f"{visit.me}/{SIGNS}", _said(typed)))


async def heard(visit: Visit, made: dict[str, Any]) -> View:
    """Say who is told, by when somebody answers, and what was planned."""
    names = await organisations(visit, [made.get("lead")])
    return View("signs_said.html", _("We have heard you"), {
        "said_": made, "lead": names.get(made.get("lead") or ""), "headings": HEADINGS, "ringing": await ringing(visit),
    })  # fmt: skip


@BOOK.page("/beside/{person:uuid}/signs", *BESIDE)
async def theirs(visit: Visit) -> View:
    """Say it for somebody who allowed it."""
    person = await visit.api.read(whose(visit))
    form = visit.form(_asking(THEIRS, await _signs(visit, whose(visit))))
    title = _("Their warning signs are showing")
    says = _("Say so when you see it. There is no threshold, and you need not be sure.")
    return View("beside_form.html", _("How it is going"), {
        "person": person, "title_": title, "shown": form, "action": visit.path, "says": says,
    })  # fmt: skip


@BOOK.form(THEIRS, theirs, at="/beside/{person:uuid}/signs")
async def say_theirs(visit: Visit, typed: Typed) -> Go:
    """Say so for them."""
    await visit.send("POST", f"{whose(visit)}/{SIGNS}", _said(typed))
    return Go(f"/beside/{visit.named['person']}", SAID_THEIRS)
