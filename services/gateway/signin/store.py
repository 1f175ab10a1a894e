"""One-time links, kept as hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, String, Table, bindparam, delete, func, select

from services.gateway.signin.domain import Link
from services.gateway.tables import METADATA
from shared.db import Connection, Id, Instant, Sql, insert_into
from shared.event import Role
from shared.ports import SignIn

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

LINK = Table(
    "gateway_link", METADATA,
    Column("hash", String(64), primary_key=True),
    Column("binding", String(64), nullable=False),
    Column("role", String(24), nullable=False),
    Column("member", Id),
    Column("organisation", Id),
    Column("person", Id),
    Column("until", Instant, nullable=False, index=True),
)  # fmt: skip
ASKED = Table(
    "gateway_asked", METADATA,
    Column("id", Id, primary_key=True),
    Column("who", String(64), nullable=False, index=True),
    Column("at", Instant, nullable=False),
)  # fmt: skip

_KEEP_LINK = Sql(insert_into(LINK))
_USE_LINK = Sql(delete(LINK).where(LINK.c.hash == bindparam("hash")).returning(LINK))
_NO_LINKS = Sql(delete(LINK))
_END_LINKS_OF = Sql(delete(LINK).where((LINK.c.member == bindparam("member")) | (LINK.c.person == bindparam("person"))))
_END_LINKS = Sql(delete(LINK).where(LINK.c.until < bindparam("now", type_=Instant)))
_ASK = Sql(insert_into(ASKED))
_ASKED = Sql(
    select(func.count().label("n"))
    .select_from(ASKED)
    .where(ASKED.c.who == bindparam("who"), ASKED.c.at > bindparam("since", type_=Instant))
)
_FORGET = Sql(delete(ASKED).where(ASKED.c.at < bindparam("before", type_=Instant)))


class SignInStore:
    """Reads and writes links."""

    connection: Connection

    async def end_links(self) -> None:
        """Let no link that was sent open anything."""
        await self.connection.run(_NO_LINKS)

    async def end_links_of(self, member: UUID | None, person: UUID | None) -> None:
        """Let no link that was sent to somebody open anything."""
        await self.connection.run(_END_LINKS_OF, member=member, person=person)

    async def save_link(self, link: Link, now: datetime) -> None:
        """Keep a link's hashes; drop those that are past."""
        await self.connection.run(_END_LINKS, now=now)
        found = link.found
        row = {
            "role": found.role.value,
            "member": found.member,
            "organisation": found.organisation,
            "person": found.person,
        }
        await self.connection.run(_KEEP_LINK, hash=link.token_hash, binding=link.binding_hash, until=link.until, **row)

    async def use_link(self, token_hash: str) -> Link | None:
        """Take a link out: whoever comes second finds none, also when both come at once."""
        row = await self.connection.one(_USE_LINK, hash=token_hash)
        if row is None:
            return None
        found = SignIn(Role(row["role"]), row["member"], row["organisation"], row["person"])
        return Link(row["hash"], row["binding"], found, row["until"])

    async def asked(self, who: str, since: datetime) -> int:
        """Count how often one address was asked for since an instant."""
        await self.connection.run(_FORGET, before=since)
        row = await self.connection.one(_ASKED, who=who, since=since)
        return int((row or {})["n"])

    async def note_asked(self, **row: object) -> None:
        """Remember that an address was asked for (its hash)."""
        await self.connection.run(_ASK, **row)
