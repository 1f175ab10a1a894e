"""Choices and the little of offers that a choice needs, in and out of consent's tables."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, and_, bindparam, delete, func, literal, or_, select, update

from services.consent.choice.domain import Choice, GivenHow, Who, WhoKind
from services.consent.tables import CHOICE, OFFER, STOPPED
from shared.db import Connection, Id, Instant, Row, Sql, insert_into, insert_unless, listed, upsert_into
from shared.event import Code, Part, Role
from shared.passes import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

_OF_PERSON = Sql(select(CHOICE).where(CHOICE.c.person == bindparam("person")).order_by(CHOICE.c.number.desc()))
_DECIDING = ("id", "number", "who_kind", "who_id", "who_role", "parts", "purposes", "permit", "hide", "until",
             "given_at", "given_to_member", "given_to_organisation", "withdrawn_at", "owed_by")  # fmt: skip
_WIDE = (WhoKind.ROLE.value, WhoKind.OFFER.value, WhoKind.ANY_CRISIS_SERVICE.value)
_organisation = bindparam("organisation", type_=Id)
_names_them = or_(
    CHOICE.c.who_kind.in_(_WIDE),
    CHOICE.c.who_id == _organisation,
    CHOICE.c.who_id == bindparam("member", type_=Id),
    CHOICE.c.who_id == bindparam("themself", type_=Id),
    CHOICE.c.owed_by == _organisation,
)
_naming = and_(CHOICE.c.person == bindparam("person"), _names_them)
_NAMED = Sql(select(CHOICE.c.person).where(listed(CHOICE.c.person, "people"), _names_them).distinct())
_one = select(literal(1).label("one")).subquery("one")
_stopped = select(STOPPED.c.organisation).where(STOPPED.c.organisation == _organisation).scalar_subquery()
_ABOUT = Sql(
    select(*(CHOICE.c[name] for name in _DECIDING), _stopped.label("stopped"))
    .select_from(_one.outerjoin(CHOICE, _naming))
    .order_by(CHOICE.c.number.desc())
)
_PAGE = Sql(
    select(CHOICE)
    .where(CHOICE.c.person == bindparam("person"), CHOICE.c.number < bindparam("before"))
    .order_by(CHOICE.c.number.desc())
    .limit(bindparam("most"))
)
_ONE = Sql(select(CHOICE).where(CHOICE.c.id == bindparam("id")))
_LAST = Sql(select(func.max(CHOICE.c.number).label("number")).where(CHOICE.c.person == bindparam("person")))
_ADD = Sql(insert_into(CHOICE))
_CHANGE = Sql(
    update(CHOICE)
    .where(CHOICE.c.id == bindparam("of_id", type_=Id))
    .values(
        withdrawn_at=bindparam("new_withdrawn_at", type_=Instant),
        owed_by=bindparam("new_owed_by", type_=Id),
        instead=bindparam("new_instead", type_=Id),
        blind=bindparam("new_blind", type_=Boolean),
    )
)
_OWED = Sql(select(CHOICE).where(CHOICE.c.owed_by.is_not(None)).order_by(CHOICE.c.number).limit(50))
_OFFERS = Sql(select(OFFER).where(OFFER.c.organisation == bindparam("organisation")))
_OFFER = Sql(select(OFFER.c.organisation).where(OFFER.c.offer == bindparam("offer")))
_OPEN_OFFER = Sql(upsert_into(OFFER, "offer", only=("at_crisis", "is_open")))
_CHANGE_OFFER = Sql(
    update(OFFER)
    .where(OFFER.c.offer == bindparam("of_offer", type_=Id))
    .values(is_open=bindparam("now_open", type_=Boolean), at_crisis=bindparam("now_crisis", type_=Boolean))
)
_STOP = Sql(insert_unless(STOPPED))
_GO_ON = Sql(delete(STOPPED).where(STOPPED.c.organisation == bindparam("organisation")))
_PARTS = {part.value: part for part in Part}
_PURPOSES = {purpose.value: purpose for purpose in Purpose}
_KINDS = {kind.value: kind for kind in WhoKind}


class ChoiceStore:
    """Choices of people."""

    def __init__(self, connection: Connection) -> None:
        """Work on one connection."""
        self.connection = connection

    async def choices_of(self, person: UUID) -> list[Choice]:
        """Give every choice of a person, newest first."""
        return [_choice(row) for row in await self.connection.all(_OF_PERSON, person=person)]

    async def choices_about(
        self, person: UUID, *, organisation: UUID | None, member: UUID | None, themself: UUID | None
    ) -> tuple[list[Choice], bool]:
        """Give those choices of a person that could name a reader, newest first, with what deciding needs of them;
        and whether the reader's organisation has ended or is suspended.

        Choices about others are not even read: how long an answer takes says nothing of them (C4).
        """
        who = {"organisation": organisation, "member": member, "themself": themself}
        rows = await self.connection.all(_ABOUT, person=person, **who)
        return [_said(person, row) for row in rows if row["id"] is not None], rows[0]["stopped"] is not None

    async def with_choices_about(
        self, people: Iterable[UUID], *, organisation: UUID | None, member: UUID | None, themself: UUID | None
    ) -> set[UUID]:
        """Give those of ``people`` of whom any choice, in force or not, could name a reader."""
        who = {"organisation": organisation, "member": member, "themself": themself}
        return {row["person"] for row in await self.connection.all(_NAMED, people=sorted(set(people)), **who)}

    async def page_of(self, person: UUID, before: int, most: int) -> list[Choice]:
        """Give a page of a person's choices, newest first."""
        rows = await self.connection.all(_PAGE, person=person, before=before, most=most)
        return [_choice(row) for row in rows]

    async def choice(self, choice_id: UUID) -> Choice | None:
        """Give one choice."""
        row = await self.connection.one(_ONE, id=choice_id)
        return None if row is None else _choice(row)

    async def next_number(self, person: UUID) -> int:
        """Give the number of a person's next choice."""
        row = await self.connection.one(_LAST, person=person)
        return ((row or {}).get("number") or 0) + 1

    async def add(self, choice: Choice) -> None:
        """Write a new choice."""
        await self.connection.run(_ADD, **_row(choice))

    async def change(self, choice: Choice) -> None:
        """Write that a choice was taken back, and whether another is still to lead. Nothing else of it changes."""
        await self.connection.run(
            _CHANGE,
            of_id=choice.id,
            new_withdrawn_at=choice.withdrawn_at,
            new_owed_by=choice.owed_by,
            new_instead=choice.instead,
            new_blind=choice.blind,
        )

    async def owed(self) -> list[Choice]:
        """Give the choices after which another is still to lead."""
        return [_choice(row) for row in await self.connection.all(_OWED)]

    async def offers_of(self, organisation: UUID) -> tuple[frozenset[UUID], bool]:
        """Give an organisation's offers, and whether one of those open is a crisis service."""
        rows = await self.connection.all(_OFFERS, organisation=organisation)
        return frozenset(r["offer"] for r in rows), any(r["at_crisis"] and r["is_open"] for r in rows)

    async def organisation_of(self, offer: UUID) -> UUID | None:
        """Give whose offer it is."""
        row = await self.connection.one(_OFFER, offer=offer)
        return None if row is None else row["organisation"]

    async def open_offer(self, offer: UUID, organisation: UUID, *, at_crisis: bool) -> None:
        """Keep that an organisation has an offer."""
        await self.connection.run(
            _OPEN_OFFER, offer=offer, organisation=organisation, at_crisis=at_crisis, is_open=True
        )

    async def change_offer(self, offer: UUID, *, is_open: bool, at_crisis: bool) -> None:
        """Keep whether an offer is open, and a crisis service."""
        await self.connection.run(_CHANGE_OFFER, of_offer=offer, now_open=is_open, now_crisis=at_crisis)

    async def stop(self, organisation: UUID, *, stopped: bool) -> None:
        """Keep whether an organisation has ended or is suspended."""
        await self.connection.run(_STOP if stopped else _GO_ON, organisation=organisation)


