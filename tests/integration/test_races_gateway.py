"""What may be done once, or so often, is not done more often by doing it at once: links, tokens, a demo's clock."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.gateway.device.domain import WRONG_SHUTS_PIN, Device, DeviceSignInError, Digest, Pin
from services.gateway.device.handlers import BeginOnDevice, EndDevice, begin_on_device, end_device
from services.gateway.device.store import PIN, TRY
from services.gateway.front.handlers import MoveClock, clock_offset, move_clock
from services.gateway.partner.domain import Partner, UnknownSystemError
from services.gateway.partner.handlers import (
    AddPartner,
    Exchange,
    RemovePartner,
    add_partner,
    exchange,
    remove_partner,
)
from services.gateway.session.handlers import SignOutEverywhere, sign_out_everywhere
from services.gateway.signin.domain import LINK_LIFE, LINKS_IN_A_WINDOW, Link, LinkSpentError, hashed
from services.gateway.signin.handlers import AskLink, UseLink, ask_link, use_link
from services.gateway.store import GatewayStore
from shared.clock import real_now
from shared.db import Sql
from shared.event import Role
from shared.ids import new_id
from shared.passes import ANYONE, Origin, Pass
from shared.ports import SignIn
from shared.shell import Shell
from tests.support import postgres
from tests.support.place import a_place
from tests.support.races import Held, holding_at, insistent, until_somebody_waits


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell[GatewayStore]]:
    postgres.needed()
    async with a_place(tmp_path, ("gateway",), engine="postgres") as place:
        yield place.system.running["gateway"].shell


def origin() -> Origin:
    return Origin(ANYONE, new_id())


def a_link(token: str = "", binding: str = "b") -> Link:
    return Link(
        hashed(token or new_id().hex), hashed(binding), SignIn(Role.PERSON, person=new_id()), real_now() + LINK_LIFE
    )


async def test_of_many_links_asked_for_at_once_no_more_are_sent_than_may(shell: Shell[GatewayStore]) -> None:
    who = hashed("r@home.example")

    async def asks() -> bool:
        return await shell.run(ask_link, AskLink(who, a_link(), real_now()), origin(), gives=bool)

    assert sum(await asyncio.gather(*(insistent(asks) for _ in range(LINKS_IN_A_WINDOW + 7)))) == LINKS_IN_A_WINDOW


async def test_a_link_used_twice_at_once_signs_in_once(shell: Shell[GatewayStore]) -> None:
    for n in range(5):
        await shell.run(ask_link, AskLink(hashed(str(n)), a_link(f"t{n}"), real_now()), origin(), gives=bool)

        async def uses(token: str) -> bool:
            now = real_now()
            command = UseLink(hashed(token), "b", hashed(new_id().hex), now + LINK_LIFE, now)
            try:
                await insistent(lambda: shell.run(use_link, command, origin(), gives=Pass))
            except LinkSpentError:
                return False
            return True

        assert sum(await asyncio.gather(*(uses(f"t{n}") for _ in range(6)))) == 1


async def test_a_demos_clock_moved_by_many_at_once_has_moved_by_all_of_it(shell: Shell[GatewayStore]) -> None:
    hour = timedelta(hours=1)

    async def moves() -> int:
        return await shell.run(move_clock, MoveClock(hour), origin(), gives=int)

    await asyncio.gather(*(insistent(moves) for _ in range(8)))
    assert await shell.read(clock_offset) == 8 * hour


def a_token(partner: Partner, jti: str = "j") -> Exchange:
    now = real_now()
    return Exchange(partner, frozenset(), jti, now + LINK_LIFE, hashed(new_id().hex), now + LINK_LIFE, now)


async def test_an_assertion_used_by_many_at_once_gives_one_token(shell: Shell[GatewayStore]) -> None:
    partner = Partner(new_id(), new_id(), "One", {}, frozenset(), removed=False)
    await shell.run(add_partner, AddPartner(partner), origin(), gives=type(partner.id))
    told = await asyncio.gather(
        *(shell.run(exchange, a_token(partner), origin(), gives=type(None)) for _ in range(6)), return_exceptions=True
    )
    assert Counter(map(type, told)) == {type(None): 1, UnknownSystemError: 5}


async def test_a_partner_system_that_is_removed_has_no_token_that_was_just_being_made(
    shell: Shell[GatewayStore],
) -> None:
    partner, held = Partner(new_id(), new_id(), "One", {}, frozenset(), removed=False), Held()
    await shell.run(add_partner, AddPartner(partner), origin(), gives=type(partner.id))
    slow: Shell[Any] = Shell(shell.database, shell.tables, holding_at("use_jti", held, GatewayStore), shell.clock)
    command = a_token(partner)
    making = asyncio.create_task(slow.run(exchange, command, origin(), gives=type(None)))
    await held.reached.wait()
    removing = asyncio.create_task(shell.run(remove_partner, RemovePartner(partner.id), origin(), gives=type(None)))
    await until_somebody_waits()
    held.go_on.set()
    await asyncio.gather(making, removing)
    assert await shell.read(lambda store: store.find_pass(command.token_hash, real_now())) is None
    with pytest.raises(UnknownSystemError):
        await shell.run(exchange, a_token(partner, "another"), origin(), gives=type(None))


async def test_a_link_that_is_being_used_while_its_owner_signs_out_everywhere_leaves_no_session(
    shell: Shell[GatewayStore],
) -> None:
    person, held, now = new_id(), Held(), real_now()
    link = Link(hashed("t"), hashed("b"), SignIn(Role.PERSON, person=person), now + LINK_LIFE)
    await shell.run(ask_link, AskLink(hashed("r"), link, now), origin(), gives=bool)
    slow: Shell[Any] = Shell(shell.database, shell.tables, holding_at("use_link", held, GatewayStore), shell.clock)
    command = UseLink(hashed("t"), "b", hashed("session"), now + LINK_LIFE, now)
    using = asyncio.create_task(slow.run(use_link, command, origin(), gives=Pass))
    await held.reached.wait()
    everywhere = SignOutEverywhere(Pass(Role.PERSON, person, person=person))
    leaving = asyncio.create_task(shell.run(sign_out_everywhere, everywhere, origin(), gives=type(None)))
    await until_somebody_waits()
    held.go_on.set()
    await asyncio.gather(using, leaving)
    assert await shell.read(lambda store: store.find_pass(command.session_hash, real_now())) is None


RIGHT, WRONG = Digest(b"salt", b"right"), Digest(b"salt", b"wrong")


async def a_phone(shell: Shell[GatewayStore]) -> tuple[Device, Pin]:
    """Put a device there, and a member's PIN."""
    now = real_now()
    device = Device(new_id(), new_id(), "Phone", new_id(), now, now)
    pin = Pin(new_id(), device.organisation, RIGHT)
    async with shell.database.write() as connection:
        await GatewayStore(connection).save_device(device, hashed(new_id().hex))
        await GatewayStore(connection).save_pin(pin, now)
    return device, pin


