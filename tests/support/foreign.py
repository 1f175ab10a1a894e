"""Facts of services that do not run in a test's place, chained as their owner would and put on the bus."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from shared.bus import Record, topic_of
from shared.clock import real_now
from shared.event import GENESIS, Actor, Envelope, Event, Role, encode
from shared.ids import new_event_id, new_id
from tests.support.place import Place


class Foreign:
    """Says facts in the name of other services."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.heads: dict[tuple[str, UUID], tuple[int, str]] = {}

    async def say(self, event: Event, *, at: datetime | None = None, again: bool = False) -> None:
        """Publish a fact, twice when ``again``, and let everyone hear it."""
        key = (event.source, event.subject)
        seq, prev = self.heads.get(key, (0, GENESIS))
        when = at or max(self.place.clock.now(), real_now())
        actor = Actor(Role.SYSTEM, None, None)
        raw = encode(event, Envelope(new_event_id(), seq + 1, seq + 1, prev, when, None, new_id(), actor, 1))
        self.heads[key] = (seq + 1, sha256(raw).hexdigest())
        records = [Record(event.subject.bytes, raw)] * (2 if again else 1)
        await self.place.system.bus.publish(topic_of(event.source), records)
        await self.place.settle()
