"""`python -m tests.bench.kafka`: relay and consumer over a real broker, events a second; the goals are 2,000 and 500.

The stores are SQLite's, through the toy; ``python -m tests.bench`` shows and keeps the rows beside the others.
"""

import argparse
import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

from shared.clock import monotonic
from shared.ids import new_id
from shared.passes import Origin, timer
from shared.shell import Tx
from tests.bench.inside import Tell, rate
from tests.bench.table import Row, shown
from tests.support import kafka as engine
from tests.support.kafka_member import a_toy
from tests.support.toy import Told, Toy, ToyStore

EVENTS_EACH = 10
SYSTEM = "alongside-kafka-sqlite"


async def tell(command: Tell, tx: Tx[ToyStore]) -> None:
    for number in range(1, EVENTS_EACH + 1):
        tx.emit(Told(subject=command.subject, number=100 + number))


async def everything(folder: Path, rows: list[Row], *, quick: bool) -> None:
    """Journal events, carry them to the broker, hear them; only the last two are timed. Skips where there is none."""
    many = 100 if quick else 1_000
    with engine.kafka() as found:
        async with a_toy(found, folder) as (toy, _):
            for _ in range(many):
                await toy.teller.run(tell, Tell(new_id()), Origin(timer("bench"), new_id()), gives=type(None))
            await toy.consumer.step()
            rows.append(await relay(toy, many * EVENTS_EACH))
            rows.append(await consume(toy, many * EVENTS_EACH))


async def relay(toy: Toy, events: int) -> Row:
    began = monotonic()
    while await toy.relay.step():
        pass
    return row("relay", events, monotonic() - began, "events from a journal in SQLite to Kafka")


async def consume(toy: Toy, events: int) -> Row:
    """Each event is a row, a fact of the hearer's own and a cursor that moves."""
    began = monotonic()
    while toy.rows("hearer_heard") < events:
        if not await toy.consumer.step():
            await toy.consumer.bus.wait(1)
    return row("consume", events, monotonic() - began, "events from Kafka to rows and facts in SQLite")


def row(name: str, events: int, seconds: float, note: str) -> Row:
    return replace(rate(name, 1, events, seconds, note), system=SYSTEM)


def main() -> None:
    given = argparse.ArgumentParser(prog="bench.kafka")
    given.add_argument("--quick", action="store_true", help="a tenth of the events")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="alongside-bench-") as folder:
        asyncio.run(everything(Path(folder), rows, quick=given.parse_args().quick))
    shown(rows)


if __name__ == "__main__":
    main()
