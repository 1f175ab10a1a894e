"""The centre drafts a plan alone and tries to let R go. It is turned back. R asks for more, and nobody answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpx2 import codes

from services.demo import own_words
from services.demo.journey_1.journey import TURNED_BACK
from services.demo.setting import CENTRE, DUTY_PHONE, PEERS, mail

LONG_HOLIDAY = 8
"""Days: longer than any run of weekend and bank holidays, so that a working day has passed whenever this is told."""

if TYPE_CHECKING:
    from services.demo.journey_1.journey import Journey


async def a_plan_made_alone(j: Journey) -> None:
    """A plan that R had no part in can't be called co-produced, and is not in force (P2, P3)."""
    j.told.chapter("3. A plan made alone")
    centre = j.world.systems[CENTRE]
    lines = [{"heading": heading, "words": words} for heading, words in own_words.PLAN_ALONE]
    draft = {"kind": "safety", "lines": lines, "co_produced": True}
    answer = await centre.raw("POST", j.about("plans"), draft)
    j.told.turned_back("calling it co-produced", [answer.json()["title"]])
    j.told.check(
        "a plan with nothing of R's in it can't be put forward as co-produced (P2)", answer.status_code in TURNED_BACK
    )
    plan = await centre.post(j.about("plans"), draft | {"co_produced": False})
    j.known["plan"] = plan["plan"]
    j.told.say("The centre writes two lines about R, without R.")
    in_force = await j.r.raw("GET", j.about("plan"))
    j.told.check("it is not in force: R has not agreed it (P3)", in_force.status_code == codes.NOT_FOUND)


async def let_go_is_turned_back(j: Journey) -> None:
    """Nobody is let go with a plan that they did not agree (J4)."""
    j.told.chapter("4. The centre tries to let R go")
    centre, alone = j.world.systems[CENTRE], j.count(mail("Sam"))
    answer = await centre.raw("POST", "/v1/let-go", {"person": j.person})
    shown = answer.json()
    j.told.turned_back(shown["title"], [reason["says"] for reason in shown.get("reasons", [])])
    j.told.check(
        "letting go is turned back with its reasons (J4)",
        answer.status_code == codes.CONFLICT and bool(shown.get("reasons")),
    )
    await j.check_lead("the centre is still the lead (J4)", CENTRE)
    await j.heard(PEERS, "pathway.let-go-turned-back")
    said = {"revision": 1, "agreed": False, "words": own_words.NOT_AGREED, "would_agree_to": own_words.WOULD_AGREE}
    await j.r.post(f"/v1/plans/{j.known['plan']}/agreement", said)
    j.told.say(f"R answers the plan: “{own_words.NOT_AGREED}”")
    await j.heard(PEERS, "pathway.plan-not-agreed")
    await j.sent(mail("Sam"), alone)
    text = j.world.mailbox.to(mail("Sam"))[-1].text
    j.told.check(
        "Sam is told, in words that name nobody (P4, S7)", own_words.NOT_AGREED not in text and "R " not in text
    )
    shown = await j.r.get(f"/v1/plans/{j.known['plan']}")
    j.told.check(
        "“not agreed” stands in R's own words, as an answer like any other (P4)",
        (shown["answer"]["answer"], shown["answer"]["words"]) == ("not-agreed", own_words.NOT_AGREED),
    )


async def asking_for_more(j: Journey) -> None:
    """R asks for more; no answer comes; it climbs (J12)."""
    j.told.chapter("5. R asks for more, and nobody answers")
    asked = await j.r.post(j.about("asks"), {"words": own_words.ASK})
    j.told.say(f"R asks: “{own_words.ASK}” It is to be answered by {asked['answer_by'][:16].replace('T', ' ')}.")
    await j.heard(CENTRE, "pathway.asked-for-more")
    left = await j.world.systems[CENTRE].post(j.about("left-the-building"), {"offer": j.world.offers[CENTRE]})
    j.told.say(f"R leaves the building. Somebody must make contact by {left['contact_by'][:16].replace('T', ' ')}.")
    await j.check_lead("leaving the building does not end the lead (J9)", CENTRE)


async def drifting(j: Journey) -> None:
    """Nobody makes contact. Lead and chosen supporters are told, then the place's duty line (J9, W1)."""
    j.told.chapter("6. Nobody makes contact")
    sam, duty = j.count(mail("Sam")), j.count(DUTY_PHONE)
    await j.move_clock(days=LONG_HOLIDAY)
    await j.heard(PEERS, "pathway.ask-unanswered")
    await j.heard(PEERS, "pathway.drifting")
    await j.sent(mail("Sam"), sam)
    j.told.check(
        "a peer supporter is told when R drifts, and the message names nobody (J9)",
        j.person not in j.world.mailbox.to(mail("Sam"))[-1].text,
    )
    asks = (await j.r.get(j.about("asks")))["items"]
    j.told.check("asked and unanswered is a fact that R sees (J12)", asks[0]["state"] == "unanswered")
    await j.move_clock(hours=12)
    await j.sent(DUTY_PHONE, duty)
    j.told.check("while no human has answered, it goes up to the duty line (J9, W1)", j.count(DUTY_PHONE) > duty)
    alerts = (await j.sam.get("/v1/alerts"))["items"]
    drifts = [alert for alert in alerts if alert["kind"] == "drifting"]
    j.told.check("one open alert, however often it was told (W1)", len(drifts) == 1)
    for alert in alerts:
        await j.sam.post(f"/v1/alerts/{alert['id']}/acknowledgement")
    j.told.say("Sam answers: a human is on it.")
    still = [alert for alert in (await j.sam.get("/v1/alerts"))["items"] if alert.get("state") == "open"]
    j.told.check("an alert is answered only by a human's acknowledgement (W1)", not still)
    await j.check_lead("through all of it the centre stays the lead: never nobody (J2)", CENTRE)


async def contact(j: Journey) -> None:
    """A peer makes contact. The plan is made again, with R, and R agrees it (J8, P2, P3)."""
    j.told.chapter("7. A peer makes contact; the plan is made with R")
    made = {"outcome": "made", "how": "phone", "note": own_words.KNOWS, "shown_to_person": True}
    await j.sam.post(j.about("contacts"), made)
    await j.heard(PEERS, "pathway.drifting-ended")
    heard = j.world.receivers[PEERS].types(j.person)
    j.told.check(
        "contact made ends the drifting (J9)", heard.count("pathway.drifting") == heard.count("pathway.drifting-ended")
    )
    plan = j.known["plan"]
    tag = (await j.sam.raw("GET", f"/v1/plans/{plan}")).headers["ETag"]
    lines = [{"heading": heading, "words": words, "written": "supported-by"} for heading, words in own_words.PLAN_OWN]
    version = {"lines": lines, "co_produced": True}
    revised = await j.sam.post(f"/v1/plans/{plan}/versions", version, if_match=tag)
    j.told.say("Sam and R write the plan again, line by line, in R's words.")
    drafter = {"revision": revised["revision"], "agreed": True, "how": "in-person"}
    answer = await j.sam.raw("POST", f"/v1/plans/{plan}/agreement", drafter)
    j.told.check("Sam drafted it with R, so Sam can't be the witness of it (P3)", answer.status_code in TURNED_BACK)
    await j.r.post(f"/v1/plans/{plan}/agreement", {"revision": revised["revision"], "agreed": True})
    in_force = await j.r.get(j.about("plan"))
    j.told.check(
        "R agrees by signing in: exactly that version is in force (P3)", in_force["revision"] == revised["revision"]
    )
    await j.heard(CENTRE, "pathway.plan-agreed")
