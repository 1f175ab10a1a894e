"""A story as each reader sees it: versions and marks are those of a world without what they may not see."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.story.domain import (
    AmendStory,
    Heading,
    NotYourWordsError,
    Story,
    TellStory,
    Told,
    Written,
    amend,
    tell,
)
from shared.errors import InvalidError, NotFoundError
from shared.event import Role
from shared.ids import new_id
from shared.passes import Pass

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
PERSON = UUID(int=1)
ME = Pass(Role.PERSON, PERSON, person=PERSON)
PEER = Pass(Role.PEER_SUPPORTER, UUID(int=2), member=UUID(int=3), organisation=UUID(int=4))
OTHER = Pass(Role.PRACTITIONER, UUID(int=5), member=UUID(int=6), organisation=UUID(int=7))


def a_story(*tellings: tuple[Told, ...], by: Pass = ME) -> Story:
    story, _ = tell(TellStory(PERSON, tellings[0]), by, NOW, new_id)
    for version, told in enumerate(tellings[1:], 1):
        more, _ = amend(story, version, AmendStory(PERSON, story.id, told, frozenset()), by, NOW, new_id)
        story = Story(story.id, PERSON, NOW, (*story.wordings, *more))
    return story


def without(story: Story, hidden: set[UUID]) -> Story:
    return Story(story.id, PERSON, NOW, tuple(p for p in story.wordings if p.passage not in hidden))


TOLD = st.builds(Told, heading=st.sampled_from(Heading), words=st.text(min_size=1, max_size=5))
TELLING = st.lists(TOLD, min_size=1, max_size=3).map(tuple)


@given(st.lists(TELLING, min_size=1, max_size=4), st.data())
def test_nothing_that_a_reader_sees_depends_on_what_they_may_not__s4(tellings, data) -> None:
    story = a_story(*tellings)
    every = [p.passage for p in story.wordings]
    hidden = set(data.draw(st.lists(st.sampled_from(every), unique=True)))
    seen = without(story, hidden)

    assert not hidden & {p.passage for p in seen.now()}
    assert not hidden & {p.passage for version in seen.versions() for p in version}
    assert len(seen.versions()) == len({p.version for p in story.wordings if p.passage not in hidden})
    bare = Story(story.id, PERSON, NOW, tuple(p for p in story.wordings if p in seen.wordings))
    assert seen.mark() == bare.mark()
    assert (seen.mark() == story.mark()) is (not hidden)


@given(st.lists(TELLING, min_size=1, max_size=4))
def test_no_version_ever_vanishes__s3(tellings) -> None:
    story = a_story(*tellings)

    assert [tuple(p.words for p in v) for v in story.versions()] == [tuple(t.words for t in v) for v in tellings]


def test_what_matters_most_comes_first__s13() -> None:
    told = tuple(Told(heading, heading.value) for heading in reversed(Heading))

    assert a_story(told).now()[0].heading is Heading.WHAT_MATTERS_MOST


def test_a_supporter_corrects_what_they_wrote_and_nobody_else_s__i2() -> None:
    theirs = a_story((Told(Heading.MY_WELLNESS, "Walks."),), by=PEER)
    change = AmendStory(
        PERSON,
        theirs.id,
        (Told(None, "Long walks.", passage=theirs.wordings[0].passage, why="Sam says so."),),
        frozenset(),
    )

    (wording,), _ = amend(theirs, 1, change, PEER, NOW, new_id)
    assert (wording.heading, wording.how, wording.words) == (Heading.MY_WELLNESS, Written.RECORDED_BY, "Long walks.")
    with pytest.raises(NotYourWordsError):
        amend(theirs, 1, change, OTHER, NOW, new_id)
    amend(theirs, 1, change, ME, NOW, new_id)
    mine = a_story((Told(Heading.MY_WELLNESS, "Walks."),))
    with pytest.raises(NotYourWordsError):
        amend(mine, 1, _change_of(mine), PEER, NOW, new_id)


def _change_of(story: Story) -> AmendStory:
    told = Told(None, "x", passage=story.wordings[0].passage, why="y")
    return AmendStory(PERSON, story.id, (told,), frozenset())


def test_nothing_is_corrected_that_is_not_there_any_more__s3() -> None:
    story = a_story((Told(Heading.MY_WELLNESS, "Walks."), Told(Heading.WHAT_HAPPENED, "It rained.")))
    gone = story.wordings[0].passage
    out, _ = amend(
        story,
        1,
        AmendStory(PERSON, story.id, (Told(None, None, passage=gone, why="no"),), frozenset()),
        ME,
        NOW,
        new_id,
    )
    after = Story(story.id, PERSON, NOW, (*story.wordings, *out))

    with pytest.raises(NotFoundError):
        amend(after, 2, _change_of(after), ME, NOW, new_id)
    with pytest.raises(NotFoundError):
        amend(None, 0, _change_of(after), ME, NOW, new_id)


def test_a_story_is_not_told_in_somebody_else_s_name_nor_as_a_correction__s3() -> None:
    for by, told in (
        (PEER, Told(Heading.WHAT_HAPPENED, "x", how=Written.SELF)),
        (ME, Told(Heading.WHAT_HAPPENED, "x", passage=new_id())),
        (ME, Told(Heading.WHAT_HAPPENED, None)),
        (ME, Told(None, "x")),
    ):
        with pytest.raises(InvalidError):
            tell(TellStory(PERSON, (told,)), by, NOW, new_id)
