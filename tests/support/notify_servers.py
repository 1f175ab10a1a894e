"""Servers on loopback that notify speaks to: webhook receivers, an SMTP sink, one in the shape of GOV.UK Notify."""

from __future__ import annotations

import asyncio
import email
import email.policy
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from standardwebhooks import Webhook

from tests.support.wait import slowly

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        value: dict[str, Any] = orjson.loads(self.body)
        return value


@dataclass
class Script:
    """How a server answers: one reply after the other, then always the last. A reply is raw bytes after the status.

    While ``hold`` is not set none is given: to what is about one of ``held``, or to anything where nobody is named.
    ``at_once`` is how many requests it had at once at most.
    """

    replies: list[bytes] = field(default_factory=lambda: [reply(204)])
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    hold: asyncio.Event | None = None
    held: set[UUID] = field(default_factory=set)
    at_work: int = 0
    at_once: int = 0
    drip: float | None = None

    def next(self) -> bytes:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def about(self, subject: UUID) -> list[dict[str, Any]]:
        return [each.json for each in self.heard if each.json["subject"] == str(subject)]

    def types(self, subject: UUID) -> list[str]:
        return [each["type"] for each in self.about(subject)]


def reply(status: int, body: bytes = b"", **headers: str) -> bytes:
    """Give the bytes of an answer."""
    lines = [f"HTTP/1.1 {status} said", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


RESET = b"reset"
"""Hang up without an answer."""


@asynccontextmanager
async def receiving(script: Script | None = None) -> AsyncIterator[Script]:
    """Serve HTTP on a free port of loopback, answering as the script says."""
    script = script or Script()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script.connections += 1
        try:
            while await _one(script, reader, writer):
                pass
        except asyncio.IncompleteReadError:
            return

    async with listening(serve) as port:
        script.port = port
        yield script


@asynccontextmanager
async def listening(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """Serve on a free port of loopback until the end; connections that are still open are cut."""
    tasks: set[asyncio.Task[None]] = set()

    async def kept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task: Any = asyncio.current_task()
        tasks.add(task)
        try:
            await serve(reader, writer)
            writer.close()
            await writer.wait_closed()
        except (asyncio.CancelledError, ConnectionError):
            writer.transport.abort()
        finally:
            tasks.discard(task)

    server = await asyncio.start_server(kept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _one(script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    heard = Heard(head[0].split(" ")[1], headers, body)
    script.heard.append(heard)
    script.at_work += 1
    script.at_once = max(script.at_once, script.at_work)
    try:
        if script.hold is not None and (not script.held or UUID(heard.json["subject"]) in script.held):
            await script.hold.wait()
        answer = script.next()
        if answer == RESET:
            writer.transport.abort()
            return False
        await _write(writer, answer, script.drip)
    finally:
        script.at_work -= 1
    return True


async def _write(writer: asyncio.StreamWriter, answer: bytes, drip: float | None) -> None:
    if drip is None:
        writer.write(answer)
        await writer.drain()
        return
    for each in answer:
        writer.write(bytes([each]))
        await writer.drain()
        await slowly(drip)


def verified(heard: Heard, secret: str) -> Any:
    """Check a request as a partner would, with the library of Standard Webhooks."""
    return Webhook(secret).verify(heard.body, heard.headers)


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that arrived: to which address, what it says, its headers."""

    to: str
    text: str
    subject: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Box:
    """What arrived. ``replies`` are SMTP's answers to RCPT, one after the other, then always the last."""

    mails: list[Mail] = field(default_factory=list)
    replies: list[str] = field(default_factory=lambda: ["250 ok"])
    url: str = ""

    def to(self, address: str) -> list[Mail]:
        return [each for each in self.mails if each.to == address]


@asynccontextmanager
async def mailbox(box: Box | None = None) -> AsyncIterator[Box]:
    """Serve SMTP on a free port of loopback."""
    box = box or Box()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to: list[str] = []
        writer.write(b"220 box\r\n")
        while line := (await reader.readline()).decode().strip():
            word, answer = line[:4].upper(), "250 ok"
            if word == "RCPT":
                answer = box.replies.pop(0) if len(box.replies) > 1 else box.replies[0]
                to += [line.partition("<")[2].partition(">")[0]] if answer.startswith("250") else []
            elif word == "DATA":
                writer.write(b"354 go on\r\n")
                raw = await reader.readuntil(b"\r\n.\r\n")
                box.mails += [_read(raw, address) for address in to]
                to = []
            elif word == "QUIT":
                writer.write(b"221 bye\r\n")
                break
            writer.write(f"{answer}\r\n".encode())
            await writer.drain()

    async with listening(serve) as port:
        box.url = f"smtp://127.0.0.1:{port}"
        yield box


def _read(raw: bytes, to: str) -> Mail:
    parsed = email.message_from_bytes(raw.removesuffix(b".\r\n"), policy=email.policy.default)
    body = parsed.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    return Mail(to, " ".join(text.split()), str(parsed["Subject"]), {k: str(v) for k, v in parsed.items()})
