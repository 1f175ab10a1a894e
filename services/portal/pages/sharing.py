"""For the person: who may see what, give and withdraw; who looked (C1, C2, C6)."""

from __future__ import annotations

from typing import Any

from services.portal import looking, sentences
from services.portal.form import Field, Form, Kind, Option, Typed
from services.portal.naming import PARTS, ROLES, options, organisations
from services.portal.page import Book
from services.portal.visit import Go, View, Visit
from services.portal.words import _
from shared.event import Role

BOOK = Book()
CRISIS = "any-crisis-service"
PURPOSES = {
    "support": _("for my support"),
    "crisis": _("in a crisis"),
    "oversight": _("to check that things go right"),
    "research": _("for research"),
}
ONLY_YOU = _("Only you. Nobody answers it: if you need somebody, press I need someone now.")
WHO = Field("who", _("Who?"), Kind.PICK, needed=True)
GIVE = Form("/me/sharing/give", _("Let them see this"), (
    WHO,
    Field("what", _("What may they see?"), Kind.MANY, needed=True, options=options(PARTS),
          missing=_("Tick what they may see")),
    Field("until", _("Until when?"), Kind.DAY, most=10, hint=_("Leave it empty if it has no end. You can take it back "
          "whenever you like."), wrong=_("Pick a day that is still to come")),
    Field("words", _("Anything you want to say about it"), Kind.WORDS, most=5000, rows=2),
), who_reads=ONLY_YOU)  # fmt: skip
SAY_NO = Form("/me/sharing/no", _("Say no"), (
    WHO,
    Field("hide", _("Please do not speak to them about me at all"), Kind.TICK,
          hint=_("They can't tell that you asked for this.")),
    Field("words", _("Anything you want to say about it"), Kind.WORDS, most=5000, rows=2),
), who_reads=ONLY_YOU)  # fmt: skip
TAKE_BACK = Form("/me/sharing/take-back", _("Take it back"))
GIVEN = sentences.said("given", "They may see it from now. You can take it back here whenever you like.")
SAID_NO = sentences.said("said-no", "They see nothing from now on.")
TAKEN = sentences.said("taken-back", "It is taken back. From now on nothing that it covered leaves here.")


@BOOK.page("/me/sharing", Role.PERSON)
async def sharing(visit: Visit) -> View:
    """Show who may see what, in force first."""
    choices = await visit.api.every(f"{visit.me}/choices?limit=100")
    names = await organisations(visit, [each["who"].get("organisation") for each in choices])
    now = [each for each in choices if each["state"] == "in-force"]
    past = [each for each in choices if each["state"] != "in-force"]
    return View("sharing.html", _("Who may see what"), {
        "now": now, "past": past, "names": names, "parts": PARTS, "purposes": PURPOSES, "roles": ROLES,
        "take_back": visit.form(TAKE_BACK),
    })  # fmt: skip


async def whom(visit: Visit) -> list[Option]:
    """Give whom a choice may be about."""
    found = await visit.api.every("/v1/organisations?limit=100")
    places = [Option(each["id"], each["name"]) for each in found]
    roles = [Option(f"role:{code}", ROLES[code]) for code in ("peer-supporter", "carer", "practitioner", "duty")]
    return [*places, Option(CRISIS, _("Any crisis service")), *roles]


@BOOK.page("/me/sharing/give", Role.PERSON)
async def giving(visit: Visit) -> View:
    """Let somebody see something."""
    form = GIVE.with_options(who=await whom(visit))
    return View("share.html", _("Who may see what"), {"share": visit.form(form), "says_no": False})


@BOOK.page("/me/sharing/no", Role.PERSON)
async def saying_no(visit: Visit) -> View:
    """Say no to somebody."""
    form = SAY_NO.with_options(who=await whom(visit))
    return View("share.html", _("Who may see what"), {"share": visit.form(form), "says_no": True})


def the_one(typed: Typed) -> dict[str, Any]:
    """Give whom was picked, as the API takes it."""
    given = typed.one("who")
    if given == CRISIS:
        return {"any_crisis_service": True}
    if given.startswith("role:"):
        return {"role": given.removeprefix("role:")}
    return {"organisation": typed.id("who")}


@BOOK.form(GIVE, giving)
async def give(visit: Visit, typed: Typed) -> Go:
    """Say yes: who, what, until when (C1)."""
    body: dict[str, Any] = {"who": the_one(typed), "permit": True, "what": typed.every("what"),
                            "words": typed.some("words"), "purposes": ["support", "crisis"]}  # fmt: skip
    if day := typed.some("until"):
        body["until"] = f"{day}T23:59:00+00:00"
    await visit.send("POST", f"{visit.me}/choices", body)
    return Go("/me/sharing", GIVEN)


@BOOK.form(SAY_NO, saying_no)
async def say_no(visit: Visit, typed: Typed) -> Go:
    """Say no; a no is a record too (C1)."""
    body = {"who": the_one(typed), "permit": False, "words": typed.some("words"), "hide": typed.ticked("hide")}
    await visit.send("POST", f"{visit.me}/choices", body)
    return Go("/me/sharing", SAID_NO)


@BOOK.form(TAKE_BACK, sharing, at="/me/sharing/{choice:uuid}/take-back")
async def take_back(visit: Visit, _typed: Typed) -> Go:
    """Take a choice back: in force as the next page is there (C2)."""
    await visit.send("POST", f"/v1/choices/{visit.named['choice']}/withdrawal", {})
    return Go("/me/sharing", TAKEN)


@BOOK.page("/me/looked", Role.PERSON)
async def looked(visit: Visit) -> View:
    """Say who looked at what, when and why, in plain words (C6)."""
    cursor = visit.query.get("cursor", "")
    more = f"&cursor={cursor}" if cursor.replace("-", "").isalnum() else ""
    found = await visit.api.read(f"{visit.me}/who-looked?limit=50{more}")
    items = [{"at": each["at"], "says": looking.says(visit.tongue, each)} for each in found["items"]]
    return View("looked.html", _("Who looked"), {"items": items, "more": found.get("next")})
