"""An invitation into a circle: a code that one person hands to another, good for a week and for one entry.

The code is signed with the instance's key and kept nowhere. It holds ids only; whoever uses it must be signed in.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.db import EPOCH
from shared.errors import NotFoundError

GOOD_FOR = timedelta(days=7)
_SECOND = timedelta(seconds=1)
_LENGTH = 16 + 16 + 5
_PURPOSE = b"invitation"
Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whose circle, which entry, and until when."""

    person: UUID
    entry: UUID
    until: datetime


def write(invitation: Invitation, sign: Sign) -> str:
    """Give the code of an invitation."""
    seconds = (invitation.until - EPOCH) // _SECOND
    said = invitation.person.bytes + invitation.entry.bytes + seconds.to_bytes(5, "big")
    return base64.urlsafe_b64encode(said + sign(_PURPOSE + said)).decode().rstrip("=")


def read(code: str, sign: Sign, now: datetime) -> Invitation:
    """Read a code. Raises NotFoundError for one that is made up, changed or past its time: all alike (C4)."""
    try:
        whole = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
    except ValueError:
        raise NotFoundError from None
    said, signed = whole[:_LENGTH], whole[_LENGTH:]
    if len(said) != _LENGTH or not hmac.compare_digest(sign(_PURPOSE + said), signed):
        raise NotFoundError
    until = EPOCH + int.from_bytes(said[32:], "big") * _SECOND
    if now > until:
        raise NotFoundError
    return Invitation(UUID(bytes=said[:16]), UUID(bytes=said[16:32]), until)
