"""How an organisation joins, and what strangers may be told of it (M1, J2a)."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.community.kinds import Membership, OrganisationKind
from services.community.organisation.domain import (
    CannotVouchError,
    Facts,
    IsBackstopError,
    Missing,
    NotWorkingError,
    Organisation,
    Reach,
    Vouch,
    go_on,
    missing_for_strangers,
    stop,
    vouch,
)
from shared.events.community import Ending
from shared.ids import new_id

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)


def a_group(**more: object) -> Organisation:
    group = Organisation(
        id=new_id(),
        name="Kitchen Table",
        kind=OrganisationKind.PEER_GROUP,
        does="We walk alongside each other.",
        reach=Reach(telephone="01632 960100"),
        membership=Membership.ASKED,
        asked_at=NOW,
    )
    return replace(group, **more)  # type: ignore[arg-type]


def a_word(organisation: UUID | None = None, *, as_expert: bool = False) -> Vouch:
    return Vouch(new_id(), organisation or new_id(), as_expert, NOW)


def test_one_word_is_enough_to_join__m1() -> None:
    joined, facts = vouch(a_group(), a_word())
    assert joined.membership is Membership.JOINED
    assert joined.joined_at == NOW
    assert [fact.type for fact in facts] == [
        "community.organisation-vouched-for",
        "community.organisation-joined",
    ]


def test_an_expert_by_experience_vouches_for_themself_and_no_organisation_stands_in_the_event__m1() -> None:
    word = a_word(as_expert=True)
    _, (said, *_) = vouch(a_group(), word)
    assert (said.by_organisation, said.by_member) == (None, word.by_member)  # type: ignore[attr-defined]


def test_nobody_vouches_for_their_own_organisation__m1() -> None:
    group = a_group()
    with pytest.raises(CannotVouchError):
        vouch(group, a_word(group.id))


@pytest.mark.parametrize("membership", [Membership.SUSPENDED, Membership.ENDED])
def test_a_word_does_not_bring_back_an_organisation_that_was_stopped__j2a(membership: Membership) -> None:
    with pytest.raises(NotWorkingError):
        vouch(a_group(membership=membership), a_word())


def test_strangers_are_told_of_a_group_with_two_vouchers_a_contact_and_a_page__m1() -> None:
    group = a_group(safeguarding_contact="Ama, 01632 960101", safety_page="Two of us, always.")
    once, _ = vouch(group, a_word())
    assert not once.offered_to_strangers
    twice, facts = vouch(once, a_word())
    assert twice.offered_to_strangers
    assert facts[-1].type == "community.organisation-offered-to-strangers"


def test_two_words_of_one_organisation_are_one_voucher__m1() -> None:
    other = new_id()
    once, _ = vouch(a_group(safeguarding_contact="Ama", safety_page="Two of us."), a_word(other))
    twice, _ = vouch(once, a_word(other))
    assert missing_for_strangers(twice) == (Missing.TWO_VOUCHERS,)


def test_the_same_word_again_changes_nothing() -> None:
    word = a_word()
    once, _ = vouch(a_group(), word)
    assert vouch(once, word) == (once, ())


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [("safeguarding_contact", Missing.SAFEGUARDING_CONTACT), ("safety_page", Missing.SAFETY_PAGE)],
)
def test_what_is_lacking_for_strangers_is_named__m1(lacking: str, reason: Missing) -> None:
    whole = a_group(safeguarding_contact="Ama", safety_page="Two of us.", vouches=(a_word(), a_word()))
    assert missing_for_strangers(whole) == ()
    assert missing_for_strangers(replace(whole, **{lacking: None})) == (reason,)  # type: ignore[arg-type]


def test_a_commissioned_body_is_answered_for_by_its_contract__m1() -> None:
    assert missing_for_strangers(a_group(facts=Facts(commissioned=True))) == ()


def test_the_backstop_is_neither_ended_nor_suspended__j2a() -> None:
    backstop = a_group(membership=Membership.JOINED)
    for how in Ending:
        with pytest.raises(IsBackstopError):
            stop(backstop, how, backstop.id)


def test_a_stopped_organisation_names_who_takes_its_people__j2a() -> None:
    backstop = new_id()
    stopped, (fact,) = stop(a_group(membership=Membership.JOINED), Ending.ENDED, backstop)
    assert stopped.membership is Membership.ENDED
    assert (fact.how, fact.backstop) == (Ending.ENDED, backstop)  # type: ignore[attr-defined]


def test_only_a_suspended_organisation_goes_on() -> None:
    suspended, _ = stop(a_group(membership=Membership.JOINED), Ending.SUSPENDED, new_id())
    assert go_on(suspended)[0].works
    for membership in (Membership.ENDED, Membership.JOINED, Membership.ASKED, Membership.LISTED):
        with pytest.raises(NotWorkingError):
            go_on(a_group(membership=membership))
