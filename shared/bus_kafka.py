"""The bus on Kafka: kafka-python, which blocks, behind threads of its own (ADR 0015).

Producing is idempotent with ``acks=all``; ``publish`` returns when every record is acknowledged, and a producer is
thrown away after any error. A consumer is one thread; it commits what was given out, when told to, with the id of the
topic that the offsets count in. No offset is reset by a policy: where the broker says that there is none, or one of
another life of the topic, reading begins at the oldest record, and the cursor skips what was heard.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from kafka import ConsumerRebalanceListener, KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, errors
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.net.compat import KafkaNetClient
from kafka.structs import MemberState

from shared.bus import Record
from shared.clock import monotonic
from shared.errors import UnavailableError, fault
from shared.settings import CONNECT_MS, REQUEST_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shared.settings import KafkaSettings

T = TypeVar("T")
PARTITIONS, RETENTION_MS = 12, 7 * 24 * 3600 * 1000
"""Twelve partitions from birth, kept seven days (DESIGN, "Bus"): the journal is the archive."""
FRESH_SECONDS = 1.0
"""For how long the id of a topic is believed before the broker is asked again."""
DELIVERY_MS, CLOSE_SECONDS, LIMIT_SECONDS = 4_500, 6.0, 15.0
"""What is not delivered is given up after its first time-out: tried on, the library spins. The last ends any call."""
TAKE_MS, SLICE_MS = 20, 200
"""How long a poll looks for more, and how soon a wait sees that it is no longer wanted."""
MOVED = (errors.CommitFailedError, errors.RebalanceInProgressError)
"""A commit came too late: by now the partitions may be another's."""
PRODUCING = {
    "acks": "all",
    "enable_idempotence": True,
    "linger_ms": 2,
    "batch_size": 1 << 16,
    "delivery_timeout_ms": DELIVERY_MS,
    "max_block_ms": CONNECT_MS,
    "allow_auto_create_topics": False,
}
HEARING = {
    "enable_auto_commit": False,
    "auto_offset_reset": "none",
    "heartbeat_interval_ms": 1_000,
    "max_poll_interval_ms": 30_000,  # a loop that does not turn for so long gives its partitions up
    "fetch_max_bytes": 4 << 20,  # what lies ready unheard, at most; one record that is larger still comes
    "max_partition_fetch_bytes": 1 << 20,
    "allow_auto_create_topics": False,
}
log = structlog.get_logger()


def _made(kind: Callable[..., Any], told: dict[str, Any]) -> Any:
    """Make one of the library's objects; when that fails, its threads and sockets go with it."""
    nets: list[Any] = []

    def net(**settings: Any) -> Any:
        nets.append(KafkaNetClient(**settings))
        return nets[-1]

    try:
        return kind(kafka_client=net, **told)
    except BaseException:
        for each in nets:
            with suppress(Exception):
                each.close()
        raise


async def _within(pool: ThreadPoolExecutor, seconds: float, work: Callable[..., T], *given: Any) -> T:
    """Run what blocks in a thread. Raises UnavailableError when it fails or takes too long; it is then left behind."""
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.get_running_loop().run_in_executor(pool, work, *given)
    except Exception as error:  # noqa: BLE001 - logged by its kind and place; what it says may hold a record
        log.warning("kafka-failed", **fault(error))
        raise UnavailableError from None


