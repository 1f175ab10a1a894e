"""A mailbox that the demo prints: a small SMTP server and a server in the shape of GOV.UK Notify, both on loopback."""

from __future__ import annotations

import asyncio
import email
import email.policy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.demo.waiting import until
from shared.ids import new_id

if TYPE_CHECKING:
    from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody was sent: ``email`` or ``text``, to which address, its subject and words."""

    channel: str
    to: str
    subject: str
    text: str


class Mailbox:
    """Every message that left. Servers append from their own threads; a list's append needs no lock."""

    def __init__(self) -> None:
        """Start empty."""
        self.messages: list[Message] = []

    def to(self, address: str) -> list[Message]:
        """Give what one address was sent, oldest first."""
        return [message for message in self.messages if message.to == address]

    async def next(self, address: str, seen: int, seconds: float) -> Message:
        """Wait for the message after the first ``seen`` to an address. Raises NeverCameError."""
        await until(lambda: len(self.to(address)) > seen, "a message", seconds)
        return self.to(address)[seen]

    async def smtp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one SMTP connection (RFC 5321's minimum)."""
        to: list[str] = []
        await _say(writer, "220 mailbox ready")
        while line := (await reader.readline()).decode("utf-8", "replace").strip():
            word = line[:4].upper()
            if word == "RCPT":
                to.append(line.partition("<")[2].partition(">")[0])
            elif word == "DATA":
                await _say(writer, "354 go on")
                raw = await reader.readuntil(b"\r\n.\r\n")
                self._keep(to, raw.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n."))
                to = []
            elif word == "QUIT":
                await _say(writer, "221 bye")
                break
            await _say(writer, "250 ok")
        writer.close()

    def _keep(self, to: list[str], raw: bytes) -> None:
        parsed = email.message_from_bytes(raw, policy=email.policy.default)
        body = parsed.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        self.messages.extend(Message("email", address, str(parsed["Subject"]), text) for address in to)

    def notify(self) -> Starlette:
        """Give an app that takes texts and e-mails as GOV.UK Notify's API does."""

        async def take(request: Request) -> JSONResponse:
            body: dict[str, Any] = await request.json()
            filled = body.get("personalisation") or {}
            kind = "text" if "phone_number" in body else "email"
            to = body.get("phone_number") or body.get("email_address") or ""
            self.messages.append(Message(kind, to, filled.get("subject", ""), filled.get("body", "")))
            answer = {
                "id": str(new_id()),
                "reference": body.get("reference"),
                "content": {"body": filled.get("body", "")},
            }
            return JSONResponse(answer, 201)

        paths = ("/v2/notifications/sms", "/v2/notifications/email")
        return Starlette(routes=[Route(path, take, methods=["POST"]) for path in paths])


async def _say(writer: asyncio.StreamWriter, line: str) -> None:
    writer.write(f"{line}\r\n".encode())
    await writer.drain()
