"""Who may ask: a service of ours, signed for the service that it asks, for a pass that was signed by who may."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2
import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from services import SERVICES
from services.calls import keys
from services.calls.afar import CALLER, PASS, Afar
from services.calls.inside import Inside
from services.calls.keys import LIFE_SECONDS, Keyring, NoKeysError, private_path
from services.calls.questions import questions_of
from shared.errors import NotSignedInError, UnavailableError
from shared.event import Part, Role
from shared.ids import new_id
from shared.passes import ANYONE, Pass, timer
from shared.ports import Answer, Ask, Why
from tests.support.place import a_pass, person_pass
from tests.support.processes import Double, inside, ring, serving

if TYPE_CHECKING:
    from pathlib import Path

BEGAN = datetime(2026, 11, 22, 10, tzinfo=UTC)
YES = Answer(permitted=True, why=Why.CHOICE)


@dataclass
class Now:
    """A machine's clock that a test moves."""

    at: datetime = field(default=BEGAN)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def consent(tmp_path: Path, now: Now) -> Keyring:
    return ring(tmp_path, ["consent"], now)


def asked(by: Pass) -> Ask:
    return Ask(by, new_id(), Part.STORY)


async def post(app: Inside, body: bytes, headers: dict[str, str], path: str = "/internal/consent/decide") -> Any:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://consent") as http:
        return await http.post(path, content=body, headers=headers)


def a_question(ask: Ask) -> bytes:
    return questions_of("consent")["decide"].write({"ask": ask})


async def test_a_signed_question_for_a_signed_pass_is_answered(tmp_path: Path, now: Now, consent: Keyring) -> None:
    gateway, double = ring(tmp_path, ["gateway"], now), Double("consent", {"decide": YES})
    by = person_pass(new_id())
    headers = {CALLER: gateway.calling("consent"), PASS: gateway.signed(by)}
    assert (await post(inside(double, consent), a_question(asked(by)), headers)).status_code == 200
    assert len(double.asked) == 1


@pytest.mark.parametrize(
    "why",
    ["no signature", "words", "of another audience", "of nobody's key", "a minute old", "made an hour ahead", "none"],
)
async def test_without_a_good_signature_there_is_nothing_here(
    tmp_path: Path, now: Now, consent: Keyring, why: str
) -> None:
    care, gateway = ring(tmp_path, ["intake"], now), ring(tmp_path, ["gateway"], now)
    double, by = Double("consent", {"decide": YES}), person_pass(new_id())
    good = care.calling("consent")
    stranger = ECKey.generate_key("P-256")
    claims = {
        "iss": "intake",
        "aud": "internal/consent",
        "iat": int(BEGAN.timestamp()),
        "exp": int(BEGAN.timestamp()) + 60,
    }
    head = {"alg": "ES256", "kid": care._private["intake"].kid}
    given = {
        "no signature": good.rpartition(".")[0] + ".",
        "words": "let me in",
        "of another audience": care.calling("notify"),
        "of nobody's key": jwt.encode(head, claims, stranger, algorithms=["ES256"]),
        "a minute old": good,
        "made an hour ahead": good,
        "none": "",
    }[why]
    pass_token = gateway.signed(by)
    now.at += {"a minute old": timedelta(seconds=LIFE_SECONDS), "made an hour ahead": -timedelta(hours=1)}.get(
        why, timedelta()
    )
    answer = await post(inside(double, consent), a_question(asked(by)), {CALLER: given, PASS: pass_token})
    nowhere = await post(inside(double, consent), b"", {}, "/internal/consent/nothing")
    assert (answer.status_code, answer.text, double.asked) == (404, nowhere.text, [])


async def test_a_token_without_the_algorithm_that_we_sign_with_opens_nothing(now: Now, consent: Keyring) -> None:
    head = '{"alg":"none","kid":"' + str(consent._private["consent"].kid) + '"}'
    made = ".".join((b64(head), b64('{"iss":"consent","aud":"internal/consent","iat":1,"exp":9999999999}'), ""))
    with pytest.raises(NotSignedInError):
        consent.called_by(made, "consent")


def b64(text: str) -> str:
    from base64 import urlsafe_b64encode  # noqa: PLC0415 - only here

    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


async def test_a_pass_is_no_good_after_60_seconds_and_no_other_one_stands_in_for_it(
    tmp_path: Path, now: Now, consent: Keyring
) -> None:
    gateway, double = ring(tmp_path, ["gateway"], now), Double("consent", {"decide": YES})
    mine, another = a_pass(organisation=new_id()), a_pass(organisation=new_id())
    old = gateway.signed(mine)
    body, app = a_question(asked(mine)), inside(double, consent)
    assert (await post(app, body, {CALLER: gateway.calling("consent"), PASS: old})).status_code == 200
    for stands_in in (
        gateway.signed(another),
        gateway.calling("consent"),
        "",
        gateway.signed(replace(mine, role=Role.DUTY)),
    ):
        assert (await post(app, body, {CALLER: gateway.calling("consent"), PASS: stands_in})).status_code == 401
    now.at += timedelta(seconds=LIFE_SECONDS)
    assert (await post(app, body, {CALLER: gateway.calling("consent"), PASS: old})).status_code == 401
    assert len(double.asked) == 1


