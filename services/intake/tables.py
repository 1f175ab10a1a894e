"""Intake's tables. What people said and how to reach them lies here and nowhere else."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from shared.db import Id, Instant, Json
from shared.journal import KernelTables

METADATA = MetaData()
KERNEL = KernelTables("intake", METADATA)

PERSON = Table(
    "intake_person",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("called", Text, nullable=False),
    Column("born", String(10)),
    Column("nhs_number", LargeBinary),
    Column("at", Instant, nullable=False),
    Column("first_lead", Id, nullable=False),
    Column("first_chosen", Id),
)
"""``nhs_number`` is sealed (services.intake.keys); only the person themself is shown it."""

KNOWN_BY = Table(
    "intake_known_by",
    METADATA,
    Column("kind", String(16), nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("person", Id, nullable=False, index=True),
    Column("surety", Integer, nullable=False),
    PrimaryKeyConstraint("kind", "key", "person"),
)
"""What somebody can be looked up by: an HMAC under the instance's own key, never the number itself."""

REACH = Table(
    "intake_reach",
    METADATA,
    Column("person", Id, primary_key=True),
    Column("mark", Id, nullable=False),
    Column("told", Json, nullable=False),
    Column("by_person", Boolean, nullable=False),
    Column("salt", LargeBinary),
    Column("hashed", LargeBinary),
    Column("at", Instant, nullable=False),
)
"""How to reach somebody safely (S7). The code word is kept only as a salted scrypt hash."""

ARRIVAL = Table(
    "intake_arrival",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("door", String(32), nullable=False),
    Column("at_organisation", Id),
    Column("chosen", Id),
    Column("words", Text),
    Column("by_role", String(24), nullable=False),
    Column("by_member", Id),
    Column("by_organisation", Id),
    Index("intake_arrival_of", "person", "at", "id"),
)

STORY = Table(
    "intake_story",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Index("intake_story_of", "person", "at", "id"),
)

PASSAGE = Table(
    "intake_passage",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("passage", Id, nullable=False),
    Column("story", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("heading", String(48), nullable=False),
    Column("media_type", String(64), nullable=False),
    Column("words", Text),
    Column("language", String(16), nullable=False),
    Column("how", String(16), nullable=False),
    Column("by_member", Id),
    Column("by_organisation", Id),
    Column("why", Text),
    Column("at", Instant, nullable=False),
    Index("intake_passage_of", "story", "version", "place"),
)
"""One row for each wording of a passage; ``passage`` stays, ``id`` is the wording's. No words: taken out."""

TOLD_AGAIN = Table(
    "intake_told_again",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False, index=True),
    Column("organisation", Id, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by_role", String(24), nullable=False),
)

NEED = Table(
    "intake_need",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("words", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("matters", String(16), nullable=False),
    Column("codes", Json, nullable=False),
    Column("how", String(16), nullable=False),
    Column("by_member", Id),
    Column("by_organisation", Id),
    Column("at", Instant, nullable=False),
    Index("intake_need_of", "person", "at", "id"),
)

CIRCLE = Table(
    "intake_circle",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("called", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("may", Json, nullable=False),
    Column("note", Text),
    Column("ring", Integer),
    Column("linked_person", Id),
    Column("linked_organisation", Id),
    Column("linked_member", Id),
    Column("mirror", Id),
    Column("ways", Json, nullable=False),
    Column("by_member", Id),
    Column("by_organisation", Id),
    Column("at", Instant, nullable=False),
    Column("ended", Instant),
    Index("intake_circle_of", "person", "at", "id"),
)
"""``ring`` is the place in the list "if I go quiet, who may we ring?"; none: not on it."""
