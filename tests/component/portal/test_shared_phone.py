"""A group's one phone by pages: each signs in as themself with a PIN; a provider of sign-ins, come back from."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.gateway.openid.oauth import Provider
from services.gateway.openid.settings import OpenIdSettings
from shared.event import Role
from shared.ids import new_id
from shared.ports import SignIn
from tests.support.browser import SESSION, Browser
from tests.support.gateway_doubles import Mailbox, OpenCommunity, OpenIntake
from tests.support.oauth_provider import PLACE, SECRET, FakeProvider, a_provider, through
from tests.support.place import Place, a_place

BEA, CEM, R = "bea@group.example", "cem@group.example", "r@home.example"
PIN, OTHER_PIN, WRONG = "480273", "914702", "620515"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with a_place(tmp_path / "data", ("gateway",)) as made:
        ports: Any = made.system.kit.ports
        ports.community, ports.intake, ports.notify = OpenCommunity(), OpenIntake(), Mailbox()
        organisation = ports.community.add(BEA).organisation
        ports.community.add(CEM, Role.PEER_SUPPORTER, organisation)
        ports.intake.people[R] = SignIn(Role.PERSON, person=new_id())
        yield made


def members_of(place: Place) -> dict[str, Any]:
    ports: Any = place.system.kit.ports
    found: dict[str, Any] = ports.community.members
    return found


async def by_link(place: Place, email: str, browser: Browser | None = None) -> Browser:
    browser = browser or Browser(place)
    await browser.open("/sign-in")
    await browser.press("Send me a link", email=email)
    box: Any = place.system.kit.ports.notify
    await browser.open(f"/sign-in/link/{box.links[-1][1]}")
    await browser.press("Sign in")
    return browser


async def the_phone(place: Place) -> Browser:
    """Bea and Cem have a PIN each, and Bea signs the phone in for both."""
    for who, pin in ((CEM, OTHER_PIN), (BEA, PIN)):
        browser = await by_link(place, who)
        await browser.open("/beside/devices")
        page = await browser.press("Keep this PIN", pin=pin, shown_as=who.partition("@")[0].title())
        assert page.says("Your PIN is kept.", "You have a PIN.")
        assert pin not in page.html
    page = await browser.press("Sign this phone in for us", name="The kitchen phone")
    assert page.says("This phone is signed in for your group.", "Bea", "Cem")
    assert SESSION not in browser.http.cookies, "whoever signed it in is signed out: it is everybody's phone now"
    return browser


async def who_is(place: Place, browser: Browser) -> Any:
    told = await place.client().get(
        "/v1/sign-in/sessions/current", headers={"Authorization": f"Bearer {browser.http.cookies[SESSION]}"}
    )
    return told.json()


async def test_each_signs_in_on_the_groups_phone_as_themself(place: Place) -> None:
    """M1."""
    phone = await the_phone(place)
    members = members_of(place)
    for who, pin in ((BEA, PIN), (CEM, OTHER_PIN)):
        await phone.open("/sign-in")
        page = await phone.follow("Sign in on the group's phone with my PIN")
        assert page.says("Bea", "Cem")
        await phone.press("Sign in", member=str(members[who].member), pin=pin)
        told = await who_is(place, phone)
        assert (told["kind"], told["member"]) == ("device", str(members[who].member))


async def test_a_wrong_pin_says_nothing_of_whose_it_is_and_is_not_shown_again(place: Place) -> None:
    phone = await the_phone(place)
    members = members_of(place)
    said = set()
    for who, pin in ((BEA, WRONG), (BEA, OTHER_PIN), (CEM, PIN)):
        await phone.open("/sign-in/device")
        page = await phone.press("Sign in", member=str(members[who].member), pin=pin)
        said.add((page.status, page.text))
        assert pin not in page.html
    assert len(said) == 1
    assert "That did not work." in said.pop()[1]
    assert SESSION not in phone.http.cookies


async def test_a_guesser_shuts_the_pin_and_its_own_number_opens_it_no_more(place: Place) -> None:
    phone = await the_phone(place)
    bea = str(members_of(place)[BEA].member)
    await phone.open("/sign-in/device")
    for n in range(5):
        await phone.press("Sign in", member=bea, pin=f"62051{n}")
    page = await phone.press("Sign in", member=bea, pin=PIN)
    assert page.says("That did not work.")
    assert SESSION not in phone.http.cookies


async def test_what_bea_left_open_is_not_sent_by_cem(place: Place) -> None:
    """One phone, two people: a form of one is none of the other's."""
    phone = await the_phone(place)
    members = members_of(place)
    await phone.open("/sign-in/device")
    await phone.press("Sign in", member=str(members[BEA].member), pin=PIN)
    await phone.open("/beside/devices")
    left = phone.filled("End it")
    await phone.open("/sign-in/device")
    await phone.press("Sign in", member=str(members[CEM].member), pin=OTHER_PIN)
    page = await phone.send(left)
    assert (page.status, page.says("somebody else has signed in here since")) == (403, True)
    assert (await phone.open("/beside/devices")).says("The kitchen phone")


