"""For the person: my story, told once, corrected with a reason; and what I need."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from services.portal import sentences
from services.portal.form import Field, Form, Kind, Problem, Typed
from services.portal.naming import HOW, MATTERS, NEEDS, STORY, options, organisations
from services.portal.page import Book
from services.portal.visit import Go, View, Visit, WrongError
from services.portal.words import _
from shared.event import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

BOOK = Book()
MOST_WORDS = 20_000
READERS = _("Those whom you let see your story. Nobody has to answer by a certain time: if you need somebody, press "
            "I need someone now.")  # fmt: skip
TELL = Form("/me/story/tell", _("Keep this"), tuple(
    Field(code, name, Kind.WORDS, most=MOST_WORDS, rows=3) for code, name in STORY.items()
), who_reads=READERS)  # fmt: skip
CORRECT = Form("/me/story/correct", _("Keep this"), (
    Field("words", _("How it should be"), Kind.WORDS, needed=True, most=MOST_WORDS, rows=8,
          missing=_("Write how it should be")),
    Field("why", _("Why it changes"), most=500, needed=True, missing=_("Say in a few words why it changes"),
          hint=_("What stood before is kept, so that nobody can say that you never said it.")),
), who_reads=READERS)  # fmt: skip
NEED = Form("/me/needs", _("Keep this"), (
    Field("words", _("What do you need?"), Kind.WORDS, needed=True, most=5000, rows=3,
          missing=_("Say what you need, in your own words")),
    Field("kind", _("What is it most about?"), Kind.ONE, needed=True, options=options(NEEDS)),
    Field("matters", _("How much does it matter to you now?"), Kind.ONE, options=options(MATTERS)),
), who_reads=READERS)  # fmt: skip
KEPT = sentences.said("kept", "We have kept your words.")
NOTHING = _("Write something under one of the headings, or leave this page: nothing is lost")


@BOOK.page("/me/story", Role.PERSON)
async def story(visit: Visit) -> View:
    """Show what one has told."""
    stories, needs = await asyncio.gather(
        visit.api.every(f"{visit.me}/stories?limit=50"), visit.api.every(f"{visit.me}/needs?limit=50")
    )
    names = await organisations(visit, _writers(stories))
    return View("story.html", _("My story"), {
        "stories": stories, "headings": STORY, "how": HOW, "names": names, "needs": needs,
        "kinds": NEEDS, "matters": MATTERS, "need": visit.form(NEED),
    })  # fmt: skip


def _writers(stories: Iterable[dict[str, Any]]) -> set[str | None]:
    return {passage["by"]["organisation"] for each in stories for passage in each["passages"]}


@BOOK.page("/me/story/tell", Role.PERSON)
async def telling(visit: Visit) -> View:
    """Show every heading before anything is asked; any may be left empty (S13)."""
    return View("tell.html", _("My story"), {"tell": visit.form(TELL)})


@BOOK.form(TELL, telling)
async def tell(visit: Visit, typed: Typed) -> Go:
    """Tell a part of one's story."""
    language = visit.tongue.language
    passages = [{"heading": code, "words": words, "language": language} for code in STORY if (words := typed.one(code))]
    if not passages:
        raise WrongError(Problem(next(iter(STORY)), NOTHING))
    await visit.send("POST", f"{visit.me}/stories", {"passages": passages})
    return Go("/me/story", KEPT)


@BOOK.page("/me/story/{story:uuid}/{passage:uuid}", Role.PERSON)
async def passage(visit: Visit) -> View:
    """Correct one passage."""
    path = f"{visit.me}/stories/{visit.named['story']}"
    found = await visit.api.read(path)
    here = next((each for each in found["passages"] if each["passage"] == visit.named["passage"]), None)
    form = visit.form(CORRECT, words=here["words"] if here else None)
    return View("passage.html", _("My story"), {"passage": here, "headings": STORY, "correct": form,
                                                "tag": visit.api.tag(path)})  # fmt: skip


@BOOK.form(CORRECT, passage, at="/me/story/{story:uuid}/{passage:uuid}")
async def correct(visit: Visit, typed: Typed) -> Go:
    """Correct a passage: what stood before stays, with why it changed (S3)."""
    change = {"passage": visit.named["passage"], "words": typed.one("words"), "why": typed.one("why")}
    path = f"{visit.me}/stories/{visit.named['story']}/versions"
    await visit.send("POST", path, {"passages": [change]}, tag=typed.some("tag"))
    return Go("/me/story", KEPT)


@BOOK.form(NEED, story)
async def need(visit: Visit, typed: Typed) -> Go:
    """Name a need, of one of four kinds, in one's own words (S5)."""
    body = {"kind": typed.one("kind"), "words": typed.one("words"), "language": visit.tongue.language}
    await visit.send("POST", f"{visit.me}/needs", body | ({"matters": m} if (m := typed.some("matters")) else {}))
    return Go("/me/story", KEPT)
