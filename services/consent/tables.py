"""Consent's tables: choices, passages withheld, emergency access, which offers are crisis services, and the ledger."""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    event,
)

from shared.db import Id, Instant, Json
from shared.journal import INSERT_ONLY, KernelTables

METADATA = MetaData()
KERNEL = KernelTables("consent", METADATA)
_POS = BigInteger().with_variant(Integer, "sqlite")

CHOICE = Table(
    "consent_choice", METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("who_kind", String(24), nullable=False),
    Column("who_id", Id),
    Column("who_role", String(24)),
    Column("parts", Json, nullable=False),
    Column("purposes", Json, nullable=False),
    Column("permit", Boolean, nullable=False),
    Column("hide", Boolean, nullable=False),
    Column("until", Instant),
    Column("words", Text),
    Column("given_how", String(16), nullable=False),
    Column("given_to_member", Id),
    Column("given_to_organisation", Id),
    Column("lawful_basis", String(48)),
    Column("given_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Column("owed_by", Id),
    Column("instead", Id),
    Column("blind", Boolean, nullable=False),
    Index("consent_choice_person", "person", "number", unique=True),
)  # fmt: skip
_owed = CHOICE.c.owed_by.is_not(None)
Index("consent_choice_owed", CHOICE.c.owed_by, sqlite_where=_owed, postgresql_where=_owed)

WITHHOLDING = Table(
    "consent_withholding", METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("passage", Id, nullable=False),
    Column("who_kind", String(24), nullable=False),
    Column("who_id", Id),
    Column("who_role", String(24)),
    Column("words", Text),
    Column("at", Instant, nullable=False),
    Column("given_back_at", Instant),
    Index("consent_withholding_person", "person", "number", unique=True),
)  # fmt: skip

EMERGENCY = Table(
    "consent_emergency", METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("number", Integer, nullable=False),
    Column("member", Id, nullable=False),
    Column("organisation", Id, nullable=False),
    Column("role", String(24), nullable=False),
    Column("reason", Text),
    Column("at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Index("consent_emergency_person", "person", "number", unique=True),
)  # fmt: skip

OFFER = Table(
    "consent_offer", METADATA,
    Column("offer", Id, primary_key=True),
    Column("organisation", Id, nullable=False, index=True),
    Column("at_crisis", Boolean, nullable=False),
    Column("is_open", Boolean, nullable=False),
)  # fmt: skip

STOPPED = Table("consent_stopped", METADATA, Column("organisation", Id, primary_key=True))
LEDGER = Table(
    "consent_ledger", METADATA,
    Column("pos", _POS, Identity(), primary_key=True),
    Column("id", Id, nullable=False, unique=True),
    Column("batch", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("person", Id, nullable=False),
    Column("permitted", Boolean, nullable=False),
    Column("why", String(24), nullable=False),
    Column("choice", Id),
    Column("part", String(24), nullable=False),
    Column("act", String(16), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("thing", Id),
    Column("role", String(24), nullable=False),
    Column("organisation", Id),
    Column("member", Id),
    Index("consent_ledger_person", "person", "permitted", "pos"),
    sqlite_autoincrement=True, info=INSERT_ONLY,
)  # fmt: skip
BATCH = Table(
    "consent_ledger_batch", METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("rows", Integer, nullable=False),
    Column("prev", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    info=INSERT_ONLY,
)  # fmt: skip

for _table in (LEDGER, BATCH):
    for _verb in ("UPDATE", "DELETE"):
        _name = _table.name
        event.listen(
            _table,
            "after_create",
            DDL(
                f"CREATE TRIGGER {_name}_no_{_verb.lower()} BEFORE {_verb} ON {_name} "  # type: ignore[no-untyped-call]
                f"BEGIN SELECT RAISE(ABORT, '{_name} is insert-only'); END"
            ).execute_if(dialect="sqlite"),
        )
