"""The steward's offers: what there is, how many places are free, when somebody last looked (M3)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from services.portal import sentences
from services.portal.form import Field, Form, Kind, Option, Problem, Typed
from services.portal.naming import FOR_WHOM, INTENSITIES, NEEDS, options, organisations
from services.portal.page import Book
from services.portal.pages.place import STEWARD, bodies, picks
from services.portal.people import items
from services.portal.visit import Go, View, Visit, WrongError
from services.portal.words import Message, _

BOOK = Book()
HERE = "/place/offers"
PLACES = Field("places_free", _("How many places are free now?"), Kind.NUMBER, most=6,
               hint=_("Leave it empty where nobody counts them."))  # fmt: skip
ABOUT = (
    Field("name", _("What is it called?"), needed=True, most=200),
    Field("says", _("What is it? In words that anybody understands"), Kind.WORDS, needed=True, most=4000, rows=4),
    Field("intensity", _("How much support is it?"), Kind.ONE, needed=True),
    Field("needs", _("What is it for?"), Kind.MANY, needed=True, options=options(NEEDS)),
    Field("for_whom", _("Meant above all for"), Kind.MANY, options=options(FOR_WHOM)),
    Field("languages", _("In which languages? Their short names, such as en, pl"), most=200,
          wrong=_("Write short names with commas between them, such as en, pl")),
    Field("address", _("Where is it?"), most=200),
    Field("postcode", _("Its postcode"), most=10, wrong=_("Write a whole postcode, such as M1 1AA")),
    Field("online", _("One can come online"), Kind.TICK),
    Field("when", _("When is it?"), most=500),
    Field("how_to_come", _("How does one come?"), most=500),
    Field("is_open", _("It is open now"), Kind.TICK),
)  # fmt: skip
WORDS = _("Everybody who looks for support here.")
OPEN = Form("/place/offers/new", _("Open this offer"), (
    Field("organisation", _("Whose is it?"), Kind.PICK, needed=True), *ABOUT, PLACES,
), who_reads=WORDS)  # fmt: skip
CHANGE = Form("/place/offers/change", _("Keep these changes"), ABOUT, who_reads=WORDS)
COUNT = Form("/place/offers/places", _("Say how many are free"), (
    Field("places", _("How many places are free now?"), Kind.NUMBER, needed=True, most=6, api="places_free",
          missing=_("Write a number, such as 0 or 3"), wrong=_("Write a number, such as 0 or 3")),
))  # fmt: skip
SAID_OPEN = sentences.said("offer-open", "The offer is there.")
SAID_CHANGED = sentences.said("offer-changed", "It is changed, and counts as looked at.")
SAID_COUNTED = sentences.said("offer-counted", "It is kept how many places are free.")
NOT_A_NUMBER = _("Write a number, such as 0 or 3")


@BOOK.page(HERE, STEWARD)
async def every(visit: Visit) -> View:
    """List offers by name with places free and when somebody last looked."""
    told = {name: visit.query[name] for name in ("organisation", "cursor") if visit.query.get(name)}
    found = await visit.api.read(f"/v1/offers?{urlencode(told | {'limit': '50'})}")
    again = urlencode(told | {"cursor": found["next"]}) if "next" in found else ""
    return View("place_offers.html", _("Offers"), {
        "offers": items(found), "names": await organisations(visit, [each["organisation"] for each in items(found)]),
        "intensities": INTENSITIES, "again": again, "of": told.get("organisation", ""),
    })  # fmt: skip


async def _amounts(visit: Visit) -> list[Option]:
    """Give how much support an offer may be, by the rulebook of this place."""
    rules = await visit.api.read("/v1/rulebook")
    return [Option(each, INTENSITIES.get(each, Message(each))) for each in rules["intensities"]]


@BOOK.page(f"{HERE}/new", STEWARD)
async def opening(visit: Visit) -> View:
    """Ask what an offer is."""
    form = OPEN.with_options(organisation=picks(await bodies(visit)), intensity=await _amounts(visit))
    shown = visit.form(form, organisation=visit.query.get("organisation"), is_open="yes", languages="en")
    return View("place_offer_new.html", _("Open an offer"), {"shown": shown})


def _number(typed: Typed, name: str) -> int:
    try:
        return int(typed.one(name))
    except ValueError:
        raise WrongError(Problem(name, NOT_A_NUMBER)) from None


def _told(typed: Typed) -> dict[str, Any]:
    """Give what was typed of an offer."""
    return {
        **{name: typed.one(name) for name in ("name", "says", "intensity", "when", "how_to_come")},
        "needs": typed.every("needs"), "for_whom": typed.every("for_whom"), "is_open": typed.ticked("is_open"),
        "languages": [each for each in typed.one("languages").replace(",", " ").split() if each],
        "where": {"address": typed.some("address"), "postcode": typed.some("postcode"),
                  "online": typed.ticked("online")},
    }  # fmt: skip


@BOOK.form(OPEN, opening)
async def open_one(visit: Visit, typed: Typed) -> Go:
    """Open an offer of any organisation (M3)."""
    places = _number(typed, "places_free") if typed.one("places_free") else None
    body = _told(typed) | {"organisation": typed.id("organisation"), "places_free": places}
    made = await visit.send("POST", "/v1/offers", body)
    return Go(f"{HERE}/{made['id']}", SAID_OPEN)


def _path(visit: Visit) -> str:
    return f"/v1/offers/{visit.named['offer']}"


@BOOK.page(f"{HERE}/{{offer:uuid}}", STEWARD)
async def one(visit: Visit) -> View:
    """Show one offer, to change it or say how many places are free."""
    offer = await visit.api.read(_path(visit))
    now = {name: offer[name] for name in ("name", "says", "intensity", "needs", "for_whom", "when", "how_to_come")}
    now |= {"languages": ", ".join(offer["languages"]), "address": offer["where"]["address"],
            "postcode": offer["where"]["postcode"], "online": "yes" if offer["where"]["online"] else None,
            "is_open": "yes" if offer["is_open"] else None}  # fmt: skip
    free = offer["places_free"]
    return View("place_offer.html", _("Offer"), {
        "offer": offer, "names": await organisations(visit, [offer["organisation"]]), "intensities": INTENSITIES,
        "tag": visit.api.tag(_path(visit)), "count": visit.form(COUNT, places=None if free is None else str(free)),
        "change": visit.form(CHANGE.with_options(intensity=await _amounts(visit)), **now),
    })  # fmt: skip


@BOOK.form(CHANGE, one, at=f"{HERE}/{{offer:uuid}}/change")
async def change(visit: Visit, typed: Typed) -> Go:
    """Change an offer, unless somebody changed it since it was shown; that counts as a look at it (M3)."""
    await visit.send("PATCH", _path(visit), _told(typed), tag=typed.one("tag"))
    return Go(f"{HERE}/{visit.named['offer']}", SAID_CHANGED)


@BOOK.form(COUNT, one, at=f"{HERE}/{{offer:uuid}}/places")
async def count(visit: Visit, typed: Typed) -> Go:
    """Say how many places are free now (M3)."""
    await visit.send("PUT", f"{_path(visit)}/capacity", {"places_free": _number(typed, "places")})
    return Go(f"{HERE}/{visit.named['offer']}", SAID_COUNTED)
