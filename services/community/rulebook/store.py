"""Keeps every rulebook that was in force, as it was signed; none is ever changed (M6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from services.community.tables import RULEBOOK
from shared.db import Sql, insert_into

if TYPE_CHECKING:
    from datetime import datetime

    from shared.db import Connection, Row

_LATEST = Sql(
    select(RULEBOOK.c.version, RULEBOOK.c.digest, RULEBOOK.c.in_force_at)
    .order_by(RULEBOOK.c.version.desc())
    .limit(1)
)  # fmt: skip
_DOCUMENT = Sql(select(RULEBOOK.c.document).order_by(RULEBOOK.c.version.desc()).limit(1))
_GET = Sql(select(RULEBOOK).where(RULEBOOK.c.version == bindparam("version")))
_ADD = Sql(insert_into(RULEBOOK))


class RulebookStore:
    """Rulebooks as rows."""

    connection: Connection

    async def latest_rulebook(self) -> tuple[int, str] | None:
        """Give version and digest of the one that last came into force, or None."""
        row = await self.connection.one(_LATEST)
        return None if row is None else (row["version"], row["digest"])

    async def latest_document(self) -> bytes | None:
        """Give the text of the one that last came into force, or None."""
        row = await self.connection.one(_DOCUMENT)
        return None if row is None else row["document"]

    async def in_force_since(self, version: int) -> datetime | None:
        """Say since when a version is in force here."""
        row: Row | None = await self.connection.one(_GET, version=version)
        return None if row is None else row["in_force_at"]

    async def add_rulebook(
        self, version: int, digest: str, document: bytes, signature: str | None, now: datetime
    ) -> None:
        """Write one that comes into force."""
        await self.connection.run(
            _ADD, version=version, digest=digest, document=document, signature=signature, in_force_at=now
        )
