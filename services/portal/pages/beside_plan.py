"""For those beside a person: the plan in force, opened in a crisis; a plan written with them; witnessing (P1 to P8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.portal import sentences
from services.portal.form import Field, Form, Kind, Option, Problem, Typed
from services.portal.naming import organisations
from services.portal.page import Book
from services.portal.pages.plan import HEADINGS, MAKING, SUPPORT
from services.portal.people import BESIDE, WAYS, items, whose
from services.portal.visit import Go, View, Visit, WrongError
from services.portal.words import _

BOOK = Book()
ALL = HEADINGS | SUPPORT
OF = {"safety": HEADINGS, "care-and-support": SUPPORT}
NAMES = {"safety": _("Safety plan"), "care-and-support": _("Care and support plan")}
STATES = {
    "draft": _("not answered yet"),
    "agreed": _("agreed by them"),
    "not-agreed": _("not agreed"),
    "agreement-undone": _("taken back: not what they agreed"),
}
MINE = "-mine"
"""Ends the name of the field for lines that somebody else found the words for."""
TOGETHER = Field("co_produced", _("Did you make it together?"), Kind.ONE, needed=True, options=(
    Option("yes", _("Yes, together")),
    Option("no", _("No, they had no part in it"), _("It can't be put forward as made together then.")),
))  # fmt: skip
DID_NOT = Field("did_not_want_to", _("If they did not want to take part: why, in their words"), Kind.WORDS, most=5000,
                rows=2)  # fmt: skip
REVIEW = Field("review_on", _("When will you look at it again, together?"), Kind.DAY, most=10,
               wrong=_("Pick a day that is still to come"))  # fmt: skip
READERS = _("The person, and those whom they let see their plan. It is not in force until they agree to it.")


def _asked(kind: str) -> tuple[Field, ...]:
    lines = [
        field
        for code, says in OF[kind].items()
        for field in (
            Field(code, _("What they say, in their own words"), Kind.WORDS, most=5000, rows=2),
            Field(code + MINE, _("What you wrote for them, in your words"), Kind.WORDS, most=5000, rows=2),
        )
    ]
    return (*lines, TOGETHER, DID_NOT, REVIEW)


DRAFTS = {
    kind: Form(f"/beside/plan/make/{MAKING[kind]}", _("Keep this for them to read"), _asked(kind), who_reads=READERS)
    for kind in OF
}
CHANGE = Form("/beside/plan/change", _("Keep this for them to read"), (TOGETHER, DID_NOT, REVIEW))
OPEN = Form("/beside/plan/open", _("Open it: they are in a crisis now"))
WITNESS = Form("/beside/plan/witness", _("They agreed to exactly this"), (
    Field("how", _("How did they tell you?"), Kind.ONE, needed=True,
          options=tuple(Option(code, WAYS[code]) for code in ("in-person", "phone", "video", "text"))),
))  # fmt: skip
NOT_AGREED = Form("/beside/plan/not-agreed", _("They do not agree"), (
    Field("words", _("What is not right, in their words"), Kind.WORDS, most=5000, rows=3),
    Field("would_agree_to", _("What would they agree to?"), Kind.WORDS, most=5000, rows=3),
), who_reads=_("Whoever leads their support and those they chose to stand beside them are told now."))  # fmt: skip
SAID_OPENED = sentences.said(
    "opened", "It is recorded that you opened it, and they see it. In the days after, look at it again together."
)
SAID_DRAFTED = sentences.said("drafted-with", "It is kept for them to read. It counts once they agree to it.")
SAID_WITNESSED = sentences.said(
    "witnessed", "It is in force from now. They see that you said so, and how you heard it."
)
SAID_NOT_AGREED = sentences.said("not-agreed-for", "It is noted, in their words. Those who stand beside them are told.")
EMPTY = _("Write at least one line under one of the headings")


def _here(visit: Visit) -> str:
    return f"/beside/{visit.named['person']}/plan"


async def _names(visit: Visit, *plans: dict[str, Any]) -> dict[str, dict[str, Any]]:
    ids = [each["organisation"] for plan in plans for each in plan["lines"]]
    return await organisations(visit, [*ids, *(plan["drafted"]["organisation"] for plan in plans)])


@BOOK.page("/beside/{person:uuid}/plan", *BESIDE)
async def plans(visit: Visit) -> View:
    """Show the plans in force, and those that wait for the person's answer."""
    at = whose(visit)
    safety = await visit.api.read(f"{at}/plan")
    person, support, every = await visit.api.all(at, f"{at}/plan?kind=care-and-support", f"{at}/plans?limit=20")
    in_force = [plan for plan in (safety, support) if plan and plan.get("plan")]
    latest = items(every)
    return View("beside_plans.html", _("Plan"), {
        "person": visit.named["person"], "called": (person or {}).get("called", ""), "in_force": in_force,
        "plans": latest, "names": await _names(visit, *in_force), "headings": ALL, "kinds": NAMES, "states": STATES,
        "missing": [(kind, MAKING[kind]) for kind in OF if not any(each["kind"] == kind for each in latest)],
        "open": visit.form(OPEN),
    })  # fmt: skip