def a_guess(device: Device, pin: Pin, guess: Digest) -> BeginOnDevice:
    return BeginOnDevice(real_now(), device.id, pin.member, Role.PEER_SUPPORTER, guess, hashed(new_id().hex))


async def test_guesses_from_many_connections_at_once_are_counted_one_by_one__m1(shell: Shell[GatewayStore]) -> None:
    device, pin = await a_phone(shell)

    async def guesses(guess: Digest) -> bool:
        try:
            await insistent(lambda: shell.run(begin_on_device, a_guess(device, pin, guess), origin(), gives=Pass))
        except DeviceSignInError:
            return False
        return True

    assert not any(await asyncio.gather(*(guesses(WRONG) for _ in range(WRONG_SHUTS_PIN + 4))))
    assert not await guesses(RIGHT)
    async with shell.database.read() as connection:
        (kept,) = await connection.all(Sql(select(PIN)))
        assert kept["wrong"] == WRONG_SHUTS_PIN
        assert len(await connection.all(Sql(select(TRY)))) == WRONG_SHUTS_PIN + 5


async def test_a_device_that_is_ended_has_no_session_that_was_just_beginning(shell: Shell[GatewayStore]) -> None:
    (device, pin), held = await a_phone(shell), Held()
    slow: Shell[Any] = Shell(shell.database, shell.tables, holding_at("use_device", held, GatewayStore), shell.clock)
    command = a_guess(device, pin, RIGHT)
    beginning = asyncio.create_task(slow.run(begin_on_device, command, origin(), gives=Pass))
    await held.reached.wait()
    end = EndDevice(real_now(), device.id, device.organisation)
    ending = asyncio.create_task(shell.run(end_device, end, origin(), gives=type(None)))
    await until_somebody_waits()
    held.go_on.set()
    await asyncio.gather(beginning, ending)
    assert await shell.read(lambda store: store.find_pass(command.session_hash, real_now())) is None
    with pytest.raises(DeviceSignInError):
        await shell.run(begin_on_device, a_guess(device, pin, RIGHT), origin(), gives=Pass)
