"""Rows of the timeline: a projection, written by the consumer alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Integer, and_, bindparam, case, func, not_, or_, select

from services.pathway.tables import TIMELINE
from services.pathway.timeline.domain import Entry
from shared.db import EPOCH, Id, Sql, insert_unless, listed
from shared.event import Part, Role

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from shared.db import Connection, Row
    from shared.decisions import Permit

_NAMES = tuple(c.name for c in TIMELINE.c)
_person = bindparam("person", type_=Id)
_ADD = Sql(insert_unless(TIMELINE))
_PARTS = Sql(select(TIMELINE.c.part).where(TIMELINE.c.person == _person).distinct())
_own = bindparam("own", type_=Integer)
_no_news = and_(func.coalesce(TIMELINE.c.part, "") == Part.STORY.value, listed(TIMELINE.c.at, "no_news"))
_order = (case((_own == 1, TIMELINE.c.tick), else_=0), case((_own == 1, 0), else_=TIMELINE.c.at))
"""By cause for the person; for others by time: ticks count what they may not see, and would order by it (C4)."""
_LIST = Sql(
    select(TIMELINE)
    .where(TIMELINE.c.person == _person, or_(listed(TIMELINE.c.part, "parts"), _own == 1), not_(_no_news))
    .order_by(*_order, TIMELINE.c.source, TIMELINE.c.seq)
    .limit(bindparam("most", type_=Integer))
    .offset(bindparam("skip", type_=Integer))
)


class TimelineStore:
    """Statements on the timeline."""

    connection: Connection

    async def add_entry(self, entry: Entry) -> None:
        """Write an entry; once."""
        part = entry.part.value if entry.part else None
        row = {name: getattr(entry, name) for name in _NAMES}
        await self.connection.run(_ADD, **row | {"part": part, "role": entry.role.value})

    async def parts_present(self, person: UUID) -> frozenset[Part]:
        """Say of which parts there are entries, so that each is asked for; it discloses nothing itself."""
        rows = await self.connection.all(_PARTS, person=person)
        return frozenset(Part(row["part"]) for row in rows if row["part"] is not None)

    async def list_entries(
        self, permit: Permit, parts: Collection[Part], no_news: Collection[datetime], *,
        own: bool, skip: int, most: int,
    ) -> list[Entry]:  # fmt: skip
        """Give a page of the permit's person, in order; ``own``: the person reads, who sees every part. What was told
        of the story at one of ``no_news`` is left out before anything is counted (S4). Of an empty list SQL would
        know nothing after NOT, and give no row: so it never is.
        """
        which = {"parts": sorted(part.value for part in parts), "no_news": [*no_news, EPOCH], "own": int(own)}
        rows = await self.connection.all(_LIST, person=permit.person, skip=skip, most=most, **which)
        return [_entry(row) for row in rows]


def _entry(row: Row) -> Entry:
    part = None if row["part"] is None else Part(row["part"])
    return Entry(**{name: row[name] for name in _NAMES} | {"part": part, "role": Role(row["role"])})
