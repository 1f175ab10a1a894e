"""For the person: keep a passage of my story from somebody, and give it back (S4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.portal import sentences
from services.portal.form import Field, Form, Kind
from services.portal.naming import ROLES, STORY, organisations
from services.portal.page import Book
from services.portal.pages.sharing import CRISIS, ONLY_YOU, the_one, whom
from services.portal.visit import Go, View, Visit
from services.portal.words import _
from shared.event import Role

if TYPE_CHECKING:
    from services.portal.form import Typed

BOOK = Book()
KEEP = Form("/me/story/keep", _("Keep it from them"), (
    Field("who", _("From whom?"), Kind.PICK, needed=True,
          hint=_("They can't tell that there is anything they do not see.")),
    Field("words", _("Anything you want to note about it, for yourself"), Kind.WORDS, most=5000, rows=2),
), who_reads=ONLY_YOU)  # fmt: skip
GIVE_BACK = Form("/me/story/give-back", _("Let them see it again"))
WITHHELD = sentences.said("withheld", "It is kept from them, from now.")
GIVEN_BACK = sentences.said("given-back", "They may see it again, if they may see your story.")


async def _passage(visit: Visit) -> dict[str, Any] | None:
    found = await visit.api.read(f"{visit.me}/stories/{visit.named['story']}")
    return next((each for each in found["passages"] if each["passage"] == visit.named["passage"]), None)


@BOOK.page("/me/story/{story:uuid}/{passage:uuid}/keep", Role.PERSON)
async def keeping(visit: Visit) -> View:
    """Show from whom a passage is kept, and keep it from one more."""
    here = await _passage(visit)
    every = await visit.api.every(f"{visit.me}/withholdings?limit=100")
    now = [each for each in every if each["passage"] == visit.named["passage"] and each["state"] == "withheld"]
    form = KEEP.with_options(who=[each for each in await whom(visit) if each.value != CRISIS])
    return View("withheld.html", _("My story"), {
        "passage": here, "headings": STORY, "now": now, "keep": visit.form(form), "give_back": visit.form(GIVE_BACK),
        "names": await organisations(visit, [each["from"].get("organisation") for each in now]), "roles": ROLES,
    })  # fmt: skip


@BOOK.form(KEEP, keeping, at="/me/story/{story:uuid}/{passage:uuid}/keep")
async def keep(visit: Visit, typed: Typed) -> Go:
    """Keep it from them: in force as the next page is there."""
    body = {"passage": visit.named["passage"], "from": the_one(typed), "words": typed.some("words")}
    await visit.send("POST", f"{visit.me}/withholdings", body)
    return Go(visit.path, WITHHELD)


@BOOK.form(GIVE_BACK, keeping, at="/me/story/{story:uuid}/{passage:uuid}/keep/{withholding:uuid}")
async def give_back(visit: Visit, _typed: Typed) -> Go:
    """Let them see it again."""
    await visit.send("DELETE", f"{visit.me}/withholdings/{visit.named['withholding']}")
    return Go(f"/me/story/{visit.named['story']}/{visit.named['passage']}/keep", GIVEN_BACK)
