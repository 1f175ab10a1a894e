"""Signs what a subscriber is sent: Standard Webhooks, by every secret that is good now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.trace import Span, SpanContext
from standardwebhooks import Webhook

from shared.tracing import traceparent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID


def headers_of(webhook_id: UUID, secrets: Iterable[str], body: bytes, real_now: datetime) -> dict[str, str]:
    """Give the headers of a delivery. The library signs with one secret: during a rotation signatures are joined.

    The timestamp is the machine's own time, as a receiver checks it, even where a demo's clock was moved.
    """
    text = body.decode()
    signatures = [Webhook(secret).sign(msg_id=str(webhook_id), timestamp=real_now, data=text) for secret in secrets]
    return {
        "content-type": "application/cloudevents+json; charset=utf-8",
        "content-length": str(len(body)),
        "user-agent": "Alongside",
        "webhook-id": str(webhook_id),
        "webhook-timestamp": str(int(real_now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def trace_of_its_own(delivery: UUID, made: Span) -> dict[str, str]:
    """Give the header that a subscriber may follow a delivery by; none where nothing is followed.

    The trace outside is the delivery's id, which is the subscriber's own (I1): by ours, two subscribers could see that
    what they heard has one cause. Our span links to it.
    """
    said = traceparent(made, delivery.int)
    if said:
        made.add_link(SpanContext(delivery.int, made.get_span_context().span_id, is_remote=True))
    return {"traceparent": said} if said else {}
