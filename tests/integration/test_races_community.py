"""An address is one member's, a directory's line one organisation, and the backstop works, whoever comes at once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.community.asset.handlers import import_assets
from services.community.asset.reading import read_assets
from services.community.member.domain import AddMember, AddressInUseError, Member
from services.community.member.handlers import add_member
from services.community.organisation.domain import Amend, Facts, GiveWord, Stop
from services.community.organisation.handlers import amend, stop, vouch
from services.community.place.domain import NameBackstop
from services.community.place.handlers import name_backstop
from services.community.store import CommunityStore
from services.community.tables import MEMBER, ORGANISATION
from shared.clock import real_now
from shared.db import Sql
from shared.errors import AlongsideError
from shared.event import Role
from shared.events.community import Ending
from shared.ids import new_id
from shared.passes import Origin, Pass
from shared.shell import Shell
from tests.support import postgres
from tests.support.place import Place, a_place
from tests.support.races import Held, holding_at
from tests.support.setting_up import a_commissioned_body, a_group, a_place_that_serves

EMAIL = "bea@kitchen.example"
LINES = b"name,description,address,postcode,telephone\nGroup,Drop-in group,1 High Street,M33 4BP,0161 496 0000\n"
STEWARD = Pass(Role.STEWARD, new_id())


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    postgres.needed()
    async with a_place(tmp_path, ("community",), engine="postgres") as made:
        yield made


async def count(place: Place, sql: Sql) -> int:
    async with place.system.running["community"].shell.database.read() as connection:
        return int(((await connection.one(sql)) or {})["n"])


def holding(place: Place, method: str, held: Held) -> Shell[Any]:
    shell = place.system.running["community"].shell
    return Shell(shell.database, shell.tables, holding_at(method, held, CommunityStore), shell.clock)


async def test_an_address_given_to_members_of_two_organisations_at_once_is_one_members(place: Place) -> None:
    one, two, held = await a_group(place, "One"), await a_group(place, "Two"), Held()
    member = Member(new_id(), one.id, "Bea", Role.PEER_SUPPORTER, real_now(), email=EMAIL)
    adding = holding(place, "member_by_email", held).run(
        add_member, AddMember(member), Origin(one.by, new_id()), gives=UUID
    )
    slow = asyncio.create_task(adding)
    await held.reached.wait()
    body = {"name": "Bea", "role": "peer-supporter", "email": EMAIL}
    assert (await two.http.post(f"/v1/organisations/{two.id}/members", json=body)).status_code == 201
    held.go_on.set()
    with pytest.raises(AddressInUseError):
        await slow
    assert await count(place, Sql(select(func.count().label("n")).where(MEMBER.c.email == EMAIL))) == 1


async def test_two_groups_that_one_asked_for_join_at_once_and_the_one_who_asked_is_a_member_once(place: Place) -> None:
    voucher, held = await a_commissioned_body(place), Held()
    groups = []
    for n in range(2):
        body = {
            "name": f"Group {n}", "kind": "peer-group", "does": "We meet.", "reach": {"telephone": "01632 960100"},
            "first_member": {"name": "Bea", "email": EMAIL},
        }  # fmt: skip
        asked = await place.client().post("/v1/organisations", json=body)
        assert asked.status_code == 201, asked.text
        groups.append(UUID(asked.json()["id"]))
    word = GiveWord(groups[0], voucher.by.principal, voucher.id, as_expert=False)
    vouching = holding(place, "member_by_email", held).run(vouch, word, Origin(voucher.by, new_id()), gives=UUID)
    slow = asyncio.create_task(vouching)
    await held.reached.wait()
    told = await voucher.http.post(f"/v1/organisations/{groups[1]}/vouches", json={})
    assert told.json()["membership"] == "joined"
    held.go_on.set()
    assert await slow == groups[0]
    assert await count(place, Sql(select(func.count().label("n")).where(MEMBER.c.email == EMAIL))) == 1


async def test_an_organisation_is_not_stopped_or_made_unfit_while_it_becomes_the_backstop__j2a(place: Place) -> None:
    await a_place_that_serves(place)
    shell = place.system.running["community"].shell

    async def done(handler: Any, command: Any) -> bool:
        try:
            await shell.run(handler, command, Origin(STEWARD, new_id()), gives=UUID)
        except AlongsideError:
            return False
        return True

    for n in range(6):
        body = await a_commissioned_body(place, "nhs-trust", f"Trust {n}", round_the_clock=True)
        read = await body.http.get(f"/v1/organisations/{body.id}")
        unfit: tuple[Any, Any] = (stop, Stop(body.id, Ending.SUSPENDED))
        if n % 2:
            unfit = (amend, Amend(body.id, read.headers["ETag"], {"facts": Facts()}))
        named, unfitted = await asyncio.gather(done(name_backstop, NameBackstop(body.id)), done(*unfit))
        assert named is not unfitted


async def test_a_directory_listed_by_two_at_once_is_listed_once(place: Place) -> None:
    await a_place_that_serves(place)
    held, rulebook = Held(), place.system.kit.ports.community.rulebook()
    reading = read_assets(LINES)
    slow = asyncio.create_task(
        import_assets(holding(place, "names_that_joined", held), reading, rulebook, Origin(STEWARD, new_id()))
    )
    await held.reached.wait()
    report = await import_assets(place.system.running["community"].shell, reading, rulebook, Origin(STEWARD, new_id()))
    held.go_on.set()
    assert (report.new, (await slow).new, (await slow).same) == (1, 0, 1)
    listed = select(func.count().label("n")).where(ORGANISATION.c.directory_key.is_not(None))
    assert await count(place, Sql(listed)) == 1
