"""Stories, wording by wording. Readers get them without what they may not see, filtered before anything is cut."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Integer, bindparam, case, func, insert, or_, select

from services.intake.paging import After
from services.intake.story.domain import Heading, Passage, Story, Written
from services.intake.tables import PASSAGE, PERSON, STORY, TOLD_AGAIN
from shared.db import Connection, Instant, Row, Sql, insert_into, listed

if TYPE_CHECKING:
    from shared.decisions import Permit
    from shared.event import Role

_NO_PASSAGE = UUID(int=0)
_ID = STORY.c.id.type
_NEW = {c.name: bindparam(c.name, type_=c.type) for c in STORY.c}
_ADD = Sql(
    insert(STORY).from_select(
        list(_NEW), select(*(_NEW[name].label(name) for name in _NEW)).where(PERSON.c.id == _NEW["person"])
    )
)
_ADD_PASSAGE = Sql(insert_into(PASSAGE))
_SEEN = PASSAGE.c.passage.not_in(bindparam("hidden", expanding=True, type_=_ID))
_since = func.min(PASSAGE.c.at)
"""When a story began for its reader: with the first wording that they see, whatever stood before it (C4)."""
_LIST = Sql(
    select(STORY.c.id, STORY.c.person, _since.label("at"))
    .join(PASSAGE, PASSAGE.c.story == STORY.c.id)
    .where(STORY.c.person == bindparam("person", type_=_ID), _SEEN)
    .group_by(STORY.c.id, STORY.c.person)
    .having(
        or_(
            _since > bindparam("after_at", type_=Instant),
            (_since == bindparam("after_at", type_=Instant)) & (STORY.c.id > bindparam("after_id", type_=_ID)),
        )
    )
    .order_by(_since, STORY.c.id)
    .limit(bindparam("most", type_=Integer))
)
_ONE = Sql(
    select(STORY).where(STORY.c.id == bindparam("story", type_=_ID), STORY.c.person == bindparam("person", type_=_ID))
)
_WORDINGS = Sql(
    select(PASSAGE)
    .where(listed(PASSAGE.c.story, "stories"), _SEEN)
    .order_by(PASSAGE.c.story, PASSAGE.c.version, PASSAGE.c.place)
)
_LAST_VERSION = Sql(
    select(func.max(PASSAGE.c.version).label("version")).where(PASSAGE.c.story == bindparam("story", type_=_ID))
)
_theirs = select(PASSAGE).join(STORY, STORY.c.id == PASSAGE.c.story).where(STORY.c.person == bindparam("person"))
_among = listed(PASSAGE.c.passage, "passages")
_PASSAGES = Sql(_theirs.with_only_columns(PASSAGE.c.passage).where(_among).distinct())
_TOLD_ONLY = Sql(
    _theirs.with_only_columns(PASSAGE.c.at).group_by(PASSAGE.c.at).having(func.max(case((_among, 0), else_=1)) == 0)
)
_TOLD_AGAIN = Sql(insert_into(TOLD_AGAIN))
_COUNTED = Sql(
    select(TOLD_AGAIN.c.organisation, func.count().label("times"))
    .where(TOLD_AGAIN.c.organisation > bindparam("after_organisation", type_=_ID))
    .group_by(TOLD_AGAIN.c.organisation)
    .order_by(TOLD_AGAIN.c.organisation)
    .limit(bindparam("most", type_=Integer))
)


class StoryStore:
    """Stories (S3, S4)."""

    connection: Connection

    async def add_story(self, story: Story) -> bool:
        """Write a new story; False when there is no such person."""
        if not await self.connection.run(_ADD, id=story.id, person=story.person, at=story.at):
            return False
        await self.add_passages(story.wordings)
        return True

    async def add_passages(self, wordings: Iterable[Passage]) -> None:
        """Write wordings beside those that are there; nothing is written over."""
        await self.connection.many(_ADD_PASSAGE, [_row(wording) for wording in wordings])

    async def list_stories(self, permit: Permit, behind: After, most: int) -> list[Story]:
        """Give stories of the person that the permit is about, in the order they were told, as this reader sees
        them: a story of which nothing may be seen is not there (S4).
        """
        hidden = _never_empty(permit.answer.except_for)
        rows = await self.connection.all(
            _LIST, person=permit.person, after_at=behind.at, after_id=behind.id, hidden=hidden, most=most
        )
        return await self._with_wordings(rows, permit.answer.except_for)

    async def get_story(self, permit: Permit, story: UUID) -> Story | None:
        """Give one story as the reader of the permit sees it."""
        return await self.story_without(permit.person, story, permit.answer.except_for)

    async def story_without(self, person: UUID, story: UUID, hidden: frozenset[UUID]) -> Story | None:
        """Give one story without some passages; None when nothing is left of it."""
        row = await self.connection.one(_ONE, person=person, story=story)
        found = await self._with_wordings([row] if row else [], hidden)
        return found[0] if found and found[0].wordings else None

    async def passages_of(self, person: UUID, passages: frozenset[UUID]) -> frozenset[UUID]:
        """Give those of ``passages`` that are in a story of this person."""
        rows = await self.connection.all(_PASSAGES, person=person, passages=[*passages])
        return frozenset(row["passage"] for row in rows)

    async def told_only(self, person: UUID, passages: frozenset[UUID]) -> frozenset[datetime]:
        """Give the times at which nothing of the person's story but ``passages`` was told or changed."""
        rows = await self.connection.all(_TOLD_ONLY, person=person, passages=[*passages])
        return frozenset(row["at"] for row in rows)

    async def last_version(self, story: UUID) -> int:
        """Give the number of the last version that there is, seen or not; it is never shown."""
        row = await self.connection.one(_LAST_VERSION, story=story)
        return int(row["version"] or 0) if row else 0

    async def add_told_again(
        self, told_again: UUID, person: UUID, organisation: UUID, at: datetime, by_role: Role
    ) -> None:
        """Write that somebody had to tell it again."""
        await self.connection.run(
            _TOLD_AGAIN, id=told_again, person=person, organisation=organisation, at=at, by_role=by_role
        )

    async def count_told_again(self, behind: UUID, most: int) -> list[tuple[UUID, int]]:
        """Give how often people had to tell it again, for each organisation, in the order of their ids."""
        rows = await self.connection.all(_COUNTED, after_organisation=behind, most=most)
        return [(row["organisation"], row["times"]) for row in rows]

    async def _with_wordings(self, rows: list[Row], hidden: frozenset[UUID]) -> list[Story]:
        found = await self.connection.all(_WORDINGS, stories=[row["id"] for row in rows], hidden=_never_empty(hidden))
        by_story: dict[UUID, list[Passage]] = {}
        for row in found:
            by_story.setdefault(row["story"], []).append(_passage(row))
        stories = [(row, tuple(by_story.get(row["id"], ()))) for row in rows]
        return [Story(row["id"], row["person"], _began(row["at"], seen), seen) for row, seen in stories]


def _began(at: datetime, seen: tuple[Passage, ...]) -> datetime:
    """Give when a story began for its reader; of one of which nothing is seen nothing is shown."""
    return min((each.at for each in seen), default=at)


def _passage(row: Row) -> Passage:
    return Passage(**{**row, "heading": Heading(row["heading"]), "how": Written(row["how"])})


def _never_empty(hidden: frozenset[UUID]) -> list[UUID]:
    """Give a list that is safe after NOT IN: of an empty one SQL knows nothing, and would give no row."""
    return [*hidden, _NO_PASSAGE]


def _row(wording: Passage) -> Row:
    return {name: getattr(wording, name) for name in Passage.__dataclass_fields__}
