"""People and small groups sign in by a one-time link; nobody learns who is known here."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared.event import Role
from shared.ids import new_id
from shared.ports import SignIn
from tests.support.gateway_doubles import Mailbox, OpenCommunity, OpenIntake
from tests.support.place import Place, a_place
from tests.support.signing_in import ask, use

PEER, PERSON = "peer@group.example", "r@home.example"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with a_place(tmp_path / "data", ("gateway",)) as made:
        ports: Any = made.system.kit.ports
        ports.community, ports.intake, ports.notify = OpenCommunity(), OpenIntake(), Mailbox()
        ports.community.add(PEER)
        ports.intake.people[PERSON] = SignIn(Role.PERSON, person=new_id())
        yield made


async def test_a_peer_supporter_signs_in_with_a_link_and_out_again(place: Place) -> None:
    binding, token = await ask(place, PEER)
    assert token is not None
    told = await use(place, token, binding)
    assert (told.status_code, told.json()["role"]) == (201, "peer-supporter")
    bearer = {"Authorization": f"Bearer {told.json()['access_token']}"}
    async with place.client() as caller:
        assert (await caller.delete("/v1/sign-in/sessions/current", headers=bearer)).status_code == 204
        assert (await caller.delete("/v1/sign-in/sessions/current", headers=bearer)).status_code == 401


async def test_a_person_signs_in_as_themself(place: Place) -> None:
    binding, token = await ask(place, PERSON)
    assert token is not None
    told = (await use(place, token, binding)).json()
    by = await place.identify(told["access_token"])
    assert by is not None
    assert by.role is Role.PERSON
    assert str(by.person) == told["person"]


async def test_somebody_who_is_both_says_as_which(place: Place) -> None:
    ports: Any = place.system.kit.ports
    ports.intake.people[PEER] = SignIn(Role.PERSON, person=new_id())
    for said, role in (("person", "person"), ("supporter", "peer-supporter")):
        binding, token = await ask(place, PEER, sign_in_as=said)
        assert token is not None
        assert (await use(place, token, binding)).json()["role"] == role


async def test_a_link_works_once_and_a_wrong_browser_spends_it(place: Place) -> None:
    binding, token = await ask(place, PEER)
    assert token is not None
    assert (await use(place, token, binding)).status_code == 201
    assert (await use(place, token, binding)).json()["code"] == "link-spent"
    binding, token = await ask(place, PEER)
    assert token is not None
    assert (await use(place, token, "x" * 43)).status_code == 401
    assert (await use(place, token, binding)).status_code == 401


async def test_an_unknown_address_gets_the_same_answer_and_no_mail(place: Place) -> None:
    _, known = await ask(place, PEER)
    _, unknown = await ask(place, "nobody@nowhere.example")
    assert known is not None
    assert unknown is None


async def test_one_address_is_sent_at_most_five_links_in_a_quarter_of_an_hour(place: Place) -> None:
    sent = [await ask(place, PEER) for _ in range(7)]
    assert [token is not None for _, token in sent] == [True] * 5 + [False] * 2


async def test_a_member_who_left_is_signed_out_at_once(place: Place) -> None:
    binding, token = await ask(place, PEER)
    assert token is not None
    bearer = (await use(place, token, binding)).json()["access_token"]
    by = await place.identify(bearer)
    assert by is not None
    community: Any = place.system.kit.ports.community
    community.left.add(by.member)
    assert await place.identify(bearer) is None


async def test_no_secret_is_kept_readable(place: Place) -> None:
    binding, token = await ask(place, PEER)
    assert token is not None
    bearer = (await use(place, token, binding)).json()["access_token"]
    kept = await place.kept()
    for secret in (binding, token, bearer):
        assert secret.encode() not in kept


@pytest.mark.parametrize("email", ["", "no-at", "a@b\r\nBcc: c@d", "x" * 300 + "@b", None, 3])
async def test_a_bad_address_is_told_without_an_echo(place: Place, email: Any) -> None:
    async with place.client() as nobody:
        told = await nobody.post("/v1/sign-in/links", json={"email": email})
    assert (told.status_code, told.json()["fields"]) == (422, ["email"])
    assert "Bcc" not in told.text
