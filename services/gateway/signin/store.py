"""One-time links and access tokens, kept as hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, String, Table, bindparam, delete, func, select

from services.gateway.signin.domain import Link, pass_from_plain, pass_to_plain
from services.gateway.tables import METADATA
from shared.db import Connection, Id, Instant, Json, Sql, insert_into
from shared.event import Role
from shared.ports import SignIn

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.passes import Pass

TOKEN = Table(
    "gateway_token", METADATA,
    Column("hash", String(64), primary_key=True),
    Column("principal", Id, nullable=False, index=True),
    Column("pass", Json, nullable=False),
    Column("until", Instant, nullable=False, index=True),
)  # fmt: skip
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

_KEEP = Sql(insert_into(TOKEN))
_FIND = Sql(
    select(TOKEN.c["pass"], TOKEN.c.until).where(
        TOKEN.c.hash == bindparam("hash"), TOKEN.c.until > bindparam("now", type_=Instant)
    )
)
_END = Sql(delete(TOKEN).where(TOKEN.c.hash == bindparam("hash")))
_END_ALL = Sql(delete(TOKEN).where(TOKEN.c.principal == bindparam("principal")))
_END_OLD = Sql(delete(TOKEN).where(TOKEN.c.until < bindparam("now", type_=Instant)))
_KEEP_LINK = Sql(insert_into(LINK))
_USE_LINK = Sql(delete(LINK).where(LINK.c.hash == bindparam("hash")).returning(LINK))
_SIGN_ALL_OUT, _NO_LINKS = Sql(delete(TOKEN)), Sql(delete(LINK))
_END_LINKS = Sql(delete(LINK).where(LINK.c.until < bindparam("now", type_=Instant)))
_ASK = Sql(insert_into(ASKED))
_ASKED = Sql(
    select(func.count().label("n"))
    .select_from(ASKED)
    .where(ASKED.c.who == bindparam("who"), ASKED.c.at > bindparam("since", type_=Instant))
)
_FORGET = Sql(delete(ASKED).where(ASKED.c.at < bindparam("before", type_=Instant)))


class SignInStore:
    """Reads and writes links and tokens."""

    connection: Connection

    async def save_token(self, token_hash: str, by: Pass, until: datetime, now: datetime) -> None:
        """Keep an access token's hash with its pass; drop those that are past."""
        await self.connection.run(_END_OLD, now=now)
        await self.connection.run(
            _KEEP, hash=token_hash, principal=by.principal, until=until, **{"pass": pass_to_plain(by)}
        )

    async def find_pass(self, token_hash: str, now: datetime) -> Pass | None:
        """Give the pass of a token that is still good."""
        row = await self.connection.one(_FIND, hash=token_hash, now=now)
        return None if row is None else pass_from_plain(row["pass"], row["until"])

    async def end_token(self, token_hash: str) -> None:
        """Sign out."""
        await self.connection.run(_END, hash=token_hash)

    async def end_tokens_of(self, principal: UUID) -> None:
        """Sign a principal out everywhere."""
        await self.connection.run(_END_ALL, principal=principal)

    async def end_everything(self) -> None:
        """Sign everybody out, and let no link that was sent open anything."""
        await self.connection.run(_SIGN_ALL_OUT)
        await self.connection.run(_NO_LINKS)

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
