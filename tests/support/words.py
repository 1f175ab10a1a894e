"""Reading code and pages for words: the names that we define, what we say in strings, comments and docs.

Names that third parties own are left out by reading definitions only: what we call is theirs to name, what we
define is ours.
"""

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Kind = Literal["name", "code", "prose"]
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CODE = re.compile(r"[A-Za-z0-9_./:{}$\-]+\Z")


@dataclass(frozen=True)
class Said:
    """One thing that the project says. `kind`: a name we define, a code (event type, route, key) or prose."""

    kind: Kind
    text: str
    line: int


def words(text: str) -> tuple[str, ...]:
    """Split a name, code or sentence into words: `PeerGroup`, `peer_group` and `peer-group` are two each."""
    return tuple(re.findall(r"[a-z0-9']+", _HUMP.sub(" ", text).lower()))


def has(text: str, phrase: str) -> bool:
    """Say whether the whole words of `phrase` stand one after the other in `text`."""
    return f" {' '.join(words(phrase))} " in f" {' '.join(words(text))} "


def said_in(path: Path) -> Iterator[Said]:
    text = path.read_text(errors="replace")
    if path.suffix == ".py":
        yield from said_in_python(text)
    elif path.suffix == ".json":
        yield from _said_in_data(json.loads(text))
    elif path.suffix in {".md", ".html", ".txt", ".toml", ".sql", ".mako", ".yml", ".yaml", ".ini"}:
        yield from (Said("prose", line, number) for number, line in enumerate(text.splitlines(), 1))


def said_in_python(source: str, *, with_strings: bool = True) -> Iterator[Said]:
    module = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        yield from (Said("name", name, getattr(node, "lineno", 0)) for name in _defined(node))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (with_strings or id(node) in docstrings):
            yield Said("code" if _CODE.match(node.value) else "prose", node.value, node.lineno)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Said("prose", token.string, token.start[0])


def _defined(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
            yield name
        case ast.alias(asname=str(name)):
            yield name
        case _:
            return


def _said_in_data(value: Any) -> Iterator[Said]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield Said("code", str(key), 0)
            yield from _said_in_data(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _said_in_data(inner)
    elif isinstance(value, str):
        yield Said("code" if _CODE.match(value) else "prose", value, 0)
