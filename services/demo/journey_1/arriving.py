"""The peer group knows R; R tells their story once; the assessment centre reads it and does not ask again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.demo import own_words
from services.demo.journey_1.journey import EVERYTHING
from services.demo.setting import BACKSTOP, CENTRE, PEERS, mail
from shared.ids import new_id

if TYPE_CHECKING:
    from services.demo.journey_1.journey import Journey

PHONE = "+447700900222"


async def known_by_the_group(j: Journey) -> None:
    """R comes to the peer group's table. Held from the first minute, by the backstop."""
    j.told.chapter("1. The peer group knows R")
    j.humans["Sam"] = j.world.human("Sam")
    await j.sam.sign_in(j.world.mailbox)
    held = await j.sam.post("/v1/arrivals", arrival(j))
    j.person = held["person"]
    j.told.say(
        f"{own_words.CALLED} comes to the group's table. Sam writes down a name to be called by, and how to reach R."
    )
    j.humans["R"] = j.world.human("R")
    await j.r.sign_in(j.world.mailbox, "person")
    await j.check_lead("from the first write the backstop leads, so nobody is ever held by no one (J2a)", BACKSTOP)
    await j.r.post(j.about("alongside"), {"organisation": j.world.organisations[PEERS]})
    await j.r.post(
        j.about("choices"), {"who": {"organisation": j.world.organisations[PEERS]}, "what": EVERYTHING, "permit": True}
    )
    passages = [{"heading": heading, "words": words} for heading, words in own_words.STORY]
    told = await j.r.post(j.about("stories"), {"passages": passages})
    j.known["story"] = told["story"]
    j.known["need"] = (await j.r.post(j.about("needs"), {"kind": "practical", "words": own_words.NEED_REST}))["need"]
    j.told.say("R tells their story once, in their own words, and says that the group may see it.")
    seen = await j.sam.get(j.about("stories"))
    words = [passage["words"] for passage in seen["items"][0]["passages"]]
    j.told.check("the group reads the story in R's own words (S3)", words == [said for _, said in own_words.STORY])


def arrival(j: Journey) -> dict[str, object]:
    """Give what Sam writes down; `alongside demo --person` brings its own name and ways to reach R."""
    person: dict[str, Any] = j.known.get("import", {})
    reach = {
        "phone": PHONE,
        "email": mail("R"),
        "code_word": own_words.CODE_WORD,
        "ways": [{"how": "text"}, {"how": "email"}],
    }
    ring = {
        "called": "Sam",
        "kind": "peer",
        "organisation": j.world.organisations[PEERS],
        "ways": {"email": mail("Sam"), "ways": [{"how": "email"}]},
    }
    return (
        {"called": own_words.CALLED, "door": "peer"}
        | person
        | {"reach": person.get("reach", {}) | reach, "ring_if_quiet": [ring]}
    )


async def at_the_centre(j: Journey) -> None:
    """R arrives at the assessment centre, which gets the story instead of a form (S2)."""
    j.told.chapter("2. R arrives at the assessment centre")
    centre = j.world.systems[CENTRE]
    hidden = await centre.raw("GET", j.about("stories"))
    unknown = await centre.raw("GET", f"/v1/people/{new_id()}/stories")
    same = (
        (hidden.status_code, hidden.json()["code"])
        == (unknown.status_code, unknown.json()["code"])
        == (404, "not-found")
    )
    j.told.check("before R is there, the centre can't tell R from somebody who does not exist (C4)", same)
    guess = {"called": "R", "door": "assessment-centre", "recognise": {"code_word": "wrong guess", "phone": PHONE}}
    stranger = await centre.post("/v1/arrivals", guess)
    j.told.check(
        "a wrong code word gets the answer that a stranger gets: held, and nothing shown (S2)",
        stranger["person"] != j.person,
    )
    said = {"code_word": own_words.CODE_WORD, "phone": PHONE}
    held = await centre.post("/v1/arrivals", {"called": "R", "door": "assessment-centre", "recognise": said})
    j.told.say("R says their code word at the desk. The centre's system finds R's own record, not a form.")
    j.told.check("it is the same R, with one record (S2)", held["person"] == j.person and set(held) == set(stranger))
    await j.check_lead("the backstop leads until the centre has said that it will (J2a)", BACKSTOP)
    await j.r.post(
        j.about("choices"), {"who": {"organisation": j.world.organisations[CENTRE]}, "what": EVERYTHING, "permit": True}
    )
    seen = await centre.get(j.about("stories"))
    j.told.check("the centre reads the story that R told the peers (S2)", seen["items"][0]["story"] == j.known["story"])
    looked = await j.r.get(j.about("who-looked"))
    receipt = [
        each
        for each in looked["items"]
        if each["organisation"] == j.world.organisations[CENTRE] and each["part"] == "story"
    ]
    j.told.check("R sees that the centre read it: the receipt is in R's hands (S2, C6)", bool(receipt))
    named = {"named": j.world.members["Alex"], "deputy": j.world.members["Noor"]}
    await centre.post(j.about("lead/acknowledgement"), named)
    await j.check_lead("the centre leads once it acknowledged, with a named worker and a deputy (J2, J2a)", CENTRE)
    await j.heard(PEERS, "pathway.lead-changed")
