"""Pathway's tables. ``METADATA`` is filled by the store of each noun too."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, PrimaryKeyConstraint, String, Table, Text

from shared.db import Id, Instant, Json
from shared.journal import KernelTables

METADATA = MetaData()
KERNEL = KernelTables("pathway", METADATA)

HOLDING = Table(
    "pathway_holding", METADATA,
    Column("person", Id, primary_key=True),
    Column("state", String(32), nullable=False),
    Column("lead", Id, index=True),
    Column("since", Instant),
    Column("named", Id, index=True),
    Column("deputy", Id, index=True),
    Column("acknowledged_at", Instant),
    Column("met_at", Instant),
    Column("intensity", String(48), nullable=False),
    Column("chosen", Id, index=True),
    Column("chosen_since", Instant),
    Column("before", Json, nullable=False),
    Column("last_lead", Id, index=True),
    Column("blind", Integer, nullable=False),
    Column("crisis_until", Instant),
    Column("out_at", Instant),
    Column("alarmed_at", Instant),
)  # fmt: skip
ALONGSIDE = Table(
    "pathway_alongside", METADATA,
    Column("person", Id, nullable=False),
    Column("organisation", Id, nullable=False, index=True),
    Column("place", Integer, nullable=False),
    PrimaryKeyConstraint("person", "organisation"),
)  # fmt: skip
STOPPED = Table(
    "pathway_stopped", METADATA,
    Column("organisation", Id, primary_key=True),
    Column("correlation", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("stopped", Integer, nullable=False),
    Column("taken_at", Instant),
)  # fmt: skip
LOST_SIGHT = Table(
    "pathway_lost_sight", METADATA,
    Column("person", Id, nullable=False),
    Column("organisation", Id, nullable=False),
    Column("instead", Id),
    Column("correlation", Id, nullable=False),
    PrimaryKeyConstraint("person", "organisation"),
)  # fmt: skip
CONTACT = Table(
    "pathway_contact", METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("how", String(32), nullable=False),
    Column("organisation", Id),
    Column("member", Id),
    Column("role", String(24), nullable=False),
    Column("note", Text),
    Column("shown", Integer, nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("at", Instant, nullable=False),
    Index("pathway_contact_person", "person", "at", "id"),
)  # fmt: skip
PROMISE = Table(
    "pathway_promise", METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False, index=True),
    Column("contact", Id, nullable=False),
    Column("organisation", Id),
    Column("member", Id),
    Column("by", Instant, nullable=False),
    Column("words", Text),
    Column("made_at", Instant, nullable=False),
    Column("kept_at", Instant),
)  # fmt: skip
WATCH = Table(
    "pathway_watch", METADATA,
    Column("person", Id, primary_key=True),
    Column("left_at", Instant),
    Column("contact_by", Instant),
    Column("drifting_since", Instant),
    Column("promises", Json, nullable=False),
)  # fmt: skip
ASK = Table(
    "pathway_ask", METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False),
    Column("words", Text),
    Column("by_person", Integer, nullable=False),
    Column("organisation", Id),
    Column("member", Id),
    Column("lead", Id, index=True),
    Column("asked_at", Instant, nullable=False),
    Column("answer_by", Instant, nullable=False),
    Column("unanswered_at", Instant),
    Column("answered_at", Instant),
    Column("link", Id),
    Column("kind", String(16), nullable=False, server_default="more"),
    Column("line", Id),
    Index("pathway_ask_person", "person", "asked_at"),
)  # fmt: skip
INDEPENDENCE = Table(
    "pathway_independence", METADATA,
    Column("person", Id, primary_key=True),
    Column("agreed", Integer, nullable=False),
    Column("way_back", Text),
    Column("check_ins", Integer),
    Column("check_in_by", Id),
    Column("how", String(16), nullable=False),
    Column("witness", Id),
    Column("witness_of", Id),
    Column("witness_chosen", Integer, nullable=False),
    Column("said_at", Instant, nullable=False),
)  # fmt: skip
WAY_OUT = Table(
    "pathway_way_out", METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("last_lead", Id, index=True),
    Column("plan", Id),
    Column("words", Text),
    Column("at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("mind_changed", Integer, nullable=False),
)  # fmt: skip
VOICE = Table(
    "pathway_quiet_voice", METADATA,
    Column("person", Id, nullable=False),
    Column("member", Id, nullable=False),
    Column("organisation", Id, nullable=False),
    Column("expert", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("person", "member"),
)  # fmt: skip
MOVE = Table(
    "pathway_move", METADATA,
    Column("id", Id, primary_key=True),
    Column("person", Id, nullable=False, index=True),
    Column("lead", Id, nullable=False),
    Column("place", Text, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("there", Text),
    Column("met_at", Instant),
)  # fmt: skip
TIMELINE = Table(
    "pathway_timeline", METADATA,
    Column("event", Id, primary_key=True),
    Column("id", Id, nullable=False, unique=True),
    Column("person", Id, nullable=False),
    Column("tick", Integer, nullable=False),
    Column("source", String(16), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("type", String(64), nullable=False),
    Column("part", String(24)),
    Column("organisation", Id),
    Column("about", Id),
    Column("role", String(24), nullable=False),
    Column("at", Instant, nullable=False),
    Index("pathway_timeline_person", "person", "tick", "source", "seq"),
)  # fmt: skip
