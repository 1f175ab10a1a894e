"""The only maker of ids: random ones for outside, time-ordered ones for events (never shown outside)."""

from __future__ import annotations

import secrets
import uuid

import uuid_utils.compat


def new_id() -> uuid.UUID:
    """Give a random id (uuid4). Ids that are shown outside tell no time (C4)."""
    return uuid.uuid4()


def new_event_id() -> uuid.UUID:
    """Give a time-ordered id (uuid7) for an event of the inner bus."""
    return uuid_utils.compat.uuid7()


def new_secret() -> str:
    """Give 256 random bits as text, for a token or a one-time link."""
    return secrets.token_urlsafe(32)
