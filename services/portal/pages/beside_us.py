"""For those beside people: my hours, how we are rung, our buddy, who is with us (W1, M1, J2b)."""

from __future__ import annotations

from typing import Any

from services.portal import sentences
from services.portal.asking import TurnedDownError
from services.portal.form import Field, Form, Kind, Option, Problem, Typed
from services.portal.naming import options
from services.portal.page import INVALID, Book
from services.portal.people import BESIDE, items, ours
from services.portal.visit import Go, View, Visit, WrongError
from services.portal.words import LANGUAGES, _

BOOK = Book()
DAYS = {
    "1": _("Monday"), "2": _("Tuesday"), "3": _("Wednesday"), "4": _("Thursday"), "5": _("Friday"),
    "6": _("Saturday"), "7": _("Sunday"),
}  # fmt: skip
ROLES = {
    "peer-supporter": _("Peer supporter"), "carer": _("Carer"), "practitioner": _("Practitioner"),
    "duty": _("On duty"), "steward": _("Steward"),
}  # fmt: skip
CHANNELS = {"text": _("A text to a phone"), "email": _("An e-mail")}
FROM = Field("from_hour", _("From which hour? 0 to 23"), Kind.NUMBER, needed=True, most=2,
             wrong=_("Write an hour, such as 9"))  # fmt: skip
TO = Field("to_hour", _("Until which hour? 1 to 24"), Kind.NUMBER, needed=True, most=2,
           wrong=_("Write an hour, such as 17"))  # fmt: skip
HOURS = Form("/beside/me/hours", _("Add these hours"), (
    Field("days", _("On which days?"), Kind.MANY, needed=True, options=options(DAYS),
          missing=_("Tick the days on which you may be rung")),
    FROM, TO,
))  # fmt: skip
NO_HOURS = Form("/beside/me/hours/away", _("Take these hours away"))
BUDDY = Form("/beside/me/buddy", _("Keep this"), (
    Field("buddy", _("Our buddy"), Kind.PICK, hint=_("A group that is rung when nobody of yours answers.")),
))  # fmt: skip
ROUTE = Form("/beside/me/routes", _("Add this way"), (
    Field("channel", _("How?"), Kind.ONE, needed=True, options=options(CHANNELS)),
    Field("address", _("The phone number or e-mail address"), needed=True, most=254,
          missing=_("Write the phone number or e-mail address"),
          wrong=_("Write a phone number such as 07700 900123, or an e-mail address like name@example.org")),
    Field("watched_from", _("Watched from which hour? 0 to 23"), Kind.NUMBER, most=2, hint=_("Leave both empty for day "
          "and night."), wrong=_("Write an hour, such as 9"), api="from_hour"),
    Field("watched_to", _("Watched until which hour? 1 to 24"), Kind.NUMBER, most=2, api="to_hour",
          wrong=_("Write an hour, such as 17")),
    Field("language", _("In which language?"), Kind.PICK,
          options=tuple(Option(code, name) for code, name in LANGUAGES.items())),
))  # fmt: skip
NO_ROUTE = Form("/beside/me/routes/away", _("Take this way out"), warns=True)
MEMBER = Form("/beside/me/members", _("Add them"), (
    Field("name", _("What are they called?"), needed=True, most=100, missing=_("Say what they are called")),
    Field("role", _("As what?"), Kind.ONE, needed=True, options=options(ROLES, "peer-supporter", "carer",
          "practitioner", "duty")),
    Field("email", _("Their e-mail address"), Kind.EMAIL, most=254, hint=_("They sign in with it."),
          wrong=_("Write the e-mail address like name@example.org")),
    Field("named_worker", _("People may be given their name as the one who meets them"), Kind.TICK),
))  # fmt: skip
NO_MEMBER = Form("/beside/me/members/away", _("They are not with us any more"), warns=True)
SAID_HOURS = sentences.said("hours-kept", "Your hours are kept.")
SAID_BUDDY = sentences.said("buddy-kept", "Your buddy is kept.")
SAID_ROUTE = sentences.said("routes-kept", "How you are rung is kept.")
SAID_MEMBER = sentences.said("member-kept", "They are with you. They can sign in with their e-mail address.")
SAID_GONE = sentences.said("member-gone", "They are not with you any more. Whom they held is held by another of you.")
NOT_AN_HOUR = _("Write an hour as a number")
LATER = _("It has to end after it begins. For the night, add two ways")
HERE = "/beside/me"


