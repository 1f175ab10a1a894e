"""Whatever turns next, whatever fails and wherever it crashes: what is told is heard once, in order.

A seed decides which loop steps next, when the bus says that it failed although it did not, when the database fails a
handler, and when the process is lost and built again from its file. The same seed gives the same run.
"""

import random
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest

from shared.bus import Record
from shared.errors import AlongsideError, UnavailableError
from tests.support.crash import SUBJECTS, broken, subject_of
from tests.support.toy import Told, Toy

STEPS = 120


class UnsureBus:
    """The real bus, which sometimes fails before and sometimes after it has kept the records."""

    def __init__(self, toy: Toy, dice: random.Random) -> None:
        self.toy = toy
        self.dice = dice

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        happens = self.dice.random()
        if happens < 0.2:
            raise UnavailableError
        await self.toy.bus.publish(topic, records)
        if happens < 0.4:
            raise UnavailableError

    async def identity(self, topic: str) -> str:
        return await self.toy.bus.identity(topic)


def built(folder: Path, dice: random.Random) -> Toy:
    toy = Toy(folder)
    toy.relay.bus = UnsureBus(toy, dice)  # type: ignore[assignment]

    def failing(told: Told) -> Exception | None:
        return UnavailableError() if dice.random() < 0.1 else None

    toy.ears.failing = failing
    return toy


@pytest.mark.parametrize("seed", range(12))
async def test_in_any_interleaving_nothing_is_lost_doubled_or_out_of_order(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a seed repeats a run
    toy, number, answered = built(tmp_path, dice), 0, set[int]()
    for _ in range(STEPS):
        act = dice.choice(["tell", "tell", "tell again", "relay", "relay", "hear", "hear", "due", "crash"])
        with suppress(AlongsideError):
            if act == "crash":
                toy.close()
                toy = built(tmp_path, dice)
            elif act.startswith("tell"):
                number += act == "tell"
                if number:
                    await toy.tell(subject_of(number), number, request=UUID(int=number))
                    answered.add(number)
            else:
                steps = {"relay": toy.relay.step, "hear": toy.consumer.step, "due": toy.timer.step}
                await steps[act]()
    toy.close()
    toy = Toy(tmp_path)
    await toy.settle()
    assert not broken(toy, answered), f"seed {seed}"
    assert {event.subject for event in toy.journal()} <= set(SUBJECTS)
    toy.close()
