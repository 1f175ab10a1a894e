"""A member of a group in a process of its own, for tests that kill or stop it, and a toy whose bus is Kafka.

Run as a module it is the child: it prints what it polls, line by line, and commits when a line comes in.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from shared.bus import Bus, BusConsumer, Record
from shared.bus_kafka import KafkaBus
from shared.errors import UnavailableError
from shared.ids import new_id
from shared.settings import KafkaSettings
from tests.support.kafka import Kafka
from tests.support.toy import Toy

SESSION_MS, STRANGERS_SESSION_MS = 3_000, 6_000
"""What our own broker lets a group have, and what any broker does."""
WITHIN = 60.0
DONE = "commit has ended"


def settings(kafka: Kafka) -> KafkaSettings:
    return KafkaSettings(servers=kafka.servers, session_ms=SESSION_MS if kafka.own else STRANGERS_SESSION_MS)


@dataclass
class ApartMember:
    """Gives records the names that they were published under."""

    inner: BusConsumer
    mark: str

    def __post_init__(self) -> None:
        self.commit, self.rewind = self.inner.commit, self.inner.rewind
        self.wait, self.close = self.inner.wait, self.inner.close

    async def poll(self, limit: int) -> list[Record]:
        return [replace(each, topic=each.topic.removesuffix(self.mark)) for each in await self.inner.poll(limit)]


@dataclass
class ApartBus:
    """A bus whose topics and groups are of one test, on a broker that many share."""

    inner: Bus
    mark: str

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        await self.inner.publish(topic + self.mark, records)

    def consumer(self, group: str, topics: Sequence[str]) -> BusConsumer:
        return ApartMember(self.inner.consumer(group + self.mark, [each + self.mark for each in topics]), self.mark)

    async def identity(self, topic: str) -> str:
        return await self.inner.identity(topic + self.mark)

    async def close(self) -> None:
        await self.inner.close()


@asynccontextmanager
async def a_toy(kafka: Kafka, folder: Path, mark: str = "") -> AsyncIterator[tuple[Toy, str]]:
    """Give a toy over Kafka, and the mark of its topic and group."""
    mark = mark or f"-{new_id().hex[:12]}"
    toy, bus = Toy(folder), ApartBus(KafkaBus(settings(kafka)), mark)
    toy.on(bus)
    try:
        yield toy, mark
    finally:
        await bus.close()
        toy.close()


async def turn(toy: Toy, done: Callable[[], Awaitable[bool]], within: float = WITHIN) -> None:
    """Turn relay and consumer until ``done``, whatever the broker does meanwhile."""
    async with asyncio.timeout(within):
        while not await done():
            worked = False
            for step in (toy.relay.step, toy.consumer.step):
                with suppress(UnavailableError):
                    worked = await step() or worked
            if not worked:
                await toy.consumer.bus.wait(0.2)


class Child:
    """A member elsewhere, as its parent sees it."""

    def __init__(self, kafka: Kafka, topic: str, group: str) -> None:
        command = [sys.executable, "-m", "tests.support.kafka_member", kafka.servers, str(int(kafka.own)), topic, group]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def commits(self) -> None:
        """Have it commit what it polled, whatever else it hears meanwhile."""
        assert self.process.stdin is not None
        self.process.stdin.write("commit\n")
        self.process.stdin.flush()
        while self.says() != DONE:
            pass

    def signal(self, number: signal.Signals) -> None:
        os.killpg(self.process.pid, number)

    def end(self) -> None:
        with suppress(ProcessLookupError):
            self.signal(signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


async def _live(told: KafkaSettings, topic: str, group: str) -> None:
    member = KafkaBus(told).consumer(group, [topic])
    asked = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
    while True:
        for record in await member.poll(100):
            print(record.value.decode(), flush=True)  # noqa: T201 - its parent reads it
        if asked.done():
            if not asked.result():
                os._exit(0)
            with suppress(UnavailableError):
                await member.commit()
            print(DONE, flush=True)  # noqa: T201 - as above
            asked = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
        await member.wait(0.1)


if __name__ == "__main__":
    servers, own, topic, group = sys.argv[1:]
    session = SESSION_MS if own == "1" else STRANGERS_SESSION_MS
    asyncio.run(_live(KafkaSettings(servers=servers, session_ms=session), topic, group))