async def test_on_a_shared_phone_nobody_lands_where_somebody_else_wanted_to_go(place: Place) -> None:
    phone = await the_phone(place)
    assert (await phone.open("/beside/devices")).path == "/sign-in"
    await phone.open("/sign-in/device")
    answer = await phone.press("Sign in", member=str(members_of(place)[CEM].member), pin=OTHER_PIN)
    assert answer.path == "/beside"


async def test_a_phone_that_was_ended_leads_to_the_link(place: Place) -> None:
    phone = await the_phone(place)
    bea = await by_link(place, BEA)
    await bea.open("/beside/devices")
    await bea.press("End it")
    assert (await phone.open("/sign-in/device")).path == "/sign-in"
    assert "group's phone" not in (await phone.open("/sign-in")).text


async def test_a_pin_that_is_easily_guessed_is_not_kept(place: Place) -> None:
    browser = await by_link(place, BEA)
    await browser.open("/beside/devices")
    for pin in ("111111", "123456", "12345", "abcdef"):
        page = await browser.press("Keep this PIN", pin=pin, shown_as="Bea")
        assert (page.status, page.says("Write six digits")) == (422, True), pin


async def test_on_the_groups_phone_no_pin_is_set(place: Place) -> None:
    phone = await the_phone(place)
    members = members_of(place)
    await phone.open("/sign-in/device")
    await phone.press("Sign in", member=str(members[BEA].member), pin=PIN)
    page = await phone.open("/beside/devices")
    assert page.says("To do this, sign in by your own e-mail link first.")
    assert "Keep this PIN" not in [form.button for form in page.read.forms]


@pytest.fixture
async def provider(place: Place) -> AsyncIterator[FakeProvider]:
    async with a_provider() as made:
        told = OpenIdSettings(issuer=made.issuer, id=PLACE, secret=SecretStr(SECRET), name="NHS login")
        gateway: Any = place.system.running["gateway"]
        gateway.port.openid = Provider(told, made.return_url, lambda: 0.0)
        yield made


async def test_r_signs_in_by_the_places_provider_in_the_browser_that_left_for_it(
    place: Place, provider: FakeProvider
) -> None:
    provider.claims["email"] = R
    browser, thief = Browser(place), Browser(place)
    page = await browser.open("/sign-in")
    href = next(href for text, href in page.read.links if text == "Sign in with NHS login")
    away = await browser.http.get(href)
    back = await through(away.headers["location"])
    stolen = await thief.http.get("/sign-in/openid", params=back)
    assert (stolen.status_code, SESSION in thief.http.cookies) == (401, False)
    again = await through((await browser.http.get(href)).headers["location"])
    page = await browser.open(f"/sign-in/openid?code={again['code']}&state={again['state']}")
    assert page.path == "/me"


async def test_without_a_provider_there_is_no_such_link(place: Place) -> None:
    page = await Browser(place).open("/sign-in")
    assert not any(text.startswith("Sign in with") for text, _ in page.read.links)
    assert (await Browser(place).open("/sign-in/openid/begin")).status == 404
