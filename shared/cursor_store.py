"""The rows behind ``shared.cursor``: how far each stream was heard, and the lanes that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from shared.db import Sql
from shared.event import GENESIS

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.db import Connection
    from shared.event import Recorded
    from shared.journal import KernelTables


class CursorStore:
    """Statements on the cursor and the parked lanes of one service."""

    def __init__(self, tables: KernelTables) -> None:
        """Prepare the statements."""
        cursor, parked = tables.cursor, tables.parked
        here = [c == bindparam(c.name) for c in (cursor.c.consumer, cursor.c.source, cursor.c.subject)]
        lane = [c == bindparam(c.name) for c in (parked.c.consumer, parked.c.source, parked.c.subject)]
        self._place = Sql(select(cursor.c.seq, cursor.c.hash).where(*here))
        moved = upsert(cursor).values({c.name: bindparam(c.name, type_=c.type) for c in cursor.c})
        self._advance = Sql(
            moved.on_conflict_do_update(
                index_elements=["consumer", "source", "subject"],
                set_={"seq": moved.excluded.seq, "hash": moved.excluded.hash},
            )
        )
        put = upsert(parked).values({c.name: bindparam(c.name, type_=c.type) for c in parked.c})
        self._park = Sql(put.on_conflict_do_nothing())
        self._is_parked = Sql(select(parked.c.seq).where(*lane).limit(1))
        self._lanes = Sql(
            select(parked.c.source, parked.c.subject)
            .where(parked.c.consumer == bindparam("consumer"))
            .distinct()
        )
        self._last = Sql(select(func.max(parked.c.seq).label("seq")).where(*lane))
        self._unpark = Sql(delete(parked).where(*lane))

    async def place(
        self, connection: Connection, consumer: str, source: str, subject: UUID
    ) -> tuple[int, str]:
        """Give the last number and hash that was heard; nought and the genesis for a stream not yet heard."""
        row = await connection.one(self._place, consumer=consumer, source=source, subject=subject)
        return (row["seq"], row["hash"]) if row else (0, GENESIS)

    async def advance(self, connection: Connection, consumer: str, event: Recorded) -> None:
        """Move past ``event``; done for every event, handled or not."""
        await connection.run(
            self._advance,
            consumer=consumer,
            source=event.source,
            subject=event.subject,
            seq=event.seq,
            hash=event.hash,
        )

    async def is_parked(self, connection: Connection, consumer: str, source: str, subject: UUID) -> bool:
        """Say whether the lane waits."""
        return (
            await connection.one(self._is_parked, consumer=consumer, source=source, subject=subject)
            is not None
        )

    async def park(
        self, connection: Connection, consumer: str, event: Recorded, why: str, at: datetime
    ) -> None:
        """Have ``event`` wait; once, however often it comes."""
        row = {"source": event.source, "subject": event.subject, "seq": event.seq, "raw": event.raw}
        await connection.run(self._park, consumer=consumer, reason=str(why), at=at, **row)

    async def lanes(self, connection: Connection, consumer: str) -> list[tuple[str, UUID]]:
        """Give every lane that waits."""
        return [
            (row["source"], row["subject"]) for row in await connection.all(self._lanes, consumer=consumer)
        ]

    async def last_parked(self, connection: Connection, consumer: str, source: str, subject: UUID) -> int:
        """Give the highest number that waits in a lane."""
        row = await connection.one(self._last, consumer=consumer, source=source, subject=subject)
        return (row or {})["seq"] or 0

    async def unpark(self, connection: Connection, consumer: str, source: str, subject: UUID) -> None:
        """Open a lane; whoever asks applies its events in the same transaction."""
        await connection.run(self._unpark, consumer=consumer, source=source, subject=subject)
