"""Keeps offers, and the words that they are found by."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Integer, String, bindparam, delete, exists, or_, select, tuple_, update

from services.community.kinds import Membership
from services.community.offer.domain import ForWhom, NeedKind, Offer, Search, Where
from services.community.tables import OFFER, OFFER_FOUND_BY, ORGANISATION
from shared.db import Id, Sql, insert_into
from shared.errors import NotFoundError
from shared.event import Code

if TYPE_CHECKING:
    from uuid import UUID

    from services.community.paging import After
    from shared.db import Connection, Row

_TABLE, _WORD, _BY = OFFER.c, OFFER_FOUND_BY.c, ORGANISATION.c
_GET = Sql(select(OFFER).where(_TABLE.id == bindparam("id")))
_ADD = Sql(insert_into(OFFER))
_SAVE = Sql(
    update(OFFER)
    .where(_TABLE.id == bindparam("of_id", type_=Id))
    .values({c.name: bindparam(c.name, type_=c.type) for c in _TABLE if c.name not in {"id", "organisation"}})
)
_ADD_WORD = Sql(insert_into(OFFER_FOUND_BY))
_DROP_WORDS = Sql(delete(OFFER_FOUND_BY).where(_WORD.offer == bindparam("offer")))
_OF = Sql(select(OFFER).where(_TABLE.organisation == bindparam("organisation")).order_by(_TABLE.name, _TABLE.id))


def _found_by(kind: str, name: str) -> Any:
    """Give a filter that holds for every offer when ``name`` is None."""
    word = bindparam(name, type_=String)
    holds = exists().where(_WORD.offer == _TABLE.id, _WORD.kind == kind, _WORD.word == word)
    return or_(word.is_(None), holds)


_by_steward = bindparam("by_steward", type_=Boolean)
_SEARCH = Sql(
    select(OFFER)
    .join(ORGANISATION, _BY.id == _TABLE.organisation)
    .where(
        or_(_by_steward, _TABLE.is_open),
        tuple_(_TABLE.name, _TABLE.id) > tuple_(bindparam("after_name", type_=String), bindparam("after_id", type_=Id)),
        _found_by("need", "need"),
        _found_by("for-whom", "for_whom"),
        _found_by("language", "language"),
        _found_by("place", "place"),
        or_(bindparam("intensity", type_=String).is_(None), _TABLE.intensity == bindparam("intensity", type_=String)),
        or_(
            _BY.membership == Membership.LISTED.value,
            (_BY.membership == Membership.JOINED.value)
            & (_by_steward | _BY.offered_to_strangers | (_BY.id == bindparam("organisation", type_=Id))),
        ),
        or_(bindparam("organisation", type_=Id).is_(None), _BY.id == bindparam("organisation", type_=Id)),
    )
    .order_by(_TABLE.name, _TABLE.id)
    .limit(bindparam("most", type_=Integer))
)  # fmt: skip


class OfferStore:
    """Offers as rows."""

    connection: Connection

    async def get_offer(self, offer_id: UUID) -> Offer:
        """Give an offer. Raises NotFoundError."""
        row = await self.connection.one(_GET, id=offer_id)
        if row is None:
            raise NotFoundError
        return _offer(row)

    async def offers_of(self, organisation_id: UUID) -> tuple[Offer, ...]:
        """Give every offer of an organisation, open or not."""
        return tuple(_offer(row) for row in await self.connection.all(_OF, organisation=organisation_id))

    async def add_offer(self, offer: Offer) -> None:
        """Write a new one."""
        await self.connection.run(_ADD, **_row(offer))
        await self._write_words(offer)

    async def save_offer(self, offer: Offer) -> None:
        """Write what changed."""
        await self.connection.run(_SAVE, of_id=offer.id, **_row(offer))
        await self.connection.run(_DROP_WORDS, offer=offer.id)
        await self._write_words(offer)

    async def search_offers(self, search: Search, after: After, most: int) -> list[Offer]:
        """Give open offers that fit, by name. Those of a group that may not be offered to strangers are given
        only to whoever names the group (M1).
        """
        rows = await self.connection.all(
            _SEARCH,
            after_name=after.name,
            after_id=after.id,
            most=most,
            need=search.need and search.need.value,
            intensity=search.intensity and str(search.intensity),
            for_whom=search.for_whom and search.for_whom.value,
            language=search.language and search.language.lower(),
            place=search.place and search.place.strip().lower(),
            organisation=search.organisation,
            by_steward=search.by_steward,
        )
        return [_offer(row) for row in rows]

    async def _write_words(self, offer: Offer) -> None:
        rows = [{"offer": offer.id, "kind": kind, "word": word} for kind, word in offer.found_by()]
        if rows:
            await self.connection.many(_ADD_WORD, rows)


def _row(offer: Offer) -> dict[str, Any]:
    return asdict(offer) | {"intensity": str(offer.intensity)}


def _offer(row: Row) -> Offer:
    return Offer(
        **row
        | {
            "intensity": Code(row["intensity"]),
            "needs": tuple(NeedKind(need) for need in row["needs"]),
            "for_whom": tuple(ForWhom(focus) for focus in row["for_whom"]),
            "languages": tuple(row["languages"]),
            "where": Where(**row["where"]),
        }
    )
