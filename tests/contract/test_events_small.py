"""A fact is small by what it may hold, so that no broker ever turns one away (Kafka takes 1 MB) and stops a relay.

Ids, codes of 48 letters, instants and whole numbers of 64 bits have a most; only a field that holds several has none of
its own. Each of those is named here, with what bounds it.
"""

from dataclasses import fields
from typing import Any, get_origin, get_type_hints

from services.pathway.wayout.domain import LetGoReason
from shared.event import Code, Part, encode
from tests.support.golden import a_sample, registered

MOST_BYTES = 4096
ALL_PARTS = tuple(sorted(Part))
SEVERAL: dict[tuple[str, str], tuple[Any, ...]] = {
    ("consent.given", "parts"): ALL_PARTS,  # a choice keeps its parts as a set
    ("consent.said-no", "parts"): ALL_PARTS,
    ("pathway.let-go-turned-back", "reasons"): tuple(Code(each.value) for each in LetGoReason),
}


def test_only_these_fields_hold_several_and_each_is_bounded_by_a_list_of_ours() -> None:
    found = {
        (name, field)
        for (name, _), kind in registered().items()
        for field, hint in get_type_hints(kind).items()
        if get_origin(hint) is tuple
    }
    assert found == set(SEVERAL)


def test_a_fact_of_any_kind_is_smaller_than_4_kilobytes_with_all_that_it_may_hold() -> None:
    sizes = {}
    for name, version in registered():
        event, envelope = a_sample(registered()[name, version])
        full = {each.name: _most(name, each.name, getattr(event, each.name)) for each in fields(event)}
        sizes[name, version] = len(encode(type(event)(**full), envelope))
    assert {each: size for each, size in sizes.items() if size > MOST_BYTES} == {}


def _most(name: str, field: str, value: Any) -> Any:
    if type(value) is int:
        return 2**63 - 1
    return Code("c" * 48) if type(value) is Code else SEVERAL.get((name, field), value)
