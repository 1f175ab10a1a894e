"""Managing independently; months later a text: "I need you", and R is held within the second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from httpx2 import codes

from services.demo import own_words
from services.demo.journey_1.arriving import PHONE
from services.demo.setting import BACKSTOP, CENTRE, PEERS, TEAM

if TYPE_CHECKING:
    from services.demo.journey_1.journey import Journey


IN_ORDER = (
    "A story was told.",
    "Letting go was turned back.",
    "The person did not agree the plan.",
    "The person asked for more.",
    "Nobody has made contact in time.",
    "Contact was made.",
    "The person agreed the plan.",
    "Support stepped up.",
    "Support stepped down.",
    "The person is managing independently.",
    "Welcome back.",
)
"""What R's timeline must say, in this order."""

CHECK_INS, SOON, MONTHS = 14, 15, 120
"""Days: how often R wants somebody to check in, when the first is overdue, and how much later R comes back."""
WITHIN = "held within the second, by the backstop"


async def independent(j: Journey) -> None:
    """R manages independently: by R's own agreement, with a plan in force, a way back and check-ins (J4)."""
    j.told.chapter("12. Managing independently")
    team = j.world.systems[TEAM]
    early = await team.raw("POST", "/v1/let-go", {"person": j.person})
    j.told.check("still nobody is let go without R's own agreement (J4)", early.status_code == codes.CONFLICT)
    wish = {"agreed": True, "way_back": own_words.WAY_BACK, "check_ins": CHECK_INS}
    await j.r.put(j.about("independence"), wish)
    await team.post("/v1/let-go", {"person": j.person})
    await j.check_lead(
        "R manages independently: nobody leads, and the last lead owes check-ins and the way back (J2, J4)", None
    )
    await j.heard(PEERS, "pathway.managing-independently")
    await j.move_clock(days=SOON)
    await j.heard(TEAM, "pathway.check-in-due")


async def return_by_text(j: Journey) -> None:
    """A text is enough: held within the second, with nothing to tell again (J7)."""
    j.told.chapter("13. Months later, a text")
    await j.move_clock(days=MONTHS)
    await j.heard(TEAM, "pathway.check-in-due", times=(SOON + MONTHS) // CHECK_INS)  # time has passed everywhere
    j.told.say(f"R texts: “{own_words.TEXT_BACK}”")
    answer = await j.world.systems[PEERS].raw("POST", "/v1/texts", {"from": PHONE, "words": own_words.TEXT_BACK})
    took = answer.elapsed.total_seconds()
    lead = await j.leads()
    j.told.check(
        "the answer to a text tells nothing of whose it is (J7)", (answer.status_code, answer.json()) == (202, {})
    )
    j.told.lead(j.world.name(lead))
    j.told.check(
        f"{WITHIN} ({took * 1000:.0f} ms) (J7)",
        lead == j.world.organisations[BACKSTOP] and took < 1,
    )
    named = {"named": j.world.members["Priya"], "deputy": j.world.members["Tom"]}
    await j.world.systems[TEAM].post(j.about("lead/acknowledgement"), named)
    await j.check_lead("then by the community team, the last holder, once it acknowledged (J7)", TEAM)
    story, plan = await j.world.systems[TEAM].get(j.about("stories")), await j.world.systems[TEAM].get(j.about("plan"))
    j.told.check("story, plan and consent are as R left them (J7)", bool(story["items"]) and bool(plan["lines"]))


async def looking_back(j: Journey) -> None:
    """What the whole journey must show: one story, no retelling, a lead at every moment while supported."""
    j.told.chapter("14. Looking back")
    stories = (await j.r.get(j.about("stories")))["items"]
    j.told.check("one story, told once (S2)", len(stories) == 1 and stories[0]["version"] == 1)
    said = [str(each["says"]) for each in await everything(j, j.about("timeline"))]
    found = [said.index(sentence) if sentence in said else -1 for sentence in IN_ORDER]
    j.told.check("R reads the whole journey in plain words, in order (J11)", -1 not in found and found == sorted(found))
    j.told.check("nobody had R tell it again (S2)", not any("tell it again" in sentence for sentence in said))
    after = len(j.world.receivers[CENTRE].of(j.person))
    j.told.check(
        "no webhook about R reached the centre after R took its sight back (C7)", after == j.known["centre-heard"]
    )
    unsigned = sum(receiver.unsigned for receiver in j.world.receivers.values())
    j.told.check("every webhook bore a good signature", unsigned == 0)
    dense = True
    for receiver in j.world.receivers.values():
        numbers = list(dict.fromkeys(int(each["order"]) for each in receiver.of(j.person)))
        dense = dense and numbers == list(range(1, len(numbers) + 1))
    j.told.check("each subscriber's order numbers are its own, without a gap (I1)", dense)


async def everything(j: Journey, path: str) -> list[dict[str, object]]:
    """Read every page of a list."""
    found: list[dict[str, object]] = []
    page = await j.r.get(path)
    found += page["items"]
    while page.get("next"):
        page = await j.r.get(f"{path}?cursor={page['next']}")
        found += page["items"]
    return found
