"""Keeps organisations and the words given for them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, String, bindparam, func, or_, select, tuple_, update

from services.community.kinds import Category, Membership, OrganisationKind
from services.community.organisation.domain import Facts, FirstMember, Organisation, Reach, Vouch
from services.community.tables import ORGANISATION, VOUCH
from shared.db import Id, Sql, insert_into, insert_unless, listed
from shared.dialects import found_in
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from uuid import UUID

    from services.community.paging import After
    from shared.db import Connection, Row

_TABLE = ORGANISATION.c
_GET = Sql(select(ORGANISATION).where(_TABLE.id == bindparam("id")))
_VOUCHES = Sql(select(VOUCH).where(listed(VOUCH.c.organisation, "organisations")).order_by(VOUCH.c.at))
_ADD = Sql(insert_into(ORGANISATION))
_SAVE = Sql(
    update(ORGANISATION)
    .where(_TABLE.id == bindparam("of_id", type_=Id))
    .values({c.name: bindparam(c.name, type_=c.type) for c in _TABLE if c.name not in {"id", "asked_at"}})
)
_ADD_VOUCH = Sql(insert_unless(VOUCH))
_NAMES = Sql(select(_TABLE.id, _TABLE.name).where(listed(_TABLE.id, "ids")))
_BY_KEY = Sql(
    select(_TABLE.id, _TABLE.directory_key)
    .where(listed(_TABLE.directory_key, "keys"))
)  # fmt: skip
_JOINED_NAMES = Sql(
    select(_TABLE.name).where(
        _TABLE.membership != Membership.LISTED.value,
        _TABLE.membership != Membership.ASKED.value,
        listed(func.lower(_TABLE.name), "names"),
    )
)


def _unless(column: Any, name: str) -> Any:
    """Give a filter that holds for every row when ``name`` is None."""
    return or_(bindparam(name, type_=column.type).is_(None), column == bindparam(name, type_=column.type))


_PAGE = Sql(
    select(ORGANISATION)
    .where(
        listed(_TABLE.membership, "memberships"),
        tuple_(_TABLE.name, _TABLE.id) > tuple_(bindparam("after_name", type_=String), bindparam("after_id", type_=Id)),
        _unless(_TABLE.kind, "kind"),
        _unless(_TABLE.category, "category"),
        or_(
            bindparam("named", type_=String).is_(None),
            found_in(func.lower(_TABLE.name), bindparam("named", type_=String)),
        ),
    )
    .order_by(_TABLE.name, _TABLE.id)
    .limit(bindparam("most", type_=Integer))
)  # fmt: skip
_COLUMNS = {c.name for c in _TABLE}


class OrganisationStore:
    """Organisations as rows."""

    connection: Connection

    async def find_organisation(self, organisation_id: UUID) -> Organisation | None:
        """Give an organisation without its vouches, or None."""
        row = await self.connection.one(_GET, id=organisation_id)
        return None if row is None else _organisation(row, ())

    async def names_of(self, ids: Collection[UUID]) -> dict[UUID, str]:
        """Give the names of those of ``ids`` that are organisations."""
        return {row["id"]: row["name"] for row in await self.connection.all(_NAMES, ids=list(ids))}

    async def get_organisation(self, organisation_id: UUID) -> Organisation:
        """Give an organisation without its vouches. Raises NotFoundError."""
        found = await self.find_organisation(organisation_id)
        if found is None:
            raise NotFoundError
        return found

    async def get_vouched(self, organisation_id: UUID) -> Organisation:
        """Give an organisation with who vouched for it. Raises NotFoundError."""
        row = await self.connection.one(_GET, id=organisation_id)
        if row is None:
            raise NotFoundError
        return (await self._with_vouches([row]))[0]

    async def add_organisation(self, organisation: Organisation) -> None:
        """Write a new one."""
        await self.connection.run(_ADD, **_row(organisation))

    async def save_organisation(self, organisation: Organisation) -> None:
        """Write what changed."""
        await self.connection.run(_SAVE, of_id=organisation.id, **_row(organisation))

    async def add_vouch(self, organisation_id: UUID, vouch: Vouch) -> None:
        """Write somebody's word; the same word twice is one."""
        await self.connection.run(_ADD_VOUCH, organisation=organisation_id, **asdict(vouch))

    async def list_organisations(
        self, after: After, most: int, *, memberships: Iterable[Membership], kind: str | None, category: str | None,
        named: str | None,
    ) -> list[Organisation]:  # fmt: skip
        """Give organisations that stand so, in the order of their names, ``most`` at a time."""
        rows = await self.connection.all(
            _PAGE,
            after_name=after.name,
            after_id=after.id,
            most=most,
            memberships=[each.value for each in memberships],
            kind=kind,
            category=category,
            named=named.lower() if named else None,
        )
        return await self._with_vouches(rows)

    async def organisations_by_key(self, keys: list[str]) -> dict[str, UUID]:
        """Give the ids of those that came from a directory under these keys."""
        rows = await self.connection.all(_BY_KEY, keys=keys)
        return {row["directory_key"]: row["id"] for row in rows}

    async def names_that_joined(self, names: list[str]) -> frozenset[str]:
        """Give those of ``names`` that an organisation which joined bears, without regard to capitals."""
        rows = await self.connection.all(_JOINED_NAMES, names=[name.lower() for name in names])
        return frozenset(row["name"].casefold() for row in rows)

    async def _with_vouches(self, rows: list[Row]) -> list[Organisation]:
        vouches: dict[UUID, list[Vouch]] = {row["id"]: [] for row in rows}
        for each in await self.connection.all(_VOUCHES, organisations=list(vouches)) if rows else ():
            vouches[each["organisation"]].append(
                Vouch(each["by_member"], each["by_organisation"], each["as_expert"], each["at"])
            )
        return [_organisation(row, tuple(vouches[row["id"]])) for row in rows]


def _row(organisation: Organisation) -> dict[str, Any]:
    plain = asdict(organisation) | asdict(organisation.facts)
    plain["kind"] = organisation.kind.value
    plain["membership"] = organisation.membership.value
    plain["category"] = organisation.category.value if organisation.category else None
    return {name: value for name, value in plain.items() if name in _COLUMNS}


def _organisation(row: Row, vouches: tuple[Vouch, ...]) -> Organisation:
    first = row["first_member"]
    return Organisation(
        id=row["id"],
        name=row["name"],
        kind=OrganisationKind(row["kind"]),
        does=row["does"],
        reach=Reach(**row["reach"]),
        membership=Membership(row["membership"]),
        asked_at=row["asked_at"],
        facts=Facts(row["funded"], row["commissioned"], row["can_lead"], row["round_the_clock"]),
        safeguarding_contact=row["safeguarding_contact"],
        safety_page=row["safety_page"],
        buddy=row["buddy"],
        category=Category(row["category"]) if row["category"] else None,
        offered_to_strangers=row["offered_to_strangers"],
        first_member=FirstMember(**first) if first else None,
        joined_at=row["joined_at"],
        directory_key=row["directory_key"],
        revision=row["revision"],
        vouches=vouches,
    )
