"""The message loop: asks again whether it may, finds the safe way of this moment, records that it sends, then sends.

Alerts may be sent twice rather than not at all: one whose sending was begun and never recorded is sent again. A
sign-in link is not: it lives in memory only, and who asked can ask again.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from services.notify.alert.domain import Who
from services.notify.message.channels import NotTakenError
from services.notify.message.domain import (
    AGAIN,
    CODE_LENGTH,
    KEPT_FOR,
    UNKNOWN_AFTER,
    State,
    Text,
    choose,
    code_of,
    hash_of_code,
)
from services.notify.message.routes import duty_line_of, routes_of
from services.notify.message.texts import Words, body_of, sign_in_link
from shared.errors import fault
from shared.ids import new_id
from shared.lease import Lease
from shared.loops import Wake
from shared.ports import Channel

if TYPE_CHECKING:
    from services.notify.message.channels import Channels
    from services.notify.message.domain import Message
    from services.notify.store import NotifyStore
    from shared.decisions import Decisions
    from shared.ports import Ports, Route
    from shared.settings import Settings
    from shared.shell import Shell

AT_ONCE = 16
TIDY_EVERY = timedelta(hours=1)
MOST_LINKS = 1_000
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Link:
    """A sign-in mail that waits in memory."""

    email: str
    token: str


class Sender:
    """The message loop."""

    def __init__(
        self,
        shell: Shell[NotifyStore],
        ports: Ports,
        decisions: Decisions,
        channels: Channels,
        settings: Settings,
    ) -> None:
        """Prepare; nothing is claimed until the first step."""
        self.shell = shell
        self.decisions = decisions
        self.ports = ports
        self.channels = channels
        self.base_url = settings.base_url.rstrip("/")
        self.zone = ZoneInfo(settings.time_zone)
        self.wake, self.link_wake = Wake(), Wake()
        self.lease = Lease(shell.database, shell.tables, "messages")
        self.links: deque[Link] = deque(maxlen=MOST_LINKS)
        self.tidied_at: datetime | None = None
        self.led: int | None = None

    def add_link(self, email: str, token: str) -> None:
        """Queue a sign-in mail."""
        self.links.append(Link(email, token))
        self.link_wake()

    async def step(self) -> bool:
        """Send what is ripe; says whether there was something."""
        now = self.shell.clock.now()
        if await self.lease.held() and self.led != self.lease.epoch:
            await self._take_up(now)
        ripe = await self.shell.read(lambda store: store.ripe_messages(now, AT_ONCE), once=True)
        if not (ripe and await self.lease.held()):
            await self._tidy(now)
            return False
        await asyncio.gather(*(self._sent(message, now) for message in ripe))
        return True

    async def send_links(self) -> bool:
        """Send the sign-in mails that this process was asked for; says whether there were any. Nobody else has them."""
        links = [self.links.popleft() for _ in range(min(AT_ONCE, len(self.links)))]
        await asyncio.gather(*(self._link(link) for link in links))
        return bool(links)

    async def close(self) -> None:
        """Let the next process begin at once; links are still sent here."""
        await self.lease.release()

    async def _take_up(self, now: datetime) -> None:
        """Begin where whoever led before left off: each new epoch knows that nobody else is sending."""
        self.led = self.lease.epoch
        async with self.shell.database.write() as connection:
            await self.shell.make_store(connection).take_up_messages(now)

    async def _sent(self, message: Message, now: datetime) -> None:
        """Send one; one that fails by a fault of ours waits a minute, and holds up no other."""
        try:
            await self._send(message, now)
        except Exception as error:  # noqa: BLE001 - logged by its kind and place; others' messages go on
            log.error("message-failed", **fault(error))
            await self._waits(message, message.way, message.tries, now + UNKNOWN_AFTER)

    async def _link(self, link: Link) -> None:
        if Channel.EMAIL not in self.channels.usable:
            log.error("no-way-to-send-mail")
            return
        try:
            await self.channels.send(Channel.EMAIL, link.email, sign_in_link(self.base_url, link.token), new_id())
        except NotTakenError:
            log.error("sign-in-mail-not-taken")

    async def _send(self, message: Message, now: datetime) -> None:
        if message.person is not None and not await self.ports.pathway.told(message.person):
            await self._becomes(message, State.CANCELLED, now)
            return
        who = Who(message.who)
        routes = await routes_of(self.ports, self.decisions, who, message.to, message.person)
        local = now.astimezone(self.zone)
        way = choose(routes, self.channels.usable, local, message.way, any_hour=who is Who.DUTY_LINE)
        if way is None:
            await self._becomes(message, State.FAILED, now)
        elif way.at is not None:
            await self._waits(message, message.way, message.tries, way.at)
        else:
            await self._go(message, way.route, now)

    async def _go(self, message: Message, route: Route, now: datetime) -> None:
        code = code_of(secrets.token_bytes(CODE_LENGTH)) if message.text is Text.WALK_BESIDE else None
        words = Words(message.reference, await self._duty_line(), code)
        async with self.shell.database.write() as connection:
            store = self.shell.make_store(connection)
            if not await store.begin_message(message.id, now, now + UNKNOWN_AFTER):
                return
            if code is not None and message.alert is not None:
                await store.add_code(hash_of_code(code), message.alert, message.to, now)
        try:
            body = body_of(message.text, words, route.language)
            await self.channels.send(route.channel, route.address, body, message.id)
        except NotTakenError as error:
            await self._not_taken(message, now, permanent=error.permanent)
            return
        async with self.shell.database.write() as connection:
            await self.shell.make_store(connection).message_sent(message.id, now)

    async def _not_taken(self, message: Message, now: datetime, *, permanent: bool) -> None:
        log.warning("message-not-taken", permanent=permanent, tries=message.tries + 1)
        if permanent or message.tries >= len(AGAIN):
            await self._waits(message, message.way + 1, 0, now)
        else:
            await self._waits(message, message.way, message.tries + 1, now + AGAIN[message.tries])

    async def _becomes(self, message: Message, state: State, now: datetime) -> None:
        async with self.shell.database.write() as connection:
            await self.shell.make_store(connection).message_waits(message.id, state, message.way, message.tries, now)

    async def _waits(self, message: Message, way: int, tries: int, until: datetime) -> None:
        async with self.shell.database.write() as connection:
            await self.shell.make_store(connection).message_waits(message.id, State.WAITING, way, tries, until)

    async def _tidy(self, now: datetime) -> None:
        if self.tidied_at is None or now - self.tidied_at > TIDY_EVERY:
            self.tidied_at = now
            async with self.shell.database.write() as connection:
                await self.shell.make_store(connection).tidy_messages(now - KEPT_FOR)

    async def _duty_line(self) -> str | None:
        """Give the number that people can ring."""
        routes = await duty_line_of(self.ports)
        return next((route.address for route in routes if route.channel is Channel.TEXT), None)
