"""What may be logged and counted: codes, numbers, ids of requests and names of our own parts. Never a person.

A log line is one JSON object on stderr. A key that is not on the list is left out, and whatever still looks
like an NHS number, a telephone number or an e-mail address is blotted out. What libraries log keeps its
template and loses its values.
"""

from __future__ import annotations

import logging
import re
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from prometheus_client import Counter, Gauge, Histogram

if TYPE_CHECKING:
    from collections.abc import MutableMapping

KEYS = {
    "event", "level", "timestamp", "logger", "error", "at", "loop", "fails", "consumer", "source", "service",
    "seq", "type", "why", "kind", "topic", "route", "method", "status", "request_id", "correlation", "count",
    "seconds", "port", "version",
}  # fmt: skip
"""Every key that a log line may have."""
BLOT = "[blotted out]"
LONGEST = 200
_PERSONAL = re.compile(
    r"[^\s@]+@[^\s@]+\.[^\s@]+"  # an e-mail address
    r"|(?<![\w-])\+?\d(?:[ ().-]{0,2}\d){8,13}(?![\w-])"  # an NHS or telephone number, however it is spaced
)

REQUESTS = Counter("alongside_requests", "Requests answered", ["route", "method", "status"])
SECONDS = Histogram("alongside_request_seconds", "From the first byte asked to the answer", ["method"])
DECISION = Histogram(
    "alongside_decision_seconds", "To ask consent once", buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1)
)
WITHDRAWAL = Histogram("alongside_withdrawal_seconds", "From taking a choice back to the answer")
UNASKED = Counter("alongside_decisions_unasked", "Decisions that were no because consent could not be asked")
LED = Gauge("alongside_lease_held", "1 while this process leads the loop", ["service", "loop"])
LOOP_FAILURES = Counter("alongside_loop_failures", "Rounds of a loop that failed and were backed off from", ["loop"])
RELAYED = Counter("alongside_relayed", "Facts put on the bus", ["service"])
RELAY = Histogram("alongside_relay_seconds", "From handing a batch to the bus to its being durable there", ["service"])
HEARD = Histogram(
    "alongside_heard_seconds", "From a fact to its having been heard", ["consumer"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 2, 5, 10, 60, 600),
)  # fmt: skip
BEHIND = Gauge(
    "alongside_consumer_behind_seconds", "Age of the oldest fact heard last; 0 when none waits", ["consumer"]
)
POOL = Histogram("alongside_pool_seconds", "Waiting for a connection to PostgreSQL", ["service"])


def blotted(value: Any) -> Any:
    """Give a value as it may stand in a log."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return _PERSONAL.sub(BLOT, str(value))


def only_allowed(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Be the last processor but the renderer: keep what is on the list."""
    return {key: blotted(value) for key, value in line.items() if key in KEYS}


class _Stderr:
    """Writes to whatever stderr is when something is said."""

    def msg(self, line: str) -> None:
        """Write one line."""
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = msg


class _Libraries(logging.Handler):
    """Gives what libraries log the same shape: their template without its values, which may be anybody's."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        log = structlog.get_logger().bind(logger=record.name, **({"error": kind} if kind else {}))
        told = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        log.log(record.levelno, told.partition("\n")[0][:LONGEST])  # asyncio's further lines are values written out


def start_logging(level: int = logging.INFO) -> None:
    """Have this process log as it may; called once, before anything is served."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            only_allowed,
            structlog.processors.JSONRenderer(lambda line, **_: orjson.dumps(line).decode()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Stderr(),
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answer. ``route`` is the template, never the path: no id stands in a label."""
    _counted(route, method, status).inc()
    _timed(method).observe(seconds)


@cache
def _counted(route: str, method: str, status: int) -> Counter:
    return REQUESTS.labels(route, method, status)


@cache
def _timed(method: str) -> Histogram:
    return SECONDS.labels(method)
