"""What an operator can see of a place: its spans, its log lines, its figures."""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

from services.tracing import traced
from shared.telemetry import start_logging

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from opentelemetry.sdk.trace import ReadableSpan


@dataclass
class Spans:
    """The spans of a process, as an exporter is given them."""

    exporter: InMemorySpanExporter

    @property
    def all(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    def named(self, name: str) -> list[ReadableSpan]:
        return [each for each in self.all if each.name == name]

    def one(self, name: str) -> ReadableSpan:
        (found,) = self.named(name)
        return found

    def said(self) -> str:
        """Everything that leaves with the spans: names, attributes, events, links, statuses, the resource."""
        return "\n".join(each.to_json() for each in self.all)

    def path(self, span: ReadableSpan) -> list[str]:
        """The names from a span up to the one that has no parent."""
        by_id = {each.context.span_id: each for each in self.all if each.context}
        names = [span.name]
        while span.parent is not None:
            span = by_id[span.parent.span_id]
            names.append(span.name)
        return names


def ids(span: ReadableSpan) -> tuple[int, int]:
    """Give the ids of a span's trace and of the span."""
    context: Any = span.context
    return context.trace_id, context.span_id


@contextmanager
def spans_seen(part: float = 1.0) -> Iterator[Spans]:
    """Keep every span that this process makes."""
    exporter = InMemorySpanExporter()
    with traced(SimpleSpanProcessor(exporter), part):
        yield Spans(exporter)


@contextmanager
def logging_as_a_process() -> Iterator[None]:
    """Log as a process that serves does, to stderr."""
    handlers, level = logging.root.handlers[:], logging.root.level
    start_logging()
    try:
        yield
    finally:
        structlog.reset_defaults()
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)


def figures(registry: CollectorRegistry = REGISTRY) -> str:
    """Give all figures as Prometheus is told them."""
    return generate_latest(registry).decode()


def leaked(planted: Iterable[str], *where: str) -> set[str]:
    """Give what of ``planted`` stands somewhere, however it is written: in JSON, with escapes, in capitals."""
    texts = [text.casefold() for text in where]
    forms = {each: {each.casefold(), json.dumps(each)[1:-1].casefold()} for each in planted}
    return {each for each, written in forms.items() for text in texts if any(form in text for form in written)}