@BOOK.form(OPEN, plans, at="/beside/{person:uuid}/plan/{plan:uuid}/open")
async def open_in_crisis(visit: Visit, _typed: Typed) -> Go:
    """Open the plan in force because they are in a crisis: recorded, and looked at again afterwards (P6)."""
    await visit.send("POST", f"/v1/plans/{visit.named['plan']}/openings")
    return Go(_here(visit), SAID_OPENED)


@BOOK.page("/beside/{person:uuid}/plan/print", *BESIDE)
async def printed(visit: Visit) -> View:
    """Give the plan in force as one page to print (P6)."""
    plan, person = await visit.api.read(f"{whose(visit)}/plan"), await visit.api.read(whose(visit))
    if not plan.get("plan"):
        return View("plain.html", _("Plan"), {"says": _("There is nothing here that you can see.")}, 404)
    return View("beside_print.html", _("Plan"), {
        "plan": plan, "headings": HEADINGS, "called": person["called"], "person": visit.named["person"],
    })  # fmt: skip


@BOOK.page("/beside/{person:uuid}/plan/{plan:uuid}", *BESIDE)
async def one(visit: Visit) -> View:
    """Read a version with them: agreed before a witness whom they chose, or not agreed, in their words (P3, P4)."""
    plan = await visit.api.read(f"/v1/plans/{visit.named['plan']}")
    person = await visit.api.maybe(whose(visit)) or {}
    return View("beside_version.html", _("Plan"), {
        "plan": plan, "person": visit.named["person"], "called": person.get("called", ""), "headings": ALL,
        "names": await _names(visit, plan), "kinds": NAMES, "states": STATES,
        "witness": visit.form(WITNESS), "not_agree": visit.form(NOT_AGREED),
    })  # fmt: skip


async def _answered(visit: Visit, typed: Typed, body: dict[str, Any]) -> None:
    revision = typed.one("revision")
    told = body | {"revision": int(revision) if revision.isdigit() else 0}
    await visit.send("POST", f"/v1/plans/{visit.named['plan']}/agreement", told)


@BOOK.form(WITNESS, one, at="/beside/{person:uuid}/plan/{plan:uuid}/witness")
async def witness(visit: Visit, typed: Typed) -> Go:
    """Say that they agreed exactly this version, as a witness whom they chose (P3)."""
    await _answered(visit, typed, {"agreed": True, "how": typed.one("how")})
    return Go(_here(visit), SAID_WITNESSED)


