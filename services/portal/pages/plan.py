"""For the person: my plan. Make it, change it, set a line aside, agree it or not in my words, print it (P1 to P8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.portal import sentences
from services.portal.form import Field, Form, Kind, Problem, Typed
from services.portal.naming import STATES, organisations
from services.portal.page import Book
from services.portal.visit import Go, View, Visit, WrongError
from services.portal.words import _
from shared.event import Role

BOOK = Book()
HEADINGS = {
    "warning-signs": _("How I can tell that things are getting harder"),
    "by-myself": _("What I can do on my own to get through it"),
    "people-and-places": _("People and places that take my mind off it"),
    "ask-for-help": _("People I can tell and ask for help"),
    "services": _("Services I can contact, and how"),
    "safer-around-me": _("Making what is around me safer"),
    "worth-living": _("What makes life worth living"),
    "helps": _("What helps when I am in crisis"),
    "does-not-help": _("What does not help when I am in crisis"),
    "if-i-go-quiet": _("If I go quiet"),
    "where-i-keep-this": _("Where I keep this"),
    "who-has-it": _("Who has it"),
}
"""What a safety plan asks, as the API names its headings."""
SUPPORT = {
    "goals": _("What I want to be different"),
    "who-does-what": _("Who does what, and by when"),
    "care-act": _("What the council owes me under the Care Act"),
    "money": _("Money"),
    "housing": _("Where I live"),
    "work": _("Work, if I wish"),
}
MAKING = {"safety": "steps", "care-and-support": "support"}
"""What their addresses say: an address stays behind in a browser's history."""
KINDS = {"safety": _("My safety plan"), "care-and-support": _("My care and support plan")}
READERS = _("Those whom you let see your plan. It is not in force until you agree it.")
DRAFTS = {
    kind: Form(f"/me/plan/make/{MAKING[kind]}", _("Keep this"), (
        *(Field(code, says, Kind.WORDS, most=5000, rows=3, hint=_("One thing on each line.")) for code, says in asked),
        Field("review_on", _("When shall we look at it again?"), Kind.DAY, most=10,
              wrong=_("Pick a day that is still to come")),
    ), who_reads=READERS)
    for kind, asked in (("safety", HEADINGS.items()), ("care-and-support", SUPPORT.items()))
}  # fmt: skip
CHANGE = Form("/me/plan/change", _("Keep this"), tuple(
    {each.name: each for form in DRAFTS.values() for each in form.fields}.values()
))  # fmt: skip
AGREE = Form("/me/plan/agree", _("I agree to this"))
NOT_AGREE = Form("/me/plan/not-agree", _("I do not agree"), (
    Field("words", _("What is not right, in your words"), Kind.WORDS, most=5000, rows=3),
    Field("would_agree_to", _("What would you agree to?"), Kind.WORDS, most=5000, rows=3),
), who_reads=_("Whoever leads your support and those you chose to stand beside you are told now."))  # fmt: skip
UNDO = Form("/me/plan/undo", _("That is not what I agreed"), warns=True)
NOT_NOW = Form("/me/plan/not-now", _("Not now"))
DRAFTED = sentences.said("drafted", "We have kept it. Read it through; it counts once you agree it.")
AGREED = sentences.said("agreed", "You agreed this plan. It is in force from now.")
NOT_AGREED = sentences.said("not-agreed", "You did not agree. Those who stand beside you are told, in your words.")
UNDONE = sentences.said("undone", "It counts as not agreed, and so does all that rested on it.")
SET_ASIDE = sentences.said("set-aside", "That line is set aside: it shows as not now from this moment.")
EMPTY = _("Write at least one line under one of the headings")


@BOOK.page("/me/plan", Role.PERSON)
async def plans(visit: Visit) -> View:
    """Show the plans in force, and what still waits for one's answer."""
    safety, support, every = await visit.api.all(
        f"{visit.me}/plan", f"{visit.me}/plan?kind=care-and-support", f"{visit.me}/plans?limit=50"
    )
    in_force = [plan for plan in (safety, support) if plan and plan.get("plan")]
    latest = (every or {}).get("items", [])
    return View("plans.html", _("My plan"), {
        "in_force": in_force, "plans": latest, "kinds": KINDS, "states": STATES, "headings": HEADINGS | SUPPORT,
        "names": await organisations(visit, [each["organisation"] for p in in_force for each in p["lines"]]),
        "missing": [(kind, DRAFTS[kind].action) for kind in KINDS if not any(each["kind"] == kind for each in latest)],
        "not_now": visit.form(NOT_NOW),
    })  # fmt: skip


@BOOK.page("/me/plan/print", Role.PERSON)
async def printed(visit: Visit) -> View:
    """Give the plan in force as one page to print (P6)."""
    plan = await visit.api.read(f"{visit.me}/plan")
    person = await visit.api.read(visit.me)
    return View("plan_print.html", _("My plan"), {"plan": plan, "headings": HEADINGS, "called": person["called"]})


async def _version(visit: Visit) -> tuple[dict[str, Any], dict[str, Any]]:
    path = f"/v1/plans/{visit.named['plan']}"
    plan = await visit.api.read(path)
    return plan, {
        "plan": plan, "headings": HEADINGS | SUPPORT, "kinds": KINDS, "states": STATES, "tag": visit.api.tag(path),
        "names": await organisations(
            visit, [plan["drafted"]["organisation"], *(each["organisation"] for each in plan["lines"])]
        ),
    }  # fmt: skip


