"""A partner's receiver: checks each signature as the partner's engineer would, and keeps what came."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from shared.clock import monotonic

if TYPE_CHECKING:
    from starlette.requests import Request


@dataclass
class Receiver:
    """One partner's endpoint. ``secret`` is set when the subscription was answered."""

    name: str
    secret: str = ""
    heard: list[dict[str, Any]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    unsigned: int = 0

    async def take(self, request: Request) -> Response:
        """Take a delivery; one whose signature is not good is answered 401 and counted, one that comes again is known.

        Deliveries are at least once: a receiver goes by the id of the event.
        """
        body = await request.body()
        try:
            event = Webhook(self.secret).verify(body, dict(request.headers)) if self.secret else await request.json()
        except WebhookVerificationError:
            self.unsigned += 1
            return Response(status_code=401)
        if event["id"] not in self.known:
            self.known.add(event["id"])
            self.heard.append(event | {"at_receiver": monotonic()})
        return Response(status_code=204)

    def of(self, subject: str) -> list[dict[str, Any]]:
        """Give what came about one person, in the order it came."""
        return [event for event in self.heard if event.get("subject") == subject]

    def types(self, subject: str) -> list[str]:
        """Give the types of what came about one person."""
        return [event["type"] for event in self.of(subject)]


def endpoints(named: list[Receiver]) -> Starlette:
    """Serve each receiver at ``/<name>``."""
    return Starlette(routes=[Route(f"/{each.name}", each.take, methods=["POST"]) for each in named])