@BOOK.page(HERE, *BESIDE)
async def us(visit: Visit) -> View:
    """Show my hours, our buddy, how we are rung and who is with us."""
    me, own, routes, members, every = await visit.api.all(
        f"{ours(visit)}/members/{visit.by.member}", ours(visit), f"{ours(visit)}/alert-routes",
        f"{ours(visit)}/members?limit=100", "/v1/organisations?limit=100",
    )  # fmt: skip
    others = [Option(each["id"], each["name"]) for each in items(every) if each["id"] != visit.by.organisation]
    own = own or {}
    return View("beside_us.html", _("My hours and our group"), {
        "me": me or {}, "own": own, "routes": items(routes), "members": items(members), "days": DAYS, "roles": ROLES,
        "channels": CHANNELS, "hours": visit.form(HOURS), "no_hours": visit.form(NO_HOURS),
        "buddy": visit.form(BUDDY.with_options(buddy=others), buddy=own.get("buddy")),
        "route": visit.form(ROUTE), "no_route": visit.form(NO_ROUTE), "member": visit.form(MEMBER),
        "no_member": visit.form(NO_MEMBER),
    })  # fmt: skip


def hour(typed: Typed, name: str, otherwise: int) -> int:
    given = typed.one(name)
    if not given:
        return otherwise
    if not given.isdecimal():
        raise WrongError(Problem(name, NOT_AN_HOUR))
    return int(given)


async def _hours(visit: Visit, change: Any) -> Go:
    path = f"{ours(visit)}/members/{visit.by.member}"
    me = await visit.api.read(path)
    await visit.send("PATCH", path, {"hours": change(me["hours"])}, tag=visit.api.tag(path))
    return Go(HERE, SAID_HOURS)


@BOOK.form(HOURS, us)
async def add_hours(visit: Visit, typed: Typed) -> Go:
    """Say when I may be rung (W1)."""
    window = {"days": [int(each) for each in typed.every("days")], "from_hour": hour(typed, "from_hour", 0),
              "to_hour": hour(typed, "to_hour", 24)}  # fmt: skip
    return await _hours(visit, lambda hours: [*hours, window])


@BOOK.form(NO_HOURS, us)
async def take_hours(visit: Visit, typed: Typed) -> Go:
    """Take hours away, the ones that were shown."""
    shown = typed.one("window")
    return await _hours(visit, lambda hours: [each for each in hours if window(each) != shown])


def window(hours: dict[str, Any]) -> str:
    """Give hours as one word, to know them again."""
    return f"{''.join(map(str, hours['days']))}-{hours['from_hour']}-{hours['to_hour']}"


@BOOK.form(BUDDY, us)
async def keep_buddy(visit: Visit, typed: Typed) -> Go:
    """Name the buddy of a group with one phone (W1)."""
    await visit.api.read(ours(visit))
    await visit.send("PATCH", ours(visit), {"buddy": typed.id("buddy")}, tag=visit.api.tag(ours(visit)))
    return Go(HERE, SAID_BUDDY)


@BOOK.form(ROUTE, us)
async def add_route(visit: Visit, typed: Typed) -> Go:
    """Add a way in which we are rung (W1)."""
    body: dict[str, Any] = {"channel": typed.one("channel"), "address": typed.one("address"),
            "from_hour": hour(typed, "watched_from", 0),
            "to_hour": hour(typed, "watched_to", 24),
            "language": typed.some("language") or visit.tongue.language}  # fmt: skip
    if body["to_hour"] <= body["from_hour"]:
        raise WrongError(Problem("watched_to", LATER))
    try:
        await visit.send("POST", f"{ours(visit)}/alert-routes", body)
    except TurnedDownError as error:  # whether an address fits its channel is of the whole body, so of no field
        if error.status != INVALID or error.problem.get("fields"):
            raise
        raise WrongError(Problem("address", ROUTE.fields[1].wrong)) from None
    return Go(HERE, SAID_ROUTE)


@BOOK.form(NO_ROUTE, us, at="/beside/me/routes/{route:uuid}/away")
async def take_route(visit: Visit, _typed: Typed) -> Go:
    """Take a way to ring us out."""
    await visit.send("DELETE", f"{ours(visit)}/alert-routes/{visit.named['route']}")
    return Go(HERE, SAID_ROUTE)


@BOOK.form(MEMBER, us)
async def add_member(visit: Visit, typed: Typed) -> Go:
    """Let somebody act for us."""
    body = {"name": typed.one("name"), "role": typed.one("role"), "email": typed.some("email"),
            "named_worker": typed.ticked("named_worker")}  # fmt: skip
    await visit.send("POST", f"{ours(visit)}/members", body)
    return Go(HERE, SAID_MEMBER)


@BOOK.form(NO_MEMBER, us, at="/beside/me/members/{member:uuid}/away")
async def take_member(visit: Visit, _typed: Typed) -> Go:
    """Let a member go: whom they held, another of ours holds (J2b)."""
    await visit.send("DELETE", f"{ours(visit)}/members/{visit.named['member']}")
    return Go(HERE, SAID_GONE)
