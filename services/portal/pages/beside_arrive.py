"""For anybody with a door: somebody comes. They are held from this moment, and tell nothing twice (S1, S2, J2a)."""

from __future__ import annotations

from typing import Any

from services.portal import sentences
from services.portal.form import Field, Form, Kind, Option, Typed
from services.portal.naming import HOW, NEEDS, STORY, organisations
from services.portal.naming import MATTERS as MATTERS_NOW
from services.portal.page import Book
from services.portal.pages.reaching import TIES
from services.portal.people import BESIDE, WORK, items, whose
from services.portal.visit import Go, View, Visit
from services.portal.words import _

BOOK = Book()
DOORS = {
    "peer": _("A peer"), "carer": _("A carer"), "friend": _("A friend"), "gp": _("A GP practice"),
    "emergency-department": _("An emergency department"), "assessment-centre": _("An assessment centre"),
    "nhs-111": _("NHS 111"), "police": _("Police"), "ambulance": _("An ambulance"), "housing": _("Housing"),
    "school": _("A school or college"), "faith-group": _("A faith group"),
    "community-group": _("A community group"), "crisis-house": _("A crisis house"),
    "community-team": _("A community team"), "council": _("The council"), "self": _("They came by themselves"),
}  # fmt: skip
OWN_DOOR = {
    "peer-group": "peer", "carers-group": "carer", "gp-practice": "gp", "primary-care-network": "gp",
    "ambulance-service": "ambulance", "housing-provider": "housing", "school-or-college": "school",
    "experts-by-experience": "peer", "charity": "community-group", "custody": "police",
}  # fmt: skip
"""Which door an organisation is, where its kind is called otherwise."""
WRITTEN = (
    Option("supported-by", _("Theirs: I wrote them down with them")),
    Option("recorded-by", _("Mine: I wrote down what I understood")),
)
FIRST = ("called", "code_word", "found_by", "now")
NEEDED = tuple(Field(f"need-{code}", says, Kind.WORDS, most=5000, rows=2) for code, says in NEEDS.items())
TOLD = tuple(Field(code, says, Kind.WORDS, most=20_000, rows=2)
             for code, says in STORY.items() if code != "what-i-need-now")  # fmt: skip
RING = (
    Field("ring", _("Who may we ring if they go quiet?"), most=100, hint=_("A name is enough.")),
    Field("ring_kind", _("Who is that to them?"), Kind.PICK,
          options=tuple(Option(code, TIES[code]) for code in ("family", "friend", "carer", "peer", "worker", "other"))),
    Field("ring_phone", _("Their phone number"), Kind.PHONE, most=30),
)  # fmt: skip
REACH = (
    Field("phone", _("The person's phone number"), Kind.PHONE, most=30, hint=_("Only if it is safe."),
          wrong=_("Write the phone number with its code, such as 07700 900123")),
    Field("email", _("The person's e-mail address"), Kind.EMAIL, most=254,
          wrong=_("Write the e-mail address like name@example.org")),
    Field("voicemail", _("They may have a voicemail left"), Kind.TICK),
    Field("written", _("They may be written to"), Kind.TICK,
          hint=_("Texts and e-mails never say what they are about.")),
)  # fmt: skip
ARRIVE = Form("/beside/arrive", _("We have them: send this"), (
    Field("called", _("What would they like to be called?"), needed=True, most=100,
          hint=_("Any name will do. Nothing else has to be filled in."),
          missing=_("Say what they would like to be called")),
    Field("code_word", _("Do they have a code word?"), Kind.SECRET, most=100,
          hint=_("With it they are known here, and need not tell anything again.")),
    Field("found_by", _("With the code word: their phone number, e-mail address or NHS number"), most=254),
    Field("now", _("What do they need now?"), Kind.WORDS, most=5000, rows=3,
          hint=_("In their own words. Leave it empty if now is not the time.")),
    *NEEDED, *TOLD, *REACH, *RING,
    Field("written", _("Whose words are these?"), Kind.ONE, options=WRITTEN),
    Field("door", _("How did they come?"), Kind.PICK,
          options=tuple(Option(code, says) for code, says in DOORS.items())),
    Field("somewhere", _("Who do they want to look after them?"), Kind.PICK,
          hint=_("They need not know. Somebody looks after them from now on either way.")),
), who_reads=_("The body that is there day and night reads this now, and whoever they want to look after them is told. "
               "Everybody else sees only what the person lets them see."))  # fmt: skip
AGAIN = Form("/beside/arrived", _("We have them: send this"), (
    Field("now", _("What do they need now?"), Kind.WORDS, most=5000, rows=3,
          hint=_("In their own words. You can leave it empty.")),
    Field("written", _("Whose words are these?"), Kind.ONE, options=WRITTEN),
), who_reads=_("Whoever looks after them is told now, and the person reads it."))  # fmt: skip
SAID_HERE = sentences.said("arrived-again", "They are held from this moment. Read what they told before you ask.")


async def _form(visit: Visit) -> Form:
    found = await visit.api.read("/v1/organisations?limit=100")
    return ARRIVE.with_options(somewhere=[Option(each["id"], each["name"])
                                          for each in found["items"] if each["can_lead"]])  # fmt: skip


