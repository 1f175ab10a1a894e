"""One try of one delivery: decided (C7), begun, sent, recorded.

It is asked about before its number is given, and again at the last gate before its first byte and before its body. A
crash between sending and recording sends it again with the same id and number.
"""

from __future__ import annotations

from contextlib import suppress
from enum import Enum, auto
from random import SystemRandom
from secrets import token_bytes
from typing import TYPE_CHECKING

from opentelemetry.trace import Span, SpanKind

from services.notify.delivery import handlers
from services.notify.delivery.domain import TEST, body_of, judge
from services.notify.delivery.egress import DeniedError
from services.notify.delivery.wire import headers_of, trace_of_its_own
from services.notify.figures import TRIED
from services.notify.subscription.domain import KEY_BYTES, is_well, told_outside
from shared.clock import real_now
from shared.db import TakenError
from shared.decisions import Act, Ask, No, Permit, Why
from shared.errors import BusyError, UnavailableError
from shared.event import Role
from shared.ids import new_id
from shared.news import AskOfMany, News
from shared.passes import Origin, Pass, timer
from shared.tracing import allowed, span, span_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from services.notify.delivery.domain import Delivery, Outcome
    from services.notify.delivery.egress import Egress, Gate
    from services.notify.store import NotifyStore
    from shared.decisions import Decisions
    from shared.ports import Ports
    from shared.shell import Shell

PRINCIPAL = timer("notify-delivery")
WEEDED_FROM = 4
"""So few are decided one by one straight away: the question about all would only come before them."""


class Came(Enum):
    """What came of a try."""

    TAKEN = auto()
    NOT_TAKEN = auto()
    DROPPED = auto()
    """It may not be told, and is gone."""
    NOT_ASKED = auto()
    """Consent can't be asked: no for now. It stands as it stood."""
    NOT_NOW = auto()
    """It is not to go any more, or not yet: paused, ended, told to wait, sent by others."""


