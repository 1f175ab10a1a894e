"""For the person: how to reach me safely, and the people in my circle (S6, S7)."""

from __future__ import annotations

from typing import Any

from services.portal import sentences
from services.portal.form import Field, Form, Kind, Option, Typed
from services.portal.naming import organisations
from services.portal.page import Book
from services.portal.visit import Go, View, Visit
from services.portal.words import LANGUAGES, _
from shared.event import Role

BOOK = Book()
WAYS = {
    "call": _("Ring me"),
    "text": _("Send me a text"),
    "email": _("Write me an e-mail"),
    "letter": _("Write me a letter"),
    "in-person": _("Come to me"),
    "through-supporter": _("Through somebody beside me"),
}
TIES = {
    "family": _("Family"),
    "friend": _("A friend"),
    "carer": _("Somebody who cares for me"),
    "peer": _("A peer"),
    "worker": _("Somebody who works with me"),
    "child": _("A child who depends on me"),
    "cared-for": _("Somebody I care for"),
    "other": _("Somebody else"),
}
MAY = {
    "be-rung": _("be rung if I go quiet"),
    "be-told": _("be told how things go"),
    "ask-for-more": _("ask for more for me"),
    "say-warning-signs": _("say that my warning signs are showing"),
    "witness-agreement": _("be there when I agree a plan"),
    "be-with-me": _("be with me when I meet somebody"),
}
REACH = Form("/me/reach", _("Keep this"), (
    Field("ways", _("How may we reach you?"), Kind.MANY, hint=_("Tick all that are safe."),
          options=tuple(Option(code, says) for code, says in WAYS.items())),
    Field("phone", _("Your phone number"), Kind.PHONE, most=30, autocomplete="tel",
          wrong=_("Write the phone number with its code, such as 07700 900123")),
    Field("email", _("Your e-mail address"), Kind.EMAIL, most=254, autocomplete="email",
          wrong=_("Write the e-mail address like name@example.org")),
    Field("voicemail", _("You may leave a voicemail"), Kind.TICK),
    Field("may_be_written_to", _("You may write to me"), Kind.TICK,
          hint=_("Texts and e-mails never say what they are about.")),
    Field("language", _("The language you like best"), Kind.PICK,
          options=tuple(Option(code, name) for code, name in LANGUAGES.items())),
    Field("interpreter", _("An interpreter, and of what kind")),
    Field("communication", _("What helps you to talk and to listen"), Kind.WORDS, rows=2),
    Field("adjustments", _("What would make things easier for you"), Kind.WORDS, rows=2),
    Field("culture_and_faith", _("What matters about your culture and faith"), Kind.WORDS, rows=2),
    Field("code_word", _("A new code word"), Kind.SECRET, most=100,
          hint=_("With it you are known at any door, and nobody else is. Leave it empty to keep the one you have.")),
), who_reads=_("Whoever leads your support, and those whom you let see how to reach you."))  # fmt: skip
ADD = Form("/me/circle/add", _("Add them"), (
    Field("called", _("What are they called?"), needed=True, most=100, missing=_("Say what they are called")),
    Field("kind", _("Who are they to you?"), Kind.ONE, needed=True,
          options=tuple(Option(code, says) for code, says in TIES.items())),
    Field("may", _("What may they do?"), Kind.MANY, options=tuple(Option(code, says) for code, says in MAY.items())),
    Field("phone", _("Their phone number"), Kind.PHONE, most=30,
          wrong=_("Write the phone number with its code, such as 07700 900123")),
    Field("email", _("Their e-mail address"), Kind.EMAIL, most=254,
          wrong=_("Write the e-mail address like name@example.org")),
    Field("if_quiet", _("Ring them if I go quiet"), Kind.TICK),
    Field("note", _("Anything to know about them"), Kind.WORDS, most=2000, rows=2),
), who_reads=_("Whoever leads your support, and those whom you let see your circle."))  # fmt: skip
TAKE_OUT = Form("/me/circle/take-out", _("Take out"))
KEPT = sentences.said("reach-kept", "We have kept how to reach you.")
ADDED = sentences.said("added", "They are in your circle.")
OUT = sentences.said("taken-out", "They are not in your circle any more.")
TEXTS = ("interpreter", "communication", "adjustments", "culture_and_faith")


@BOOK.page("/me/reach", Role.PERSON)
async def reach(visit: Visit) -> View:
    """Show how one may be reached, to be changed."""
    known = await visit.api.maybe(f"{visit.me}/reach") or {}
    ways = [each["how"] for each in known.get("ways", [])]
    texts = {name: known.get(name) for name in ("phone", "email", "language", *TEXTS)}
    ticks = {
        "voicemail": "yes" if known.get("never_voicemail") is False else None,
        "may_be_written_to": "yes" if known.get("may_be_written_to") else None,
    }
    return View("reach.html", _("How to reach me"), {
        "reach": visit.form(REACH, ways=ways, **texts, **ticks), "has_code_word": known.get("has_code_word"),
    })  # fmt: skip


@BOOK.form(REACH, reach)
async def say_reach(visit: Visit, typed: Typed) -> Go:
    """Say how one may be reached safely; it shapes every message from now (S7)."""
    known = await visit.api.maybe(f"{visit.me}/reach") or {}
    hours = {each["how"]: each for each in known.get("ways", [])}
    ways = [hours.get(how, {"how": how}) for how in typed.every("ways")]
    texts = {name: typed.some(name) for name in ("phone", "email", *TEXTS)}
    ticks = {
        "never_voicemail": not typed.ticked("voicemail"), "may_be_written_to": typed.ticked("may_be_written_to"),
    }  # fmt: skip
    body: dict[str, Any] = {"ways": ways, "language": typed.some("language") or visit.tongue.language, **texts, **ticks}
    if word := typed.some("code_word"):
        body["code_word"] = word
    await visit.send("PUT", f"{visit.me}/reach", body)
    return Go("/me/reach", KEPT)


@BOOK.page("/me/circle", Role.PERSON)
async def circle(visit: Visit) -> View:
    """Show the people in my circle, and whom to ring first if I go quiet."""
    found = await visit.api.maybe(f"{visit.me}/circle") or {"items": []}
    names = await organisations(visit, [each["organisation"] for each in found["items"]])
    return View("circle.html", _("My circle"), {
        "people": found["items"], "names": names, "ties": TIES, "may": MAY, "add": visit.form(ADD),
        "take_out": visit.form(TAKE_OUT),
    })  # fmt: skip


@BOOK.form(ADD, circle)
async def add(visit: Visit, typed: Typed) -> Go:
    """Add somebody to one's circle, with what they may do (S6)."""
    reached = {name: typed.one(name) for name in ("phone", "email") if typed.one(name)}
    ways = [{"how": how} for how, name in (("call", "phone"), ("email", "email")) if name in reached]
    body: dict[str, Any] = {"called": typed.one("called"), "kind": typed.one("kind"), "may": typed.every("may"),
                            "note": typed.some("note"), "if_quiet": typed.ticked("if_quiet")}  # fmt: skip
    if reached:
        body["ways"] = reached | {"ways": ways}
    await visit.send("POST", f"{visit.me}/circle", body)
    return Go("/me/circle", ADDED)


@BOOK.form(TAKE_OUT, circle, at="/me/circle/{entry:uuid}/take-out")
async def take_out(visit: Visit, _typed: Typed) -> Go:
    """Take somebody out of one's circle."""
    await visit.send("DELETE", f"{visit.me}/circle/{visit.named['entry']}")
    return Go("/me/circle", OUT)
