"""Access tokens, kept as hashes, with what each session is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, String, Table, bindparam, delete, select, update

from services.gateway.session.domain import MOST_SHOWN, Session, SessionKind, pass_from_plain, pass_to_plain
from services.gateway.tables import METADATA
from shared.db import Connection, Id, Instant, Json, Sql, insert_into

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.db import Row
    from shared.passes import Pass

TOKEN = Table(
    "gateway_token", METADATA,
    Column("hash", String(64), primary_key=True),
    Column("principal", Id, nullable=False, index=True),
    Column("pass", Json, nullable=False),
    Column("until", Instant, nullable=False, index=True),
    Column("id", Id, index=True),
    Column("kind", String(16)),
    Column("created_at", Instant),
    Column("used_at", Instant),
    Column("idle_seconds", Integer),
    Column("device", Id, index=True),
)  # fmt: skip

_now = bindparam("now", type_=Instant)
_OF = TOKEN.c.principal == bindparam("principal")
_KEEP = Sql(insert_into(TOKEN))
_FIND = Sql(select(TOKEN).where(TOKEN.c.hash == bindparam("hash"), TOKEN.c.until > _now))
_TOUCH = Sql(
    update(TOKEN)
    .where(TOKEN.c.hash == bindparam("which", type_=String))
    .values(used_at=bindparam("now", type_=Instant))
)
_LIST = Sql(
    select(TOKEN).where(_OF, TOKEN.c.until > _now).order_by(TOKEN.c.created_at.desc(), TOKEN.c.id).limit(MOST_SHOWN)
)
_END = Sql(delete(TOKEN).where(TOKEN.c.hash == bindparam("hash")))
_END_ONE = Sql(delete(TOKEN).where(TOKEN.c.id == bindparam("id"), _OF))
_END_ALL = Sql(delete(TOKEN).where(_OF))
_END_KIND = Sql(delete(TOKEN).where(_OF, TOKEN.c.kind == bindparam("kind")))
_END_DEVICE = Sql(delete(TOKEN).where(TOKEN.c.device == bindparam("device")))
_END_OLD = Sql(delete(TOKEN).where(TOKEN.c.until < _now))
_SIGN_ALL_OUT = Sql(delete(TOKEN))


class SessionStore:
    """Reads and writes access tokens."""

    connection: Connection

    async def save_session(self, token_hash: str, session: Session, now: datetime) -> None:
        """Keep an access token's hash with its session; drop those that are past."""
        await self.connection.run(_END_OLD, now=now)
        row = {
            "principal": session.by.principal,
            "pass": pass_to_plain(session.by),
            "until": session.until,
            "id": session.id,
            "kind": session.kind.value,
            "created_at": session.created_at,
            "used_at": session.used_at,
            "idle_seconds": None if session.idle is None else int(session.idle.total_seconds()),
            "device": session.device,
        }
        await self.connection.run(_KEEP, hash=token_hash, **row)

    async def find_session(self, token_hash: str, now: datetime) -> Session | None:
        """Give the session of a token that is still good."""
        row = await self.connection.one(_FIND, hash=token_hash, now=now)
        found = None if row is None else _session(row)
        return None if found is None or found.over(now) else found

    async def find_pass(self, token_hash: str, now: datetime) -> Pass | None:
        """Give the pass of a token that is still good. One statement, and nothing is written: it is every request's."""
        found = await self.find_session(token_hash, now)
        return None if found is None else found.by

    async def touch(self, token_hash: str, now: datetime) -> bool:
        """Write down that a session was used; False when it has just been ended, which this does not undo."""
        return await self.connection.run(_TOUCH, which=token_hash, now=now) > 0

    async def sessions_of(self, principal: UUID, now: datetime) -> dict[str, Session]:
        """Give the sessions that somebody has, the newest first, by the hash of their token."""
        rows = await self.connection.all(_LIST, principal=principal, now=now)
        found = {row["hash"]: _session(row) for row in rows if row["id"] is not None}
        return {token_hash: session for token_hash, session in found.items() if not session.over(now)}

    async def end_token(self, token_hash: str) -> None:
        """Sign out."""
        await self.connection.run(_END, hash=token_hash)

    async def end_session(self, session_id: UUID, principal: UUID) -> bool:
        """End one session of somebody's; says whether they had it."""
        return await self.connection.run(_END_ONE, id=session_id, principal=principal) > 0

    async def end_tokens_of(self, principal: UUID) -> None:
        """Sign a principal out everywhere."""
        await self.connection.run(_END_ALL, principal=principal)

    async def end_kind(self, principal: UUID, kind: SessionKind) -> None:
        """End the sessions that somebody began in one way."""
        await self.connection.run(_END_KIND, principal=principal, kind=kind.value)

    async def end_on_device(self, device: UUID) -> None:
        """End what was begun on one of a group's devices."""
        await self.connection.run(_END_DEVICE, device=device)

    async def end_all_sessions(self) -> None:
        """Sign everybody out."""
        await self.connection.run(_SIGN_ALL_OUT)


def _session(row: Row) -> Session:
    return Session(
        id=row["id"],
        kind=SessionKind(row["kind"] or SessionKind.ISSUED),
        by=pass_from_plain(row["pass"], row["until"]),
        until=row["until"],
        created_at=row["created_at"],
        used_at=row["used_at"],
        idle=None if row["idle_seconds"] is None else timedelta(seconds=row["idle_seconds"]),
        device=row["device"],
    )
