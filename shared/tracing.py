"""Spans that follow one story from process to process, by ids that follow from what an event carries anyway.

The trace is a hash of the correlation; what is done with an event has a span whose id is a hash of the event's id and
of who does it. So each process knows its parent, nothing is stored and the bus carries only bytes (ADR 0018). Off until
a process begins it. A span says what a log line may (``shared.telemetry.KEYS``), and of an error its code or class.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, StatusCode, get_current_span, use_span

from shared.errors import AlongsideError, Kind
from shared.event import decode
from shared.telemetry import KEYS, blotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from shared.event import Recorded

JOURNAL, RELAY = "journal", "relay"
OFF: AbstractContextManager[Span] = nullcontext(INVALID_SPAN)
_PARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-0[0-9a-f]")
_OURS = frozenset({Kind.FAULT, Kind.UNAVAILABLE})


class Start(Protocol):
    """Begins a span in a trace; ``parent`` 0 has none, ``own`` 0 gets a random id."""

    def __call__(self, name: str, kind: SpanKind, ids: tuple[int, int, int], told: dict[str, Any]) -> Span:
        """``ids`` are those of the trace, of the parent and the span's own."""
        ...


class Tracing:
    """Where a process's spans go: one for a process, as its registry of figures is."""

    start: Start | None = None


TRACING = Tracing()


def trace_of(correlation: UUID) -> int:
    """Give the id of a story's trace. A hash: a correlation is a caller's choice, and not evenly spread (uuid4)."""
    return int.from_bytes(sha256(b"trace" + correlation.bytes).digest()[:16], "big")


def span_of(event: UUID, by: str) -> int:
    """Give the id of the span of what ``by`` (JOURNAL, RELAY, a consumer's name) does with an event."""
    return int.from_bytes(sha256(by.encode() + event.bytes).digest()[:8], "big")


def span(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    *,
    story: UUID | None = None,
    own: int = 0,
    parent: int = 0,
    **told: Any,
) -> AbstractContextManager[Span]:
    """Give a span around a block, under ``parent``, else under the current one where that is of the same story.

    Without ``story`` there is one only inside another. What the block raises is told by its code or class.
    """
    if TRACING.start is None:
        return OFF
    here = get_current_span().get_span_context()
    if story is None and not here.is_valid:
        return OFF
    trace = here.trace_id if story is None else trace_of(story)
    parent = parent or (here.span_id if here.trace_id == trace else 0)
    return _current(TRACING.start(blotted(name), kind, (trace, parent, own), allowed(**told)))


def joined(said: str, name: str, **told: Any) -> AbstractContextManager[Span]:
    """Give a span under that of another process of ours, whose signature was checked."""
    found = _PARENT.fullmatch(said)
    if TRACING.start is None or found is None:
        return OFF
    ids = (int(found[1], 16), int(found[2], 16), 0)
    return _current(TRACING.start(blotted(name), SpanKind.SERVER, ids, allowed(**told)))


def traceparent(of: Span, trace: int = 0) -> str:
    """Give what another process joins a span by (W3C Trace Context), or nothing where there is none."""
    here = of.get_span_context()
    return f"00-{trace or here.trace_id:032x}-{here.span_id:016x}-01" if here.is_valid else ""


def hearing(event: Recorded, consumer: str) -> AbstractContextManager[Span]:
    """Give the span of an event that is heard, under the relay's. A type that is not known here may be any words."""
    kind = event.type if event.known() else "unknown"
    own, parent = span_of(event.id, consumer), span_of(event.id, RELAY)
    told: dict[str, Any] = {"story": event.correlation, "consumer": consumer, "type": kind, "seq": event.seq}
    return span(f"{consumer} hears {kind}", SpanKind.CONSUMER, own=own, parent=parent, **told)


def mark(event_type: str, event: UUID, story: UUID) -> None:
    """Leave a span for an event that is journalled here: the relay's is under it."""
    with span(f"journal {event_type}", story=story, own=span_of(event, JOURNAL), type=event_type):
        pass


@contextmanager
def relaying(raws: Sequence[bytes]) -> Iterator[None]:
    """Leave a span for each event that is sent in the block."""
    made = [] if TRACING.start is None else [_relayed(TRACING.start, raw) for raw in raws]
    try:
        yield
    except BaseException as error:
        for each in made:
            _failed(each, error)
        raise
    finally:
        for each in made:
            each.end()


def _relayed(start: Start, raw: bytes) -> Span:
    event = decode(raw)
    ids = (trace_of(event.correlation), span_of(event.id, JOURNAL), span_of(event.id, RELAY))
    return start(f"relay {event.type}", SpanKind.PRODUCER, ids, allowed(type=event.type, seq=event.seq))


def allowed(**told: Any) -> dict[str, Any]:
    """Keep what may stand in a log line, and of that what is there."""
    return {key: blotted(value) for key, value in told.items() if key in KEYS and value is not None}


@contextmanager
def _current(made: Span) -> Iterator[Span]:
    with use_span(made, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield made
        except BaseException as error:
            _failed(made, error)
            raise


def _failed(made: Span, error: BaseException) -> None:
    made.set_attribute("error", error.code if isinstance(error, AlongsideError) else type(error).__name__)
    if not isinstance(error, AlongsideError) or error.kind in _OURS:
        made.set_status(StatusCode.ERROR)
