"""People and what they can be looked up by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Integer, LargeBinary, String, bindparam, delete, literal, or_, select

from services.intake.person.domain import Found, Identifier, IdKind, Person, Surety
from services.intake.tables import KNOWN_BY, PERSON, REACH
from shared.db import Connection, Sql, insert_into, listed

if TYPE_CHECKING:
    from services.intake.keys import Keys
    from services.intake.person.tries import Tries
    from shared.decisions import Permit

_OF = PERSON.c.id == bindparam("person", type_=PERSON.c.id.type)
_GET = Sql(select(PERSON).where(_OF))
_EXISTS = Sql(select(literal(1).label("yes")).where(_OF))
_ADD = Sql(insert_into(PERSON))
_ADD_KEY = Sql(insert_into(KNOWN_BY))
_DROP_KEYS = Sql(
    delete(KNOWN_BY).where(
        KNOWN_BY.c.person == bindparam("of_person", type_=KNOWN_BY.c.person.type),
        KNOWN_BY.c.kind.in_([IdKind.PHONE, IdKind.EMAIL]),
    )
)
_DROP_PHONE = Sql(
    delete(KNOWN_BY).where(
        KNOWN_BY.c.person == bindparam("of_person", type_=KNOWN_BY.c.person.type),
        KNOWN_BY.c.kind == IdKind.PHONE,
    )
)
_SIGNS_IN = Sql(
    select(literal(1).label("yes")).where(
        KNOWN_BY.c.person == bindparam("person", type_=KNOWN_BY.c.person.type), KNOWN_BY.c.kind == IdKind.EMAIL
    )
)
_FIND = Sql(
    select(KNOWN_BY.c.kind, KNOWN_BY.c.person, KNOWN_BY.c.surety)
    .where(
        or_(
            (KNOWN_BY.c.kind == bindparam("kind_a", type_=String()))
            & (KNOWN_BY.c.key == bindparam("key_a", type_=LargeBinary())),
            (KNOWN_BY.c.kind == bindparam("kind_b", type_=String()))
            & (KNOWN_BY.c.key == bindparam("key_b", type_=LargeBinary())),
        )
    )
    .order_by(KNOWN_BY.c.surety.desc(), KNOWN_BY.c.person)
    .limit(bindparam("most", type_=Integer))
)
_CODE_WORDS = Sql(select(REACH.c.person, REACH.c.salt, REACH.c.hashed).where(listed(REACH.c.person, "people")))
MOST_FOUND = 20


class PersonStore:
    """People."""

    def __init__(self, connection: Connection, keys: Keys, tries: Tries) -> None:
        """Keep the connection of one transaction or read, the instance's key, and who tried code words."""
        self.connection = connection
        self.keys = keys
        self.tries = tries

    async def person_exists(self, person: UUID) -> bool:
        """Say whether there is such a person; nothing of them is disclosed."""
        return await self.connection.one(_EXISTS, person=person) is not None

    async def get_person(self, permit: Permit) -> Person | None:
        """Give the person that the permit is about."""
        return await self.person_of(permit.person)

    async def person_of(self, person: UUID) -> Person | None:
        """Give a person for a rule or for the first hold; a route reads through ``get_person``."""
        row = await self.connection.one(_GET, person=person)
        if row is None:
            return None
        born = date.fromisoformat(row["born"]) if row["born"] else None
        number = self.keys.unseal(row["nhs_number"]) if row["nhs_number"] else None
        return Person(**{**row, "born": born, "nhs_number": number})

    async def add_person(self, person: Person) -> None:
        """Write a new person, held by the backstop from this write (J2a)."""
        born = person.born.isoformat() if person.born else None
        number = self.keys.seal(person.nhs_number) if person.nhs_number else None
        await self.connection.run(
            _ADD, id=person.id, called=person.called, born=born, nhs_number=number, at=person.at,
            first_lead=person.first_lead, first_chosen=person.first_chosen,
        )  # fmt: skip

    async def add_known_by(self, person: UUID, known_by: Iterable[Identifier], surety: Surety) -> None:
        """Write what a person can be found by."""
        rows = [
            {"kind": each.kind, "key": self.keys.lookup(each), "person": person, "surety": int(surety)}
            for each in known_by
        ]
        if rows:
            await self.connection.many(_ADD_KEY, rows)

    async def replace_known_by(self, person: UUID, known_by: Iterable[Identifier], surety: Surety) -> None:
        """Put a new phone and e-mail address in the place of the old, as what the person can be found by.

        An address that signs somebody in stays until the person themself sets their safe route.
        """
        await self.connection.run(_DROP_KEYS if surety is Surety.PERSON else _DROP_PHONE, of_person=person)
        await self.add_known_by(person, known_by, surety)

    async def signs_in(self, person: UUID) -> bool:
        """Say whether an e-mail address signs the person in."""
        return await self.connection.one(_SIGNS_IN, person=person) is not None

    async def find(self, first: Identifier, second: Identifier | None = None) -> dict[IdKind, tuple[Found, ...]]:
        """Give whom one or two identifiers find, the surest first, in one statement."""
        other = second or first
        rows = await self.connection.all(
            _FIND, kind_a=first.kind, key_a=self.keys.lookup(first), kind_b=other.kind,
            key_b=self.keys.lookup(other), most=MOST_FOUND,
        )  # fmt: skip
        found: dict[IdKind, tuple[Found, ...]] = {}
        for row in rows:
            kind = IdKind(row["kind"])
            found[kind] = (*found.get(kind, ()), Found(row["person"], Surety(row["surety"])))
        return found

    async def code_words(self, people: Iterable[UUID]) -> dict[UUID, tuple[bytes, bytes]]:
        """Give salt and hash of the code words of those who have one."""
        rows = await self.connection.all(_CODE_WORDS, people=list(people))
        return {row["person"]: (row["salt"], row["hashed"]) for row in rows if row["salt"] is not None}
