"""Stepped up to the crisis house by a link that the peer opens; stepped down with somewhere to sleep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpx2 import codes

from services.demo import own_words
from services.demo.journey_1.journey import EVERYTHING, TURNED_BACK
from services.demo.setting import CENTRE, COUNCIL, HOUSE, PEERS, TEAM

if TYPE_CHECKING:
    from services.demo.journey_1.journey import Journey


async def stepped_up(j: Journey) -> None:
    """The peer opens the link; the house welcomes and meets; only then does the lead move (J3)."""
    j.told.chapter("8. To the crisis house")
    house = j.world.organisations[HOUSE]
    link = {"offer": j.world.offers[HOUSE], "need": j.known["need"], "leads": True}
    opened = await j.sam.post(j.about("links"), link)
    await j.check_lead("proposing moves nothing: the centre leads (J3)", CENTRE)
    system = j.world.systems[HOUSE]
    named = {"named": j.world.members["Bea"], "deputy": j.world.members["Idris"]}
    await system.post(f"/v1/links/{opened['link']}/welcome", named)
    await j.check_lead("welcoming moves nothing either (J3)", CENTRE)
    asks = (await j.r.get(j.about("asks")))["items"]
    j.told.check("a welcome answers R's asking for more (J12)", asks[0]["state"] == "answered")
    await j.r.post(j.about("choices"), {"who": {"organisation": house}, "what": EVERYTHING, "permit": True})
    story, plan = await system.get(j.about("stories")), await system.get(j.about("plan"))
    j.told.check("the house meets R with story and plan in hand (S2, P6)", bool(story["items"]) and bool(plan["lines"]))
    await system.post(f"/v1/links/{opened['link']}/met", {"worker": j.world.members["Bea"], "how": "in-person"})
    await j.check_lead("from met, the crisis house leads (J3)", HOUSE)
    await j.heard(PEERS, "pathway.met")
    await j.heard(PEERS, "pathway.stepped-up")
    lead = await j.r.get(j.about("lead"))
    j.told.check(
        "the peer group stays alongside through the stay (J6)", j.world.organisations[PEERS] in lead["alongside"]
    )


async def sight_is_taken_back(j: Journey) -> None:
    """R takes back what the centre may see: in force when it is answered (C2, C7)."""
    j.told.chapter("9. R takes back what the centre may see")
    choices = (await j.r.get(j.about("choices")))["items"]
    theirs = next(each for each in choices if each["who"].get("organisation") == j.world.organisations[CENTRE])
    gone = await j.r.post(f"/v1/choices/{theirs['choice']}/withdrawal")
    left = [each["says"] for each in gone["left_before"]]
    j.told.say("What left before is listed: " + " ".join(left[:3]))
    j.told.check("the answer lists what left before (C2)", bool(left))
    answer = await j.world.systems[CENTRE].raw("GET", j.about("stories"))
    j.told.check("after the answer the centre reads nothing of R's story (C2)", answer.status_code == codes.NOT_FOUND)
    j.known["centre-heard"] = len(j.world.receivers[CENTRE].of(j.person))


async def stepped_down(j: Journey) -> None:
    """Nobody steps down into nowhere: where will R sleep is asked first (J13)."""
    j.told.chapter("10. Down again, with somewhere to sleep")
    house, team = j.world.systems[HOUSE], j.world.systems[TEAM]
    opened = await house.post(j.about("links"), {"offer": j.world.offers[TEAM], "need": j.known["need"], "leads": True})
    await j.r.post(
        j.about("choices"), {"who": {"organisation": j.world.organisations[TEAM]}, "what": EVERYTHING, "permit": True}
    )
    unasked = await house.raw("POST", j.about("steps"), {"to": "community"})
    j.told.turned_back(unasked.json()["title"], [reason["says"] for reason in unasked.json().get("reasons", [])])
    j.told.check(
        "leaving the house waits for R's answer to where they will sleep (J13)", unasked.status_code in TURNED_BACK
    )
    named = {"named": j.world.members["Priya"], "deputy": j.world.members["Tom"]}
    await team.post(f"/v1/links/{opened['link']}/welcome", named)
    await team.post(f"/v1/links/{opened['link']}/met", {"worker": j.world.members["Priya"], "how": "in-person"})
    j.told.say(f"R says where: “{own_words.SLEEP}”")
    await j.r.post(j.about("steps"), {"to": "community", "sleeping": "somewhere-safe"})
    await house.post(j.about("left-the-building"), {"offer": j.world.offers[HOUSE], "sleeping": "somewhere-safe"})
    await j.heard(PEERS, "pathway.stepped-down")
    await j.check_lead("after the step down the community team leads, having met R (J3, J6)", TEAM)
    lead = await j.r.get(j.about("lead"))
    j.told.check("the group is still R's on the day R leaves (J6)", j.world.organisations[PEERS] in lead["alongside"])


async def budget(j: Journey) -> None:
    """The council adds a personal budget to the care and support plan, for R to agree (P8)."""
    j.told.chapter("11. The council adds a personal budget")
    council = j.world.systems[COUNCIL]
    await j.r.post(j.about("links"), {"offer": j.world.offers[COUNCIL], "leads": False})
    await j.r.post(
        j.about("choices"), {"who": {"organisation": j.world.organisations[COUNCIL]}, "what": ["plan"], "permit": True}
    )
    lines = [{"heading": heading, "words": words} for heading, words in own_words.PLAN_CARE]
    plan = await j.r.post(j.about("plans"), {"kind": "care-and-support", "lines": lines, "co_produced": True})
    money = {"pence": 24_000, "kind": "personal-health-budget", "for": own_words.BUDGET_FOR}
    await council.post(f"/v1/plans/{plan['plan']}/budget-lines", money)
    shown = await j.r.get(f"/v1/plans/{plan['plan']}")
    await j.r.post(f"/v1/plans/{plan['plan']}/agreement", {"revision": shown["revision"], "agreed": True})
    agreed = await j.r.get(j.about("plan?kind=care-and-support"))
    j.told.check("the budget is in the plan that R agreed (P8)", agreed["budget"][0]["pence"] == money["pence"])
    story = await council.raw("GET", j.about("stories"))
    j.told.check(
        "the council sees the plan and nothing of the story, for R said so (C1, C3)",
        story.status_code == codes.NOT_FOUND,
    )