class KafkaBus:
    """Kafka as a bus. Nothing is connected until it is needed; what breaks is made anew."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Keep where it is."""
        self.settings = settings
        self.ids: dict[str, str] = {}
        self._asked: dict[str, float] = {}
        self._asking: asyncio.Task[None] | None = None
        self._admin: Any = None
        self._producer: Any = None
        self._lock = threading.Lock()
        self._asker = ThreadPoolExecutor(1, "kafka-ask")
        self._senders = ThreadPoolExecutor(8, "kafka-send")
        self._members: list[KafkaMember] = []

    async def publish(self, topic: str, records: Sequence[Record]) -> None:
        """Publish in order; the key's hash is the partition. Raises UnavailableError when any may not be durable."""
        await self.identity(topic)
        await _within(self._senders, LIMIT_SECONDS, self._send, topic, records)

    def consumer(self, group: str, topics: Sequence[str]) -> KafkaMember:
        """Join a group at the first poll."""
        self._members.append(KafkaMember(self, group, tuple(topics)))
        return self._members[-1]

    async def identity(self, topic: str) -> str:
        """Give the id that the topic got when it was made; make it if it is not there. Raises UnavailableError."""
        while monotonic() - self._asked.setdefault(topic, -inf) > FRESH_SECONDS:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
            asking = self._asking
            await asyncio.wait([asking])
            asking.result()
        return self.ids[topic]

    async def close(self) -> None:
        """Leave every group, let go of what is under way, end the threads."""
        await asyncio.gather(*(each.close() for each in self._members))
        for pool, what, how in ((self._senders, self._producer, (CLOSE_SECONDS,)), (self._asker, self._admin, ())):
            with suppress(UnavailableError):
                await _within(pool, LIMIT_SECONDS, _close, what, *how)
            pool.shutdown(wait=False, cancel_futures=True)

    async def _ask(self) -> None:
        topics, now = sorted(self._asked), monotonic()
        self.ids |= await _within(self._asker, LIMIT_SECONDS, self._look, topics)
        self._asked |= dict.fromkeys(topics, now)

    def _look(self, topics: list[str]) -> dict[str, str]:
        try:
            self._admin = self._admin or _made(KafkaAdminClient, self.settings.told())
            found = self._ids_of(topics)
            if len(found) < len(topics):
                self._create([topic for topic in topics if topic not in found])
                found = self._ids_of(topics)
            return {topic: found[topic] for topic in topics}
        except BaseException:
            _close(self._admin)
            self._admin = None
            raise

    def _ids_of(self, topics: list[str]) -> dict[str, str]:
        return {e["name"]: str(e["topic_id"]) for e in self._admin.describe_topics(topics) if not e["error_code"]}

    def _create(self, topics: list[str]) -> None:
        configs = {"retention.ms": str(RETENTION_MS), "cleanup.policy": "delete"}
        if self.settings.min_insync:
            configs["min.insync.replicas"] = str(self.settings.min_insync)
        wanted = {"num_partitions": PARTITIONS, "replication_factor": self.settings.replication, "configs": configs}
        with suppress(errors.TopicAlreadyExistsError):
            self._admin.create_topics(dict.fromkeys(topics, wanted), timeout_ms=REQUEST_MS)
        self._admin.wait_for_topics(topics, timeout_ms=REQUEST_MS)

    def _send(self, topic: str, records: Sequence[Record]) -> None:
        producer = None
        try:
            with self._lock:
                producer = self._producer = self._producer or _made(KafkaProducer, self.settings.told() | PRODUCING)
            sent = [producer.send(topic, value=each.value, key=each.key) for each in records]
            until = monotonic() + DELIVERY_MS / 1000 + 1
            for each in sent:
                each.get(timeout=max(0.0, until - monotonic()))
        except BaseException:
            with self._lock:
                self._producer = None if self._producer is producer else self._producer
            with suppress(RuntimeError):
                self._senders.submit(_close, producer, CLOSE_SECONDS)
            raise


def _close(what: Any, *how: Any) -> None:
    if what is not None:
        with suppress(Exception):
            what.close(*how)
        what.close = lambda **_: None  # collected, it would close once more, a second long, in whoever collects it


