"""Rows of contacts, promises and watches. A contact that changes nothing else is three statements here."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Integer, and_, bindparam, exists, func, or_, select, update

from services.pathway.ask.domain import AskKind
from services.pathway.contact.domain import Contact, Open, Outcome, Promise, Watch
from services.pathway.holding.errors import NotHeldYetError
from services.pathway.holding.store import COLUMNS, HOLDS, holding_of
from services.pathway.tables import ALONGSIDE, ASK, CONTACT, HOLDING, PROMISE, WATCH
from shared.db import Id, Instant, Sql, insert_into, listed, upsert_into
from shared.event import Role
from shared.events.pathway import ContactHow

if TYPE_CHECKING:
    from services.pathway.holding.domain import Holding
    from shared.db import Connection, Row
    from shared.decisions import Permit

_person = bindparam("person", type_=Id)
_SIGNS = exists().where(ASK.c.person == _person, ASK.c.kind == AskKind.WARNING_SIGNS.value, ASK.c.answered_at.is_(None))
_WATCHED = Sql(
    select(
        *COLUMNS, WATCH.c.left_at, WATCH.c.contact_by, WATCH.c.drifting_since, WATCH.c.promises, _SIGNS.label("signs")
    )
    .select_from(HOLDS.outerjoin(WATCH, WATCH.c.person == HOLDING.c.person))
    .where(HOLDING.c.person == _person)
    .order_by(ALONGSIDE.c.place)
)
_ADD = Sql(insert_into(CONTACT))
_PROMISE = Sql(insert_into(PROMISE))
_KEPT = Sql(update(PROMISE).where(listed(PROMISE.c.id, "promises")).values(kept_at=bindparam("now", type_=Instant)))
_SAVE = Sql(upsert_into(WATCH, "person"))
REACHED = CONTACT.c.outcome.in_([Outcome.MADE.value, Outcome.TURNED_DOWN.value])
_CONTACTED = Sql(select(func.max(CONTACT.c.happened_at).label("last")).where(CONTACT.c.person == _person, REACHED))
_before = bindparam("before", type_=Instant)
_LIST = Sql(
    select(CONTACT, PROMISE.c.id.label("promise"), PROMISE.c.by, PROMISE.c.words, PROMISE.c.kept_at, PROMISE.c.made_at)
    .select_from(CONTACT.outerjoin(PROMISE, PROMISE.c.contact == CONTACT.c.id))
    .where(
        CONTACT.c.person == _person,
        or_(
            CONTACT.c.at < _before,
            and_(CONTACT.c.at == _before, CONTACT.c.id < bindparam("before_id", type_=Id)),
        ),
    )
    .order_by(CONTACT.c.at.desc(), CONTACT.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)
_TRIES = Sql(
    select(CONTACT)
    .where(CONTACT.c.person == _person, CONTACT.c.happened_at > bindparam("since", type_=Instant))
    .order_by(CONTACT.c.happened_at)
    .limit(500)
)


class ContactStore:
    """Statements on contacts."""

    connection: Connection

    async def get_watched(self, person: UUID) -> tuple[Holding, Watch]:
        """Give a hold with its watch, in one statement. Raises NotHeldYetError before there is a record."""
        rows = await self.connection.all(_WATCHED, person=person)
        holding = holding_of(rows)
        if holding is None:
            raise NotHeldYetError
        return holding, _watch(person, rows[0])

    async def add_contact(self, contact: Contact) -> None:
        """Write a contact."""
        names = ("id", "person", "organisation", "member", "note", "shown", "happened_at", "at")
        row = {name: getattr(contact, name) for name in names}
        codes = {"outcome": contact.outcome.value, "how": contact.how.value, "role": contact.role.value}
        await self.connection.run(_ADD, **row, **codes)

    async def add_promise(self, promise: Promise) -> None:
        """Write a promise."""
        names = ("id", "person", "contact", "organisation", "member", "by", "words", "made_at", "kept_at")
        await self.connection.run(_PROMISE, **{name: getattr(promise, name) for name in names})

    async def keep_promises(self, promises: tuple[UUID, ...], now: datetime) -> None:
        """Write that promises were kept."""
        await self.connection.run(_KEPT, promises=promises, now=now)

    async def save_watch(self, watch: Watch) -> None:
        """Write what is watched."""
        names = ("person", "left_at", "contact_by", "drifting_since")
        row: dict[str, Any] = {name: getattr(watch, name) for name in names}
        row["promises"] = [[each.id, each.organisation, each.made_at] for each in watch.promises]
        await self.connection.run(_SAVE, **row)

    async def last_contact(self, person: UUID) -> datetime | None:
        """Give when anybody last spoke with the person, whether they wanted to or turned it down (J9)."""
        row = await self.connection.one(_CONTACTED, person=person)
        last: datetime | None = row["last"] if row else None
        return last

    async def tries_since(self, person: UUID, since: datetime) -> list[Contact]:
        """Give every contact after ``since``, oldest first."""
        return [_contact(row) for row in await self.connection.all(_TRIES, person=person, since=since)]

    async def list_contacts(
        self, permit: Permit, before: datetime, before_id: UUID, most: int
    ) -> list[tuple[Contact, Promise | None]]:
        """Give a page of contacts of the permit's person, newest first, each with the promise made in it."""
        rows = await self.connection.all(_LIST, person=permit.person, before=before, before_id=before_id, most=most)
        return [(_contact(row), _promise(row)) for row in rows]


def _watch(person: UUID, row: Row) -> Watch:
    promises = tuple(
        Open(UUID(each), None if organisation is None else UUID(organisation), datetime.fromisoformat(made))
        for each, organisation, made in row["promises"] or ()
    )
    signs = bool(row["signs"])
    return Watch(person, row["left_at"], row["contact_by"], row["drifting_since"], promises, signs)


def _contact(row: Row) -> Contact:
    return Contact(
        row["id"], row["person"], Outcome(row["outcome"]), ContactHow(row["how"]), row["organisation"], row["member"],
        Role(row["role"]), row["note"], bool(row["shown"]), row["happened_at"], row["at"],
    )  # fmt: skip


def _promise(row: Row) -> Promise | None:
    if row["promise"] is None:
        return None
    return Promise(
        row["promise"], row["person"], row["id"], row["organisation"], row["member"], row["by"], row["words"],
        row["made_at"], row["kept_at"],
    )  # fmt: skip
