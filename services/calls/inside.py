"""The other side: answers ``/internal/…`` for the services of this process, before anything of the public app.

A bare ASGI layer: no sign-in, no router, no description of the API. Without a signature of a service of ours there is
nothing here (404), the same as at any path that does not exist.
"""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from pydantic import ValidationError

from services.calls.afar import CALLER, GIVEN, PAGE, PASS, RAISED, TRACE
from services.calls.hurried import BEGINS
from services.calls.questions import pass_in, questions_of, with_pass
from shared.errors import (
    AlongsideError,
    FaultError,
    InvalidError,
    NotSignedInError,
    TooLargeError,
    fault,
)
from shared.passes import Pass
from shared.tracing import allowed, joined

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from starlette.types import ASGIApp, Receive, Scope, Send

    from services.calls.keys import Keyring
    from services.calls.questions import Question
    from shared.shell import Shell

UNSIGNED = 401
log = structlog.get_logger()


class JournalHere:
    """A service's own journal, for those who hear it."""

    def __init__(self, shell: Shell[Any]) -> None:
        """Read what is committed."""
        self.shell = shell

    async def span(self, subject: UUID, first: int, last: int) -> tuple[bytes, ...]:
        """Give events ``first`` to ``last`` in order, at most a page."""
        last = min(last, first + PAGE - 1)
        async with self.shell.database.read() as connection:
            rows = await connection.all(self.shell.tables.span, subject=subject, first=first, last=last)
        return tuple(row["raw"] for row in rows)


class Inside:
    """ASGI middleware: what is asked between processes; everything else goes on to ``app``."""

    def __init__(self, app: ASGIApp, answers: Mapping[str, tuple[Any, ...]], keys: Keyring) -> None:
        """``answers`` holds, by service, who answers its questions: its port and its journal."""
        self.app = app
        self.keys = keys
        self.doors = {
            question.path: (question, next(getattr(each, name) for each in who if hasattr(each, name)))
            for service, who in answers.items()
            for name, question in questions_of(service).items()
            if any(hasattr(each, name) for each in who)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one question, or pass the request on."""
        if scope["type"] != "http" or not scope["path"].startswith(BEGINS):
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        door = self.doors.get(scope["path"]) if scope["method"] == "POST" else None
        if door is None or not self._signed(headers, door[0]):
            await self.app(scope, receive, send)
            return
        trace = headers.get(TRACE.encode(), b"").decode("latin-1")
        with joined(trace, f"answer {door[0].service}.{door[0].name}", service=door[0].service) as made:
            status, body = await self._answer(*door, headers, receive)
            made.set_attributes(allowed(status=status))
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [length]})
        await send({"type": "http.response.body", "body": body})

    def _signed(self, headers: Mapping[bytes, bytes], question: Question) -> bool:
        try:
            self.keys.called_by(headers.get(CALLER.lower().encode(), b"").decode("latin-1"), question.service)
        except NotSignedInError:
            return False
        return True

    async def _answer(
        self, question: Question, method: Any, headers: Mapping[bytes, bytes], receive: Receive
    ) -> tuple[int, bytes]:
        """Give status and body: what the port gives, or the error that it raises."""
        try:
            arguments = await self._arguments(question, headers, receive)
            found = method(**arguments)
            if inspect.isawaitable(found):
                found = await found
            if isinstance(found, Pass):
                found = replace(found, signed=self.keys.signed(found))
            return GIVEN, question.gives.dump_json(found)
        except NotSignedInError:
            return UNSIGNED, b""
        except AlongsideError as error:
            return RAISED, orjson.dumps(error.plain())
        except Exception as error:  # noqa: BLE001 - what it says may be somebody's words; who asks learns that it failed
            log.error("question-failed", at=question.name, service=question.service, error=fault(error)["error"])
            return RAISED, orjson.dumps(FaultError().plain())

    async def _arguments(self, question: Question, headers: Mapping[bytes, bytes], receive: Receive) -> dict[str, Any]:
        """Read what is asked. The pass in it is the one that was signed, or nothing is asked. Raises NotSignedInError,
        TooLargeError, InvalidError.
        """
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > question.most_bytes:
                raise TooLargeError
        try:
            arguments: dict[str, Any] = question.read(body)
        except ValidationError:
            raise InvalidError from None
        by = pass_in(arguments)
        if by is None:
            return arguments
        signed = self.keys.whose(headers.get(PASS.lower().encode(), b"").decode("latin-1"))
        if signed != by:
            raise NotSignedInError
        return with_pass(arguments, signed)
