"""Sessions end by themselves, one by one, and all at once; nobody meets another's."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.cli.door import issue
from services.gateway.session.domain import SESSION_IDLE, SESSION_LIFE, TOUCHED_EVERY, SessionKind
from services.gateway.session.store import TOKEN
from shared.clock import real_now
from shared.event import Role
from shared.ids import new_id
from shared.passes import Pass
from shared.ports import SignIn
from tests.support.gateway_doubles import Mailbox, OpenCommunity, OpenIntake
from tests.support.place import Place, a_pass, a_place
from tests.support.signing_in import ask, by_link, current, long_ago, nothing_written, use, with_token

PEER, OTHER, PERSON = "peer@group.example", "other@group.example", "r@home.example"
USED = "gateway_token.used_at"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with a_place(tmp_path / "data", ("gateway",)) as made:
        ports: Any = made.system.kit.ports
        ports.community, ports.intake, ports.notify = OpenCommunity(), OpenIntake(), Mailbox()
        group = ports.community.add(PEER).organisation
        ports.community.add(OTHER, organisation=group)
        ports.intake.people[PERSON] = SignIn(Role.PERSON, person=new_id())
        yield made


async def test_a_session_says_whose_it_is_how_it_began_and_both_its_ends(place: Place) -> None:
    for email, named in ((PEER, {"member", "organisation"}), (PERSON, {"person"})):
        status, told = await current(await by_link(place, email))
        assert (status, told["kind"]) == (200, "link")
        assert {*told} == {"id", "role", "kind", "until", "idle_until", *named}
        until, idle_until = (datetime.fromisoformat(told[name]) for name in ("until", "idle_until"))
        assert SESSION_LIFE - timedelta(minutes=1) < until - real_now() <= SESSION_LIFE
        assert SESSION_IDLE - timedelta(minutes=1) < idle_until - real_now() <= SESSION_IDLE


async def test_a_session_that_was_not_used_for_half_an_hour_is_over(place: Place) -> None:
    peer = await by_link(place, PEER)
    long_ago(place, SESSION_IDLE, USED)
    assert (await current(peer))[0] == 401
    assert (await peer.get("/v1/sign-in/sessions")).status_code == 401


async def test_one_that_is_used_goes_on_until_its_absolute_end(place: Place) -> None:
    peer = await by_link(place, PEER)
    for _ in range(3):
        long_ago(place, SESSION_IDLE - TOUCHED_EVERY, USED)
        assert (await current(peer))[0] == 200
    long_ago(place, SESSION_LIFE, "gateway_token.until")
    assert (await current(peer))[0] == 401


async def test_a_use_is_written_down_at_most_once_a_minute(place: Place) -> None:
    peer = await by_link(place, PEER)
    async with nothing_written(place):
        assert (await current(peer))[0] == 200
    long_ago(place, TOUCHED_EVERY, USED)
    (before,) = await place.rows(TOKEN)
    assert (await current(peer))[0] == 200
    (after,) = await place.rows(TOKEN)
    assert after["used_at"] - before["used_at"] >= TOUCHED_EVERY


async def test_knowing_whose_token_it_is_takes_one_statement_and_writes_nothing(place: Place) -> None:
    peer = await by_link(place, PEER)
    async with nothing_written(place) as run:
        assert await place.identify(peer.headers["authorization"].partition(" ")[2]) is not None
    assert len(run) == 1


async def test_a_token_of_a_partner_or_of_the_command_line_has_no_idle_end(place: Place) -> None:
    issued = with_token(place, await issue(place.system, Pass(Role.STEWARD, new_id()), real_now() + SESSION_LIFE))
    long_ago(place, SESSION_IDLE * 3, USED, "gateway_token.created_at")
    status, told = await current(issued)
    assert (status, told["kind"], told["idle_until"]) == (200, SessionKind.ISSUED, None)


async def test_a_token_that_the_version_before_gave_is_still_good_and_has_no_idle_end(place: Place) -> None:
    peer = await by_link(place, PEER)
    place.by_hand("UPDATE gateway_token SET id = NULL, kind = NULL, created_at = NULL, used_at = NULL")
    place.by_hand("UPDATE gateway_token SET idle_seconds = NULL, device = NULL")
    status, told = await current(peer)
    assert (status, told["kind"], told["idle_until"]) == (200, "issued", None)
    assert (await peer.get("/v1/sign-in/sessions")).json() == {"items": []}


async def test_everybody_sees_their_own_sessions_and_which_is_this_one(place: Place) -> None:
    first, second, other = await by_link(place, PEER), await by_link(place, PEER), await by_link(place, OTHER)
    mine = (await second.get("/v1/sign-in/sessions")).json()["items"]
    assert [each["current"] for each in mine] == [True, False]
    assert [each["id"] for each in mine] == [(await current(client))[1]["id"] for client in (second, first)]
    assert len((await other.get("/v1/sign-in/sessions")).json()["items"]) == 1


async def test_one_ends_one_of_ones_own_and_anothers_is_as_if_there_were_none__c4(place: Place) -> None:
    first, second, other = await by_link(place, PEER), await by_link(place, PEER), await by_link(place, OTHER)
    theirs, mine = (await current(other))[1]["id"], (await current(first))[1]["id"]
    told = [await second.delete(f"/v1/sign-in/sessions/{each}") for each in (new_id(), theirs)]
    assert [each.status_code for each in told] == [404, 404]
    assert told[0].content == told[1].content
    assert (await current(other))[0] == 200
    assert (await second.delete(f"/v1/sign-in/sessions/{mine}")).status_code == 204
    assert [(await current(client))[0] for client in (first, second)] == [401, 200]


async def test_signing_out_everywhere_ends_every_session_and_every_link_of_ones_own(place: Place) -> None:
    first, second, other = await by_link(place, PEER), await by_link(place, PEER), await by_link(place, OTHER)
    binding, token = await ask(place, PEER)
    others_binding, others_token = await ask(place, OTHER)
    assert token is not None
    assert others_token is not None
    assert (await first.delete("/v1/sign-in/sessions")).status_code == 204
    assert [(await current(client))[0] for client in (first, second, other)] == [401, 401, 200]
    assert (await use(place, token, binding)).json()["code"] == "link-spent"
    assert (await use(place, others_token, others_binding)).status_code == 201


async def test_signing_out_everywhere_while_others_use_the_sessions_leaves_none(place: Place) -> None:
    clients = [await by_link(place, PEER) for _ in range(4)]
    long_ago(place, TOUCHED_EVERY, USED)
    told = await asyncio.gather(*(current(each) for each in clients), clients[0].delete("/v1/sign-in/sessions"))
    assert {each[0] for each in told[:-1]} <= {200, 401}
    assert told[-1].status_code == 204
    assert [(await current(each))[0] for each in clients] == [401] * 4
    assert await place.rows(TOKEN) == []


async def test_a_link_that_was_taken_opens_nothing_in_another_browser_and_is_spent_by_the_try(place: Place) -> None:
    binding, token = await ask(place, PEER)
    assert token is not None
    other_binding, _ = await ask(place, OTHER)
    stolen = await use(place, token, other_binding)
    assert (stolen.status_code, stolen.json()["code"]) == (401, "link-spent")
    assert (await use(place, token, binding)).json()["code"] == "link-spent"
    assert await place.rows(TOKEN) == []


async def test_a_partner_system_has_no_list_of_sessions_to_end(place: Place) -> None:
    system = a_pass(Role.SYSTEM, organisation=new_id(), scopes=frozenset({"read", "write"}))
    async with place.client(system) as http:
        assert (await http.get("/v1/sign-in/sessions")).json()["code"] == "not-yours"
        assert (await http.delete("/v1/sign-in/sessions")).json()["code"] == "not-yours"


async def test_what_is_past_is_dropped_when_the_next_signs_in(place: Place) -> None:
    await by_link(place, PEER)
    long_ago(place, SESSION_LIFE * 2, "gateway_token.until")
    await by_link(place, OTHER)
    assert len(await place.rows(TOKEN)) == 1
