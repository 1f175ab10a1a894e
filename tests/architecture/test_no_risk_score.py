"""No schema, code list, event, page or export says how likely someone is to come to harm (rule P7).

NHS England, Staying safe from suicide (2025): risk scores and low/medium/high bands do not tell who will die,
and decide who is turned away. *How soon* may be said, *how likely* may not. Names and codes are read;
people's own words never are.
"""

import ast
import dataclasses
import enum
import importlib
import json
import tomllib
import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pydantic
import pytest
import sqlalchemy

import shared.event
from tests.support import tree
from tests.support.words import said_in_python, words

# Words that, in the name of a field, column, code, event or route, grade people.
GRADING = {
    *("risk", "risks", "risky", "severity", "severities", "likelihood", "likelihoods", "dangerousness"),
    *("lethality", "suicidality", "acuity", "triage", "probability", "vulnerability"),
}
# Two of these in one list of codes are a scale of how bad someone is, whatever the list is called.
SCALE = {
    *("low", "medium", "moderate", "high", "very-low", "very-high", "mild", "severe", "extreme"),
    *("lower", "higher", "standard-risk", "amber", "red"),
}
# The clock is at risk of running over; nobody is graded by it (J10).
ALLOWED = ("clock at risk", "at risk clock")


def grades(name: str) -> bool:
    """Say whether a name or code holds a grading word."""
    plain = f" {' '.join(words(name))} "
    for allowed in ALLOWED:
        plain = plain.replace(f" {allowed} ", " ")
    return not GRADING.isdisjoint(plain.split())


def is_scale(codes: Iterable[object]) -> bool:
    """Say whether a list of codes is a scale: low, medium, high, or a traffic light with its amber."""
    held = {"-".join(words(code)) for code in codes if isinstance(code, str)}
    return len(held & SCALE) > 1


