"""Where will you sleep for the next seven nights? Asked of everyone who leaves a crisis or inpatient offer (J13)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from shared.errors import AlongsideError, Kind, WhoActs
from shared.event import Code
from shared.events.pathway import NowhereToSleep

if TYPE_CHECKING:
    from shared.event import Event


class Sleeping(StrEnum):
    """The person's own answer."""

    SOMEWHERE_SAFE = "somewhere-safe"
    NOT_SAFE = "not-safe"
    NOWHERE = "nowhere"


class NotAskedWhereError(AlongsideError):
    """The person was not asked where they will sleep (J13)."""

    code: ClassVar[str] = "not-asked-where-to-sleep"
    kind: ClassVar[Kind] = Kind.CONFLICT
    says: ClassVar[str] = "Ask the person where they will sleep for the next seven nights, and send their answer."
    who: ClassVar[WhoActs] = WhoActs.CALLER


def asked_where(person: UUID, answer: Sleeping | None, *, needed: bool) -> tuple[Event, ...]:
    """Give what lead and council are told before the step down. Raises NotAskedWhereError when it must be asked."""
    if needed and answer is None:
        raise NotAskedWhereError
    if answer in {None, Sleeping.SOMEWHERE_SAFE}:
        return ()
    return (NowhereToSleep(subject=person, answer=Code(str(answer))),)
