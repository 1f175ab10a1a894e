"""Telling a story, adding to it, correcting it, and having to tell it again: one transaction each."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from services.intake.paging import After
from services.intake.story.domain import AmendStory, SayToldAgain, Story, TellStory, ToldAgain, amend, published, tell
from services.intake.story.store import StoryStore
from shared.errors import NotFoundError
from shared.events.intake import StoryAskedAgain

if TYPE_CHECKING:
    from services.intake.store import IntakeStore
    from shared.decisions import Permit
    from shared.shell import Tx


async def tell_story(command: TellStory, tx: Tx[StoryStore]) -> UUID:
    """Write a new story and give its id. Raises NotFoundError when there is no such person."""
    story, facts = tell(command, tx.by, tx.now, tx.new_id)
    if not await tx.store.add_story(story):
        raise NotFoundError
    tx.emit(*facts)
    return story.id


async def amend_story(command: AmendStory, tx: Tx[StoryStore]) -> int:
    """Write the next version of a story and give its number for this reader; what stood stays (S3, I1)."""
    seen = await tx.store.story_without(command.person, command.story, command.hidden)
    version = await tx.store.last_version(command.story)
    wordings, facts = amend(seen, version, command, tx.by, tx.now, tx.new_id)
    await tx.store.add_passages(wordings)
    tx.emit(*facts)
    return 1 + len(seen.versions() if seen else ())


async def say_told_again(command: SayToldAgain, tx: Tx[IntakeStore]) -> UUID:
    """Count for an organisation that the person had to tell it again (S2). Raises NotFoundError."""
    if not await tx.store.person_exists(command.person):
        raise NotFoundError
    told_again = tx.new_id()
    await tx.store.add_told_again(told_again, command.person, command.organisation, tx.now, tx.by.role)
    tx.emit(StoryAskedAgain(subject=command.person, organisation=command.organisation))
    return told_again


async def count_told_again(store: StoryStore, behind: UUID, most: int) -> list[ToldAgain]:
    """Give how often people had to tell it again, for each organisation (S2), small numbers hidden (E1)."""
    return [ToldAgain(each, published(times)) for each, times in await store.count_told_again(behind, most)]


async def read_stories(store: IntakeStore, permit: Permit, behind: After, most: int) -> tuple[str, list[Story]]:
    """Give what the person likes to be called and their stories as this reader sees them. Raises NotFoundError."""
    person = await store.get_person(permit)
    if person is None:
        raise NotFoundError
    return person.called, await store.list_stories(permit, behind, most)


async def read_story(store: IntakeStore, permit: Permit, story: UUID) -> Story:
    """Give one story as this reader sees it. Raises NotFoundError when nothing of it may be seen."""
    found = await store.get_story(permit, story)
    if found is None:
        raise NotFoundError
    return found
