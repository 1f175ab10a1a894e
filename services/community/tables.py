"""The tables of community."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

from shared.db import Id, Instant, Json
from shared.journal import KernelTables

METADATA = MetaData()
KERNEL = KernelTables("community", METADATA)

ORGANISATION = Table(
    "community_organisation",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(48), nullable=False),
    Column("does", Text, nullable=False),
    Column("reach", Json, nullable=False),
    Column("membership", String(16), nullable=False),
    Column("funded", Boolean, nullable=False),
    Column("commissioned", Boolean, nullable=False),
    Column("can_lead", Boolean, nullable=False),
    Column("round_the_clock", Boolean, nullable=False),
    Column("safeguarding_contact", Text),
    Column("safety_page", Text),
    Column("buddy", Id),
    Column("category", String(64)),
    Column("offered_to_strangers", Boolean, nullable=False),
    Column("first_member", Json),
    Column("asked_at", Instant, nullable=False),
    Column("joined_at", Instant),
    Column("directory_key", String(64), unique=True),
    Column("revision", Integer, nullable=False),
    Index("community_organisation_listing", "name", "id"),
)
VOUCH = Table(
    "community_vouch",
    METADATA,
    Column("organisation", Id, primary_key=True),
    Column("by_member", Id, primary_key=True),
    Column("by_organisation", Id, nullable=False),
    Column("as_expert", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
)
MEMBER = Table(
    "community_member",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation", Id, nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("email", String(254)),
    Column("telephone", String(32)),
    Column("role", String(24), nullable=False),
    Column("named_worker", Boolean, nullable=False),
    Column("expert_by_experience", Boolean, nullable=False),
    Column("on_duty", Boolean, nullable=False),
    Column("hours", Json, nullable=False),
    Column("joined_at", Instant, nullable=False),
    Column("left_at", Instant),
    Column("revision", Integer, nullable=False),
    Index("community_member_email", "email", unique=True),
)
ROUTE = Table(
    "community_route",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("owner", Id, nullable=False),
    Column("position", Integer, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("address", String(254), nullable=False),
    Column("from_hour", Integer, nullable=False),
    Column("to_hour", Integer, nullable=False),
    Column("language", String(16), nullable=False),
    Column("answered_at", Instant),
    Column("unanswered", Integer, nullable=False),
    Index("community_route_owner", "owner", "position"),
)
ROUTE_TEST = Table(
    "community_route_test",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("route", Id, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("answered", Boolean, nullable=False),
    Column("tried_by", Id),
)
OFFER = Table(
    "community_offer",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("organisation", Id, nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("says", Text, nullable=False),
    Column("needs", Json, nullable=False),
    Column("intensity", String(48), nullable=False),
    Column("for_whom", Json, nullable=False),
    Column("languages", Json, nullable=False),
    Column("where", Json, nullable=False),
    Column("when", Text, nullable=False),
    Column("how_to_come", Text, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("places_free", Integer),
    Column("leaving_needs_a_bed", Boolean, nullable=False),
    Column("watched_after_leaving", Boolean, nullable=False),
    Column("checked_at", Instant),
    Column("checked_by", Id),
    Column("revision", Integer, nullable=False),
    Index("community_offer_listing", "name", "id"),
)
OFFER_FOUND_BY = Table(
    "community_offer_found_by",
    METADATA,
    Column("offer", Id, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("word", String(64), primary_key=True),
    Index("community_offer_found_by_word", "kind", "word"),
)
PLACE_SET_UP = Table(
    "community_place",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("backstop", Id),
    Column("ready", Boolean, nullable=False),
)
RULEBOOK = Table(
    "community_rulebook",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("signature", Text),
    Column("in_force_at", Instant, nullable=False),
)
