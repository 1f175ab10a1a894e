"""Browsers on their way to the provider and back, as hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, String, Table, bindparam, delete

from services.gateway.openid.domain import Way
from services.gateway.tables import METADATA
from shared.db import Connection, Instant, Sql, insert_into

if TYPE_CHECKING:
    from datetime import datetime

WAY = Table(
    "gateway_way", METADATA,
    Column("hash", String(64), primary_key=True),
    Column("binding", String(64), nullable=False),
    Column("sign_in_as", String(16)),
    Column("until", Instant, nullable=False, index=True),
)  # fmt: skip

_KEEP = Sql(insert_into(WAY))
_TAKE = Sql(delete(WAY).where(WAY.c.hash == bindparam("hash")).returning(WAY))
_DROP = Sql(delete(WAY).where(WAY.c.until < bindparam("now", type_=Instant)))
_NO_WAYS = Sql(delete(WAY))


class OpenIdStore:
    """Reads and writes ways."""

    connection: Connection

    async def save_way(self, way: Way, now: datetime) -> None:
        """Keep one; drop those that are past."""
        await self.connection.run(_DROP, now=now)
        await self.connection.run(
            _KEEP, hash=way.state_hash, binding=way.binding_hash, sign_in_as=way.sign_in_as, until=way.until
        )

    async def take_way(self, state_hash: str) -> Way | None:
        """Take one out: whoever comes second finds none."""
        row = await self.connection.one(_TAKE, hash=state_hash)
        return None if row is None else Way(row["hash"], row["binding"], row["sign_in_as"], row["until"])

    async def end_ways(self) -> None:
        """Let nobody who is away come back."""
        await self.connection.run(_NO_WAYS)
