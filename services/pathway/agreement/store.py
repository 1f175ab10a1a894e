"""Answers to plans, kept one by one, and whom a person chose as a witness."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text, bindparam, delete, select

from services.pathway.agreement.domain import Agreed
from services.pathway.plan.domain import State
from services.pathway.tables import METADATA
from shared.db import Connection, Id, Instant, Sql, insert_into, upsert_into
from shared.event import Code, Role

if TYPE_CHECKING:
    from datetime import datetime

    from shared.db import Row
    from shared.decisions import Permit

ANSWER = Table(
    "pathway_plan_answer", METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("plan", Id, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("answer", String(24), nullable=False),
    Column("at", Instant, nullable=False),
    Column("role", String(24), nullable=False),
    Column("member", Id),
    Column("organisation", Id),
    Column("witness", Id),
    Column("how", String(24), nullable=False),
    Column("words", Text),
    Column("would_agree_to", Text),
    Index("pathway_plan_answer_of", "plan", "revision", "at"),
)  # fmt: skip
WITNESS = Table(
    "pathway_witness", METADATA,
    Column("person", Id, nullable=False),
    Column("member", Id, nullable=False),
    Column("organisation", Id, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("person", "member"),
)  # fmt: skip

_ADD = Sql(insert_into(ANSWER))
_LAST = Sql(
    select(ANSWER)
    .where(
        ANSWER.c.plan == bindparam("of_plan", type_=Id), ANSWER.c.revision == bindparam("of_revision", type_=Integer)
    )
    .order_by(ANSWER.c.at.desc())
    .limit(1)
)
_AGREED = Sql(
    select(ANSWER)
    .where(
        ANSWER.c.plan == bindparam("of_plan", type_=Id),
        ANSWER.c.revision == bindparam("of_revision", type_=Integer),
        ANSWER.c.answer == State.AGREED.value,
    )
    .order_by(ANSWER.c.at.desc())
    .limit(1)
)
_PERSON = bindparam("of_person", type_=Id)
_CHOOSE = Sql(upsert_into(WITNESS, "person", "member", only=("organisation", "at")))
_CHOSEN = Sql(
    select(WITNESS.c.member, WITNESS.c.organisation).where(WITNESS.c.person == _PERSON).order_by(WITNESS.c.at)
)
_UNCHOOSE = Sql(
    delete(WITNESS).where(WITNESS.c.person == _PERSON, WITNESS.c.member == bindparam("of_member", type_=Id))
)


class AgreementStore:
    """Answers to plans and chosen witnesses."""

    connection: Connection

    async def add_answer(self, answer: Agreed) -> None:
        """Write an answer; none is ever changed."""
        await self.connection.run(
            _ADD,
            id=answer.id,
            person=answer.person,
            plan=answer.plan,
            revision=answer.revision,
            answer=answer.answer.value,
            at=answer.at,
            role=answer.role.value,
            member=answer.member,
            organisation=answer.organisation,
            witness=answer.witness,
            how=str(answer.how),
            words=answer.words,
            would_agree_to=answer.would_agree_to,
        )

    async def read_answer(self, permit: Permit, plan: UUID, revision: int) -> Agreed | None:
        """Give the last answer to a version of a plan of the permit's person."""
        row = await self.connection.one(_LAST, of_plan=plan, of_revision=revision)
        return _answer(row) if row and row["person"] == permit.person else None

    async def agreement_of(self, plan: UUID, revision: int) -> Agreed | None:
        """Give how a version was agreed, for the page that comes into force again."""
        row = await self.connection.one(_AGREED, of_plan=plan, of_revision=revision)
        return _answer(row) if row else None

    async def choose_witness(self, person: UUID, member: UUID, organisation: UUID, now: datetime) -> None:
        """Write whom the person chose."""
        await self.connection.run(_CHOOSE, person=person, member=member, organisation=organisation, at=now)

    async def unchoose_witness(self, person: UUID, member: UUID) -> bool:
        """Take a choice back; says whether there was one."""
        return bool(await self.connection.run(_UNCHOOSE, of_person=person, of_member=member))

    async def chosen_witnesses(self, person: UUID) -> dict[UUID, UUID]:
        """Give the members whom the person chose, each with their organisation."""
        return {row["member"]: row["organisation"] for row in await self.connection.all(_CHOSEN, of_person=person)}


def _answer(row: Row) -> Agreed:
    return Agreed(
        row["id"], row["person"], row["plan"], row["revision"], State(row["answer"]), row["at"], Role(row["role"]),
        row["member"], row["organisation"], row["witness"], Code(row["how"]), row["words"], row["would_agree_to"],
    )  # fmt: skip
