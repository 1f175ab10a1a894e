"""Sends a process's spans away: OpenTelemetry, OTLP over HTTP, a part of all stories (ADR 0018).

Loaded only where the settings name a collector. The provider is ours alone, not the process-wide one: no library can
add a span, an event or an attribute of its own to what leaves.
"""

from __future__ import annotations

from contextlib import contextmanager
from importlib.metadata import version
from threading import Thread
from typing import TYPE_CHECKING, Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, set_span_in_context

from services import SERVICES
from shared.tracing import TRACING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from opentelemetry.sdk.trace import SpanProcessor

    from shared.settings import Settings

SECONDS = 2.0
"""How long a collector may take; what it does not take is dropped, and nobody waits for it."""
GRACE_SECONDS = 3.0


class _Ids(RandomIdGenerator):
    """Gives the ids that are wanted next; a span's own is random where none is."""

    trace = own = 0

    def generate_trace_id(self) -> int:
        return self.trace

    def generate_span_id(self) -> int:
        return self.own or super().generate_span_id()


class _Start:
    """Begins spans of one provider."""

    def __init__(self, provider: TracerProvider, sampler: TraceIdRatioBased, ids: _Ids) -> None:
        self.tracer = provider.get_tracer("alongside")
        self.sampler = sampler
        self.ids = ids

    def __call__(self, name: str, kind: SpanKind, ids: tuple[int, int, int], told: dict[str, Any]) -> Span:
        self.ids.trace, parent, self.ids.own = ids
        if self.ids.trace & self.sampler.TRACE_ID_LIMIT >= self.sampler.bound:  # as it would say, at half the cost
            return NonRecordingSpan(SpanContext(self.ids.trace, self.ids.generate_span_id(), is_remote=False))
        above = NonRecordingSpan(SpanContext(self.ids.trace, parent, is_remote=True))
        return self.tracer.start_span(name, set_span_in_context(above), kind, told)


@contextmanager
def tracing(settings: Settings, names: Sequence[str]) -> Iterator[None]:
    """Send the spans of a process that runs ``names`` to where the settings say."""
    exporter = OTLPSpanExporter(endpoint=settings.traces_url, timeout=SECONDS)
    with traced(BatchSpanProcessor(exporter), settings.traces_part, names):
        yield


@contextmanager
def traced(processor: SpanProcessor, part: float, names: Sequence[str] = SERVICES) -> Iterator[None]:
    """Give spans of ``part`` of all stories (0 to 1) to a processor. Every process decides alike: by the trace's id."""
    ids = _Ids()
    whose = "alongside" if len(names) == len(SERVICES) else "alongside-" + "-".join(names)
    told = Resource({"service.name": whose, "service.version": version("alongside")})
    sampler = TraceIdRatioBased(part)
    provider = TracerProvider(sampler, told, shutdown_on_exit=False, id_generator=ids)
    provider.add_span_processor(processor)
    before, TRACING.start = TRACING.start, _Start(provider, sampler, ids)
    try:
        yield
    finally:
        TRACING.start = before
        ending = Thread(target=provider.shutdown, daemon=True)
        ending.start()
        ending.join(GRACE_SECONDS)
