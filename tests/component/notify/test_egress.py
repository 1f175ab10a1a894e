"""The way out: the guard at the socket, the last gate, time limits; nothing is followed and little is read."""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import TYPE_CHECKING

import httpcore2
import pytest

from services.notify.delivery.domain import Outcome, Problem
from services.notify.delivery.egress import DeniedError, Egress, GuardedBackend
from tests.support.notify_servers import RESET, Script, listening, receiving, reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

BODY = b'{"subject":"somebody"}'
HEADERS = {"content-type": "application/json", "content-length": str(len(BODY))}
INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "198.18.0.1", "192.0.0.8", "192.88.99.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1",
    "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "2001:20::1", "3fff::1", "::127.0.0.1", "fec0::1",
    "not-an-address",
]  # fmt: skip


async def _open() -> None:
    """Let everything by."""


def names(*addresses: str) -> Callable[[str, int], Awaitable[list[str]]]:
    """Give a look-up that answers so."""

    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


async def posted(egress: Egress, url: str, gate: Callable[[], Awaitable[None]] = _open) -> Outcome:
    try:
        return await egress.post(url, HEADERS, BODY, gate)
    finally:
        await egress.aclose()


@pytest.mark.parametrize("address", INSIDE)
async def test_no_name_leads_to_an_address_that_is_not_public(address: str) -> None:
    egress = Egress(loopback=False, resolve=names(address))
    assert await posted(egress, "https://hooks.partner.example/") == Outcome(None, Problem.ADDRESS, wired=False)


async def test_one_inner_address_among_public_ones_is_enough_to_say_no() -> None:
    egress = Egress(loopback=False, resolve=names("93.184.216.34", "127.0.0.1"))
    assert (await posted(egress, "https://hooks.partner.example/")).problem is Problem.ADDRESS


async def test_a_name_that_turns_to_an_inner_address_later_is_stopped_at_the_socket() -> None:
    async with receiving() as script:
        egress = Egress(loopback=False, resolve=names("127.0.0.1"))
        outcome = await posted(egress, f"https://rebound.partner.example:{script.port}/")
        assert outcome.problem is Problem.ADDRESS
        assert script.connections == 0


@pytest.mark.parametrize("port", [22, 25, 80, 5432, 8443, 9092])
async def test_no_port_but_443_is_connected_to(port: int) -> None:
    egress = Egress(loopback=False, resolve=names("93.184.216.34"))
    assert (await posted(egress, f"https://hooks.partner.example:{port}/")).problem is Problem.ADDRESS


async def test_even_a_demo_reaches_no_other_inner_address() -> None:
    egress = Egress(loopback=True, resolve=names("169.254.169.254"))
    assert (await posted(egress, "http://metadata.partner.example/")).problem is Problem.ADDRESS


def test_a_demo_connects_to_the_one_address_it_was_told_and_another_instance_does_not() -> None:
    resolve = names("10.0.0.1")
    assert GuardedBackend(resolve, loopback=True, besides="10.0.0.1").allowed("10.0.0.1", 2527)
    assert not GuardedBackend(resolve, loopback=True, besides="10.0.0.1").allowed("10.0.0.2", 2527)
    assert not GuardedBackend(resolve, loopback=False, besides="10.0.0.1").allowed("10.0.0.1", 2527)


async def test_over_tls_the_name_is_asked_for_and_checked_while_the_address_is_pinned() -> None:
    hello = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello.set_result(await reader.read(4096))
        writer.close()

    async with listening(serve) as port:
        egress = Egress(loopback=True, resolve=names("127.0.0.1"))
        outcome = await posted(egress, f"https://hooks.partner.example:{port}/")
    assert outcome == Outcome(None, Problem.NOT_CONNECTED, wired=False)
    assert b"hooks.partner.example" in await hello
    assert BODY not in await hello
    context = httpcore2.default_ssl_context()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as script, receiving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url(""))
        monkeypatch.setenv("ALL_PROXY", proxy.url(""))
        assert (await posted(Egress(loopback=True), script.url())).status == 204
        assert (script.connections, proxy.connections) == (1, 0)


async def test_a_redirect_is_not_followed() -> None:
    async with receiving() as inner, receiving() as script:
        script.replies = [reply(307, location=inner.url())]
        assert not (await posted(Egress(loopback=True), script.url())).good
        assert inner.connections == 0


async def bytes_that_arrive(gate: Callable[[], Awaitable[None]]) -> bytes:
    """Give every byte that reaches the endpoint when the gate says no on its way."""
    arrived: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set_result(await reader.read())

    async with listening(serve) as port:
        with pytest.raises(DeniedError):
            await posted(Egress(loopback=True), f"http://127.0.0.1:{port}/", gate)
        return await arrived


async def test_after_a_no_at_the_last_gate_no_byte_leaves() -> None:
    async def shut() -> None:
        raise DeniedError

    assert await bytes_that_arrive(shut) == b""


async def test_after_a_no_between_the_headers_and_the_body_no_byte_of_the_body_leaves() -> None:
    asked: list[int] = []

    async def then_shut() -> None:
        asked.append(1)
        if len(asked) > 1:
            raise DeniedError

    arrived = await bytes_that_arrive(then_shut)
    assert arrived.startswith(b"POST / HTTP/1.1")
    assert BODY not in arrived
    assert b"somebody" not in arrived


async def test_an_endpoint_that_hangs_is_given_up_after_the_time_limit() -> None:
    async with receiving(Script(hold=asyncio.Event())) as script:
        outcome = await posted(Egress(loopback=True, timeout=0.2), script.url())
        assert outcome == Outcome(None, Problem.TIMED_OUT, wired=True)


async def test_an_answer_that_drips_holds_nobody_up() -> None:
    script = Script([reply(200, b"x" * 10_000)], drip=0.02)
    async with receiving(script):
        began = time.monotonic()
        outcome = await posted(Egress(loopback=True, timeout=3.0), script.url())
        assert outcome.status == 200
        assert time.monotonic() - began < 3.0


async def test_status_that_drips_past_the_limit_is_a_time_out() -> None:
    async with receiving(Script(drip=0.05)) as script:
        assert (await posted(Egress(loopback=True, timeout=0.3), script.url())).problem is Problem.TIMED_OUT


async def test_a_huge_answer_is_left_unread() -> None:
    async with receiving(Script([reply(200, b"x" * 20_000_000)])) as script:
        assert (await posted(Egress(loopback=True), script.url())).status == 200


@pytest.mark.parametrize("answer", [RESET, b"HTTP/1.1 banana\r\n\r\n", b"\x00" * 200_000, reply(99)])
async def test_a_broken_answer_is_a_failure_and_nothing_worse(answer: bytes) -> None:
    async with receiving(Script([answer])) as script:
        outcome = await posted(Egress(loopback=True, timeout=2.0), script.url())
        assert not outcome.good
        assert outcome.wired


@pytest.mark.parametrize("after", ["soon", "-5", "99999999999", "Sun, 22 Nov 2026 07:00:00 GMT", "1e9"])
async def test_a_retry_after_that_we_do_not_read_is_passed_over(after: str) -> None:
    async with receiving(Script([reply(503, retry_after=after)])) as script:
        assert (await posted(Egress(loopback=True), script.url())).retry_after is None
