"""Keeps members."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, String, bindparam, select, tuple_, update

from services.community.kinds import Membership
from services.community.member.domain import Member, Window
from services.community.tables import MEMBER, ORGANISATION
from shared.db import Id, Sql, insert_into
from shared.errors import NotFoundError
from shared.event import Role

if TYPE_CHECKING:
    from uuid import UUID

    from services.community.paging import After
    from shared.db import Connection, Row

_TABLE = MEMBER.c
_GET = Sql(select(MEMBER).where(_TABLE.id == bindparam("id"), _TABLE.left_at.is_(None)))
_BY_EMAIL = Sql(select(MEMBER).where(_TABLE.email == bindparam("email"), _TABLE.left_at.is_(None)))
_WORKS_FOR = Sql(
    select(_TABLE.role)
    .join(ORGANISATION, ORGANISATION.c.id == _TABLE.organisation)
    .where(
        _TABLE.id == bindparam("id"),
        _TABLE.organisation == bindparam("organisation"),
        _TABLE.left_at.is_(None),
        ORGANISATION.c.membership == Membership.JOINED.value,
    )
)
_OF = Sql(
    select(MEMBER)
    .where(_TABLE.organisation == bindparam("organisation"), _TABLE.left_at.is_(None))
    .order_by(_TABLE.joined_at, _TABLE.id)
)
_PAGE = Sql(
    select(MEMBER)
    .where(
        _TABLE.organisation == bindparam("organisation"),
        _TABLE.left_at.is_(None),
        tuple_(_TABLE.name, _TABLE.id) > tuple_(bindparam("after_name", type_=String), bindparam("after_id", type_=Id)),
    )
    .order_by(_TABLE.name, _TABLE.id)
    .limit(bindparam("most", type_=Integer))
)  # fmt: skip
_ADD = Sql(insert_into(MEMBER))
_SAVE = Sql(
    update(MEMBER)
    .where(_TABLE.id == bindparam("of_id", type_=Id))
    .values({c.name: bindparam(c.name, type_=c.type) for c in _TABLE if c.name not in {"id", "joined_at"}})
)


class MemberStore:
    """Members as rows; one who left is kept without an address and is no longer found."""

    connection: Connection

    async def find_member(self, member_id: UUID) -> Member | None:
        """Give somebody who acts for an organisation now, or None."""
        row = await self.connection.one(_GET, id=member_id)
        return None if row is None else _member(row)

    async def get_member(self, organisation_id: UUID, member_id: UUID) -> Member:
        """Give a member of this organisation. Raises NotFoundError."""
        found = await self.find_member(member_id)
        if found is None or found.organisation != organisation_id:
            raise NotFoundError
        return found

    async def works_for(self, member_id: UUID, organisation_id: UUID) -> bool:
        """Say whether somebody acts for this organisation, which takes part, now."""
        return await self.role_in(member_id, organisation_id) is not None

    async def role_in(self, member_id: UUID, organisation_id: UUID) -> Role | None:
        """Give as what somebody acts for this organisation, which takes part, now; None when they don't."""
        row = await self.connection.one(_WORKS_FOR, id=member_id, organisation=organisation_id)
        return None if row is None else Role(row["role"])

    async def member_by_email(self, email: str) -> Member | None:
        """Give who signs in with an e-mail address (lower case), or None."""
        row = await self.connection.one(_BY_EMAIL, email=email)
        return None if row is None else _member(row)

    async def members_of(self, organisation_id: UUID) -> tuple[Member, ...]:
        """Give everybody who acts for an organisation now, the longest-standing first."""
        rows = await self.connection.all(_OF, organisation=organisation_id)
        return tuple(_member(row) for row in rows)

    async def list_members(self, organisation_id: UUID, after: After, most: int) -> list[Member]:
        """Give a page of members by name."""
        rows = await self.connection.all(
            _PAGE, organisation=organisation_id, after_name=after.name, after_id=after.id, most=most
        )
        return [_member(row) for row in rows]

    async def add_member(self, member: Member) -> None:
        """Write a new one."""
        await self.connection.run(_ADD, **_row(member))

    async def save_member(self, member: Member) -> None:
        """Write what changed."""
        await self.connection.run(_SAVE, of_id=member.id, **_row(member))


def _row(member: Member) -> dict[str, Any]:
    return asdict(member) | {"role": member.role.value}


def _member(row: Row) -> Member:
    hours = tuple(Window(tuple(w["days"]), w["from_hour"], w["to_hour"]) for w in row["hours"])
    return Member(**row | {"role": Role(row["role"]), "hours": hours})
