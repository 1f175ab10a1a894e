"""The one decision point: every disclosure of every service is answered here, and its line is durable first (C3).

One read of consent's own (two where a choice speaks of offers), one question to pathway where only standing can say
yes, and one line of the ledger by group commit.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from services.consent.choice.domain import Asker, Choice, WhoKind
from services.consent.choice.leading import by_name_only
from services.consent.decision import domain
from services.consent.ledger.domain import Entry
from services.consent.ledger.writer import broken_batches
from services.consent.store import ConsentStore
from shared.errors import NotFoundError, UnavailableError
from shared.event import Part, Role
from shared.ids import new_id
from shared.news import AskOfMany
from shared.ports import Act, Answer, Ask, Why

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from services.consent.ledger.writer import Ledger
    from shared.clock import Clock
    from shared.db import Database
    from shared.news import AskOfMany
    from shared.passes import Pass
    from shared.ports import Ports

NEEDS_OFFERS = frozenset({WhoKind.OFFER, WhoKind.ANY_CRISIS_SERVICE})
ROLES = frozenset({WhoKind.ROLE})
HEARD = frozenset({Act.READ, Act.WRITE})
"""Acts of whose no a caller hears."""


class ConsentPort:
    """Consent as every other service sees it: a ``Decider``."""

    def __init__(self, database: Database, ledger: Ledger, clock: Clock, ports: Ports) -> None:
        """``ports`` is read when a question comes: pathway may be wired later."""
        self.database = database
        self.ledger = ledger
        self.clock = clock
        self.ports = ports

    async def decide(self, ask: Ask) -> Answer:
        """Answer one question. Raises UnavailableError when choices can't be read or a permit can't be written."""
        now, by = self.clock.now(), ask.by
        async with self.database.read(once=True) as connection:
            choices, stopped = await ConsentStore(connection).choices_about(
                ask.person, organisation=by.organisation, member=by.member, themself=by.person
            )
        offers = None
        if by.organisation is not None and _speak_of(choices, NEEDS_OFFERS):
            async with self.database.read(once=True) as connection:  # whose an offer is may be newer than the choice
                offers = await ConsentStore(connection).offers_of(by.organisation)
        asker = await self._asker(by, choices, offers)  # it asks community: no connection is held meanwhile
        question = domain.Question(asker, ask.person, ask.part, ask.act)
        verdict = domain.by_choice(question, choices, now)
        if not verdict.permitted and ask.act in HEARD:
            await self._as_of_a_stranger(ask, choices, asked_standing=verdict.open)
        if verdict.open and ask.part in domain.BY_STANDING and asker.organisation is not None:
            standing = await self.ports.pathway.standing(asker.organisation, ask.person)
            owed = any(choice.owed_by == asker.organisation for choice in choices)
            verdict = domain.by_standing(question, verdict, standing, owed=owed)
        if domain.may_be_emergency(question, verdict):
            verdict = await self._in_emergency(ask, verdict, now)
        if verdict.permitted and stopped:
            verdict = domain.of_a_stopped_organisation(verdict)
        withheld = frozenset[UUID]()
        if verdict.permitted and ask.part is Part.STORY:
            withheld = await self._withheld(ask.person, asker)
        entry = _line(ask, asker, verdict, now)
        if verdict.permitted:
            await self.ledger.write(entry)
        else:
            self.ledger.note(entry)
        return Answer(permitted=verdict.permitted, why=verdict.why, choice=verdict.choice, except_for=withheld)

    async def surely_not(self, ask: AskOfMany) -> frozenset[UUID]:
        """Give what of much news the reader may not have, as no choice of the person's could name them; a line is
        written for each as in ``decide``. Where standing, or the reader's being the person, may say yes, nothing is
        said. Raises UnavailableError.
        """
        by, now = ask.by, self.clock.now()
        if by.role is Role.PERSON:
            return frozenset()
        people = {each.person for each in ask.news}
        async with self.database.read(once=True) as connection:
            named = await ConsentStore(connection).with_choices_about(
                people, organisation=by.organisation, member=by.member, themself=by.person
            )
        no = [each for each in ask.news if each.person not in named and each.part not in domain.BY_STANDING]
        asker = Asker(by.role, by.purpose, by.organisation, by.member, by.person)
        for each in no:
            verdict = domain.by_choice(domain.Question(asker, each.person, each.part, Act.DELIVERY), (), now)
            self.ledger.note(_line(Ask(by, each.person, each.part, Act.DELIVERY, each.thing), asker, verdict, now))
        return frozenset(each.thing for each in no)

    async def _in_emergency(self, ask: Ask, verdict: domain.Verdict, now: datetime) -> domain.Verdict:
        """Let emergency access answer where the person has not chosen (C5)."""
        by = ask.by
        if by.member is None or by.organisation is None:
            return verdict
        async with self.database.read(once=True) as connection:
            access = await ConsentStore(connection).access_of(ask.person, by.member, by.organisation, now)
        return verdict if access is None else domain.Verdict(permitted=True, why=Why.EMERGENCY, choice=access)

    async def _withheld(self, person: UUID, asker: Asker) -> frozenset[UUID]:
        """Give the passages that the person withholds from who asks (S4). Read after they asked, as choices are: so
        none that was withheld before leaves once the permits of before have run out.

        A system's organisation is asked which of its members are named; where that can't be asked, all may be.
        """
        async with self.database.read(once=True) as connection:
            found = await ConsentStore(connection).withheld_from(person, asker)
        theirs = set[UUID]()
        if asker.role is Role.SYSTEM and asker.organisation is not None:
            for member in {each.who.id for each in found if each.who.kind is WhoKind.MEMBER and each.who.id}:
                try:
                    belongs = await self.ports.community.is_member(member, asker.organisation)
                except UnavailableError:
                    belongs = True
                theirs |= {member} if belongs else set()
        return frozenset(each.passage for each in found if each.covers(asker, theirs))

    async def _as_of_a_stranger(self, ask: Ask, choices: Sequence[Choice], *, asked_standing: bool) -> None:
        """Before a no, ask others whatever is asked about somebody with choices and about a stranger.

        It changes no answer. But where one of them can't be asked, that is a 503, and it takes its time: neither may
        tell a person who said no from one who does not exist (C4). Raises UnavailableError.
        """
        organisation = ask.by.organisation
        if organisation is None:
            return
        if ask.part in domain.BY_STANDING and not asked_standing:
            await self.ports.pathway.standing(organisation, ask.person)
        if not _speak_of(choices, ROLES):
            with suppress(NotFoundError):
                await self.ports.community.organisation(organisation)

    async def hidden(self, person_id: UUID, ids: frozenset[UUID]) -> frozenset[UUID]:
        """Give those of ``ids``, organisations, members and people, whom the person asked us not to speak to (S6).

        It tells nobody anything of the person, so nothing is written. Raises UnavailableError.
        """
        now = self.clock.now()
        async with self.database.read() as connection:
            choices = await ConsentStore(connection).choices_of(person_id)
        return ids & {choice.who.id for choice in choices if choice.hide and choice.in_force(now)}

    async def broken_batches(self) -> list[int]:
        """Check the whole ledger; give the numbers of batches that are not as they were written."""
        async with self.database.read() as connection:
            return await broken_batches(ConsentStore(connection))

    async def _asker(self, by: Pass, choices: Sequence[Choice], offers: tuple[frozenset[UUID], bool] | None) -> Asker:
        """Say who asks; an organisation is looked up only where a choice speaks of offers or of a role.

        "Any crisis service" means commissioned ones: nobody becomes one by calling an offer of theirs so. A yes to a
        role is for those commissioned or vouched for twice: nobody becomes a practitioner by saying so (M1).
        """
        asker = Asker(by.role, by.purpose, by.organisation, by.member, by.person)
        if by.organisation is None:
            return asker
        if offers is not None:
            theirs, at_crisis = offers
            at_crisis = at_crisis and (await self.ports.community.organisation(by.organisation)).commissioned
            asker = replace(asker, offers=theirs, at_crisis=at_crisis)
        if _speak_of(choices, ROLES):
            asker = replace(asker, by_name_only=await by_name_only(self.ports, by.organisation))
        return asker


def _line(ask: Ask, asker: Asker, verdict: domain.Verdict, now: datetime) -> Entry:
    return Entry(
        id=new_id(),
        at=now,
        person=ask.person,
        permitted=verdict.permitted,
        why=verdict.why,
        choice=verdict.choice,
        part=ask.part,
        act=ask.act,
        purpose=asker.purpose,
        thing=ask.thing,
        role=asker.role,
        organisation=asker.organisation,
        member=asker.member or asker.person,
    )


def _speak_of(choices: Sequence[Choice], kinds: frozenset[WhoKind]) -> bool:
    return any(choice.who.kind in kinds for choice in choices)
