"""Plans, their versions and the one that is in force, in tables. Versions are never changed but in where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    select,
    update,
)

from services.pathway.agreement.domain import InForce
from services.pathway.plan.domain import (
    BudgetKind,
    BudgetLine,
    Drafter,
    Line,
    Plan,
    State,
    Version,
    Written,
)
from services.pathway.plan.headings import PlanKind
from services.pathway.tables import METADATA
from shared.db import Connection, Id, Instant, Json, Row, Sql, insert_into, upsert_into
from shared.event import Role

if TYPE_CHECKING:
    from datetime import datetime

    from shared.decisions import Permit

PLAN = Table(
    "pathway_plan", METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("tag", Id, nullable=False),
    Column("latest", Integer, nullable=False),
    Column("not_now", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Index("pathway_plan_of_person", "person", "at", "id"),
)  # fmt: skip
VERSION = Table(
    "pathway_plan_version", METADATA,
    Column("plan", Id, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", String(24), nullable=False),
    Column("agreed_at", Instant),
    Column("content", Json, nullable=False),
    Column("co_produced", Boolean, nullable=False),
    Column("did_not_want_to", Text),
    Column("review_on", Instant),
    Column("drafted_role", String(24), nullable=False),
    Column("drafted_member", Id),
    Column("drafted_organisation", Id),
    Column("drafted_at", Instant, nullable=False),
    PrimaryKeyConstraint("plan", "revision"),
)  # fmt: skip
IN_FORCE = Table(
    "pathway_plan_in_force", METADATA,
    Column("person", Id, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("plan", Id, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("tag", Id, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("person", "kind"),
)  # fmt: skip

_OF_PLAN = PLAN.c.id == bindparam("of_plan", type_=Id)
_KIND = bindparam("of_kind", type_=String)
_PERSON = bindparam("of_person", type_=Id)
_WHOLE: tuple[Any, ...] = (
    PLAN,
    *(column for column in VERSION.c if column.name != "plan"),
    (IN_FORCE.c.revision == VERSION.c.revision).label("stands"),
)
_JOINED = PLAN.join(VERSION, VERSION.c.plan == PLAN.c.id).outerjoin(IN_FORCE, IN_FORCE.c.plan == PLAN.c.id)
_ADD_PLAN = Sql(insert_into(PLAN))
_ADD_VERSION = Sql(insert_into(VERSION))
_MOVE = Sql(
    update(PLAN)
    .where(_OF_PLAN)
    .values({name: bindparam(name, type_=PLAN.c[name].type) for name in ("tag", "latest", "not_now")})
)
_STAND = Sql(
    update(VERSION)
    .where(
        VERSION.c.plan == bindparam("of_plan", type_=Id), VERSION.c.revision == bindparam("of_revision", type_=Integer)
    )
    .values({name: bindparam(name, type_=VERSION.c[name].type) for name in ("state", "agreed_at")})
)
_PERSON_OF = Sql(select(PLAN.c.person).where(_OF_PLAN))
_READ = Sql(
    select(*_WHOLE)
    .select_from(_JOINED)
    .where(_OF_PLAN, VERSION.c.revision == func.coalesce(bindparam("of_revision", type_=Integer), PLAN.c.latest))
)
_LAST_AGREED = Sql(
    select(*_WHOLE)
    .select_from(_JOINED)
    .where(PLAN.c.person == _PERSON, PLAN.c.kind == _KIND, VERSION.c.state == State.AGREED.value)
    .order_by(VERSION.c.agreed_at.desc(), VERSION.c.revision.desc())
    .limit(1)
)
_LIST = Sql(
    select(*_WHOLE)
    .select_from(_JOINED)
    .where(
        PLAN.c.person == _PERSON,
        VERSION.c.revision == PLAN.c.latest,
        (PLAN.c.at < bindparam("before", type_=Instant))
        | and_(PLAN.c.at == bindparam("before", type_=Instant), PLAN.c.id < bindparam("before_id", type_=Id)),
    )
    .order_by(PLAN.c.at.desc(), PLAN.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_of_kind = and_(IN_FORCE.c.person == _PERSON, IN_FORCE.c.kind == _KIND)
_WHICH = Sql(select(IN_FORCE.c.person, IN_FORCE.c.kind, IN_FORCE.c.plan, IN_FORCE.c.revision).where(_of_kind))
_BODY = Sql(select(IN_FORCE.c.body, IN_FORCE.c.tag).where(_of_kind))
_PUT = Sql(upsert_into(IN_FORCE, "person", "kind", only=("plan", "revision", "tag", "body")))
_DROP = Sql(delete(IN_FORCE).where(_of_kind))


class PlanStore:
    """Plans of people."""

    connection: Connection

    async def add_plan(self, plan: Plan) -> None:
        """Write a plan with its first version."""
        await self.connection.run(
            _ADD_PLAN,
            id=plan.id,
            person=plan.person,
            kind=plan.kind.value,
            tag=plan.tag,
            latest=plan.latest,
            not_now=[],
            at=plan.at,
        )
        await self._add_version(plan)

    async def add_version(self, plan: Plan) -> None:
        """Write a plan's next version."""
        await self._add_version(plan)
        await self.move_plan(plan)

    async def move_plan(self, plan: Plan) -> None:
        """Write what moved of the plan itself: its tag, its latest version, its lines that are not now."""
        await self.connection.run(
            _MOVE, of_plan=plan.id, tag=plan.tag, latest=plan.latest, not_now=sorted(map(str, plan.not_now))
        )

    async def stand(self, plan: Plan, state: State, agreed_at: datetime | None) -> None:
        """Write where the plan's version stands."""
        await self.connection.run(
            _STAND, of_plan=plan.id, of_revision=plan.version.revision, state=state.value, agreed_at=agreed_at
        )

    async def person_of_plan(self, plan: UUID) -> UUID | None:
        """Say whom a plan is about; it discloses nothing."""
        row = await self.connection.one(_PERSON_OF, of_plan=plan)
        return row["person"] if row else None

    async def plan(self, plan: UUID, revision: int | None = None) -> Plan | None:
        """Give a plan with one version, the latest by default, for a rule to decide on."""
        row = await self.connection.one(_READ, of_plan=plan, of_revision=revision)
        return plan_from(row) if row else None

    async def read_plan(self, permit: Permit, plan: UUID, revision: int | None) -> tuple[Plan, bool] | None:
        """Give a plan of the permit's person to read, and whether that version is in force."""
        row = await self.connection.one(_READ, of_plan=plan, of_revision=revision)
        return (plan_from(row), bool(row["stands"])) if row and row["person"] == permit.person else None

    async def list_plans(self, permit: Permit, before: datetime, before_id: UUID, most: int) -> list[tuple[Plan, bool]]:
        """Give the plans of the permit's person, the newest first, each with its latest version."""
        rows = await self.connection.all(_LIST, of_person=permit.person, before=before, before_id=before_id, most=most)
        return [(plan_from(row), bool(row["stands"])) for row in rows]

    async def last_agreed(self, person: UUID, kind: PlanKind) -> Plan | None:
        """Give the version that was agreed last and whose agreement stands."""
        row = await self.connection.one(_LAST_AGREED, of_person=person, of_kind=kind.value)
        return plan_from(row) if row else None

    async def in_force(self, person: UUID, kind: PlanKind = PlanKind.SAFETY) -> InForce | None:
        """Say which version is in force, for a rule to decide on."""
        row = await self.connection.one(_WHICH, of_person=person, of_kind=kind.value)
        return InForce(row["person"], PlanKind(row["kind"]), row["plan"], row["revision"]) if row else None

    async def put_in_force(self, plan: Plan, page: dict[str, Any]) -> None:
        """Make a version the one in force, ready to be read as it is."""
        await self.connection.run(
            _PUT,
            person=plan.person,
            kind=plan.kind.value,
            plan=plan.id,
            revision=plan.version.revision,
            tag=plan.tag,
            body=orjson.dumps(page),
        )

    async def drop_in_force(self, person: UUID, kind: PlanKind) -> None:
        """Have none in force."""
        await self.connection.run(_DROP, of_person=person, of_kind=kind.value)

    async def read_in_force(self, permit: Permit, kind: PlanKind) -> tuple[bytes, UUID] | None:
        """Give the page of the plan in force of the permit's person, and its tag."""
        row = await self.connection.one(_BODY, of_person=permit.person, of_kind=kind.value)
        return (row["body"], row["tag"]) if row else None

    async def _add_version(self, plan: Plan) -> None:
        version = plan.version
        await self.connection.run(
            _ADD_VERSION,
            plan=plan.id,
            revision=version.revision,
            state=version.state.value,
            agreed_at=None,
            content={"lines": version.lines, "budget": version.budget},
            co_produced=version.co_produced,
            did_not_want_to=version.did_not_want_to,
            review_on=version.review_on,
            drafted_role=version.drafted_by.role.value,
            drafted_member=version.drafted_by.member,
            drafted_organisation=version.drafted_by.organisation,
            drafted_at=version.drafted_at,
        )


