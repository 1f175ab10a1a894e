"""Whom an organisation stands to, a page at a time; and of those, when anybody last reached them (J9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Integer, String, and_, bindparam, func, select

from services.pathway.contact.store import REACHED
from services.pathway.link.store import LINK, link_of
from services.pathway.standing.domain import Reached
from services.pathway.tables import ALONGSIDE, CONTACT, HOLDING, WATCH
from shared.db import Id, Instant, Sql, listed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from services.pathway.link.domain import Link
    from shared.db import Connection
    from shared.decisions import Permit

_of = bindparam("organisation", type_=Id)
_after = bindparam("after", type_=Id)
_most = bindparam("most", type_=Integer)
_BESIDE = Sql(
    select(ALONGSIDE.c.person).where(ALONGSIDE.c.organisation == _of, ALONGSIDE.c.person > _after)
    .order_by(ALONGSIDE.c.person).limit(_most)
)  # fmt: skip
_CHOSEN = Sql(
    select(HOLDING.c.person).where(HOLDING.c.chosen == _of, HOLDING.c.person > _after)
    .order_by(HOLDING.c.person).limit(_most)
)  # fmt: skip
_WHEN = Sql(
    select(HOLDING.c.person, WATCH.c.drifting_since, func.max(CONTACT.c.happened_at).label("last"))
    .select_from(
        HOLDING.outerjoin(WATCH, WATCH.c.person == HOLDING.c.person)
        .outerjoin(CONTACT, and_(CONTACT.c.person == HOLDING.c.person, REACHED))
    )
    .where(listed(HOLDING.c.person, "people"))
    .group_by(HOLDING.c.person, WATCH.c.drifting_since)
)  # fmt: skip
_before = bindparam("before", type_=Instant)
_LINKS = Sql(
    select(LINK)
    .where(
        LINK.c.organisation == _of,
        LINK.c.state == bindparam("in_state", type_=String),
        (LINK.c.opened_at < _before) | and_(LINK.c.opened_at == _before, LINK.c.id < bindparam("before_id", type_=Id)),
    )
    .order_by(LINK.c.opened_at.desc(), LINK.c.id.desc())
    .limit(_most)
)


class StandingStore:
    """Statements on whom an organisation stands to."""

    connection: Connection

    async def beside(self, organisation: UUID, after: UUID, most: int) -> list[UUID]:
        """Give whom an organisation walks beside, in an order that tells nothing."""
        rows = await self.connection.all(_BESIDE, organisation=organisation, after=after, most=most)
        return [row["person"] for row in rows]

    async def chose(self, organisation: UUID, after: UUID, most: int) -> list[UUID]:
        """Give who chose an organisation to hold them and waits for its word (J2a)."""
        rows = await self.connection.all(_CHOSEN, organisation=organisation, after=after, most=most)
        return [row["person"] for row in rows]

    async def reached(self, permits: Iterable[Permit]) -> dict[UUID, Reached]:
        """Give when people were last reached and since when they drift (J9)."""
        people = sorted(permit.person for permit in permits)
        rows = await self.connection.all(_WHEN, people=people)
        return {row["person"]: Reached(row["last"], row["drifting_since"]) for row in rows}

    async def links_to(
        self, organisation: UUID, state: str, before: datetime, before_id: UUID, most: int
    ) -> list[Link]:
        """Give links that an organisation answers, the newest first; each is asked for before it is shown."""
        given = {"organisation": organisation, "in_state": state, "most": most}
        return [link_of(row) for row in await self.connection.all(_LINKS, before=before, before_id=before_id, **given)]