class Sending:
    """Sends one delivery at a time for whoever calls it; holds nothing between two."""

    def __init__(
        self, shell: Shell[NotifyStore], ports: Ports, decisions: Decisions, egress: Egress, base_url: str
    ) -> None:
        """Keep what a try needs."""
        self.shell = shell
        self.ports = ports
        self.decisions = decisions
        self.egress = egress
        self.base_url = base_url.rstrip("/")
        self.jitter = SystemRandom()

    async def send(self, delivery: Delivery, organisation: UUID) -> Came:
        """Try once. ``organisation`` is the subscriber's. What it raises is a fault of ours or of the database's."""
        with span(
            f"webhook {delivery.type}",
            SpanKind.CLIENT,
            story=delivery.correlation,
            parent=span_of(delivery.event, self.shell.tables.prefix),
            type=delivery.type,
        ) as made:
            answer = await self._decide(delivery, organisation)
            if isinstance(answer, No):
                return await self._not_told(delivery, answer)
            async with self.shell.database.write() as connection:
                store, now = self.shell.make_store(connection), self.shell.clock.now()
                going = await handlers.begin(store, delivery, token_bytes(KEY_BYTES), now)
            return Came.NOT_NOW if going is None else await self._post(going, answer, made)

    async def weeded(self, ripe: Sequence[Delivery], organisation: UUID) -> list[Delivery]:
        """Give those that may perhaps be told, in order; what may surely not is dropped, all of it at once.

        A subscriber of everything is told of few. Where it can't be asked each is decided by itself, as ever.
        """
        begun = {each.pos for each in ripe if each.order or each.sending}
        asked = [(each, part) for each in ripe if (part := told_outside().get(each.type)) and each.pos not in begun]
        if len(asked) < WEEDED_FROM:
            return list(ripe)
        by = Pass(Role.SYSTEM, ripe[0].subscription, organisation=organisation)
        news = tuple(News(each.subject, part, each.event) for each, part in asked)
        no = await self.decisions.surely_not(AskOfMany(by, news))
        gone = {each.pos: each for each, _ in asked if each.event in no}
        if gone:
            async with self.shell.database.write() as connection:
                subjects = sorted({each.subject for each in gone.values()})
                await connection.lock(self.shell.tables.lock, subjects=subjects)
                await self.shell.make_store(connection).weed(list(gone.values()), self.shell.clock.now())
        return [each for each in ripe if each.pos not in gone]

    async def _post(self, going: handlers.Going, permit: Permit | None, made: Span) -> Came:
        delivery, wish = going.delivery, going.wish
        denied: list[No] = []
        body = body_of(delivery, told_outside().get(delivery.type), self.base_url)
        outside = delivery.id or new_id()
        headers = headers_of(outside, wish.secrets_at(self.shell.clock.now()), body, real_now())
        headers |= trace_of_its_own(outside, made)
        try:
            outcome = await self.egress.post(wish.url, headers, body, self._gate(delivery, permit, denied))
        except DeniedError:
            return await self._not_told(delivery, denied[0], begun=True)
        made.set_attributes(allowed(status=outcome.status, why=outcome.problem))
        TRIED.labels("taken" if outcome.good else outcome.problem or "failed").inc()
        await self._record(going, outcome)
        return Came.TAKEN if outcome.good else Came.NOT_TAKEN

    async def _record(self, going: handlers.Going, outcome: Outcome) -> None:
        """Record a try. One that was taken changes nothing for a subscription that was well as it began: then its
        stream is left alone, in which its other lanes would wait for each other.
        """
        delivery = going.delivery
        if outcome.good and is_well(going.wish):
            with suppress(BusyError, TakenError):
                async with self.shell.database.write(delivery.subject) as connection:
                    await connection.lock(self.shell.tables.lock, subjects=[delivery.subject])
                    now = self.shell.clock.now()
                    verdict = judge(delivery.tries + 1, outcome, now, 0.0)
                    await self.shell.make_store(connection).record(delivery, outcome, verdict, now)
                return
        tried = handlers.Tried(delivery, outcome, self.jitter.uniform(-1, 1))
        origin = Origin(PRINCIPAL, delivery.correlation or new_id())
        await self.shell.run(handlers.record, tried, origin, gives=type(None))

    async def _decide(self, delivery: Delivery, organisation: UUID) -> Permit | No | None:
        """Ask consent; None where nothing of a person is told: a test, or an organisation's own fact."""
        part = told_outside().get(delivery.type)
        if part is None:
            return None if delivery.type == TEST or delivery.type in told_outside() else No(Why.ROLE)
        by = Pass(Role.SYSTEM, delivery.subscription, organisation=organisation)
        return await self._ask(Ask(by, delivery.subject, part, Act.DELIVERY, delivery.event), delivery)

    async def _ask(self, ask: Ask, delivery: Delivery) -> Permit | No:
        """Ask consent; and where passages are withheld from the subscriber, intake: news of nothing but these is none
        for them (S4).
        """
        answer = await self.decisions.ask(ask)
        if isinstance(answer, No) or not answer.answer.except_for:
            return answer
        try:
            no_news = await self.ports.intake.told_only(delivery.subject, answer.answer.except_for)
        except UnavailableError:
            return No(Why.CANNOT_ASK)
        return No(Why.SAID_NO) if delivery.at in no_news else answer

    def _gate(self, delivery: Delivery, permit: Permit | None, denied: list[No]) -> Gate:
        """Give the last gate: it lets a fresh permit by, asks again for an old one, and raises DeniedError."""

        async def gate() -> None:
            nonlocal permit
            if permit is None or permit.fresh():
                return
            answer = await self._ask(permit.ask, delivery)
            if isinstance(answer, No):
                denied.append(answer)
                raise DeniedError
            permit = answer

        return gate

    async def _not_told(self, delivery: Delivery, no: No, *, begun: bool = False) -> Came:
        """Drop it without a trace; keep it when nobody could be asked, and write nothing where nothing had begun."""
        if no.why is Why.CANNOT_ASK:
            if begun:
                async with self.shell.database.write() as connection:
                    await self.shell.make_store(connection).not_begun(delivery)
            return Came.NOT_ASKED
        async with self.shell.database.write() as connection:
            await connection.lock(self.shell.tables.lock, subjects=[delivery.subject])  # as `Tried` does
            store = self.shell.make_store(connection)
            await store.drop(delivery, self.shell.clock.now(), wired=delivery.wired or delivery.sending)
        return Came.DROPPED