def _row(choice: Choice) -> Row:
    return {name: value for name, value in asdict(choice).items() if name != "who"} | {
        "who_kind": choice.who.kind.value,
        "who_id": choice.who.id,
        "who_role": None if choice.who.role is None else choice.who.role.value,
        "parts": sorted(choice.parts),
        "purposes": sorted(choice.purposes),
        "given_how": choice.given_how.value,
    }


def _said(person: UUID, row: Row) -> Choice:
    role = row["who_role"]
    return Choice(
        id=row["id"],
        person=person,
        number=row["number"],
        who=Who(_KINDS[row["who_kind"]], row["who_id"], None if role is None else Role(role)),
        parts=frozenset([_PARTS[part] for part in row["parts"]]),
        purposes=frozenset([_PURPOSES[purpose] for purpose in row["purposes"]]),
        permit=row["permit"],
        given_how=GivenHow.SIGNED_IN,
        given_at=row["given_at"],
        hide=row["hide"],
        until=row["until"],
        given_to_member=row["given_to_member"],
        given_to_organisation=row["given_to_organisation"],
        withdrawn_at=row["withdrawn_at"],
        owed_by=row["owed_by"],
    )


def _choice(row: Row) -> Choice:
    role, basis = row.pop("who_role"), row["lawful_basis"]
    row["who"] = Who(WhoKind(row.pop("who_kind")), row.pop("who_id"), None if role is None else Role(role))
    row["parts"] = frozenset(_PARTS[part] for part in row["parts"])
    row["purposes"] = frozenset(_PURPOSES[purpose] for purpose in row["purposes"])
    row["given_how"] = GivenHow(row["given_how"])
    row["lawful_basis"] = None if basis is None else Code(basis)
    return Choice(**row)
