"""Reading who somebody is, and recognising them without telling a stranger from somebody known (S2, C4)."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING
from uuid import UUID

from services.intake.keys import ALWAYS_HASHED, code_words_match
from services.intake.person.domain import Identifier, Person
from services.intake.person.store import PersonStore
from shared.errors import NotFoundError

if TYPE_CHECKING:
    from shared.decisions import Permit


async def read_person(store: PersonStore, permit: Permit) -> Person:
    """Give the person that the permit is about. Raises NotFoundError."""
    person = await store.get_person(permit)
    if person is None:
        raise NotFoundError
    return person


async def recognise(store: PersonStore, identifier: Identifier, code_word: str, caller: Hashable) -> UUID | None:
    """Give whom an identifier and a code word prove together; None for nobody, as slowly as for somebody.

    After too many wrong tries the answer is None even for a right one, and nothing says so.
    """
    found = (await store.find(identifier)).get(identifier.kind, ())
    people = tuple(dict.fromkeys(each.person for each in found))
    words = await store.code_words(people)
    asked = tuple((person, words[person]) for person in people if person in words)[:ALWAYS_HASHED]
    right = await code_words_match(code_word, tuple(kept for _, kept in asked))
    proved = [person for (person, _), yes in zip(asked, right, strict=True) if yes]
    key = store.keys.lookup(identifier)
    if store.tries.too_many(caller, key):
        return None
    if len(proved) != 1:
        store.tries.wrong(caller, key)
        return None
    return proved[0]
