"""Partner systems sign in with a signed assertion, used once; everything else is one and the same answer."""

import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from shared.clock import real_now
from shared.event import Role
from shared.ids import new_id
from tests.support.gateway_doubles import OpenCommunity
from tests.support.place import Place, a_pass, a_place

AUDIENCE = "http://127.0.0.1:8000/oauth/token"
with warnings.catch_warnings(action="ignore"):  # joserfc warns of what we make to be refused
    SHORT_RSA = RSAKey.generate_key(1024).as_dict(private=False)
KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class System:
    """A partner's own side: its id and its private key."""

    place: Place
    id: UUID
    key: ECKey | RSAKey
    alg: str

    def assertion(self, header: dict[str, Any] | None = None, key: Any = None, **claims: Any) -> str:
        now = int(real_now().timestamp())
        said = {"iss": str(self.id), "sub": str(self.id), "aud": AUDIENCE, "exp": now + 60, "jti": str(new_id())}
        head = {"alg": self.alg, "kid": "one", "typ": "JWT"} | (header or {})
        algorithms = [head["alg"]]
        return jwt.encode(head, said | claims, key or self.key, algorithms=algorithms)

    async def ask(self, assertion: str, **form: str) -> Any:
        given = {"grant_type": "client_credentials", "client_assertion_type": KIND, "client_assertion": assertion}
        async with self.place.client() as nobody:
            return await nobody.post("/oauth/token", data=given | form)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with a_place(tmp_path / "data", ("gateway",)) as made:
        ports: Any = made.system.kit.ports
        ports.community = OpenCommunity()
        yield made


async def registered(
    place: Place, key: ECKey | RSAKey, alg: str, scopes: tuple[str, ...] = ("read", "write")
) -> System:
    public = {**key.as_dict(private=False), "kid": "one"}
    body = {"organisation": str(new_id()), "name": "A council", "keys": {"keys": [public]}, "scopes": list(scopes)}
    async with place.client(a_pass(Role.STEWARD)) as steward:
        made = await steward.post("/v1/partners", json=body)
    assert made.status_code == 201, made.text
    return System(place, UUID(made.json()["partner"]), key, alg)


@pytest.fixture
async def system(place: Place) -> System:
    return await registered(place, ECKey.generate_key("P-384"), "ES384")


@pytest.mark.parametrize("alg", ["ES384", "RS384", "RS512"])
async def test_a_partner_system_signs_in_with_each_algorithm_that_smart_and_the_nhs_use(place: Place, alg: str) -> None:
    key: Any = ECKey.generate_key("P-384") if alg.startswith("ES") else RSAKey.generate_key(2048)
    system = await registered(place, key, alg)
    told = await system.ask(system.assertion())
    assert told.status_code == 200
    by = await place.identify(told.json()["access_token"])
    assert by is not None
    assert (by.role, by.principal, by.scopes) == (Role.SYSTEM, system.id, frozenset({"read", "write"}))


async def test_an_assertion_is_good_once(system: System) -> None:
    assertion = system.assertion()
    assert (await system.ask(assertion)).status_code == 200
    assert (await system.ask(assertion)).json()["error"] == "invalid_client"


async def test_every_wrong_assertion_gets_the_same_answer(system: System) -> None:
    now = int(real_now().timestamp())
    other = ECKey.generate_key("P-384")
    wrong = {
        "another key": system.assertion(key=other),
        "an unknown kid": system.assertion(header={"kid": "two"}),
        "a path as kid": system.assertion(header={"kid": "../../dev/null"}),
        "a key of its own": system.assertion(header={"jwk": other.as_dict(private=False)}, key=other),
        "a key elsewhere": system.assertion(header={"jku": "https://example.org/keys"}, key=other),
        "six minutes": system.assertion(exp=now + 400),
        "the past": system.assertion(exp=now - 60),
        "the future": system.assertion(iat=now + 300),
        "no expiry": system.assertion(exp=None),
        "a huge expiry": system.assertion(exp=10**30),
        "another audience": system.assertion(aud="https://elsewhere.example/oauth/token"),
        "another issuer": system.assertion(iss=str(new_id())),
        "another subject": system.assertion(sub=str(new_id())),
        "no jti": system.assertion(jti=""),
        "a long jti": system.assertion(jti="x" * 129),
        "hs256 with a shared key": system.assertion(header={"alg": "HS256"}, key=OctKey.generate_key(256)),
        "no signature": system.assertion().rpartition(".")[0] + ".",
        "not a token": "hello",
        "nothing": "",
    }
    answers = {name: await system.ask(assertion) for name, assertion in wrong.items()}
    for name, told in answers.items():
        assert told.status_code in {400, 401}, name
        assert told.json()["error"] in {"invalid_client", "invalid_request"}, name
    bodies = {told.text for name, told in answers.items() if name != "nothing"}
    assert len(bodies) == 1


