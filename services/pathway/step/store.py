"""Who has nowhere safe to sleep, until they have or somebody is on it (J13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, String, Table, bindparam, delete, select, update

from services.pathway.sleeping import Sleeping
from services.pathway.step.domain import Unsafe
from services.pathway.tables import METADATA
from shared.db import Connection, Id, Instant, Sql, upsert_into

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

UNSAFE = Table(
    "pathway_unsafe_nights", METADATA,
    Column("person", Id, primary_key=True),
    Column("answer", String(24), nullable=False),
    Column("at", Instant, nullable=False),
    Column("reached_at", Instant),
)  # fmt: skip

_OF = UNSAFE.c.person == bindparam("of_person", type_=Id)
_GET = Sql(select(UNSAFE).where(_OF))
_SAVE = Sql(upsert_into(UNSAFE, "person", only=("answer", "at", "reached_at")))
_REACHED = Sql(
    update(UNSAFE).where(_OF, UNSAFE.c.reached_at.is_(None)).values(reached_at=bindparam("now", type_=Instant))
)
_DROP = Sql(delete(UNSAFE).where(_OF))


class StepStore:
    """Nights without a safe place."""

    connection: Connection

    async def unsafe(self, person: UUID) -> Unsafe | None:
        """Give what the person answered, while it stands."""
        row = await self.connection.one(_GET, of_person=person)
        return Unsafe(row["person"], Sleeping(row["answer"]), row["at"], row["reached_at"]) if row else None

    async def save_unsafe(self, unsafe: Unsafe) -> None:
        """Write what the person answered."""
        await self.connection.run(
            _SAVE,
            person=unsafe.person,
            answer=unsafe.answer.value,
            at=unsafe.at,
            reached_at=unsafe.reached_at,
        )

    async def somebody_is_on_it(self, person: UUID, now: datetime) -> None:
        """Write that a human who was told is on it."""
        await self.connection.run(_REACHED, of_person=person, now=now)

    async def drop_unsafe(self, person: UUID) -> None:
        """Forget it: the person has left, or has somewhere safe."""
        await self.connection.run(_DROP, of_person=person)
