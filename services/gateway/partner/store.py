"""Partner systems and the assertions that were used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Column, PrimaryKeyConstraint, String, Table, bindparam, delete, select, update

from services.gateway.partner.domain import Partner
from services.gateway.tables import METADATA
from shared.db import Connection, Id, Instant, Json, Sql, insert_into, insert_unless

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.db import Row

PARTNER = Table(
    "gateway_partner", METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation", Id, nullable=False),
    Column("name", String(200), nullable=False),
    Column("keys", Json, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
)  # fmt: skip
JTI = Table(
    "gateway_jti", METADATA,
    Column("partner", Id, nullable=False),
    Column("jti", String(128), nullable=False),
    Column("until", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("partner", "jti"),
)  # fmt: skip

_ADD = Sql(insert_into(PARTNER))
_GET = Sql(select(PARTNER).where(PARTNER.c.id == bindparam("id")))
_LIST = Sql(select(PARTNER).where(PARTNER.c.removed.is_(False)).order_by(PARTNER.c.at))
_REMOVE = Sql(update(PARTNER).where(PARTNER.c.id == bindparam("which", type_=Id)).values(removed=True))
_USE = Sql(insert_unless(JTI))
_DROP = Sql(delete(JTI).where(JTI.c.until < bindparam("now", type_=Instant)))


class PartnerStore:
    """Reads and writes partner systems."""

    connection: Connection

    async def save_partner(self, partner: Partner, at: datetime) -> None:
        """Add one."""
        row = {
            "id": partner.id,
            "organisation": partner.organisation,
            "name": partner.name,
            "keys": partner.keys,
        }
        await self.connection.run(_ADD, **row, scopes=sorted(partner.scopes), removed=partner.removed, at=at)

    async def find_partner(self, partner_id: UUID) -> Partner | None:
        """Give one, removed ones too."""
        row = await self.connection.one(_GET, id=partner_id)
        return None if row is None else _partner(row)

    async def list_partners(self) -> list[Partner]:
        """Give those that may sign in."""
        return [_partner(row) for row in await self.connection.all(_LIST)]

    async def remove_partner(self, partner_id: UUID) -> bool:
        """Let it sign in no more; says whether there was one."""
        return await self.connection.run(_REMOVE, which=partner_id) > 0

    async def use_jti(self, partner_id: UUID, jti: str, until: datetime, now: datetime) -> bool:
        """Use an assertion's id up; False when it was used before."""
        await self.connection.run(_DROP, now=now)
        return await self.connection.run(_USE, partner=partner_id, jti=jti, until=until) > 0


def _partner(row: Row) -> Partner:
    return Partner(row["id"], row["organisation"], row["name"], row["keys"], frozenset(row["scopes"]), row["removed"])
