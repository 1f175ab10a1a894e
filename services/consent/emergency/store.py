"""Emergency accesses in and out of consent's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from services.consent.emergency.domain import Access
from services.consent.tables import EMERGENCY
from shared.db import Connection, Id, Instant, Row, Sql, insert_into, listed
from shared.event import Role

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

_c = EMERGENCY.c
_person = bindparam("person", type_=Id)
_IN_FORCE = Sql(
    select(_c.id)
    .where(
        _c.person == _person,
        _c.member == bindparam("member", type_=Id),
        _c.organisation == bindparam("organisation", type_=Id),
        _c.until > bindparam("now", type_=Instant),
    )
    .order_by(_c.number.desc())
    .limit(1)
)
_ONE = Sql(select(EMERGENCY).where(_c.id == bindparam("id")))
_SOME = Sql(select(EMERGENCY).where(listed(_c.id, "ids")))
_PAGE = Sql(
    select(EMERGENCY)
    .where(_c.person == _person, _c.number < bindparam("before"))
    .order_by(_c.number.desc())
    .limit(bindparam("most"))
)
_LAST = Sql(select(func.max(_c.number).label("number")).where(_c.person == _person))
_ADD = Sql(insert_into(EMERGENCY))


class EmergencyStore:
    """Emergency accesses."""

    connection: Connection

    async def access_of(self, person: UUID, member: UUID, organisation: UUID, now: datetime) -> UUID | None:
        """Give the access that a member of an organisation has to a person now, if any."""
        row = await self.connection.one(_IN_FORCE, person=person, member=member, organisation=organisation, now=now)
        return None if row is None else row["id"]

    async def access(self, access: UUID) -> Access | None:
        """Give one."""
        row = await self.connection.one(_ONE, id=access)
        return None if row is None else _access(row)

    async def accesses_of(self, accesses: Iterable[UUID]) -> list[Access]:
        """Give some."""
        return [_access(row) for row in await self.connection.all(_SOME, ids=[*accesses])]

    async def accesses_page(self, person: UUID, before: int, most: int) -> list[Access]:
        """Give a page of those about a person, newest first."""
        rows = await self.connection.all(_PAGE, person=person, before=before, most=most)
        return [_access(row) for row in rows]

    async def next_access(self, person: UUID) -> int:
        """Give the number of the next about a person."""
        row = await self.connection.one(_LAST, person=person)
        return ((row or {}).get("number") or 0) + 1

    async def add_access(self, access: Access) -> None:
        """Write a new one."""
        row = {name: getattr(access, name) for name in Access.__dataclass_fields__}
        await self.connection.run(_ADD, **row | {"role": access.role.value})


def _access(row: Row) -> Access:
    return Access(**{**row, "role": Role(row["role"])})
