"""Sign-in by the place's provider: only a word that it signed, for us, this browser and a checked address."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from pydantic import SecretStr, ValidationError

from services.gateway.openid.domain import WAY_LIFE
from services.gateway.openid.oauth import KEYS_AGAIN, Provider
from services.gateway.openid.settings import OpenIdSettings
from services.gateway.openid.store import WAY
from services.gateway.session.store import TOKEN
from shared.event import Role
from shared.ids import new_id, new_secret
from shared.ports import SignIn
from tests.support.gateway_doubles import Mailbox, OpenCommunity, OpenIntake
from tests.support.oauth_provider import PLACE, SECRET, FakeProvider, a_provider, through
from tests.support.place import Place, a_place
from tests.support.signing_in import current, long_ago, with_token

PEER, PERSON = "peer@group.example", "r@home.example"


@dataclass
class World:
    """A place with a provider. ``later``: how many seconds have passed for what is kept of the provider."""

    place: Place
    provider: FakeProvider
    later: float = 0.0

    async def begins(self, **body: str) -> dict[str, Any]:
        async with self.place.client() as nobody:
            told = await nobody.post("/v1/sign-in/openid", json=body)
        assert told.status_code == 201, told.text
        found: dict[str, Any] = told.json()
        return found

    async def ends(self, **body: str) -> Any:
        async with self.place.client() as nobody:
            return await nobody.post("/v1/sign-in/openid/sessions", json=body)

    async def signs_in(self, **body: str) -> Any:
        begun = await self.begins(**body)
        return await self.ends(**await through(begun["authorize_url"]), binding=begun["binding"])


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_provider() as provider, a_place(tmp_path / "data", ("gateway",)) as place:
        ports: Any = place.system.kit.ports
        ports.community, ports.intake, ports.notify = OpenCommunity(), OpenIntake(), Mailbox()
        ports.community.add(PEER)
        ports.intake.people[PERSON] = SignIn(Role.PERSON, person=new_id())
        made = World(place, provider)
        told = OpenIdSettings(issuer=provider.issuer, id=PLACE, secret=SecretStr(SECRET), name="NHS login")
        place.system.running["gateway"].port.openid = Provider(told, provider.return_url, lambda: made.later)
        yield made


def turned_away(answer: Any) -> bool:
    return (answer.status_code, answer.json()["code"]) == (401, "openid-sign-in")


async def test_a_member_and_a_person_sign_in_by_the_provider_as_by_a_link(world: World) -> None:
    for email, role in ((PEER.upper(), "peer-supporter"), (PERSON, "person")):
        world.provider.claims["email"] = email
        told = await world.signs_in()
        assert (told.status_code, told.json()["role"]) == (201, role)
        status, session = await current(with_token(world.place, told.json()["access_token"]))
        assert (status, session["kind"]) == (200, "openid")
        assert session["idle_until"] < session["until"]


async def test_somebody_who_is_both_says_as_which(world: World) -> None:
    ports: Any = world.place.system.kit.ports
    ports.intake.people[PEER] = SignIn(Role.PERSON, person=new_id())
    for said, role in (("person", "person"), ("supporter", "peer-supporter")):
        assert (await world.signs_in(sign_in_as=said)).json()["role"] == role


async def test_the_pages_learn_what_the_provider_is_called_or_that_there_is_none(world: World) -> None:
    async with world.place.client() as nobody:
        assert (await nobody.get("/v1/sign-in/openid")).json() == {"name": "NHS login"}
        world.place.system.running["gateway"].port.openid = None
        for told in (await nobody.get("/v1/sign-in/openid"), await nobody.post("/v1/sign-in/openid", json={})):
            assert told.status_code == 404


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://else.example"},
    "for somebody else": {"aud": "another-place"},
    "for several, and not asked for by us": {"aud": [PLACE, "another-place"]},
    "for several, asked for by another": {"aud": [PLACE, "another-place"], "azp": "another-place"},
    "asked for by another": {"azp": "another-place"},
    "of another browser": {"nonce": "0" * 64},
    "without a nonce": {"nonce": None},
    "past its time": {"exp": 1_000_000_000},
    "without an end": {"exp": None},
    "of long ago": {"iat": 1_000_000_000},
    "of the time to come": {"iat": 4_000_000_000},
    "an address that was not checked": {"email_verified": False},
    "an address that somebody says was checked": {"email_verified": "true"},
    "nothing of whether it was checked": {"email_verified": None},
    "no address": {"email": None},
    "an address that nobody here has": {"email": "nobody@nowhere.example"},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_a_word_that_is_not_for_us_or_not_of_this_browser_opens_nothing(world: World, lie: Any) -> None:
    world.provider.claims |= lie
    assert turned_away(await world.signs_in())
    assert await world.place.rows(TOKEN) == []


async def test_a_word_for_several_that_we_asked_for_is_good(world: World) -> None:
    world.provider.claims |= {"aud": [PLACE, "another-place"], "azp": PLACE}
    assert (await world.signs_in()).status_code == 201


async def test_only_a_published_key_and_a_listed_algorithm_sign__no_none_and_no_shared_secret(world: World) -> None:
    provider = world.provider
    good, rsa = provider.key, RSAKey.generate_key(2048)
    provider.published = good
    provider.key = ECKey.generate_key("P-256")
    assert turned_away(await world.signs_in()), "a key that is not published"
    provider.key, provider.header = good, {"kid": "unknown"}
    assert turned_away(await world.signs_in()), "a key that is not named"
    provider.header = {}
    for key, algorithm in ((OctKey.import_key(SECRET * 3), "HS256"), (rsa, "RS256")):
        provider.key, provider.algorithm = key, algorithm
        assert turned_away(await world.signs_in()), "another algorithm than the published key's"
    provider.turn_key(good, "ES256")
    assert (await world.signs_in()).status_code == 201


async def test_a_key_that_was_turned_is_fetched_and_a_forged_one_fetches_at_most_once_a_minute(world: World) -> None:
    provider = world.provider
    assert (await world.signs_in()).status_code == 201
    provider.header = {"kid": "unknown"}
    for _ in range(3):
        assert turned_away(await world.signs_in())
    assert provider.asked.count("/jwks") == 1
    provider.header = {}
    provider.turn_key(RSAKey.generate_key(2048), "RS256")
    world.later += KEYS_AGAIN * 10
    assert (await world.signs_in()).status_code == 201
    assert provider.asked.count("/jwks") == 2


async def test_what_was_brought_back_works_once_in_time_and_only_in_the_browser_that_left(world: World) -> None:
    for change in ({"binding": new_secret()}, {"state": new_secret()}):
        begun = await world.begins()
        back = await through(begun["authorize_url"]) | {"binding": begun["binding"]}
        assert turned_away(await world.ends(**back | change))
        assert "binding" not in change or turned_away(await world.ends(**back)), "the try has spent it"
    begun = await world.begins()
    back = await through(begun["authorize_url"]) | {"binding": begun["binding"]}
    assert (await world.ends(**back)).status_code == 201
    assert turned_away(await world.ends(**back))
    begun = await world.begins()
    long_ago(world.place, WAY_LIFE, "gateway_way.until")
    assert turned_away(await world.ends(**await through(begun["authorize_url"]), binding=begun["binding"]))


async def test_a_code_of_another_browser_is_no_good_here__pkce(world: World) -> None:
    """Whoever brings their own code into somebody's browser, or another's into theirs, signs nobody in."""
    mine, theirs = await world.begins(), await world.begins()
    stolen = (await through(theirs["authorize_url"]))["code"]
    back = await through(mine["authorize_url"])
    assert turned_away(await world.ends(code=stolen, state=back["state"], binding=mine["binding"]))


async def test_a_secret_that_the_provider_wants_in_the_body_is_sent_there(world: World) -> None:
    world.provider.about = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (await world.signs_in()).status_code == 201


async def test_a_provider_that_is_away_or_is_another_stops_nobody_from_asking_for_a_link(world: World) -> None:
    world.provider.away = True
    async with world.place.client() as nobody:
        assert (await nobody.post("/v1/sign-in/openid", json={})).status_code == 503
        assert (await nobody.post("/v1/sign-in/links", json={"email": PEER})).status_code == 202
        world.provider.away, world.provider.about = False, {"issuer": "https://else.example"}
        assert (await nobody.post("/v1/sign-in/openid", json={})).status_code == 503
    world.provider.about = {}
    begun = await world.begins()
    back = await through(begun["authorize_url"])
    world.provider.away = True
    assert turned_away(await world.ends(**back, binding=begun["binding"]))


async def test_nothing_goes_to_a_provider_in_the_clear(world: World) -> None:
    with pytest.raises(ValidationError):
        OpenIdSettings(issuer="http://login.example")
    world.provider.about = {"token_endpoint": "http://login.example/token"}
    assert turned_away(await world.signs_in())


async def test_the_secrets_of_a_browser_are_kept_as_hashes_for_ten_minutes(world: World) -> None:
    begun = await world.begins()
    asked = {name: value[0] for name, value in parse_qs(urlsplit(begun["authorize_url"]).query).items()}
    kept = await world.place.kept()
    for secret in (begun["binding"], asked["state"], asked["nonce"], asked["code_challenge"]):
        assert secret.encode() not in kept
    assert begun["binding"] not in begun["authorize_url"]
    long_ago(world.place, WAY_LIFE + timedelta(seconds=1), "gateway_way.until")
    await world.begins()
    assert len(await world.place.rows(WAY)) == 1
