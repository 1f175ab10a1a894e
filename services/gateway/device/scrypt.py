"""Makes of a PIN what is kept of it: scrypt, in a thread, a few at a time.

Six digits can be tried out by whoever has the database, whatever it costs: 20 hours of one core at this price. What
holds then is that a PIN opens nothing without the secret of a device, which is 256 random bits and kept as a hash.
"""

from __future__ import annotations

import asyncio
import hashlib

from services.gateway.device.domain import Digest
from shared.errors import ThrottledError
from shared.ids import new_secret

COST, BLOCK, LANES = 2**14, 8, 1
"""16 MiB and about 60 ms of one slow core for each."""
SALT_BYTES = 16
AT_ONCE = 2
MOST_WAITING = 40
"""More than this many wait longer than anybody would: they are told to try again, and cost nothing."""


class Scrypt:
    """The turns that PINs are worked out in. One for each process."""

    def __init__(self) -> None:
        """Start with nobody waiting."""
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._inside = 0

    async def digest(self, pin: str, salt: bytes) -> Digest:
        """Give what is kept of ``pin`` with ``salt``. Raises ThrottledError when too many wait."""
        if self._inside >= MOST_WAITING:
            raise ThrottledError
        self._inside += 1
        try:
            async with self._turns:
                return Digest(salt, await asyncio.to_thread(_made, pin, salt))
        finally:
            self._inside -= 1


def new_salt() -> bytes:
    """Give a salt for one PIN."""
    return hashlib.sha256(new_secret().encode()).digest()[:SALT_BYTES]


def _made(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=COST, r=BLOCK, p=LANES, maxmem=2**26, dklen=32)
