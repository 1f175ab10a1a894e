"""`python -m tests.bench.kafka`: relay and consumer on Kafka and PostgreSQL, events a second; `python -m tests.bench`
runs it beside the others.

The services are the toy's: a journal, a row and a fact of the hearer's own for each event, a cursor that moves.
"""

import argparse
import asyncio
from dataclasses import replace

from shared.bus_kafka import KafkaBus
from shared.clock import monotonic
from shared.ids import new_id
from shared.passes import Origin, timer
from shared.shell import Tx
from tests.bench.inside import Tell, rate
from tests.bench.table import APART, Row, shown
from tests.support import kafka as engine
from tests.support import postgres
from tests.support.kafka_member import ApartBus, settings
from tests.support.toy import HEARD, METADATA, Told, ToyStore
from tests.support.toy_postgres import PostgresToy

EVENTS_EACH = 10


async def tell(command: Tell, tx: Tx[ToyStore]) -> None:
    for number in range(1, EVENTS_EACH + 1):
        tx.emit(Told(subject=command.subject, number=100 + number))


async def everything(rows: list[Row], *, quick: bool) -> None:
    """Journal events, carry them to the broker, hear them; only the last two are timed. Skips where there is none."""
    many = 100 if quick else 1_000
    postgres.needed()
    with engine.kafka() as found, postgres.tables_of(METADATA, "teller", "hearer") as place:
        bus = ApartBus(KafkaBus(settings(found)), f"-{new_id().hex[:12]}")
        toy = PostgresToy(place, bus)
        try:
            for _ in range(many):
                await toy.teller.run(tell, Tell(new_id()), Origin(timer("bench"), new_id()), gives=type(None))
            await toy.consumer.step()
            rows.append(await relay(toy, many * EVENTS_EACH))
            rows.append(await consume(toy, many * EVENTS_EACH))
        finally:
            await bus.close()


async def relay(toy: PostgresToy, events: int) -> Row:
    began = monotonic()
    while await toy.relay.step():
        pass
    return row("relay", events, monotonic() - began, "events from a journal to the broker", ">= 2,000/s")


async def consume(toy: PostgresToy, events: int) -> Row:
    """Each event is a row, a fact of the hearer's own and a cursor that moves."""
    began = monotonic()
    while len(toy.ears.calls) < events:
        if not await toy.consumer.step():
            await toy.consumer.bus.wait(1)
    seconds = monotonic() - began
    assert await toy.count(HEARD) == events
    return row("consume", events, seconds, "events from the broker to rows and facts", ">= 500/s")


def row(name: str, events: int, seconds: float, note: str, goal: str) -> Row:
    return replace(rate(name, 1, events, seconds, note), system=APART, goal=goal)


def main() -> None:
    given = argparse.ArgumentParser(prog="bench.kafka")
    given.add_argument("--quick", action="store_true", help="a tenth of the events")
    rows: list[Row] = []
    asyncio.run(everything(rows, quick=given.parse_args().quick))
    shown(rows)


if __name__ == "__main__":
    main()
