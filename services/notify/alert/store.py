"""Alerts, whom they told, and the place's councils, as heard from community."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    and_,
    bindparam,
    or_,
    select,
    union_all,
    update,
)

from services.notify.alert.domain import Alert, Asked, How, Recipient, State, Who
from services.notify.tables import METADATA, among
from shared.db import Id, Instant, Json, Sql, insert_unless, listed, upsert_into
from shared.errors import NotFoundError
from shared.event import Code

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from shared.db import Connection, Row

ALERT = Table(
    "notify_alert", METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("kind", String(48), nullable=False),
    Column("asked", Json, nullable=False),
    Column("awaited", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("rung", Integer, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("next_at", Instant),
    Column("told_at", Instant),
    Column("repeats", Integer, nullable=False),
    Column("ended_at", Instant),
    Column("by_member", Id),
    Column("by_organisation", Id),
    Column("by_supporter", Id),
    Column("words", Text),
)  # fmt: skip
_a = ALERT.c
_OPEN = among(_a.state, State.OPEN.value)
_one = and_(_OPEN, _a.awaited)
Index("notify_alert_one_open", _a.person, _a.kind, unique=True, sqlite_where=_one, postgresql_where=_one)
Index("notify_alert_person", _a.person)
_comes = _a.next_at.is_not(None)
Index("notify_alert_due", _a.next_at, sqlite_where=_comes, postgresql_where=_comes)
TOLD = Table(
    "notify_told", METADATA,
    Column("alert", Id, nullable=False),
    Column("who", String(16), nullable=False),
    Column("to", Id, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("alert", "who", "to"),
    Index("notify_told_to", "who", "to"),
)  # fmt: skip
COUNCIL = Table(
    "notify_council", METADATA,
    Column("organisation", Id, primary_key=True),
    Column("active", Boolean, nullable=False),
)  # fmt: skip

_FIELDS = ("id", "person", "state", "rung", "raised_at", "next_at", "told_at", "repeats", "ended_at")
_SAVE = Sql(
    upsert_into(
        ALERT, "id",
        only=("asked", "state", "rung", "next_at", "told_at", "repeats", "ended_at"),
        without=tuple(c.name for c in _a if c.name.startswith(("by_", "words"))),
    )
)  # fmt: skip
_GET = Sql(select(ALERT).where(_a.id == bindparam("id")))
_OPEN_OF = Sql(select(ALERT).where(_a.person == bindparam("person"), _OPEN, _a.awaited, listed(_a.kind, "kinds")))
_EVERY_OF = Sql(select(ALERT).where(_a.person == bindparam("person"), _OPEN))
_DUE = Sql(
    select(ALERT).where(_a.next_at <= bindparam("now", type_=Instant)).order_by(_a.next_at)
    .limit(bindparam("most", type_=Integer))
)  # fmt: skip
_ANSWER = Sql(
    update(ALERT).where(_a.id == bindparam("which", type_=Id))
    .values(by_member=bindparam("member", type_=Id), by_organisation=bindparam("organisation", type_=Id),
            by_supporter=bindparam("supporter", type_=Id), words=bindparam("said"))
)  # fmt: skip
_WORDS = Sql(select(_a.words).where(_a.id == bindparam("id")))
_TELL = Sql(insert_unless(TOLD))
_TOLD = Sql(
    select(TOLD.c.who, TOLD.c.to).where(TOLD.c.alert == bindparam("alert")).order_by(TOLD.c.at, TOLD.c.who, TOLD.c.to)
)
_reached = _a.id.in_(
    union_all(
        select(TOLD.c.alert).where(
            TOLD.c.who == Who.ORGANISATION.value, TOLD.c.to == bindparam("organisation", type_=Id)
        ),
        select(TOLD.c.alert).where(TOLD.c.who == Who.DUTY_LINE.value, bindparam("duty", type_=Boolean)),
    )
)
_after = select(_a.raised_at).where(_a.id == bindparam("after", type_=Id)).scalar_subquery()
_TO = Sql(
    select(ALERT)
    .where(
        _a.state == bindparam("state"), _a.awaited, _reached,
        or_(
            bindparam("first", type_=Boolean), _a.raised_at < _after,
            and_(_a.raised_at == _after, _a.id < bindparam("after", type_=Id)),
        ),
    )
    .order_by(_a.raised_at.desc(), _a.id.desc()).limit(bindparam("most", type_=Integer))
)  # fmt: skip
_COUNCILS = Sql(select(COUNCIL.c.organisation).where(COUNCIL.c.active).order_by(COUNCIL.c.organisation))
_ADD_COUNCIL = Sql(insert_unless(COUNCIL, organisation=bindparam("organisation", type_=Id), active=True))
_SET_COUNCIL = Sql(
    update(COUNCIL).where(COUNCIL.c.organisation == bindparam("which", type_=Id))
    .values(active=bindparam("active", type_=Boolean))
)  # fmt: skip


class AlertStore:
    """Reads and writes alerts."""

    connection: Connection

    async def save_alert(self, alert: Alert) -> None:
        """Keep one as it stands."""
        asked = alert.asked
        row = {name: getattr(alert, name) for name in _FIELDS} | {
            "state": alert.state.value,
            "rung": int(alert.rung),
            "kind": str(asked.kind),
            "awaited": asked.how is not How.TELLS,
            "asked": {
                "how": asked.how.value, "lead": asked.lead, "watchers": asked.watchers, "councils": asked.councils,
                "backstop": asked.backstop, "person": asked.person, "named": asked.named,
            },
        }  # fmt: skip
        await self.connection.run(_SAVE, **row)

    async def alert(self, alert_id: UUID) -> Alert:
        """Give one. Raises NotFoundError."""
        row = await self.connection.one(_GET, id=alert_id)
        if row is None:
            raise NotFoundError
        return _alert(row)

    async def open_alerts(self, person: UUID, kinds: Iterable[Code]) -> list[Alert]:
        """Give a person's open alerts of some kinds."""
        rows = await self.connection.all(_OPEN_OF, person=person, kinds=[str(kind) for kind in kinds])
        return [_alert(row) for row in rows]

    async def every_open_alert(self, person: UUID) -> list[Alert]:
        """Give all that is open about a person, what only tells included."""
        return [_alert(row) for row in await self.connection.all(_EVERY_OF, person=person)]

    async def alerts_due(self, now: datetime, most: int) -> list[Alert]:
        """Give those to look at now."""
        return [_alert(row) for row in await self.connection.all(_DUE, now=now, most=most)]

    async def keep_answer(
        self, alert: UUID, member: UUID | None, organisation: UUID | None, supporter: UUID | None, words: str | None
    ) -> None:
        """Keep who acknowledged, and what they said."""
        await self.connection.run(
            _ANSWER, which=alert, member=member, organisation=organisation, supporter=supporter, said=words
        )

    async def words_of(self, alert: UUID) -> str | None:
        """Give what was said with an acknowledgement."""
        row = await self.connection.one(_WORDS, id=alert)
        return row["words"] if row else None

    async def add_told(self, alert: UUID, told: Iterable[Recipient], at: datetime) -> None:
        """Keep whom an alert told."""
        rows = [{"alert": alert, "who": each.who.value, "to": each.id, "at": at} for each in told]
        if rows:
            await self.connection.many(_TELL, rows)

    async def told_by(self, alert: UUID) -> list[Recipient]:
        """Give whom an alert has told."""
        rows = await self.connection.all(_TOLD, alert=alert)
        return [Recipient(Who(row["who"]), row["to"]) for row in rows]

    async def alerts_to(
        self, organisation: UUID | None, state: State, after: UUID | None, most: int, *, duty: bool
    ) -> list[Alert]:
        """Give what reached an organisation, newest first; for ``duty`` also what reached the duty line."""
        rows = await self.connection.all(
            _TO, organisation=organisation, duty=duty, state=state.value, first=after is None, after=after, most=most
        )
        return [_alert(row) for row in rows]

    async def councils(self) -> tuple[UUID, ...]:
        """Give the councils that have joined."""
        return tuple(row["organisation"] for row in await self.connection.all(_COUNCILS))

    async def add_council(self, organisation: UUID) -> None:
        """Know a council."""
        await self.connection.run(_ADD_COUNCIL, organisation=organisation)

    async def set_council(self, organisation: UUID, *, active: bool) -> None:
        """Have a council told, or not; does nothing for an organisation that is none."""
        await self.connection.run(_SET_COUNCIL, which=organisation, active=active)


def _alert(row: Row) -> Alert:
    said = row["asked"]
    asked = Asked(
        Code(row["kind"]), How(said["how"]), said["lead"], said["watchers"], said["councils"], said["backstop"],
        said["person"], tuple(type(row["id"])(each) for each in said["named"]),
    )  # fmt: skip
    values = {name: row[name] for name in _FIELDS} | {"state": State(row["state"])}
    return Alert(asked=asked, **values)
