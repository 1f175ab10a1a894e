"""Safe routes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import bindparam, select

from services.intake.reach.domain import CodeWord, KeptReach, as_reach
from services.intake.tables import REACH
from shared.db import Connection, Sql, upsert_into

if TYPE_CHECKING:
    from shared.decisions import Permit

_GET = Sql(select(REACH).where(REACH.c.person == bindparam("person", type_=REACH.c.person.type)))
_SAVE = Sql(upsert_into(REACH, "person"))


class ReachStore:
    """How to reach people safely (S7)."""

    connection: Connection

    async def get_reach(self, permit: Permit) -> KeptReach | None:
        """Give the safe route of the person that the permit is about."""
        return await self.reach_of(permit.person)

    async def reach_of(self, person: UUID) -> KeptReach | None:
        """Give a safe route for a rule, or for a message that is about to leave."""
        row = await self.connection.one(_GET, person=person)
        if row is None:
            return None
        word = CodeWord(row["salt"], row["hashed"]) if row["salt"] is not None else None
        return KeptReach(row["person"], as_reach(row["told"]), row["mark"], row["by_person"], row["at"], word)

    async def save_reach(self, kept: KeptReach) -> None:
        """Put a safe route in the place of the one before."""
        word = kept.code_word
        await self.connection.run(
            _SAVE, person=kept.person, mark=kept.mark, told=kept.reach.told(), by_person=kept.by_person,
            salt=word.salt if word else None, hashed=word.hashed if word else None, at=kept.at,
        )  # fmt: skip