@BOOK.page("/me/plan/{plan:uuid}", Role.PERSON)
async def one(visit: Visit) -> View:
    """Read the latest version of a plan, and say whether one agrees to exactly this (P3)."""
    _plan, values = await _version(visit)
    forms = {"agree": AGREE, "not_agree": NOT_AGREE, "undo": UNDO, "not_now": NOT_NOW}
    return View("plan.html", _("My plan"), values | {name: visit.form(form) for name, form in forms.items()})


def _lines(typed: Typed, headings: dict[str, Any], before: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Give the lines that were typed; one whose words stayed is kept as its writer left it (P2)."""
    kept = {(each["heading"], each["words"]): each["id"] for each in (before or {}).get("lines", [])}
    lines = [
        {"heading": heading, "words": words} | ({"id": kept[heading, words]} if (heading, words) in kept else {})
        for heading in headings
        for words in (each.strip() for each in typed.one(heading).split("\n"))
        if words
    ]
    if not lines:
        raise WrongError(Problem(next(iter(headings)), EMPTY))
    return lines


def _body(typed: Typed, lines: list[dict[str, Any]]) -> dict[str, Any]:
    body: dict[str, Any] = {"lines": lines, "co_produced": True}
    if day := typed.some("review_on"):
        body["review_on"] = f"{day}T12:00:00+00:00"
    return body


def _making(kind: str) -> None:
    form, headings = DRAFTS[kind], HEADINGS if kind == "safety" else SUPPORT

    @BOOK.page(form.action, Role.PERSON)
    async def making(visit: Visit) -> View:
        """Show every heading before anything is asked; any may be left empty."""
        return View("make_plan.html", _("My plan"), {"make": visit.form(form), "kind": kind, "kinds": KINDS})

    @BOOK.form(form, making)
    async def make(visit: Visit, typed: Typed) -> Go:
        """Draft a plan of one's own."""
        lines = _lines(typed, headings, None)
        made = await visit.send("POST", f"{visit.me}/plans", _body(typed, lines) | {"kind": kind})
        return Go(f"/me/plan/{made['plan']}", DRAFTED)


for _kind in KINDS:
    _making(_kind)


@BOOK.page("/me/plan/{plan:uuid}/change", Role.PERSON)
async def changing(visit: Visit) -> View:
    """Change a plan: what stands is there already, a line each."""
    plan, values = await _version(visit)
    form = replace(DRAFTS[plan["kind"]], action=CHANGE.action)
    stands: dict[str, str] = {}
    for each in plan["lines"]:
        stands[each["heading"]] = f"{stands[each['heading']]}\n{each['words']}" if each["heading"] in stands \
            else each["words"]  # fmt: skip
    return View("make_plan.html", _("My plan"), values | {
        "make": visit.form(form, review_on=(plan["review_on"] or "")[:10] or None, **stands), "kind": plan["kind"],
        "action": f"/me/plan/{plan['plan']}/change",
    })  # fmt: skip


@BOOK.form(CHANGE, changing, at="/me/plan/{plan:uuid}/change")
async def change(visit: Visit, typed: Typed) -> Go:
    """Write a new version; the last agreed one stays in force until this is agreed (P3)."""
    plan = await visit.api.read(f"/v1/plans/{visit.named['plan']}")
    lines = _lines(typed, HEADINGS if plan["kind"] == "safety" else SUPPORT, plan)
    path = f"/v1/plans/{plan['plan']}/versions"
    await visit.send("POST", path, _body(typed, lines), tag=typed.some("tag"))
    return Go(f"/me/plan/{plan['plan']}", DRAFTED)


async def _answered(visit: Visit, typed: Typed, body: dict[str, Any]) -> None:
    revision = typed.one("revision")
    told = body | {"revision": int(revision) if revision.isdigit() else 0}
    await visit.send("POST", f"/v1/plans/{visit.named['plan']}/agreement", told)


@BOOK.form(AGREE, one, at="/me/plan/{plan:uuid}/agree")
async def agree(visit: Visit, typed: Typed) -> Go:
    """Agree exactly the version that was shown (P3)."""
    await _answered(visit, typed, {"agreed": True})
    return Go(f"/me/plan/{visit.named['plan']}", AGREED)


@BOOK.form(NOT_AGREE, one, at="/me/plan/{plan:uuid}/not-agree")
async def not_agree(visit: Visit, typed: Typed) -> Go:
    """Say not agreed: a positive state, in one's own words (P4)."""
    words = {"words": typed.some("words"), "would_agree_to": typed.some("would_agree_to")}
    await _answered(visit, typed, {"agreed": False} | words)
    return Go(f"/me/plan/{visit.named['plan']}", NOT_AGREED)


@BOOK.form(UNDO, one, at="/me/plan/{plan:uuid}/undo")
async def undo(visit: Visit, _typed: Typed) -> Go:
    """Say that this is not what one agreed (P3)."""
    await visit.send("POST", f"/v1/plans/{visit.named['plan']}/agreement/undoing", {})
    return Go(f"/me/plan/{visit.named['plan']}", UNDONE)


@BOOK.form(NOT_NOW, one, at="/me/plan/{plan:uuid}/lines/{line:uuid}/not-now")
async def not_now(visit: Visit, _typed: Typed) -> Go:
    """Set a line aside at once (P3)."""
    await visit.send("POST", f"/v1/plans/{visit.named['plan']}/lines/{visit.named['line']}/not-now")
    return Go(f"/me/plan/{visit.named['plan']}", SET_ASIDE)
