"""Who answers for an organisation, by pages alone: welcome, not right, met, steps, we hold, letting go (J2a to J13)."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shared.event import Part
from tests.support.browser import Browser
from tests.support.whole_place import WholePlace

ALL = (Part.NAME, Part.STORY, Part.PLAN, Part.JOURNEY)


@pytest.fixture
async def willow(here: WholePlace) -> AsyncIterator[Browser]:
    """Somebody of the crisis house."""
    browser = Browser(here.place, here.house.by)
    yield browser
    await browser.close()


async def offer_of(here: WholePlace, body, name: str, intensity: str = "crisis") -> str:
    told = {"name": name, "says": "A bed and company.", "intensity": intensity, "needs": ["practical", "social"]}
    made = await body.http.post("/v1/offers", json=told)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def linked(here: WholePlace, *, leads: bool = True) -> str:
    """Have a peer link R to the crisis house, by pages."""
    offer = await offer_of(here, here.house, "Nights somewhere safe")
    await here.yes(here.group.id, *ALL)
    sam = Browser(here.place, here.group.by)
    page = await sam.open(f"/beside/{here.r}/link")
    assert page.says("Nights somewhere safe", "The Willows")
    page = await sam.press("Link them to this")
    assert (page.status, page.says("Pick what they are to be linked to")) == (422, True)
    page = await sam.press("Link them to this", offer=offer, **({"leads": "yes"} if leads else {}))
    assert page.says("They are linked.", "waiting for an answer"), page.text
    await sam.close()
    return offer


async def test_a_link_waits_is_welcomed_and_met_and_then_leads(here: WholePlace, willow: Browser) -> None:
    """J3."""
    await linked(here)
    page = await willow.open("/work")
    assert page.says("Links that wait for our answer", "R", "Nights somewhere safe", "Silence counts as not right")
    await willow.follow("R")
    when = (here.place.clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    page = await willow.press("They are welcome", named=str(here.house.by.member), first_date=when)
    assert page.says("They hear that they are welcome", "Welcome, and not met yet", "First meeting")
    await willow.follow("R")
    page = await willow.press("We have met", how="in-person")
    assert page.says("If you are to lead, you lead from this moment.")
    lead = (await here.me.get(f"/v1/people/{here.r}/lead")).json()
    assert (lead["lead"], lead["state"]) == (str(here.house.id), "held")


async def test_not_right_needs_what_could_be_or_the_holder_called(here: WholePlace, willow: Browser) -> None:
    """J5."""
    await linked(here)
    other = await offer_of(here, here.backstop, "Somebody who comes to you", "community")
    await willow.open("/work")
    page = await willow.follow("R")
    not_right = "Not right for them, and here is what could be"
    page = await willow.press(not_right, reason="no-place-free")
    assert (page.status, page.says("Say what could be right instead")) == (409, True)
    page = await willow.press(not_right, reason="no-place-free", alternative=other)
    assert page.says("hear what could be right instead", "None is waiting.")
    link = (await here.me.get(f"/v1/people/{here.r}/links")).json()["items"][-1]
    assert (link["state"], link["alternative"]) == ("not-right", other)


async def test_a_link_of_another_organisation_is_not_there(here: WholePlace, willow: Browser) -> None:
    """C4."""
    await linked(here)
    await willow.open("/work")
    path = (await willow.follow("R")).path
    sam = Browser(here.place, here.group.by)
    assert (await sam.open(path)).status == 404
    await sam.close()


async def test_leaving_a_crisis_offer_asks_where_they_will_sleep(here: WholePlace, willow: Browser) -> None:
    """J6, J13."""
    await linked(here)
    await willow.open("/work")
    await willow.follow("R")
    await willow.press("They are welcome")
    await willow.follow("R")
    await willow.press("We have met", how="in-person")
    await here.yes(here.house.id, *ALL)
    page = await willow.open(f"/work/{here.r}")
    assert page.says("Now: Support in a crisis", "Where will they sleep for the next seven nights?")
    page = await willow.press("Change how much support", to="community")
    assert page.status in {409, 422}
    assert page.says("sleep")
    page = await willow.press("Change how much support", to="community", sleeping="somewhere-safe")
    assert page.says("Everybody who walks beside them stays", "Now: Support in the community"), page.text
    page = await willow.open(f"/beside/{here.r}")
    await willow.follow("They left the building")
    page = await willow.press("They left", sleeping="somewhere-safe")
    assert page.says("Somebody has to be in touch with them in time"), page.text


async def test_letting_go_into_nothing_is_turned_back_with_every_reason(here: WholePlace, willow: Browser) -> None:
    """J4."""
    chosen = await here.me.post("/v1/returns", json={"chosen_holder": str(here.house.id)})
    assert chosen.status_code in {200, 201}, chosen.text
    await willow.open("/work")
    await willow.follow("R")
    page = await willow.press("We hold this person", named=str(here.house.by.member))
    assert page.says("Your organisation leads", "Who of you holds them: Sam Okafor"), page.text
    page = await willow.press("Let them manage independently")
    assert page.status == 409
    assert page.says(
        "nobody is let go into nothing", "The person has not agreed to manage independently.",
        "No plan that the person agreed is in force.", "The way back is not in writing.",
        "The person has not said how often they want somebody to check in",
    )  # fmt: skip


async def test_who_chose_us_waits_until_we_say_that_we_hold_them(here: WholePlace, willow: Browser) -> None:
    """J2a."""
    came = await here.place.client().post("/v1/arrivals", json={"called": "Kit", "chosen_holder": str(here.house.id)})
    assert came.status_code == 201
    await here.place.settle()
    page = await willow.open("/work")
    assert page.says("They chose us to look after them", "Kit", "Until you say that you hold them")
    page = await willow.follow("Kit")
    assert page.says("From the moment you say so, you lead.")
    await willow.press("We hold this person")
    assert (await willow.open("/work")).says("Nobody is waiting.")
    page = await willow.open("/beside")
    assert page.says("People our organisation leads", "Kit", "Not met yet")