@pytest.mark.parametrize(
    ("by", "may"),
    [
        (timer("consent-lead"), set(SERVICES)),
        (ANYONE, set(SERVICES)),
        (Pass(Role.SYSTEM, new_id(), organisation=new_id()), {"gateway", "notify"}),
        *((Pass(role, new_id(), person=new_id(), member=new_id()), {"gateway"}) for role in
          (Role.PERSON, Role.PEER_SUPPORTER, Role.CARER, Role.PRACTITIONER, Role.DUTY, Role.STEWARD)),
    ],
    ids=lambda each: each.role.value if isinstance(each, Pass) else "",
)  # fmt: skip
def test_nobody_signs_a_pass_that_is_not_theirs_to_give(
    tmp_path: Path, now: Now, consent: Keyring, by: Pass, may: set[str]
) -> None:
    signed = {}
    for name in SERVICES:
        try:
            signed[name] = ring(tmp_path, [name], now).signed(by)
        except UnavailableError:
            continue
    assert set(signed) == may
    assert all(consent.whose(token) == by for token in signed.values())


def test_a_service_that_signs_a_pass_by_force_is_not_believed(tmp_path: Path, now: Now, consent: Keyring) -> None:
    intake = ring(tmp_path, ["intake"], now)
    by = person_pass(new_id())
    forged = intake._kept("forged", "intake", {"aud": "internal", "pass": keys._plain(by)})
    as_gateway = {"alg": "ES256", "kid": intake._private["intake"].kid}
    start = int(BEGAN.timestamp())
    claims = {"iss": "gateway", "aud": "internal", "iat": start, "exp": start + 60, "pass": keys._plain(by)}
    lasting = {**claims, "iss": "intake", "exp": start + 3_600}
    for token in (
        forged,
        *(jwt.encode(as_gateway, c, intake._private["intake"], algorithms=["ES256"]) for c in (claims, lasting)),
    ):
        with pytest.raises(NotSignedInError):
            consent.whose(token)


async def test_what_gateway_says_of_a_token_is_believed_only_as_gateway_signed_it(tmp_path: Path) -> None:
    """Whoever stands between says another name beside the signature: it is the signature that counts."""
    gateway, care, real = ring(tmp_path, ["gateway"]), ring(tmp_path, ["intake"]), person_pass(new_id())

    class Between(Inside):
        async def _answer(self, *args: Any) -> tuple[int, bytes]:
            _, body = await super()._answer(*args)
            return 200, orjson.dumps({**orjson.loads(body), **swapped})

    for swapped in ({"person": str(new_id())}, {"signed": care.signed(ANYONE)}, {"signed": ""}):
        async with serving(Between(None, {"gateway": (Double("gateway", {"known": real}),)}, gateway)) as address:  # type: ignore[arg-type]
            stub: Any = Afar("gateway", [address], care)
            if "person" in swapped:
                assert await stub.known("t") == real
            elif swapped["signed"]:
                assert (await stub.known("t")).role is Role.ANYONE
            else:
                with pytest.raises(UnavailableError):
                    await stub.known("t")
            stub.close()


def test_keys_are_made_once_readable_by_their_owner_only_and_without_them_nothing_starts(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    with pytest.raises(NoKeysError):
        Keyring(folder, ["intake"])
    assert len(keys.make(folder, SERVICES)) == len(SERVICES)
    assert keys.make(folder, SERVICES) == []
    assert {private_path(folder, name).stat().st_mode & 0o777 for name in SERVICES} == {0o600}
    assert all("d" not in key for key in orjson.loads((folder / keys.PUBLIC).read_bytes())["keys"])
    private_path(folder, "intake").unlink()
    with pytest.raises(NoKeysError):
        Keyring(folder, ["intake"])


def test_a_key_is_replaced_while_everything_runs(tmp_path: Path, now: Now, consent: Keyring) -> None:
    gateway, by = ring(tmp_path, ["gateway"], now), person_pass(new_id())
    before = gateway.signed(by)
    (kid,) = keys.make(tmp_path, ["gateway"], anew=True)
    now.at += timedelta(seconds=LIFE_SECONDS / 2)
    after = gateway.signed(by)
    assert consent.whose(before) == consent.whose(after) == by
    assert gateway._private["gateway"].kid == kid
    (dropped,) = keys.drop_old(tmp_path, ["gateway"])
    assert dropped != kid
    now.at += timedelta(seconds=LIFE_SECONDS / 2)
    late = gateway.signed(by)
    assert consent.whose(late) == by
    assert dropped not in consent._owners