@BOOK.form(NOT_AGREED, one, at="/beside/{person:uuid}/plan/{plan:uuid}/not-agreed")
async def not_agreed(visit: Visit, typed: Typed) -> Go:
    """Say for them that they do not agree, in their words (P4)."""
    words = {"words": typed.some("words"), "would_agree_to": typed.some("would_agree_to")}
    await _answered(visit, typed, {"agreed": False} | words)
    return Go(_here(visit), SAID_NOT_AGREED)


def _lines(typed: Typed, kind: str, before: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Give the lines that were typed, each with whose words they are; one that stayed is kept as it was (P2)."""
    kept = {(each["heading"], each["words"]): each["id"] for each in (before or {}).get("lines", [])}
    lines = [
        {"heading": code, "words": words}
        | ({"id": kept[code, words]} if (code, words) in kept else {"written": written})
        for code in OF[kind]
        for name, written in ((code, "supported-by"), (code + MINE, "recorded-by"))
        for words in (each.strip() for each in typed.one(name).split("\n"))
        if words
    ]
    if not lines:
        raise WrongError(Problem(next(iter(OF[kind])), EMPTY))
    return lines


def _body(typed: Typed, kind: str, before: dict[str, Any] | None = None) -> dict[str, Any]:
    day = typed.some("review_on")
    return {
        "lines": _lines(typed, kind, before), "co_produced": typed.one("co_produced") == "yes",
        "did_not_want_to": typed.some("did_not_want_to"), "review_on": f"{day}T12:00:00+00:00" if day else None,
    }  # fmt: skip


async def _sheet(visit: Visit, kind: str, shown: Any, **more: Any) -> View:
    person = await visit.api.read(whose(visit))
    values = {"person": person, "kind": kind, "kinds": NAMES, "headings": OF[kind], "make": shown, "mine": MINE}
    return View("beside_make_plan.html", _("Plan"), values | more)


def _making(kind: str) -> None:
    form = DRAFTS[kind]
    path = "/beside/{person:uuid}/plan/make/" + MAKING[kind]

    @BOOK.page(path, *BESIDE)
    async def making(visit: Visit) -> View:
        """Show every heading before anything is asked; any may be left empty."""
        return await _sheet(visit, kind, visit.form(form))

    @BOOK.form(form, making, at=path)
    async def make(visit: Visit, typed: Typed) -> Go:
        """Draft a plan with somebody: each line says whose words it is (P2)."""
        made = await visit.send("POST", f"{whose(visit)}/plans", _body(typed, kind) | {"kind": kind})
        return Go(f"{_here(visit)}/{made['plan']}", SAID_DRAFTED)


for _kind in OF:
    _making(_kind)


@BOOK.page("/beside/{person:uuid}/plan/{plan:uuid}/change", *BESIDE)
async def changing(visit: Visit) -> View:
    """Change a plan with somebody: what stands is there already, each line where its writer's words go."""
    path = f"/v1/plans/{visit.named['plan']}"
    plan = await visit.api.read(path)
    stands: dict[str, str] = {}
    for each in plan["lines"]:
        name = each["heading"] + (MINE if each["written"] == "recorded-by" else "")
        stands[name] = f"{stands[name]}\n{each['words']}" if name in stands else each["words"]
    form = replace(DRAFTS[plan["kind"]], action=CHANGE.action)
    shown = visit.form(form, review_on=(plan["review_on"] or "")[:10] or None, **stands)
    return await _sheet(visit, plan["kind"], shown, tag=visit.api.tag(path), changes=True)


@BOOK.form(CHANGE, changing, at="/beside/{person:uuid}/plan/{plan:uuid}/change")
async def change(visit: Visit, typed: Typed) -> Go:
    """Write a new version; the last agreed one stays in force until the person agrees to this one (P3)."""
    plan = await visit.api.read(f"/v1/plans/{visit.named['plan']}")
    body = _body(typed, plan["kind"], plan)
    await visit.send("POST", f"/v1/plans/{plan['plan']}/versions", body, tag=typed.some("tag"))
    return Go(f"{_here(visit)}/{plan['plan']}", SAID_DRAFTED)
