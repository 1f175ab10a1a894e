"""``alongside recover [SERVICE ...]``: takes up from the bus what restored databases forgot.

How it is called: the databases stand restored and at this version's tables; every process of the services named (of
all, when none is) is stopped or not yet started; those of others may run, and the bus must. Then, with the settings of
whoever serves them (their databases, ALONGSIDE_KAFKA_…; reading every topic, no group):

    alongside recover consent            # one database went back
    alongside recover                    # the whole server did: consent is taken first
    alongside run ...                    # start the processes
    alongside replay lanes               # what waited for a fork or a gap goes on

Ends with 0 when everything found was taken up, with 1 when a stream does not continue (the runbook's old step for those
people) or the bus or a database is away (nothing is lost: again). Embedded, no instance may run on the data.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.options import DataOption, existing, settings_for
from services.cli.output import JsonFlag, Out, plainly
from services.stores import on_postgres
from shared.errors import InvalidError

if TYPE_CHECKING:
    from services.recover import Found
    from shared.settings import Settings


ANOTHER_BUS = (
    " Its database knew another bus: its journal goes to this one. What it had said since the backup and not yet sent"
    " to this one is gone (docs/runbook.md, Kafka is lost as well)."
)


def recover(
    service: Annotated[
        list[str] | None, typer.Argument(help="Those whose databases went back; every service when none is said.")
    ] = None,
    data: DataOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Take up from the bus what restored databases forgot. Their processes must be stopped; it may be run again."""
    from services import SERVICES

    out = Out(as_json)
    with plainly(out):
        names = service or list(SERVICES)
        if not set(names) <= set(SERVICES):
            raise InvalidError(fields=("service",))
        settings = settings_for(data)
        if not on_postgres(settings):
            existing(settings)
        found = asyncio.run(_recovered(settings, names))
        _say(out, found)
        out.give([_plain(each) for each in found])
    if not all(each.whole for each in found):
        raise typer.Exit(1)


async def _recovered(settings: Settings, names: list[str]) -> list[Found]:
    """Wire every service in this process, whoever serves it otherwise, and let nothing turn."""
    from services.instance import opened, ready
    from services.recover import Recover, kept_by
    from services.stores import NoBusError
    from shared.settings import Run

    if on_postgres(settings) and not settings.kafka.servers:
        raise NoBusError
    system = opened(settings.model_copy(update={"services": {}, "role": Run.BOTH}))
    try:
        await ready(system)
        return await Recover(system, kept_by(system)).run(names)
    finally:
        await system.bus.close()
        system.close()


def _say(out: Out, found: list[Found]) -> None:
    counts = Counter((each.service, fact.type, fact.mended) for each in found for fact in each.facts)
    rows = [(*key[:2], n, "stands again" if key[2] else "only in the journal") for key, n in sorted(counts.items())]
    out.table(("service", "fact", "taken up", "what it says"), rows)
    ring = [(each.service, fact.type, fact.about) for each in found for fact in each.facts if not fact.mended]
    out.table(("service", "look at", "about"), sorted(set(ring), key=str), title="Not mended: ask whoever it is about")
    astray = [(each.service, one.about, one.first, one.why) for each in found for one in each.astray]
    out.table(("service", "about", "from event", "why"), astray, title="Left where they are")
    for each in found:
        out.say(
            f"{each.service}: {each.read:,} facts on the bus, {len(each.facts):,} taken up, "
            f"{each.heard:,} of others heard again, {each.parked:,} lanes parked."
            + (ANOTHER_BUS if each.sent_again else "")
        )


def _plain(found: Found) -> dict[str, Any]:
    return {
        "service": found.service,
        "read": found.read,
        "taken_up": found.facts,
        "astray": found.astray,
        "heard": found.heard,
        "parked": found.parked,
        "sent_again": found.sent_again,
    }
