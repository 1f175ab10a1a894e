"""A rulebook comes into force once, as an event with its version; the one in force is kept in memory (M6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from services.community.rulebook import signing
from services.community.rulebook.domain import RulebookOlderError, in_force
from services.community.rulebook.signing import SignedRulebook
from shared.errors import AlongsideError
from shared.events.community import PLACE, RulebookInForce
from shared.ids import new_id
from shared.passes import Origin, timer

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from services.community.store import CommunityStore
    from shared.ports import Rulebook
    from shared.shell import Shell, Tx

LOOK_EVERY_SECONDS = 5.0
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PutInForce:
    """Bring a rulebook that was read and found good into force."""

    signed: SignedRulebook

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the place."""
        return (PLACE,)


async def put_in_force(command: PutInForce, tx: Tx[CommunityStore]) -> bool:
    """Say that a version is in force, once. Raises RulebookOlderError for a number that was used already."""
    signed = command.signed
    latest = await tx.store.latest_rulebook()
    if latest == (signed.rulebook.version, signed.digest):
        return False
    if latest is not None and latest[0] >= signed.rulebook.version:
        raise RulebookOlderError
    tx.rulebook = signed.rulebook.version
    await tx.store.add_rulebook(signed.rulebook.version, signed.digest, signed.text, signed.signature, tx.now)
    tx.emit(RulebookInForce(subject=PLACE, in_force=signed.rulebook.version))
    return True


async def read_in_force_since(store: CommunityStore, version: int) -> datetime | None:
    """Say since when a version is in force here."""
    return await store.in_force_since(version)


class RulebookKeeper:
    """Keeps the rulebook in force in memory, and takes up a new signed file without a restart."""

    def __init__(self, folder: Path) -> None:
        """Read the place's rulebook. Raises what ``signing.load`` raises: a place does not begin with a bad one."""
        self.folder = folder
        self.current = signing.load(folder)
        self.seen = self._marks()
        self.recorded = False

    def rulebook(self) -> Rulebook:
        """Give the one in force."""
        return self.current.rulebook

    def version(self) -> int:
        """Give the version that every event names."""
        return self.current.rulebook.version

    async def step(self, shell: Shell[CommunityStore]) -> bool:
        """Record the one in force, or take up a file that changed; says whether there was something to do."""
        marks = self._marks()
        if self.recorded and marks == self.seen:
            return False
        self.seen = marks
        try:
            signed = signing.load(self.folder)
            put = await shell.run(
                put_in_force, PutInForce(signed), Origin(timer("community-rules"), new_id()), gives=bool
            )
        except AlongsideError as error:
            log.error("rulebook-not-in-force", code=error.code, in_force=self.version())
            await self._go_by_the_latest(shell)
            return False
        self.current, self.recorded = signed, True
        return put

    async def _go_by_the_latest(self, shell: Shell[CommunityStore]) -> None:
        """Go by what was last in force: a file that was put back to an older number changes nothing."""
        self.recorded = True
        kept = await shell.read(read_latest)
        if kept is not None:
            document = signing.read(kept)
            self.current = SignedRulebook(in_force(document), document, kept, self.current.signature, None)

    def _marks(self) -> tuple[tuple[int, int] | None, ...]:
        return tuple(_mark(self.folder / n) for n in (signing.RULEBOOK, signing.SIGNATURE, signing.PUBLIC_KEY))


async def read_latest(store: CommunityStore) -> bytes | None:
    """Give the text of the rulebook that last came into force, or None."""
    return await store.latest_document()


def _mark(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return (found.st_mtime_ns, found.st_size)
