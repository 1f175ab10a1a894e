"""Begins a place of one's own: backstop, steward, duty line and first group, in one transaction (J2a).

``alongside init`` asks the questions; this is what it does with the answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.community.bodies import Email, Name, Telephone
from services.community.kinds import Membership, OrganisationKind
from services.community.member.domain import AddMember, Member
from services.community.member.handlers import add_member
from services.community.organisation import handlers as organisations
from services.community.organisation.domain import Enter, Facts, FirstMember, GiveWord, Organisation, Reach
from services.community.place.domain import AlreadyFoundedError, NameBackstop
from services.community.place.handlers import name_backstop
from services.community.route import handlers as routes
from services.community.route.domain import AddRoute, RecordTest, RingRoute
from shared.event import Role
from shared.events.community import PLACE
from shared.http import Line, Words
from shared.ids import new_id
from shared.passes import Origin, Pass
from shared.ports import Channel

if TYPE_CHECKING:
    from datetime import datetime

    from services.community.store import CommunityStore
    from shared.shell import Shell, Tx


class _Answers(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DutyRoute(_Answers):
    """One route of the duty line: a telephone number or an e-mail address, and whether a human answered it."""

    telephone: Telephone | None = None
    email: Email | None = None
    answered: bool

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.telephone is None) == (self.email is None):
            raise ValueError("one of the two")
        return self


class FirstGroup(_Answers):
    """The first small group, and who of it may sign in; the backstop vouches for it (M1)."""

    name: Name
    does: Words
    telephone: Telephone
    member_name: Name
    member_email: Email


class Founding(_Answers):
    """What ``alongside init`` asks. Raises pydantic's ValidationError, which names the answers that are wrong."""

    backstop_name: Name
    backstop_does: Words
    backstop_telephone: Telephone
    backstop_address: Line | None = None
    steward_name: Name
    steward_email: Email
    duty_line: Annotated[tuple[DutyRoute, ...], Field(min_length=2, max_length=12)]
    first_group: FirstGroup | None = None


@dataclass(frozen=True, slots=True)
class Founded:
    """What was begun. ``ready``: two routes answered, so the place serves."""

    backstop: UUID
    steward: UUID
    first_group: UUID | None
    ready: bool


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """Begin a place; the ids are given so that every stream is locked."""

    founding: Founding
    backstop: UUID
    group: UUID

    @property
    def streams(self) -> tuple[UUID, ...]:
        """It is about the backstop, the first group and the place."""
        return (self.backstop, self.group, PLACE)


async def found_place(shell: Shell[CommunityStore], founding: Founding) -> Founded:
    """Begin a place. Raises AlreadyFoundedError when it has a backstop, and nothing is then changed."""
    origin = Origin(Pass(Role.STEWARD, new_id()), new_id())
    return await shell.run(begin, FoundPlace(founding, new_id(), new_id()), origin, gives=Founded)


async def begin(command: FoundPlace, tx: Tx[CommunityStore]) -> Founded:
    """Do all of it, or nothing."""
    if (await tx.store.place()).backstop is not None:
        raise AlreadyFoundedError
    asked = command.founding
    await organisations.enter(Enter(_backstop(command, tx.now), by_steward=True), tx)
    steward = await add_member(
        AddMember(
            Member(
                id=tx.new_id(),
                organisation=command.backstop,
                name=asked.steward_name,
                role=Role.STEWARD,
                joined_at=tx.now,
                email=asked.steward_email,
            )
        ),
        tx,
    )
    for each in asked.duty_line:
        await _duty_route(each, tx)
    await name_backstop(NameBackstop(command.backstop), tx)
    group = await _first_group(asked.first_group, command, steward, tx) if asked.first_group else None
    return Founded(command.backstop, steward, group, (await tx.store.place()).ready)


def _backstop(command: FoundPlace, now: datetime) -> Organisation:
    asked = command.founding
    return Organisation(
        id=command.backstop,
        name=asked.backstop_name,
        kind=OrganisationKind.NHS_TRUST,
        does=asked.backstop_does,
        reach=Reach(telephone=asked.backstop_telephone, address=asked.backstop_address),
        membership=Membership.ASKED,
        asked_at=now,
        facts=Facts(funded=True, commissioned=True, can_lead=True, round_the_clock=True),
    )


async def _duty_route(asked: DutyRoute, tx: Tx[CommunityStore]) -> None:
    channel = Channel.TEXT if asked.telephone else Channel.EMAIL
    address = asked.telephone or asked.email or ""
    route = await routes.add_to_duty_line(
        AddRoute(RingRoute(tx.new_id(), PLACE, position=0, channel=channel, address=address)), tx
    )
    await routes.record_test(RecordTest(PLACE, route, answered=asked.answered), tx)


async def _first_group(asked: FirstGroup, command: FoundPlace, steward: UUID, tx: Tx[CommunityStore]) -> UUID:
    group = Organisation(
        id=command.group,
        name=asked.name,
        kind=OrganisationKind.PEER_GROUP,
        does=asked.does,
        reach=Reach(telephone=asked.telephone),
        membership=Membership.ASKED,
        asked_at=tx.now,
        first_member=FirstMember(asked.member_name, asked.member_email),
    )
    await organisations.enter(Enter(group, by_steward=False), tx)
    word = GiveWord(group.id, by_member=steward, by_organisation=command.backstop, as_expert=False)
    return await organisations.vouch(word, tx)