def plan_from(row: Row) -> Plan:
    """Read a plan with a version."""
    content = row["content"]
    version = Version(
        revision=row["revision"],
        lines=tuple(_line(line) for line in content["lines"]),
        budget=tuple(_money(line) for line in content["budget"]),
        co_produced=bool(row["co_produced"]),
        did_not_want_to=row["did_not_want_to"],
        review_on=row["review_on"],
        drafted_by=Drafter(Role(row["drafted_role"]), row["drafted_member"], row["drafted_organisation"]),
        drafted_at=row["drafted_at"],
        state=State(row["state"]),
    )
    not_now = frozenset(UUID(line) for line in row["not_now"])
    return Plan(row["id"], row["person"], PlanKind(row["kind"]), row["tag"], row["latest"], not_now, row["at"], version)


def _line(line: dict[str, Any]) -> Line:
    return Line(
        UUID(line["id"]), line["heading"], line["words"], Written(line["written"]),
        _id(line["member"]), _id(line["organisation"]),
    )  # fmt: skip


def _money(line: dict[str, Any]) -> BudgetLine:
    return BudgetLine(
        UUID(line["id"]), line["pence"], BudgetKind(line["kind"]), UUID(line["organisation"]), line["what_for"]
    )


def _id(value: str | None) -> UUID | None:
    return None if value is None else UUID(value)
