"""The steward's organisations: who has joined, asked or stopped; entering, facts, stopping, going on (M1, J2a)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from services.portal import sentences
from services.portal.form import Field, Form, Kind, Option, Problem, Typed
from services.portal.naming import organisations
from services.portal.page import Book
from services.portal.pages.beside_us import ROLES
from services.portal.pages.place import STEWARD
from services.portal.people import items
from services.portal.visit import Go, View, Visit, WrongError
from services.portal.words import _

BOOK = Book()
BODIES = {
    "peer-group": _("A peer group"), "carers-group": _("A carers' group"),
    "experts-by-experience": _("Experts by experience"), "community-group": _("A community group"),
    "faith-group": _("A faith group"), "charity": _("A charity"), "social-enterprise": _("A social enterprise"),
    "crisis-house": _("A crisis house"), "crisis-line": _("A crisis line"),
    "assessment-centre": _("A mental health centre that is open to walk in"),
    "emergency-department": _("An emergency department"), "hospital-ward": _("A hospital ward"),
    "community-team": _("A community team"), "nhs-trust": _("An NHS trust"), "gp-practice": _("A GP practice"),
    "primary-care-network": _("A primary care network"), "ambulance-service": _("An ambulance service"),
    "council": _("A council"), "housing-provider": _("A housing provider"), "advocacy": _("Advocacy"),
    "school-or-college": _("A school or college"), "police": _("Police"), "custody": _("Custody"),
    "business": _("A business"), "other": _("Something else"),
}  # fmt: skip
"""What an organisation is."""
STANDS = {
    "joined": _("Has joined"),
    "asked-to-join": _("Asked to join"),
    "listed": _("Listed in a directory only"),
    "suspended": _("Suspended"),
    "ended": _("Ended"),
}
FUNDED = Field("funded", _("It is funded to do what it does"), Kind.TICK)
CAN_LEAD = Field("can_lead", _("It may lead: answer for somebody's support"), Kind.TICK)
DAY_AND_NIGHT = Field("round_the_clock", _("It is there day and night"), Kind.TICK)
ENTER = Form("/place/organisations/enter", _("Enter this body"), (
    Field("name", _("What is it called?"), needed=True, most=200),
    Field("does", _("What does it do?"), Kind.WORDS, needed=True, most=4000, rows=3),
    Field("kind", _("What is it?"), Kind.PICK, needed=True,
          options=tuple(Option(code, says) for code, says in BODIES.items())),
    Field("telephone", _("Its telephone number"), Kind.PHONE, most=40,
          hint=_("Write one way to reach it at least."), wrong=_("Write a telephone number such as 0161 496 0000")),
    Field("email", _("Its e-mail address"), Kind.EMAIL, most=254,
          wrong=_("Write the e-mail address like name@example.org")),
    Field("address", _("Where it is"), most=200),
    Field("safeguarding_contact", _("Whom does one tell there when somebody is not safe?"), most=200),
    Field("first_name", _("Who is the first to sign in for it?"), most=100, api="first_member"),
    Field("first_email", _("That one's e-mail address"), Kind.EMAIL, most=254, api="first_member",
          wrong=_("Write the e-mail address like name@example.org")),
    FUNDED, CAN_LEAD, DAY_AND_NIGHT,
), who_reads=_("Everybody who looks for support here. Who signs in first, only you and they read."))  # fmt: skip
FACTS = Form("/place/organisations/facts", _("Keep these facts"), (
    FUNDED, Field("commissioned", _("The place commissions it"), Kind.TICK), CAN_LEAD, DAY_AND_NIGHT,
))  # fmt: skip
STOP = Form("/place/organisations/stop", _("Stop it now"), (
    Field("how", _("How does it stop?"), Kind.ONE, needed=True, options=(
        Option("suspended", _("Suspended"), _("It can be let go on again.")),
        Option("ended", _("Ended"), _("For good.")),
    )),
), warns=True)  # fmt: skip
GO_ON = Form("/place/organisations/go-on", _("Let it go on"))
MEMBER = Form("/place/organisations/members", _("Add them"), (
    Field("member", _("What are they called?"), needed=True, most=100, missing=_("Say what they are called"),
          api="name"),
    Field("role", _("As what?"), Kind.ONE, needed=True,
          options=tuple(Option(code, says) for code, says in ROLES.items())),
    Field("email", _("Their e-mail address"), Kind.EMAIL, most=254, hint=_("They sign in with it."),
          wrong=_("Write the e-mail address like name@example.org")),
    Field("named_worker", _("People may be given their name as the one who meets them"), Kind.TICK),
), who_reads=_("Those who act for this organisation, and you."))  # fmt: skip
SAID_ENTERED = sentences.said("body-entered", "It is entered, and has joined.")
SAID_FACTS = sentences.said("facts-kept", "These facts are kept.")
SAID_STOPPED = sentences.said("body-stopped", "It has stopped. The body that is there day and night leads whom it led.")
SAID_GOES_ON = sentences.said("body-goes-on", "It takes part again.")
SAID_MEMBER = sentences.said("place-member-kept", "They act for it now. They can sign in with their e-mail address.")
ONE_WAY = _("Write one way to reach it: a telephone number, an e-mail address or where it is")
BOTH = _("Write both: what they are called, and their e-mail address")
HERE = "/place/organisations"


@BOOK.page(HERE, STEWARD)
async def every(visit: Visit) -> View:
    """List organisations by name, however they stand."""
    asked = {name: visit.query.get(name, "") for name in ("name", "membership", "cursor")}
    told = {name: value for name, value in asked.items() if value}
    found = await visit.api.read(f"/v1/organisations?{urlencode(told | {'limit': '50'})}")
    again = urlencode(told | {"cursor": found["next"]}) if "next" in found else ""
    return View("place_bodies.html", _("Organisations"), {
        "bodies": items(found), "asked": asked, "stands": STANDS, "kinds": BODIES, "again": again,
    })  # fmt: skip


@BOOK.page(f"{HERE}/enter", STEWARD)
async def entering(visit: Visit) -> View:
    """Ask what a commissioned body is."""
    return View("place_enter.html", _("Enter a body"), {"enter": visit.form(ENTER, kind="community-team")})


@BOOK.form(ENTER, entering)
async def enter(visit: Visit, typed: Typed) -> Go:
    """Enter a body that the place commissions; it joins at once (J2a)."""
    reach = {name: typed.some(name) for name in ("telephone", "email", "address")}
    if not any(reach.values()):
        raise WrongError(Problem("telephone", ONE_WAY))
    first = {"name": typed.one("first_name"), "email": typed.one("first_email")}
    if any(first.values()) and not all(first.values()):
        raise WrongError(Problem("first_email" if first["name"] else "first_name", BOTH))
    body: dict[str, Any] = {name: typed.one(name) for name in ("name", "does", "kind")}
    body |= {name: typed.ticked(name) for name in ("funded", "can_lead", "round_the_clock")}
    body |= {"reach": reach, "safeguarding_contact": typed.some("safeguarding_contact"),
             "first_member": first if all(first.values()) else None}  # fmt: skip
    made = await visit.send("POST", "/v1/place/organisations", body)
    return Go(f"{HERE}/{made['id']}", SAID_ENTERED)


def _path(visit: Visit) -> str:
    return f"/v1/organisations/{visit.named['organisation']}"


def _page(visit: Visit) -> str:
    return f"{HERE}/{visit.named['organisation']}"


@BOOK.page(f"{HERE}/{{organisation:uuid}}", STEWARD)
async def one(visit: Visit) -> View:
    """Show one organisation: how it stands, who vouched, what it still needs, how many act for it."""
    path = _path(visit)
    body = await visit.api.read(path)
    members, place = await visit.api.all(f"{path}/members?limit=100", "/v1/place")
    ticked = {name: "yes" for name in ("funded", "commissioned", "can_lead", "round_the_clock") if body[name]}
    roles = [each["role"] for each in items(members)]
    return View("place_body.html", _("Organisation"), {
        "body": body, "stands": STANDS, "kinds": BODIES, "tag": visit.api.tag(path), "roles": ROLES,
        "members": {role: roles.count(role) for role in ROLES if role in roles}, "more": "next" in (members or {}),
        "backstop": place["backstop"] == body["id"], "names": await organisations(visit, body["vouched_for_by"]),
        "facts": visit.form(FACTS, **ticked), "go_on": visit.form(GO_ON), "member": visit.form(MEMBER),
    })  # fmt: skip


@BOOK.page(f"{HERE}/{{organisation:uuid}}/stop", STEWARD)
async def stopping(visit: Visit) -> View:
    """Say first what happens when an organisation stops (J2a)."""
    body, place = await visit.api.read(_path(visit)), await visit.api.read("/v1/place")
    names = await organisations(visit, [place["backstop"]])
    return View("place_stop.html", _("Stop an organisation"), {
        "body": body, "backstop": place["backstop"] == body["id"], "takes": names.get(place["backstop"]),
        "stop": visit.form(STOP),
    })  # fmt: skip


@BOOK.form(FACTS, one, at=f"{HERE}/{{organisation:uuid}}/facts")
async def keep_facts(visit: Visit, typed: Typed) -> Go:
    """Keep what is so of a body (J2a, J2c, J2d), unless somebody changed it since it was shown."""
    body = {name: typed.ticked(name) for name in ("funded", "commissioned", "can_lead", "round_the_clock")}
    await visit.send("PUT", f"/v1/place/organisations/{visit.named['organisation']}/facts", body, tag=typed.one("tag"))
    return Go(_page(visit), SAID_FACTS)


@BOOK.form(STOP, stopping, at=f"{HERE}/{{organisation:uuid}}/stop")
async def stop(visit: Visit, typed: Typed) -> Go:
    """Stop it; the backstop takes everyone it leads (J2a)."""
    await visit.send("POST", f"{_path(visit)}/ending", {"how": typed.one("how")})
    return Go(_page(visit), SAID_STOPPED)


@BOOK.form(GO_ON, one, at=f"{HERE}/{{organisation:uuid}}/go-on")
async def go_on(visit: Visit, _typed: Typed) -> Go:
    """Let a suspended organisation take part again."""
    await visit.send("POST", f"{_path(visit)}/going-on")
    return Go(_page(visit), SAID_GOES_ON)


@BOOK.form(MEMBER, one, at=f"{HERE}/{{organisation:uuid}}/members")
async def add_member(visit: Visit, typed: Typed) -> Go:
    """Let somebody act for an organisation; only a steward makes a steward or somebody on duty."""
    body = {"name": typed.one("member"), "role": typed.one("role"), "email": typed.some("email"),
            "named_worker": typed.ticked("named_worker")}  # fmt: skip
    await visit.send("POST", f"{_path(visit)}/members", body)
    return Go(_page(visit), SAID_MEMBER)
