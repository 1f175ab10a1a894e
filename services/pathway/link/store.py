"""Links in tables. One live link of a person to an offer: the table itself holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, and_, bindparam, literal, select, update

from services.pathway.link.domain import LIVE, Link, Reason, State
from services.pathway.tables import METADATA
from shared.db import Connection, Id, Instant, Json, Row, Sql, insert_unless
from shared.event import Code

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.decisions import Permit

LINK = Table(
    "pathway_link", METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("offer", Id, nullable=False),
    Column("organisation", Id, nullable=False, index=True),
    Column("intensity", String(48), nullable=False),
    Column("takes", Json, nullable=False),
    Column("need", Id),
    Column("leads", Boolean, nullable=False),
    Column("opened_by", Id),
    Column("opened_at", Instant, nullable=False),
    Column("answer_by", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("named", Id),
    Column("deputy", Id),
    Column("first_date", Instant),
    Column("met_by", Id),
    Column("met_at", Instant),
    Column("reason", String(48)),
    Column("alternative", Id),
    Column("by_silence", Boolean, nullable=False),
    Column("answered_at", Instant),
    Index("pathway_link_of_person", "person", "opened_at", "id"),
)  # fmt: skip
_LIVE = LINK.c.state.in_([state.value for state in sorted(LIVE)])
Index("pathway_link_live", LINK.c.person, LINK.c.offer, unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE)
NEED = Table(
    "pathway_need", METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("kind", String(24), nullable=False),
)  # fmt: skip

_PERSON = bindparam("of_person", type_=Id)
_ID = LINK.c.id == bindparam("of_link", type_=Id)
_CHANGES = (
    *("state", "named", "deputy", "first_date", "met_by", "met_at", "reason", "alternative", "by_silence"),
    "answered_at",
)
_ADD = Sql(insert_unless(LINK))
_SAVE = Sql(update(LINK).where(_ID).values({name: bindparam(name, type_=LINK.c[name].type) for name in _CHANGES}))
_GET = Sql(select(LINK).where(_ID))
_PERSON_OF = Sql(select(LINK.c.person, LINK.c.organisation).where(_ID))
_OF_PERSON = Sql(select(LINK).where(LINK.c.person == _PERSON).order_by(LINK.c.opened_at, LINK.c.id))
_IS_LINKED = Sql(
    select(literal(1).label("one"))
    .where(LINK.c.person == _PERSON, LINK.c.organisation == bindparam("organisation", type_=Id), _LIVE)
    .limit(1)
)
_LIST = Sql(
    select(LINK)
    .where(
        LINK.c.person == _PERSON,
        (LINK.c.opened_at < bindparam("before", type_=Instant))
        | and_(LINK.c.opened_at == bindparam("before", type_=Instant), LINK.c.id < bindparam("before_id", type_=Id)),
    )
    .order_by(LINK.c.opened_at.desc(), LINK.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_END = Sql(
    update(LINK)
    .where(LINK.c.person == _PERSON, LINK.c.organisation == bindparam("of_organisation", type_=Id), _LIVE)
    .values(state=State.ENDED.value)
)
_KEEP_NEED = Sql(insert_unless(NEED))
_NEED = Sql(select(NEED.c.kind).where(NEED.c.id == bindparam("need", type_=Id), NEED.c.person == _PERSON))


class LinkStore:
    """Links of people to offers."""

    connection: Connection

    async def add_link(self, link: Link) -> bool:
        """Write a new link; False when the person is linked to this offer already."""
        return bool(await self.connection.run(_ADD, **_row(link)))

    async def save_link(self, link: Link) -> None:
        """Write what changed of a link."""
        row = _row(link)
        await self.connection.run(_SAVE, of_link=link.id, **{name: row[name] for name in _CHANGES})

    async def link(self, link: UUID) -> Link | None:
        """Give a link, for a rule to decide on."""
        row = await self.connection.one(_GET, of_link=link)
        return link_of(row) if row else None

    async def links_of(self, person: UUID) -> list[Link]:
        """Give every link of a person, for a rule to decide on."""
        return [link_of(row) for row in await self.connection.all(_OF_PERSON, of_person=person)]

    async def parties_of_link(self, link: UUID) -> tuple[UUID, UUID] | None:
        """Say whom a link is about and which organisation answers it; it discloses nothing."""
        row = await self.connection.one(_PERSON_OF, of_link=link)
        return (row["person"], row["organisation"]) if row else None

    async def is_linked(self, organisation: UUID, person: UUID) -> bool:
        """Say whether an organisation has a live link to a person."""
        row = await self.connection.one(_IS_LINKED, of_person=person, organisation=organisation)
        return row is not None

    async def list_links(self, permit: Permit, before: datetime, before_id: UUID, most: int) -> list[Link]:
        """Give the links of the permit's person, the newest first."""
        rows = await self.connection.all(_LIST, of_person=permit.person, before=before, before_id=before_id, most=most)
        return [link_of(row) for row in rows]

    async def end_links(self, person: UUID, organisation: UUID) -> None:
        """End every live link to an organisation that the person took all sight from: it can't meet them (C2)."""
        await self.connection.run(_END, of_person=person, of_organisation=organisation)

    async def keep_need(self, need: UUID, person: UUID, kind: str) -> None:
        """Keep which of the four kinds a need is of."""
        await self.connection.run(_KEEP_NEED, id=need, person=person, kind=kind)

    async def need_kind(self, person: UUID, need: UUID | None) -> Code | None:
        """Give the kind of a person's need, if it was heard of."""
        row = await self.connection.one(_NEED, need=need, of_person=person) if need else None
        return Code(row["kind"]) if row else None


def _row(link: Link) -> dict[str, Any]:
    names = (column.name for column in LINK.c if column.name not in {"takes", "state", "reason", "intensity"})
    row = {name: getattr(link, name) for name in names}
    reason = link.reason.value if link.reason else None
    return row | {
        "takes": sorted(map(str, link.takes)),
        "state": link.state.value,
        "reason": reason,
        "intensity": str(link.intensity),
    }


def link_of(row: Row) -> Link:
    """Give the link of a row."""
    return Link(
        **row
        | {
            "takes": frozenset(map(Code, row["takes"])),
            "state": State(row["state"]),
            "reason": Reason(row["reason"]) if row["reason"] else None,
            "intensity": Code(row["intensity"]),
        }
    )