class KafkaMember(ConsumerRebalanceListener):  # type: ignore[misc] # the library ships no types
    """One member of a group. What begins with an underscore is its thread's alone."""

    def __init__(self, bus: KafkaBus, group: str, topics: tuple[str, ...]) -> None:
        """Connect to nothing yet."""
        self.bus = bus
        self.group = f"alongside.{group}"
        self.topics = topics
        self.astray = False
        self.announced = False
        self.pool = ThreadPoolExecutor(1, f"kafka-{group}")
        self._kafka: Any = None
        self._ids: dict[str, str] = {}
        self._came: set[Any] = set()
        self._ready: deque[tuple[Any, Any]] = deque()
        self._given: dict[Any, OffsetAndMetadata] = {}

    async def poll(self, limit: int) -> list[Record]:
        """Give what came since the last poll, of the partitions that this member has now. Raises UnavailableError."""
        ids = {topic: await self.bus.identity(topic) for topic in self.topics}
        self.announced = False
        return await self._run(LIMIT_SECONDS, self._poll, limit, ids)

    async def commit(self) -> None:
        """Keep the place of what was given out; what a rebalance took comes again. Raises UnavailableError."""
        await self._run(LIMIT_SECONDS, self._commit)

    async def rewind(self) -> None:
        """Go back to the last commit, before whatever is asked next."""
        self.astray = True

    async def wait(self, seconds: float) -> None:
        """Come back when there is something to poll, once for each time, or after ``seconds``."""
        until, unwanted = monotonic() + seconds, threading.Event()
        if not self.announced:
            with suppress(UnavailableError):
                try:
                    self.announced = await self._run(seconds + LIMIT_SECONDS, self._wait, until, unwanted)
                finally:
                    unwanted.set()
            if self.announced:
                return
        await asyncio.sleep(until - monotonic())

    async def close(self) -> None:
        """Leave the group, so that another has the partitions at once."""
        with suppress(UnavailableError):
            await self._run(LIMIT_SECONDS, self._leave)
        self.pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, seconds: float, work: Callable[..., T], *given: Any) -> T:
        """Do it on the thread. When nobody is left to take the answer, what was given out comes again."""
        try:
            return await _within(self.pool, seconds, work, *given)
        except BaseException:
            self.astray = True
            raise

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        """Note what came; it is placed when the poll that brought it ends."""
        self._came |= set(assigned)

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        """Nothing yet: what went is forgotten when the poll that took it ends."""

    def _poll(self, limit: int, ids: dict[str, str]) -> list[Record]:
        if ids != self._ids:
            self._leave()
        if self._kafka is None:
            self._join(ids)
        self._back_if_astray()
        if not self._ready:
            self._take(TAKE_MS, limit)
        given = [self._ready.popleft() for _ in range(min(limit, len(self._ready)))]
        for partition, record in given:
            self._given[partition] = OffsetAndMetadata(record.offset + 1, self._ids[partition.topic], -1)
        return [Record(record.key or b"", record.value or b"", record.topic) for _, record in given]

    def _wait(self, until: float, unwanted: threading.Event) -> bool:
        while self._kafka is not None and not self._ready and not unwanted.is_set() and monotonic() < until:
            self._take(min(max(until - monotonic(), 0.0) * 1000, SLICE_MS), 1)
        return bool(self._ready)

    def _commit(self) -> None:
        if self._back_if_astray() or not self._given:
            return
        try:
            self._kafka.commit(self._given, timeout_ms=REQUEST_MS)
        except MOVED:
            log.info("kafka-rebalanced", consumer=self.group)
            self._back()
        self._given.clear()

    def _take(self, milliseconds: float, most: int) -> None:
        """Fetch what lies ready, and settle where reading goes on in partitions that came."""
        found: dict[Any, list[Any]] = {}
        if self._kafka.group_metadata().state is MemberState.REBALANCING:
            self._kafka._coordinator.request_rejoin()  # noqa: SLF001 - ADR 0015: a join that outlasts a poll is lost
        try:
            found = self._kafka.poll(timeout_ms=milliseconds, max_records=most)
        except errors.NoOffsetForPartitionError as error:
            self._came |= set(error.args[0])
        except (errors.OffsetOutOfRangeError, errors.LogTruncationError) as error:
            self._begin_again(getattr(error, "divergent_offsets", None) or error.args[0])
        except errors.RetriableError:
            raise
        except BaseException:
            self._leave()
            raise
        held = self._kafka.assignment() - self._came
        self._given = {partition: offset for partition, offset in self._given.items() if partition in held}
        self._ready.extend((each, record) for each, records in found.items() for record in records)
        self._ready = deque(each for each in self._ready if each[0] in held)
        for partition in sorted(self._came & self._kafka.assignment()):
            self._place(partition)

    def _place(self, partition: Any) -> None:
        """Go on after the group's own commit in this life of the topic, else at the oldest record. Raises KafkaError
        when the broker does not say; the partition gives nothing until it does.
        """
        kept = self._kafka.committed(partition, metadata=True, timeout_ms=REQUEST_MS)
        if kept is not None and kept.metadata in {"", self._ids[partition.topic]}:
            self._kafka.seek(partition, kept.offset)
        else:
            self._kafka.seek_to_beginning(partition)
        self._came.discard(partition)

    def _begin_again(self, partitions: Iterable[Any]) -> None:
        """Read partitions from the oldest record, because what stood where we were is gone."""
        for partition in set(partitions) & self._kafka.assignment():
            log.error("kafka-offset-gone", consumer=self.group, topic=partition.topic)
            self._given.pop(partition, None)
            self._kafka.seek_to_beginning(partition)

    def _back_if_astray(self) -> bool:
        astray, self.astray = self.astray, False
        if astray:
            self._back()
        return astray

    def _back(self) -> None:
        """Place anew whatever was given out or lay ready."""
        self._came |= {*self._given, *(partition for partition, _ in self._ready)}
        self._given.clear()
        self._ready.clear()

    def _join(self, ids: dict[str, str]) -> None:
        told = self.bus.settings.told() | HEARING | {"group_id": self.group}
        told["session_timeout_ms"] = self.bus.settings.session_ms
        told["partition_assignment_strategy"] = [CooperativeStickyAssignor()]
        self._kafka = _made(KafkaConsumer, told)
        self._ids = ids
        self._kafka.subscribe(topics=list(self.topics), listener=self)

    def _leave(self) -> None:
        self._back()
        member, self._kafka = self._kafka, None
        _close(member, False, REQUEST_MS)  # noqa: FBT003 - the library's: nothing is committed
        self._came.clear()
