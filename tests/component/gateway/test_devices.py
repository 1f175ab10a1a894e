"""On a shared phone each person has a PIN (M1): few tries, one answer to every wrong one, and an end to everything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.gateway.device.domain import DEVICE_IDLE, DEVICE_LIFE, DEVICE_SESSION_IDLE, TRIES_WINDOW
from services.gateway.device.store import DEVICE, TRY
from services.gateway.device.store import PIN as PINS
from shared.event import Role
from shared.ids import new_id, new_secret
from tests.support.gateway_doubles import Mailbox, OpenCommunity, OpenIntake
from tests.support.place import Place, a_pass, a_place
from tests.support.signing_in import a_device, by_link, current, long_ago, on_device, try_pin

BEA, CEM, FAR = "bea@group.example", "cem@group.example", "far@elsewhere.example"
PIN, OTHER_PIN, WRONG = "480273", "914702", "620515"


@dataclass
class Group:
    """A group of two with a phone, each with a PIN, and somebody of another group."""

    place: Place
    bea: Any
    cem: Any
    far: Any
    ids: dict[str, Any]
    phone: dict[str, Any]

    async def tries(self, pin: str, who: str = BEA, secret: str = "") -> Any:
        return await try_pin(self.place, secret or self.phone["secret"], self.ids[who], pin)

    async def signs_in(self, pin: str = PIN, who: str = BEA, secret: str = "") -> Any:
        return await on_device(self.place, secret or self.phone["secret"], self.ids[who], pin)


@asynccontextmanager
async def a_group_at(folder: Path) -> AsyncIterator[Group]:
    async with a_place(folder, ("gateway",)) as place:
        ports: Any = place.system.kit.ports
        ports.community, ports.intake, ports.notify = OpenCommunity(), OpenIntake(), Mailbox()
        organisation = ports.community.add(BEA).organisation
        ports.community.add(CEM, Role.PRACTITIONER, organisation)
        ports.community.add(FAR)
        clients = [await by_link(place, each) for each in (BEA, CEM, FAR)]
        for client, pin in zip(clients, (PIN, OTHER_PIN, PIN), strict=True):
            assert (await client.put("/v1/sign-in/pin", json={"pin": pin})).status_code == 204
        ids = {email: found.member for email, found in ports.community.members.items()}
        bea, cem, far = clients
        yield Group(place, bea, cem, far, ids, await a_device(bea))


@pytest.fixture
async def group(tmp_path: Path) -> AsyncIterator[Group]:
    async with a_group_at(tmp_path / "data") as made:
        yield made


async def test_each_member_signs_in_on_the_groups_phone_as_themself__m1(group: Group) -> None:
    for who, pin, role in ((BEA, PIN, "peer-supporter"), (CEM, OTHER_PIN, "practitioner")):
        status, told = await current(await group.signs_in(pin, who))
        assert (status, told["kind"], told["role"]) == (200, "device", role)
        assert (told["member"], told["organisation"]) == (str(group.ids[who]), group.phone["organisation"])


async def test_whoever_signs_in_ends_what_another_left_open_on_the_phone__m1(group: Group) -> None:
    bea = await group.signs_in()
    cem = await group.signs_in(OTHER_PIN, CEM)
    assert [(await current(client))[0] for client in (bea, cem, group.bea)] == [401, 200, 200]


async def test_a_sign_in_with_a_pin_ends_after_five_minutes_without_use_and_after_an_hour(group: Group) -> None:
    bea = await group.signs_in()
    long_ago(group.place, DEVICE_SESSION_IDLE, "gateway_token.used_at")
    assert (await current(bea))[0] == 401
    bea = await group.signs_in()
    for _ in range(15):
        long_ago(group.place, timedelta(minutes=4), "gateway_token.used_at", "gateway_token.until")
    assert (await current(bea))[0] == 401


async def test_every_wrong_try_is_answered_alike__c4(group: Group) -> None:
    secret, bea = group.phone["secret"], group.ids[BEA]
    ended = await a_device(group.bea)
    assert (await group.bea.delete(f"/v1/sign-in/devices/{ended['id']}")).status_code == 204
    community: Any = group.place.system.kit.ports.community
    without = community.add("new@group.example", organisation=community.members[BEA].organisation).member
    told = [
        await try_pin(group.place, secret, bea, WRONG),
        await try_pin(group.place, secret, without, PIN),
        await try_pin(group.place, secret, new_id(), PIN),
        await try_pin(group.place, secret, group.ids[FAR], PIN),
        await try_pin(group.place, ended["secret"], bea, PIN),
        await try_pin(group.place, new_secret(), bea, PIN),
    ]
    community.left.add(group.ids[CEM])
    told.append(await group.tries(OTHER_PIN, CEM))
    told += [await group.tries(WRONG) for _ in range(5)]
    told.append(await group.tries(PIN))
    assert {(each.status_code, each.json()["code"]) for each in told} == {(401, "device-sign-in")}
    assert len({each.content for each in told}) == 1


async def test_one_members_pin_does_not_open_the_phone_for_another__m1(group: Group) -> None:
    bea = await group.signs_in()
    assert (await group.tries(PIN, CEM)).status_code == 401
    assert (await current(bea))[0] == 200, "a wrong try ends nobody's session"


async def test_five_wrong_tries_in_a_row_shut_a_pin_on_every_phone_until_it_is_set_anew(group: Group) -> None:
    second = await a_device(group.cem, "The phone upstairs")
    for _ in range(4):
        await group.tries(WRONG)
    assert (await group.tries(PIN)).status_code == 201, "four are not five, and a right one begins the count anew"
    for n in range(5):
        await group.tries(WRONG, secret=second["secret"] if n % 2 else "")
    assert (await group.tries(PIN)).status_code == 401
    assert (await group.tries(PIN, secret=second["secret"])).status_code == 401
    assert (await group.bea.get("/v1/sign-in/pin")).json() == {"set": True, "shut": True}
    assert (await group.tries(OTHER_PIN, CEM)).status_code == 201, "nobody else's is shut"
    assert (await group.bea.put("/v1/sign-in/pin", json={"pin": PIN})).status_code == 204
    assert (await group.tries(PIN)).status_code == 201


async def test_guesses_at_once_are_counted_one_by_one_and_the_right_one_comes_too_late(group: Group) -> None:
    guesses = [f"{n:06d}" for n in range(123, 135)] + [PIN]
    told = await asyncio.gather(*(group.tries(each) for each in guesses))
    assert {each.status_code for each in told} <= {401, 201}
    assert sum(each.status_code == 201 for each in told) <= 1
    (bea,) = [row for row in await group.place.rows(PINS) if row["member"] == group.ids[BEA]]
    assert bea["wrong"] == 5
    assert len(await group.place.rows(TRY)) == len(guesses) - sum(each.status_code == 201 for each in told)
    assert (await group.tries(PIN)).status_code == 401


async def test_twenty_wrong_tries_in_an_hour_shut_the_phone_for_the_hour_after(group: Group) -> None:
    second = await a_device(group.cem, "The phone upstairs")
    for _ in range(20):
        assert (await try_pin(group.place, group.phone["secret"], new_id(), WRONG)).status_code == 401
    assert (await group.tries(PIN)).status_code == 401
    assert (await group.tries(PIN, secret=second["secret"])).status_code == 201, "another phone is not shut"
    long_ago(group.place, TRIES_WINDOW, "gateway_device.shut_until", "gateway_try.at")
    assert (await group.tries(PIN)).status_code == 201
    assert await group.place.rows(TRY) == [], "what is past an hour is forgotten"


async def test_counts_outlive_a_restart(tmp_path: Path) -> None:
    async with a_group_at(tmp_path) as group:
        for _ in range(5):
            await group.tries(WRONG)
    async with a_place(tmp_path, ("gateway",)) as again:
        ports: Any = again.system.kit.ports
        ports.community = group.place.system.kit.ports.community
        assert (await try_pin(again, group.phone["secret"], group.ids[BEA], PIN)).status_code == 401


async def test_a_phone_that_is_ended_ends_every_session_on_it_at_once(group: Group) -> None:
    bea = await group.signs_in()
    assert (await group.cem.delete(f"/v1/sign-in/devices/{group.phone['id']}")).status_code == 204
    assert (await current(bea))[0] == 401
    assert (await group.tries(PIN)).status_code == 401
    assert (await current(group.bea))[0] == 200, "what was begun elsewhere goes on"


async def test_another_organisations_phone_is_as_if_there_were_none__c4(group: Group) -> None:
    path = f"/v1/sign-in/devices/{group.phone['id']}"
    told = [await group.far.delete(path), await group.far.delete(f"/v1/sign-in/devices/{new_id()}")]
    assert [each.status_code for each in told] == [404, 404]
    assert told[0].content == told[1].content
    assert (await group.far.get("/v1/sign-in/devices")).json() == {"items": []}
    (mine,) = (await group.cem.get("/v1/sign-in/devices")).json()["items"]
    assert {*mine} == {"id", "name", "by", "created_at", "used_at", "until"}


@pytest.mark.parametrize(("by", "column"), [(DEVICE_IDLE, "used_at"), (DEVICE_LIFE, "created_at")])
async def test_a_phone_ends_when_nobody_used_it_for_long_and_at_last_in_any_event(
    group: Group, by: timedelta, column: str
) -> None:
    long_ago(group.place, by - timedelta(days=1), f"gateway_device.{column}")
    assert (await group.tries(PIN)).status_code == 201
    long_ago(group.place, by, f"gateway_device.{column}")
    assert (await group.tries(PIN)).status_code == 401
    assert (await group.bea.get("/v1/sign-in/devices")).json() == {"items": []}
    await a_device(group.bea)
    assert len(await group.place.rows(DEVICE)) == 1, "what is past is dropped"


async def test_nobody_sets_a_pin_or_signs_a_phone_in_from_a_sign_in_with_a_pin__m1(group: Group) -> None:
    bea = await group.signs_in()
    for told in (
        await bea.put("/v1/sign-in/pin", json={"pin": OTHER_PIN}),
        await bea.delete("/v1/sign-in/pin"),
        await bea.post("/v1/sign-in/devices", json={"name": "Mine"}),
    ):
        assert (told.status_code, told.json()["code"]) == (403, "own-sign-in-needed")
    assert (await group.tries(PIN)).status_code == 201


async def test_a_pin_set_anew_ends_what_was_begun_with_the_one_before(group: Group) -> None:
    bea = await group.signs_in()
    assert (await group.bea.put("/v1/sign-in/pin", json={"pin": WRONG})).status_code == 204
    assert (await current(bea))[0] == 401
    assert (await group.tries(PIN)).status_code == 401
    again = await group.signs_in(WRONG)
    assert (await group.bea.delete("/v1/sign-in/pin")).status_code == 204
    assert (await current(again))[0] == 401
    assert (await group.bea.get("/v1/sign-in/pin")).json() == {"set": False, "shut": False}


async def test_a_member_who_left_is_out_at_once_and_can_not_sign_in_on_the_phone(group: Group) -> None:
    cem = await group.signs_in(OTHER_PIN, CEM)
    community: Any = group.place.system.kit.ports.community
    community.left.add(group.ids[CEM])
    assert (await current(cem))[0] == 401
    assert (await group.tries(OTHER_PIN, CEM)).status_code == 401


async def test_as_what_a_member_acts_is_asked_at_every_sign_in_and_a_steward_has_no_pin(group: Group) -> None:
    community: Any = group.place.system.kit.ports.community
    organisation = community.members[BEA].organisation
    for role in (Role.CARER, Role.STEWARD):
        community.members[CEM] = type(community.members[CEM])(role, group.ids[CEM], organisation)
        told = await group.tries(OTHER_PIN, CEM)
        assert told.status_code == (201 if role is Role.CARER else 401)
    assert (await group.place.client(a_pass(Role.STEWARD)).get("/v1/sign-in/pin")).json()["code"] == "not-yours"


async def test_the_phone_shows_who_may_sign_in_by_the_name_that_each_chose__c6(group: Group) -> None:
    named = {"pin": PIN, "shown_as": "Bea"}
    assert (await group.bea.put("/v1/sign-in/pin", json=named)).status_code == 204
    async with group.place.client() as nobody:
        told = await nobody.post("/v1/sign-in/device-members", json={"device_secret": group.phone["secret"]})
        unknown = await nobody.post("/v1/sign-in/device-members", json={"device_secret": new_secret()})
    shown = {each["member"]: each["name"] for each in told.json()["items"]}
    assert shown == {str(group.ids[BEA]): "Bea", str(group.ids[CEM]): None}
    assert (unknown.status_code, unknown.json()["code"]) == (401, "device-sign-in")


@pytest.mark.parametrize("pin", ["000000", "777777", "123456", "654321", "890123", "210987"])
async def test_a_pin_that_is_tried_first_is_not_taken(group: Group, pin: str) -> None:
    told = await group.bea.put("/v1/sign-in/pin", json={"pin": pin})
    assert (told.status_code, told.json()["code"]) == (422, "pin-too-plain")


@pytest.mark.parametrize("pin", ["12345", "1234567", "12a456", "١٢٣٤٥٦", 482913, None, "482913\n"])
async def test_a_pin_is_six_digits_and_never_said_back(group: Group, pin: Any) -> None:
    told = await group.bea.put("/v1/sign-in/pin", json={"pin": pin})
    assert (told.status_code, told.json()["fields"]) == (422, ["pin"])
    assert "482913" not in told.text


async def test_no_secret_and_no_pin_is_kept_readable(group: Group) -> None:
    bea = await group.signs_in()
    kept = await group.place.kept()
    for secret in (PIN, OTHER_PIN, group.phone["secret"], bea.headers["authorization"].partition(" ")[2]):
        assert secret.encode() not in kept


async def test_an_organisation_has_only_so_many_phones(group: Group) -> None:
    for _ in range(49):
        await a_device(group.bea)
    told = await group.cem.post("/v1/sign-in/devices", json={"name": "One more"})
    assert (told.status_code, told.json()["code"]) == (409, "devices-full")
    assert (await group.far.post("/v1/sign-in/devices", json={"name": "Theirs"})).status_code == 201


async def test_signing_out_everywhere_ends_what_was_begun_with_a_pin_and_leaves_the_phone_to_the_group(
    group: Group,
) -> None:
    bea = await group.signs_in()
    assert (await group.bea.delete("/v1/sign-in/sessions")).status_code == 204
    assert [(await current(client))[0] for client in (bea, group.bea, group.cem)] == [401, 401, 200]
    assert (await group.tries(OTHER_PIN, CEM)).status_code == 201


async def test_after_a_restore_everybody_is_signed_out_and_phones_and_pins_stand(group: Group) -> None:
    from services.gateway.mending import mends  # noqa: PLC0415
    from shared.passes import ANYONE, Origin  # noqa: PLC0415

    bea = await group.signs_in()
    shell = group.place.system.running["gateway"].shell
    async with shell.database.write() as connection:
        await mends(group.place.system.kit.ports).restored(shell.transaction(connection, Origin(ANYONE, new_id())))
    assert [(await current(client))[0] for client in (bea, group.bea)] == [401, 401]
    assert (await group.tries(PIN)).status_code == 201