async def _door(visit: Visit) -> str | None:
    own = (await organisations(visit, [visit.by.organisation])).get(visit.by.organisation, {})
    kind = own.get("kind", "")
    door = OWN_DOOR.get(kind, kind)
    return door if door in DOORS else None


@BOOK.page("/beside/arrive", *BESIDE)
async def arrive(visit: Visit) -> View:
    """Show what may be asked of somebody who comes; one name is enough (S1)."""
    shown = visit.form(await _form(visit), door=await _door(visit))
    parts = {"first": FIRST, "needs": [each.name for each in NEEDED], "told": [each.name for each in TOLD],
             "reach": [each.name for each in REACH], "ring": [each.name for each in RING]}  # fmt: skip
    return View("beside_arrive.html", _("Somebody is at our door"), {"arrive": shown, **parts})


def _recognise(typed: Typed) -> dict[str, str] | None:
    """Give how they are known: a code word with one thing that finds them (S2)."""
    word, by = typed.some("code_word"), typed.one("found_by")
    if word is None or not by:
        return None
    kind = "email" if "@" in by else "phone" if by[0] in "0+" else "nhs_number"
    return {"code_word": word, kind: by}


def _body(visit: Visit, typed: Typed) -> dict[str, Any]:
    language, how = visit.tongue.language, typed.some("written") or "recorded-by"
    told = {"what-i-need-now": typed.some("now")} | {each.name: typed.some(each.name) for each in TOLD}
    needs = {code: typed.some(f"need-{code}") for code in NEEDS}
    body: dict[str, Any] = {
        "called": typed.one("called"), "door": typed.some("door") or "community-group",
        "passages": [{"heading": code, "words": words, "language": language, "how": how}
                     for code, words in told.items() if words],
        "needs": [{"kind": code, "words": words, "language": language, "how": how}
                  for code, words in needs.items() if words],
    }  # fmt: skip
    return body | _ways(visit, typed)


def _ways(visit: Visit, typed: Typed) -> dict[str, Any]:
    """Give what was said of reaching them: left out whole where nothing was."""
    told: dict[str, Any] = {}
    reach = {name: typed.one(name) for name in ("phone", "email") if typed.one(name)}
    if reach:
        told["reach"] = reach | {
            "never_voicemail": not typed.ticked("voicemail"), "may_be_written_to": typed.ticked("written"),
            "language": visit.tongue.language,
        }  # fmt: skip
    if (ring := typed.some("ring")) is not None:
        phone = typed.some("ring_phone")
        ways = {"ways": {"phone": phone, "ways": [{"how": "call"}]}} if phone else {}
        rung = {"called": ring, "kind": typed.some("ring_kind") or "other", "may": ["be-rung"]}
        told["ring_if_quiet"] = [rung | ways]
    if (somewhere := typed.id("somewhere")) is not None:
        told["chosen_holder"] = somewhere
    if (known := _recognise(typed)) is not None:
        told["recognise"] = known
    return told


@BOOK.form(ARRIVE, arrive)
async def arriving(visit: Visit, typed: Typed) -> View:
    """Hold somebody from now; if they are known, show what they told instead of asking again (S2)."""
    held = await visit.send("POST", "/v1/arrivals", _body(visit, typed))
    at = f"/v1/people/{held['person']}"
    told, needs = await visit.api.all(f"{at}/stories?limit=50", f"{at}/needs?limit=50")
    writers = {p["by"]["organisation"] for each in items(told) for p in each["passages"]}
    names = await organisations(visit, [held["lead"], held["chosen"], *writers])
    return View("beside_arrived.html", _("We have them"), {
        "held": held, "told": told, "needs": items(needs), "names": names, "by": held["by_when"].get("at"),
        "headings": STORY, "how": HOW, "kinds": NEEDS, "matters": MATTERS_NOW, "called": typed.one("called"),
        "known": await visit.api.maybe(at) is not None,
    })  # fmt: skip


@BOOK.page("/beside/{person:uuid}/arrived", *WORK)
async def arrived(visit: Visit) -> View:
    """Vouch for somebody whom one knows, who is at one's door now (S2)."""
    person = await visit.api.read(whose(visit))
    says = _("You know them, so they need not tell it again. They are held from the moment you send this.")
    return View("beside_form.html", _("At our door"), {
        "person": person, "title_": _("They are at our door"), "shown": visit.form(AGAIN), "action": visit.path,
        "says": says,
    })  # fmt: skip


@BOOK.form(AGAIN, arrived, at="/beside/{person:uuid}/arrived")
async def came_again(visit: Visit, typed: Typed) -> Go:
    """Hold somebody known who came to one's door, to their own record (S2, J7)."""
    person = await visit.api.read(whose(visit))
    body: dict[str, Any] = {"called": person["called"], "recognise": {"person": visit.named["person"]},
                            "door": await _door(visit) or "community-group"}  # fmt: skip
    if words := typed.some("now"):
        body["passages"] = [{"heading": "what-i-need-now", "words": words, "language": visit.tongue.language,
                             "how": typed.some("written") or "recorded-by"}]  # fmt: skip
    await visit.send("POST", "/v1/arrivals", body)
    return Go(f"/beside/{visit.named['person']}", SAID_HERE)
