"""For whoever looks after somebody: we hold them, more or less support, letting go (J2a, J2b, J4, J6, J13)."""

from __future__ import annotations

from typing import Any

from services.portal import sentences
from services.portal.form import Field, Form, Kind, Typed
from services.portal.naming import INTENSITIES, options, organisations
from services.portal.page import Book
from services.portal.people import HOLDS, SLEEPING, WORK, members, whose
from services.portal.visit import Go, View, Visit
from services.portal.words import _

BOOK = Book()
HOLD = Form(
    "/work/hold",
    _("We hold this person"),
    (
        Field("named", _("Who of you holds them?"), Kind.PICK, hint=_("You, if you leave it empty.")),
        Field("deputy", _("And if that one can't?"), Kind.PICK),
    ),
    who_reads=_("The person sees that your organisation leads. It is called held only once you have met."),
)
STEP = Form("/work/step", _("Change how much support"), (
    Field("to", _("How much support from now?"), Kind.ONE, needed=True),
    Field("sleeping", _("Where will they sleep for the next seven nights? Their own answer"), Kind.ONE,
          options=options(SLEEPING),
          hint=_("Needed when they leave support in a crisis or a hospital. If it is nowhere or not safe, whoever "
                 "leads and the council are told first, and the step waits for them.")),
))  # fmt: skip
LET_GO = Form("/work/let-go", _("Let them manage independently"), warns=True)
SAID_HELD = sentences.said("we-hold", "Your organisation leads, and it is kept who of you holds them.")
SAID_STEPPED = sentences.said("stepped", "It is changed. Everybody who walks beside them stays, and so does the lead.")
SAID_LET_GO = sentences.said("let-go", "They manage independently from now. The way back is open at any time.")
INDEPENDENT = "managing-independently"


@BOOK.page("/work/{person:uuid}", *WORK)
async def looking_after(visit: Visit) -> View:
    """Show who holds somebody, how much support there is, and what letting go still needs."""
    at = whose(visit)
    person = await visit.api.read(at)
    held, own, plan = await visit.api.all(f"{at}/lead", f"{at}/independence", f"{at}/plan")
    held, rules = held or {}, await visit.api.read("/v1/rulebook")
    us, with_us = visit.by.organisation, await members(visit)
    you = held.get("you") or {"lead": held.get("lead") == us, "chosen": held.get("chosen") == us}
    hold, now = HOLD.with_options(named=with_us, deputy=with_us), held.get("intensity")
    steps = [each for each in options(INTENSITIES)
             if each.value in rules["intensities"] and each.value not in {INDEPENDENT, now}]  # fmt: skip
    return View("work_person.html", _("Looking after somebody"), {
        "person": person, "held": held, "you": you, "own": own, "plan": plan, "holds": HOLDS, "now": now,
        "intensities": INTENSITIES, "names": {each.value: each.label for each in with_us},
        "hold": visit.form(hold, named=held.get("named"), deputy=held.get("deputy")),
        "step": visit.form(STEP.with_options(to=steps)), "let_go": visit.form(LET_GO),
        "checked_by": (await organisations(visit, [(own or {}).get("check_in_by")])),
    })  # fmt: skip


def _here(visit: Visit) -> str:
    return f"/work/{visit.named['person']}"


@BOOK.form(HOLD, looking_after, at="/work/{person:uuid}/hold")
async def say_hold(visit: Visit, typed: Typed) -> Go:
    """Say that we hold them, and who of us (J2a, J2b)."""
    body: dict[str, Any] = {"named": typed.id("named"), "deputy": typed.id("deputy")}
    await visit.send("POST", f"{whose(visit)}/lead/acknowledgement", body)
    return Go(_here(visit), SAID_HELD)


@BOOK.form(STEP, looking_after, at="/work/{person:uuid}/step")
async def take_step(visit: Visit, typed: Typed) -> Go:
    """Step up or down, with their answer to where they will sleep (J6, J13)."""
    body = {"to": typed.one("to"), "sleeping": typed.some("sleeping")}
    await visit.send("POST", f"{whose(visit)}/steps", body)
    return Go(_here(visit), SAID_STEPPED)


@BOOK.form(LET_GO, looking_after, at="/work/{person:uuid}/let-go")
async def let_go(visit: Visit, _typed: Typed) -> Go:
    """Let them manage independently; turned back, the page says every reason (J4)."""
    await visit.send("POST", "/v1/let-go", {"person": visit.named["person"]})
    return Go(f"/beside/{visit.named['person']}", SAID_LET_GO)
