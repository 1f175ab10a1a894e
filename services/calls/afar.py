"""A port of a service in another process: every method asks over HTTP, and gives or raises what the owner would."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import structlog
from opentelemetry.trace import SpanKind

from services.calls.hurried import LEFT
from services.calls.questions import pass_in, questions_of
from services.calls.wire import BrokenError, Replica
from shared.clock import monotonic
from shared.db_postgres_hurry import left
from shared.errors import NotSignedInError, UnavailableError, from_plain
from shared.passes import Pass
from shared.tracing import span, traceparent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

    from services.calls.keys import Keyring
    from services.calls.questions import Question

TRIES = 2
PAGE = 500
CALLER, PASS, TRACE = "Alongside-Caller", "Alongside-Pass", "traceparent"
GRACE_SECONDS = 0.1
"""How much longer than it said a caller waits, so that it is the answer that says no."""
GIVEN, RAISED = 200, 409
NOBODY = UUID(int=0)
GREETINGS: dict[str, dict[str, Any]] = {
    "span": {"subject": NOBODY, "first": 1, "last": 1},
    "hidden": {"person_id": NOBODY, "ids": frozenset({NOBODY})},
}
log = structlog.get_logger()


class Afar:
    """One service elsewhere. ``Afar(...).method(...)`` is the method of its port."""

    def __init__(self, service: str, addresses: Sequence[str], keys: Keyring) -> None:
        """``addresses`` are its replicas'; none is connected to yet."""
        self.service = service
        self.keys = keys
        self.replicas = [Replica(each) for each in addresses]
        self._turn = count()
        for question in questions_of(service).values():
            setattr(self, question.name, self._method(question))

    async def everywhere(self, name: str) -> list[Any]:
        """Ask every replica, one after another; gives their answers. Raises UnavailableError at one that can't."""
        question = questions_of(self.service)[name]
        return [await self._ask(question, {}, [replica]) for replica in self.replicas]

    async def greet(self) -> None:
        """Ask every replica of nobody, which changes nothing. One that can't be asked is left out."""
        for question, arguments in greetings(self.service):
            for replica in self.replicas:
                with suppress(UnavailableError):
                    await self._ask(question, arguments, [replica])

    def close(self) -> None:
        """Close what is idle."""
        for replica in self.replicas:
            replica.close()

    def _method(self, question: Question) -> Callable[..., Awaitable[Any]]:
        async def ask(*args: Any, **more: Any) -> Any:
            return await self._ask(question, question.named(args, more))

        ask.__name__ = question.name
        return ask

    async def _ask(self, question: Question, arguments: dict[str, Any], only: Sequence[Replica] = ()) -> Any:
        by = pass_in(arguments)
        headers = {"Content-Type": "application/json", CALLER: self.keys.calling(self.service)}
        if by is not None:
            headers[PASS] = self.keys.signed(by)
        body = question.write(arguments)
        with span(f"ask {self.service}.{question.name}", SpanKind.CLIENT, service=self.service) as made:
            if trace := traceparent(made):
                headers[TRACE] = trace
            return self._read(question, *await self._in_time(question, headers, body, only))

    async def _in_time(
        self, question: Question, headers: dict[str, str], body: bytes, only: Sequence[Replica]
    ) -> tuple[int, bytes]:
        tried: list[Replica] = []
        seconds = left(question.seconds)
        headers[LEFT] = str(round(1000 * seconds))
        try:
            async with asyncio.timeout(min(seconds + GRACE_SECONDS, question.seconds)):
                return await self._sent(question, headers, body, only or self._order(), tried)
        except (TimeoutError, OSError) as error:
            if isinstance(error, TimeoutError) and tried:
                tried[-1].rest()
            raise UnavailableError from None

    def _read(self, question: Question, status: int, answer: bytes) -> Any:
        try:
            if status == RAISED:
                raise from_plain(orjson.loads(answer))
            if status == GIVEN:
                found = question.gives.validate_json(answer)
                return self._believed(found) if isinstance(found, Pass) else found
        except (KeyError, ValueError, TypeError):
            status = 0
        log.error("not-answered", service=self.service, at=question.name, status=status)
        raise UnavailableError

    def _believed(self, found: Pass) -> Pass:
        """Go by what was signed, not by what stands beside it."""
        try:
            return self.keys.whose(found.signed)
        except NotSignedInError:
            raise UnavailableError from None

    async def _sent(
        self, question: Question, headers: dict[str, str], body: bytes, order: Iterable[Replica], tried: list[Replica]
    ) -> tuple[int, bytes]:
        """Ask one replica, and once another where the connection could not be made or broke: never after a time-out."""
        error: OSError = BrokenError()
        for replica in order:
            tried.append(replica)
            try:
                return await replica.ask(question.path, headers, body)
            except OSError as caught:
                error = caught
                if not isinstance(caught, BrokenError):
                    replica.rest()
        raise error

    def _order(self) -> Iterator[Replica]:
        """Give whom to ask, in turn: first those that answered of late, and a lone one a second time."""
        turn = next(self._turn) % len(self.replicas)
        order = self.replicas[turn:] + self.replicas[:turn]
        now = monotonic()
        order.sort(key=lambda replica: replica.rests_until > now)
        yield from (order * TRIES)[: max(TRIES, min(len(order), 3))]


def greetings(service: str) -> list[tuple[Question, dict[str, Any]]]:
    """Give the questions about nobody that ``service`` can be asked, with their arguments."""
    known = questions_of(service)
    return [(known[name], arguments) for name, arguments in GREETINGS.items() if name in known]


class FarJournals:
    """Reads what is missing of a stream from its owner, here or elsewhere, a page at a time."""

    def __init__(self, here: Any, afar: dict[str, Afar]) -> None:
        """``here`` reads the journals of this process."""
        self.here = here
        self.afar = afar

    async def span(self, source: str, subject: UUID, first: int, last: int) -> list[bytes]:
        """Give events ``first`` to ``last``, in order; fewer where the owner has fewer. Raises UnavailableError."""
        if source not in self.afar:
            found: list[bytes] = await self.here.span(source, subject, first, last)
            return found
        whole: list[bytes] = []
        while first <= last:
            page = await self.afar[source].span(subject, first, min(last, first + PAGE - 1))  # type: ignore[attr-defined]
            whole.extend(page)
            if len(page) < min(PAGE, last - first + 1):
                break
            first += len(page)
        return whole
