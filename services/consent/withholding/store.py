"""Withholdings in and out of consent's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, func, or_, select, update

from services.consent.choice.domain import Asker, Who, WhoKind
from services.consent.tables import WITHHOLDING
from services.consent.withholding.domain import Withholding
from shared.db import Connection, Id, Instant, Row, Sql, insert_into
from shared.event import Role

if TYPE_CHECKING:
    from uuid import UUID

_c = WITHHOLDING.c
_person = bindparam("person", type_=Id)
_of_person = and_(_c.person == _person, _c.given_back_at.is_(None))
_IN_FORCE = Sql(select(WITHHOLDING).where(_of_person))
_names_them = or_(
    _c.who_role == bindparam("role"),
    _c.who_id == bindparam("organisation", type_=Id),
    _c.who_id == bindparam("member", type_=Id),
    _c.who_id == bindparam("themself", type_=Id),
)
_by_system = or_(
    _c.who_id == bindparam("organisation", type_=Id),
    _c.who_kind.in_((WhoKind.ROLE.value, WhoKind.MEMBER.value)),
)
_FROM_PEOPLE = Sql(select(WITHHOLDING).where(_of_person, _names_them))
_FROM_SYSTEM = Sql(select(WITHHOLDING).where(_of_person, _by_system))
_ONE = Sql(select(WITHHOLDING).where(_c.id == bindparam("id")))
_PAGE = Sql(
    select(WITHHOLDING)
    .where(_c.person == _person, _c.number < bindparam("before"))
    .order_by(_c.number.desc())
    .limit(bindparam("most"))
)
_LAST = Sql(select(func.max(_c.number).label("number")).where(_c.person == _person))
_ADD = Sql(insert_into(WITHHOLDING))
_GIVE_BACK = Sql(
    update(WITHHOLDING)
    .where(_c.id == bindparam("of_id", type_=Id))
    .values(given_back_at=bindparam("new_given_back_at", type_=Instant))
)


class WithholdingStore:
    """Passages withheld."""

    connection: Connection

    async def withheld_by(self, person: UUID) -> list[Withholding]:
        """Give what a person withholds now."""
        return [_withholding(row) for row in await self.connection.all(_IN_FORCE, person=person)]

    async def withheld_from(self, person: UUID, asker: Asker) -> list[Withholding]:
        """Give those in force that may be about ``asker``. Those about others are not even read: how long an answer
        takes says nothing of them (C4). Of a system those about any member are read: they may be of its organisation.
        """
        if asker.role is Role.SYSTEM:
            rows = await self.connection.all(_FROM_SYSTEM, person=person, organisation=asker.organisation)
        else:
            named = {"organisation": asker.organisation, "member": asker.member, "themself": asker.person}
            rows = await self.connection.all(_FROM_PEOPLE, person=person, role=asker.role.value, **named)
        return [_withholding(row) for row in rows]

    async def withholding(self, withholding: UUID) -> Withholding | None:
        """Give one."""
        row = await self.connection.one(_ONE, id=withholding)
        return None if row is None else _withholding(row)

    async def withholdings_page(self, person: UUID, before: int, most: int) -> list[Withholding]:
        """Give a page of a person's, newest first."""
        rows = await self.connection.all(_PAGE, person=person, before=before, most=most)
        return [_withholding(row) for row in rows]

    async def next_withholding(self, person: UUID) -> int:
        """Give the number of a person's next."""
        row = await self.connection.one(_LAST, person=person)
        return ((row or {}).get("number") or 0) + 1

    async def add_withholding(self, new: Withholding) -> None:
        """Write a new one."""
        row = {name: getattr(new, name) for name in Withholding.__dataclass_fields__ if name != "who"}
        role = None if new.who.role is None else new.who.role.value
        await self.connection.run(_ADD, **row, who_kind=new.who.kind.value, who_id=new.who.id, who_role=role)

    async def give_back(self, gone: Withholding) -> None:
        """Write that it was given back."""
        await self.connection.run(_GIVE_BACK, of_id=gone.id, new_given_back_at=gone.given_back_at)


def _withholding(row: Row) -> Withholding:
    role = row.pop("who_role")
    who = Who(WhoKind(row.pop("who_kind")), row.pop("who_id"), None if role is None else Role(role))
    return Withholding(**row, who=who)