async def test_an_unknown_system_gets_the_answer_of_a_known_one_with_a_wrong_key(system: System) -> None:
    unknown = System(system.place, new_id(), system.key, system.alg)
    wrong = await system.ask(system.assertion(key=ECKey.generate_key("P-384")))
    stranger = await unknown.ask(unknown.assertion())
    assert (stranger.status_code, stranger.text) == (wrong.status_code, wrong.text)


async def test_a_scope_that_was_not_given_is_not_to_be_had(system: System) -> None:
    assert (await system.ask(system.assertion(), scope="read texts")).json() == {"error": "invalid_scope"}
    assert (await system.ask(system.assertion(), scope="read")).json()["scope"] == "read"


async def test_a_removed_system_and_its_tokens_are_out_at_once(place: Place, system: System) -> None:
    token = (await system.ask(system.assertion())).json()["access_token"]
    assert await place.identify(token) is not None
    async with place.client(a_pass(Role.STEWARD)) as steward:
        assert (await steward.delete(f"/v1/partners/{system.id}")).status_code == 204
        assert (await steward.delete(f"/v1/partners/{new_id()}")).status_code == 404
        assert (await steward.get("/v1/partners")).json() == {"items": []}
    assert await place.identify(token) is None
    assert (await system.ask(system.assertion())).json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "oct", "k": "AAAA", "kid": "a"},
        ECKey.generate_key("P-256").as_dict(private=False) | {"kid": "a"},
        SHORT_RSA | {"kid": "a"},
        ECKey.generate_key("P-384").as_dict(private=True) | {"kid": "a"},
        {**ECKey.generate_key("P-384").as_dict(private=False), "kid": ""},
        {"kty": "EC", "crv": "P-384", "x": "!", "y": "!", "kid": "a"},
        {},
    ],
    ids=["shared", "P-256", "short RSA", "private", "no kid", "not a point", "empty"],
)
async def test_only_strong_public_keys_are_registered(place: Place, key: dict[str, Any]) -> None:
    body = {"organisation": str(new_id()), "name": "A", "keys": {"keys": [key]}, "scopes": ["read"]}
    async with place.client(a_pass(Role.STEWARD)) as steward:
        told = await steward.post("/v1/partners", json=body)
    assert (told.status_code, told.json()["code"]) == (422, "bad-key")
    assert "AAAA" not in told.text


async def test_only_a_steward_registers_systems(place: Place) -> None:
    for role in set(Role) - {Role.STEWARD, Role.ANYONE}:
        async with place.client(a_pass(role)) as caller:
            assert (await caller.get("/v1/partners")).status_code == 403


async def test_a_malformed_request_for_a_token_is_told_so(system: System) -> None:
    async with system.place.client() as nobody:
        for told in (
            await nobody.post("/oauth/token", json={"grant_type": "client_credentials"}),
            await nobody.post("/oauth/token", data={"grant_type": "password"}),
            await nobody.post(
                "/oauth/token", content="a=1&a=2", headers={"Content-Type": "application/x-www-form-urlencoded"}
            ),
        ):
            assert (told.status_code, told.json()) == (400, {"error": "invalid_request"})
    assert (await system.ask(system.assertion(), grant_type="authorization_code")).status_code == 400


async def test_guessing_is_slowed_for_the_guessed_system_only(place: Place, system: System) -> None:
    statuses = {(await system.ask(system.assertion(exp=0))).status_code for _ in range(70)}
    assert statuses == {401, 429}
    other = await registered(place, ECKey.generate_key("P-384"), "ES384")
    assert (await other.ask(other.assertion())).status_code == 200


async def test_a_token_ends_by_itself_in_real_time_whatever_the_demo_clock_says(place: Place, system: System) -> None:
    token = (await system.ask(system.assertion())).json()["access_token"]
    place.clock.move(timedelta(days=30))
    assert await place.identify(token) is not None