def scales_in(module: ast.AST) -> Iterator[list[object]]:
    """Every literal list, set, tuple and Literal, the keys of every dict, the values of every enum."""
    for node in ast.walk(module):
        if isinstance(node, ast.List | ast.Set | ast.Tuple):
            yield [each.value for each in node.elts if isinstance(each, ast.Constant)]
        elif isinstance(node, ast.Dict):
            yield [each.value for each in node.keys if isinstance(each, ast.Constant)]
        elif isinstance(node, ast.ClassDef):
            yield [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
            yield [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]


def found_in_python(source: str) -> list[str]:
    said = [said.text for said in said_in_python(source) if said.kind != "prose" and grades(said.text)]
    return said + [str(codes) for codes in scales_in(ast.parse(source)) if is_scale(codes)]


def found_in_data(value: Any) -> Iterator[str]:
    """Look through the keys, code lists and single codes of a rulebook, a schema or an OpenAPI page."""
    if isinstance(value, dict):
        yield from (key for key in value if grades(str(key)))
        if is_scale(value):
            yield str(list(value))
        for inner in value.values():
            yield from found_in_data(inner)
    elif isinstance(value, list):
        if is_scale(value):
            yield str(value)
        for inner in value:
            yield from found_in_data(inner)
    elif isinstance(value, str) and " " not in value and grades(value):
        yield value


def modules() -> list[Any]:
    """Every module of ours that importing does not start anything (the command line and migrations apart)."""
    names = [
        tree.name(path).removesuffix(".py").removesuffix("/__init__") for path in tree.python("services", "shared")
    ]
    return [
        importlib.import_module(name.replace("/", "."))
        for name in names
        if "/migrations" not in name and not name.endswith("__main__")
    ]


def found_in_types(module: Any) -> Iterator[str]:
    """Look through the fields, enum codes, JSON schemas and table columns that a module defines."""
    for value in vars(module).values():
        if isinstance(value, sqlalchemy.Table):
            yield from (
                f"{value.name}.{column.name}" for column in value.columns if grades(f"{value.name} {column.name}")
            )
        elif isinstance(value, type) and value.__module__ == module.__name__:
            yield from (f"{value.__name__}: {found}" for found in _found_in_class(value))


def _found_in_class(cls: type) -> Iterator[str]:
    if issubclass(cls, enum.Enum):
        codes = [str(member.value) for member in cls]
        yield from (code for code in codes if grades(code))
        yield from [str(codes)] * is_scale(codes)
    elif issubclass(cls, pydantic.BaseModel):
        yield from found_in_data(cls.model_json_schema())
    elif dataclasses.is_dataclass(cls):
        yield from (field.name for field in dataclasses.fields(cls) if grades(field.name))


def test_no_name_or_code_grades_a_person() -> None:
    found = {tree.name(p): hits for p in tree.python("services", "shared") if (hits := found_in_python(p.read_text()))}
    assert not found


def test_no_type_schema_or_table_grades_a_person() -> None:
    found = {module.__name__: hits for module in modules() if (hits := list(found_in_types(module)))}
    assert not found


def test_no_event_grades_a_person() -> None:
    modules()
    events = shared.event.REGISTRY.items()
    assert not [name for (name, _), cls in events if any(grades(each) for each in (name, *cls.__annotations__))]


def test_no_rulebook_or_code_list_grades_a_person() -> None:
    readers = {".json": json.loads, ".toml": tomllib.loads}
    files = [p for p in tree.files() if tree.name(p).startswith(("services/", "shared/")) and p.suffix in readers]
    assert not {tree.name(p): hits for p in files if (hits := list(found_in_data(readers[p.suffix](p.read_text()))))}


def test_no_page_grades_a_person() -> None:
    pages = [p for p in tree.files() if tree.name(p).startswith("services/") and p.suffix in {".html", ".txt"}]
    assert not [tree.name(p) for p in pages if grades(p.read_text())]


@pytest.mark.parametrize(
    "source",
    [
        "class Person:\n    risk: int",
        "def save(suicide_risk_score): ...",
        "class Severity(Enum):\n    ONE = 1",
        "class Need(StrEnum):\n    A = 'low'\n    B = 'medium'\n    C = 'high'",
        "HowMuch = Literal['low', 'high']",
        "Column('likelihood', Integer)",
        "COLOURS = {'red': 1, 'amber': 2, 'green': 3}",
        "TYPE = 'pathway.risk-rated'",
        "ROUTE = '/v1/people/{id}/risks'",
    ],
)
def test_a_planted_grade_is_found_in_code(source: str) -> None:
    assert found_in_python(source)


def test_a_planted_grade_is_found_in_types_schemas_tables_and_data(tmp_path: Path) -> None:
    class Planted(pydantic.BaseModel):
        risk_level: int

    class Banded(enum.StrEnum):
        ONE = "low"
        TWO = "high"

    table = sqlalchemy.Table("pathway_person", sqlalchemy.MetaData(), sqlalchemy.Column("acuity", sqlalchemy.Integer))
    module = types.ModuleType("planted")
    for cls in (Planted, Banded):
        cls.__module__ = "planted"
        setattr(module, cls.__name__, cls)
    module.__dict__["table"] = table
    assert len({hit.split(":")[0] for hit in found_in_types(module)}) == len((Planted, Banded, table))
    assert list(found_in_data({"person": {"enum": ["low", "moderate"]}}))
    assert list(found_in_data(tomllib.loads("[drift]\nseverity = 3")))


def test_how_soon_and_people_s_own_words_are_not_touched() -> None:
    assert not found_in_python("class HowSoon(StrEnum):\n    NOW = 'now'\n    TODAY = 'today'\n    WEEK = 'this-week'")
    assert not found_in_python("@fact('pathway.clock-at-risk', says='The clock is at risk.')\nclass ClockAtRisk: ...")
    assert not found_in_python("SAID = 'They said I was high risk and closed the door.'")
    assert not list(found_in_data({"text": "low, medium or high, nobody asked me"}))
