"""A child process that works on the toy until it is killed, and what must be true of what it leaves behind.

Run as a module it is the child: it tells numbers one after another, each with a request id made from the number, and
says on stdout which were answered. Whatever was in doubt when it died is asked again with the same request id.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from uuid import UUID

from shared.event import GENESIS
from shared.loops import Loop, Loops, Wake
from tests.support.toy import Toy, UnluckyError

SUBJECTS = [UUID(int=(4 << 76) | (2 << 62) | n) for n in range(1, 6)]
CALLERS = 4
"""How many requests are under way at once."""


def subject_of(number: int) -> UUID:
    return SUBJECTS[number % len(SUBJECTS)]


async def work(folder: Path, first: int) -> None:
    """Tell numbers from ``first`` on for ever, with every loop turning."""
    toy = Toy(folder)
    wake = Wake()
    toy.teller.wake = wake
    loops = [
        Loop("relay", toy.relay.step, wake.wait, 0.05),
        Loop("consumer", toy.consumer.step, toy.consumer.bus.wait, 0.05),
        Loop("due", toy.timer.step, idle_seconds=0.05),
    ]
    Loops(loops).start()

    async def caller(number: int) -> None:
        while True:
            with suppress(UnluckyError):
                await toy.tell(subject_of(number), number, request=UUID(int=(4 << 76) | number))
            os.write(1, f"{number}\n".encode())
            number += CALLERS
            await asyncio.sleep(0)

    await asyncio.gather(*(caller(first + n) for n in range(CALLERS)))


@dataclass
class Doomed:
    """The child as its parent sees it: ``answered`` holds every number whose answer arrived."""

    folder: Path
    answered: set[int]

    def live(self, seconds: float) -> None:
        """Start it, let it work for about ``seconds`` after its first answer, and kill it with -9."""
        first = 1
        while first in self.answered:
            first += 1
        command = [sys.executable, "-m", "tests.support.crash", str(self.folder), str(first)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
        assert child.stdout is not None
        line = child.stdout.readline()
        assert line, "it did not even begin"
        self._answer(line)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
        for line in child.stdout.read().split(b"\n")[:-1]:
            self._answer(line)
        child.stdout.close()
        child.wait()

    def _answer(self, line: bytes) -> None:
        self.answered.add(int(line))


def broken(toy: Toy, answered: set[int]) -> list[str]:
    """Say what was lost, doubled or put out of order in a toy that has settled."""
    found = [*_effects(toy, answered), *_streams(toy, "teller"), *_streams(toy, "hearer")]
    found += [f"{table} is not empty" for table in ("teller_unsent", "hearer_parked") if toy.rows(table)]
    if toy.file.reader.execute("PRAGMA integrity_check").fetchone() != ("ok",):
        found.append("the file is damaged")
    return found


def _effects(toy: Toy, answered: set[int]) -> Iterator[str]:
    events = toy.journal()
    told = [event.data["number"] for event in events]
    if lost := answered - set(told):
        yield f"answered and lost: {sorted(lost)}"
    if len(told) != len(set(told)):
        yield "told twice"
    heard = toy.file.reader.execute("SELECT subject, number FROM hearer_heard ORDER BY place").fetchall()
    for subject in SUBJECTS:
        if [n for s, n in heard if s == subject.hex] != [e.data["number"] for e in events if e.subject == subject]:
            yield "heard otherwise than it was told"
    if len(toy.journal("hearer")) != len(told):
        yield "an effect is missing or doubled"


def _streams(toy: Toy, service: str) -> Iterator[str]:
    for subject in SUBJECTS:
        stream = [event for event in toy.journal(service) if event.subject == subject]
        if [event.seq for event in stream] != list(range(1, len(stream) + 1)):
            yield f"{service} has a gap"
        if any(b.prev != a.hash or b.tick <= a.tick for a, b in pairwise(stream)):
            yield f"{service} has a broken chain"
        if stream and stream[0].prev != GENESIS:
            yield f"{service} has no beginning"


def some_seconds(dice: random.Random) -> float:
    """Give how long a child may live after its first answer: mostly very short."""
    return dice.choice([0.0, 0.005, 0.02, 0.1]) * dice.random()


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1]), int(sys.argv[2])))
