"""The duty line and the backstop: ways to ring it, how their tests went, who leads when nobody does (W1, J2a)."""

from __future__ import annotations

from typing import Any

from services.portal import sentences
from services.portal.asking import TurnedDownError
from services.portal.form import Field, Form, Kind, Option, Problem, Typed
from services.portal.naming import organisations
from services.portal.page import INVALID, Book
from services.portal.pages.beside_us import CHANNELS, LATER, ROUTE, hour
from services.portal.pages.place import STEWARD, bodies, picks
from services.portal.people import items
from services.portal.visit import Go, View, Visit, WrongError
from services.portal.words import _

BOOK = Book()
HERE = "/place/duty"
TEST = Form("/place/duty/tests", _("Keep this test"), (
    Field("route", _("Which way did you try?"), Kind.ONE, needed=True),
    Field("answered", _("Did a human answer?"), Kind.ONE, needed=True, options=(
        Option("yes", _("Yes, somebody answered")), Option("no", _("No, nobody did")),
    )),
))  # fmt: skip
ADD = Form("/place/duty/routes", _("Add this way"), ROUTE.fields)
AWAY = Form("/place/duty/routes/away", _("Take this way out"), warns=True)
BACKSTOP = Form("/place/duty/backstop", _("Name this backstop"), (
    Field("organisation", _("Who leads when nobody else does?"), Kind.PICK, needed=True,
          hint=_("A body that is funded, may lead, and is there day and night.")),
))  # fmt: skip
SAID_TEST = sentences.said("duty-test-kept", "The test is kept.")
SAID_ADDED = sentences.said("duty-route-added", "It is added. It counts once a human has answered it: try it now.")
SAID_AWAY = sentences.said("duty-route-away", "It is taken out.")
SAID_BACKSTOP = sentences.said("backstop-named", "The backstop is named.")
MOST_TESTS = 5
"""How many of the latest tests of each way are shown."""


@BOOK.page(HERE, STEWARD)
async def duty(visit: Visit) -> View:
    """Show the ways to ring the duty line with their latest tests, and the backstop."""
    routes, place, rules, every = (
        items(await visit.api.read("/v1/place/duty-line/routes")), await visit.api.read("/v1/place"),
        await visit.api.read("/v1/rulebook"), await bodies(visit),
    )  # fmt: skip
    tests = await visit.api.all(*(f"/v1/place/duty-line/routes/{each['id']}/tests" for each in routes))
    able = [each for each in every if each["funded"] and each["can_lead"] and each["round_the_clock"]]
    ways = [Option(each["id"], each["address"], CHANNELS[each["channel"]]) for each in routes]
    return View("place_duty.html", _("Duty line"), {
        "routes": routes, "channels": CHANNELS, "found": place, "every_days": rules["duty_line"]["tested_every_days"],
        "tests": {each["id"]: items(told)[:MOST_TESTS] for each, told in zip(routes, tests, strict=True)},
        "names": await organisations(visit, [place["backstop"]]), "test": visit.form(TEST.with_options(route=ways)),
        "add": visit.form(ADD), "away": visit.form(AWAY),
        "name": visit.form(BACKSTOP.with_options(organisation=picks(able)), organisation=place["backstop"]),
    })  # fmt: skip


@BOOK.form(TEST, duty)
async def keep_test(visit: Visit, typed: Typed) -> Go:
    """Record a live test. Unanswered twice running, it alarms the backstop (W1)."""
    body = {"route": typed.id("route"), "answered": typed.one("answered") == "yes"}
    await visit.send("POST", "/v1/place/duty-line/tests", body)
    return Go(HERE, SAID_TEST)


@BOOK.form(ADD, duty)
async def add(visit: Visit, typed: Typed) -> Go:
    """Add a way to ring the duty line (J2a)."""
    body: dict[str, Any] = {
        "channel": typed.one("channel"), "address": typed.one("address"), "from_hour": hour(typed, "watched_from", 0),
        "to_hour": hour(typed, "watched_to", 24), "language": typed.some("language") or visit.tongue.language,
    }  # fmt: skip
    if body["to_hour"] <= body["from_hour"]:
        raise WrongError(Problem("watched_to", LATER))
    try:
        await visit.send("POST", "/v1/place/duty-line/routes", body)
    except TurnedDownError as error:  # whether an address fits its channel is of the whole body, so of no field
        if error.status != INVALID or error.problem.get("fields"):
            raise
        raise WrongError(Problem("address", ROUTE.fields[1].wrong)) from None
    return Go(HERE, SAID_ADDED)


@BOOK.form(AWAY, duty, at=f"{HERE}/routes/{{route:uuid}}/away")
async def take(visit: Visit, _typed: Typed) -> Go:
    """Take a way out; two tested ones have to stay (J2a)."""
    await visit.send("DELETE", f"/v1/place/duty-line/routes/{visit.named['route']}")
    return Go(HERE, SAID_AWAY)


@BOOK.form(BACKSTOP, duty)
async def name(visit: Visit, typed: Typed) -> Go:
    """Name who leads when nobody else does (J2a)."""
    await visit.send("PUT", "/v1/place/backstop", {"organisation": typed.id("organisation")})
    return Go(HERE, SAID_BACKSTOP)
