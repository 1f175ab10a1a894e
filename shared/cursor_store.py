"""The rows behind ``shared.cursor``: how far each stream was heard, and the lanes that wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Integer, bindparam, delete, literal, select, union_all

from shared.db import Sql, insert_unless, listed, same, upsert_into
from shared.event import GENESIS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from shared.db import Connection
    from shared.event import Recorded
    from shared.journal import KernelTables

UNREADABLE = "unreadable"
"""The source under which bytes wait that are not an event of the stream they came on."""
WAITS = -1
"""Marks, among how far streams were heard, a lane that waits."""


@dataclass
class Places:
    """How far some streams were heard, by (source, subject), and which of them wait."""

    at: dict[tuple[str, UUID], tuple[int, str]]
    parked: set[tuple[str, UUID]]
    moved: set[tuple[str, UUID]] = field(default_factory=set)

    def of(self, lane: tuple[str, UUID]) -> tuple[int, str]:
        """Give the last number and hash that was heard; nought and the genesis for a stream not yet heard."""
        return self.at.get(lane, (0, GENESIS))

    def advance(self, event: Recorded) -> None:
        """Move past ``event``; done for every event, handled or not."""
        lane = (event.source, event.subject)
        self.at[lane] = (event.seq, event.hash)
        self.moved.add(lane)


class CursorStore:
    """Statements on the cursor and the parked lanes of one consumer."""

    def __init__(self, tables: KernelTables, consumer: str) -> None:
        """Prepare the statements."""
        self.consumer = consumer
        cursor, parked = tables.cursor, tables.parked
        lanes = select(parked.c.source, parked.c.subject).where(same(parked.c.consumer)).distinct()
        heard = select(cursor.c.source, cursor.c.subject, cursor.c.seq, cursor.c.hash).where(same(cursor.c.consumer))
        waiting = lanes.add_columns(literal(WAITS).label("seq"), literal(GENESIS).label("hash"))
        of = [listed(table.c.subject, "subjects") for table in (cursor, parked)]
        self._lanes, self._places = Sql(lanes), Sql(union_all(heard.where(of[0]), waiting.where(of[1])))
        self._advance = Sql(upsert_into(cursor, "consumer", "source", "subject"))
        self._park = Sql(insert_unless(parked))
        lane = same(parked.c.consumer, parked.c.source, parked.c.subject)
        self._lane = Sql(select(parked).where(lane).order_by(parked.c.seq))
        upto = parked.c.seq <= bindparam("last", type_=Integer)
        self._unpark = Sql(delete(parked).where(lane, upto))

    async def places(self, connection: Connection, subjects: Iterable[UUID]) -> Places:
        """Give how far the streams of ``subjects`` were heard."""
        named = {"consumer": self.consumer, "subjects": list(set(subjects))}
        rows = await connection.all(self._places, **named)
        at = {(r["source"], r["subject"]): (r["seq"], r["hash"]) for r in rows if r["seq"] != WAITS}
        return Places(at, {(r["source"], r["subject"]) for r in rows if r["seq"] == WAITS})

    async def keep(self, connection: Connection, places: Places) -> None:
        """Write the places that moved."""
        rows = [
            {"consumer": self.consumer, "source": lane[0], "subject": lane[1], "seq": seq, "hash": last}
            for lane, (seq, last) in places.at.items()
            if lane in places.moved
        ]
        if rows:
            await connection.many(self._advance, rows)

    async def park(
        self, connection: Connection, lane: tuple[str, UUID, int], raw: bytes, why: str, at: datetime
    ) -> bool:
        """Have the bytes of an event (source, subject, number) wait; says whether they did not wait already."""
        source, subject, seq = lane
        row = {"source": source, "subject": subject, "seq": seq, "raw": raw}
        return await connection.run(self._park, consumer=self.consumer, reason=why, at=at, **row) > 0

    async def lanes(self, connection: Connection) -> list[tuple[str, UUID]]:
        """Give every lane that waits."""
        rows = await connection.all(self._lanes, consumer=self.consumer)
        return [(row["source"], row["subject"]) for row in rows]

    async def lane(self, connection: Connection, source: str, subject: UUID) -> dict[int, bytes]:
        """Give what waits in a lane: numbers and bytes, in order."""
        rows = await connection.all(self._lane, consumer=self.consumer, source=source, subject=subject)
        return {row["seq"]: row["raw"] for row in rows}

    async def unpark(self, connection: Connection, source: str, subject: UUID, last: int) -> None:
        """Open a lane up to ``last``; whoever asks applies its events in the same transaction."""
        lane = {"consumer": self.consumer, "source": source, "subject": subject}
        await connection.run(self._unpark, last=last, **lane)
