"""The catalogues of the portal: every sentence that the person and everybody can meet there, in each language.

``python -m tests.support.catalogues`` writes ``services/portal/locale`` anew: what is translated stays, what is new
stands there empty, what is gone is left out. Pages that only others can open are English for now.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2.meta
from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_python
from babel.messages.pofile import read_po, write_po
from fastapi.routing import APIRoute
from jinja2.ext import babel_extract

from services.calls.elsewhere import wired_over_nothing
from services.cli.docs import every_module
from services.cli.routes import expression
from services.gateway.front.openapi import allowed_roles
from services.pathway.timeline.domain import ABOUT_NOBODY, THE_PERSONS
from services.portal.app import FILES, books
from services.portal.drawing import Drawing
from services.portal.words import BABEL, ENGLISH, LANGUAGES, LOCALE
from shared.errors import CATALOGUE, AlongsideError, Kind, Reason
from shared.event import Role
from tests.support.errors_reached import errors_of
from tests.support.golden import registered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PORTAL = LOCALE.parent
ROOT = PORTAL.parents[1]
NOT_YET = ("beside", "work", "people")
"""What only pages that stay English for now use: files and templates whose names begin so."""
MARKS = {"_": None, "said": (2,)}
PAGES_OWN = {Kind.FORBIDDEN, Kind.MISSING, Kind.STALE, Kind.THROTTLED, Kind.UNAVAILABLE, Kind.FAULT}
"""What an API answers so, pages say in sentences of their own."""
ROLES = {Role.PERSON, Role.ANYONE}
STEP = "{}"
HEADER = """\
# {name}: the words of the portal.
#
# WRITTEN WITHOUT A NATIVE SPEAKER. Before anybody in distress meets these words, a native speaker who has lived
# experience of mental health support has to read and mend every one of them.
# `python -m tests.support.catalogues` adds new sentences here and takes out those that are gone.
msgid ""
msgstr ""
"Project-Id-Version: Alongside\\n"
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def sentences() -> dict[str, set[str]]:
    """Give every sentence that the person and everybody can meet, with the files that say it."""
    found: dict[str, set[str]] = defaultdict(set)
    for english, path in (*_of_code(), *_of_templates(), *_of_the_timeline(), *_of_errors()):
        found[english].add(path)
    return dict(found)


def pages() -> list[Path]:
    """Give the files of pages of which the person or everybody can open one; the others are English for now."""
    roles = {name: [page.roles for page in book.pages] for name, book in zip(FILES, books(), strict=True)}
    return [
        PORTAL / "pages" / f"{name}.py"
        for name, each in roles.items()
        if any(not one or Role.PERSON in one for one in each)
    ]


def code() -> list[Path]:
    """Give those files, those of the frame of every page, and all of the portal that they use."""
    waiting = [*pages(), PORTAL / "app.py"]
    found: list[Path] = []
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.append(path)
        named = re.findall(r"^\s*from (services\.portal[\w.]*) import ([\w, ]+)", path.read_text(), re.MULTILINE)
        for package, names in named:
            for each in (package, *(f"{package}.{name.strip()}" for name in names.split(","))):
                file = ROOT / f"{each.replace('.', '/')}.py"
                waiting += [file] if file.exists() and not file.name.startswith(NOT_YET) else []
    return sorted(found)


def templates() -> list[str]:
    """Give the names of the templates that those files draw, and of all that these are made of."""
    environment = Drawing().environment
    own = {path.name for path in (PORTAL / "templates").glob("*.html") if not path.name.startswith(NOT_YET)}
    waiting = {each for path in code() for each in re.findall(r'"([\w-]+\.html)"', path.read_text())} & own
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        source = (PORTAL / "templates" / name).read_text()
        waiting |= (set(jinja2.meta.find_referenced_templates(environment.parse(source))) & own) - found
    return sorted(found)


def _of_code() -> Iterator[tuple[str, str]]:
    for path in code():
        yield from _marked(path, extract_python)


def _of_templates() -> Iterator[tuple[str, str]]:
    for name in templates():
        yield from _marked(PORTAL / "templates" / name, babel_extract)


def _marked(path: Path, method: Any) -> Iterator[tuple[str, str]]:
    options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    with path.open("rb") as source:
        for _line, english, _comments, _context in extract(method, source, MARKS, options=options):
            yield str(english), path.relative_to(ROOT).as_posix()


def _of_the_timeline() -> Iterator[tuple[str, str]]:
    newest = {kind: cls for (kind, _version), cls in sorted(registered().items())}
    for kind, cls in newest.items():
        source = kind.partition(".")[0]
        if source not in ABOUT_NOBODY and (cls.part is not None or source in THE_PERSONS):
            yield cls.says, f"{cls.__module__.replace('.', '/')}.py"


def _of_errors() -> Iterator[tuple[str, str]]:
    every_module()
    reached = (each for endpoint in _asked_by_pages() for each in errors_of(endpoint))
    of_all = (each for each in CATALOGUE.values() if each.__module__ == AlongsideError.__module__)
    for each in (*reached, *of_all):
        if isinstance(each, Reason) or each.kind not in PAGES_OWN:
            named = each.name_in_full.rpartition(".")[0] if isinstance(each, Reason) else each.__module__
            yield each.says, f"{named.replace('.', '/')}.py"


def _asked_by_pages() -> Iterator[Callable[..., Any]]:
    """Give the functions of the routes that these pages can have something done by."""
    paths = {path for page in pages() for path in _paths(page)}
    with wired_over_nothing(demo=True) as system:
        routers = [router for running in system.running.values() for router in running.routers]
        for route in (route for router in routers for route in router.routes):
            if isinstance(route, APIRoute) and route.methods != {"GET"} and ROLES & (allowed_roles(route) or ROLES):
                shape = expression(route.path)
                if any(re.match(shape, each) for each in paths):
                    yield route.endpoint


def _part(node: ast.AST) -> str:
    if isinstance(node, ast.FormattedValue):
        return "/v1/people/{}" if ast.unparse(node.value) == "visit.me" else STEP
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _paths(page: Path) -> Iterator[str]:
    """Give each address of the API that a file of pages names, with {} for what is filled in."""
    for node in ast.walk(ast.parse(page.read_text())):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        path = "".join(map(_part, parts))
        if path.startswith("/v1/"):
            yield path.partition("?")[0]


def translated(language: str) -> dict[str, str]:
    """Give what the catalogue of a language holds; what is not translated is ''."""
    path = path_of(language)
    if not path.exists():
        return {}
    with path.open("rb") as source:
        return {str(each.id): str(each.string) for each in read_po(source, locale=BABEL[language]) if each.id}


def path_of(language: str) -> Path:
    """Give the file of a language's catalogue."""
    return LOCALE / f"{language}.po"


def text(language: str, said: dict[str, set[str]], known: dict[str, str]) -> str:
    """Give a catalogue as it should stand: every sentence by the file that says it, with what is known of it."""
    catalogue = Catalog(locale=BABEL[language])
    for english, paths in sorted(said.items(), key=lambda each: (min(each[1]), each[0])):
        catalogue.add(english, known.get(english, ""), locations=[(path, 0) for path in sorted(paths)])
    written = BytesIO()
    write_po(written, catalogue, width=120, omit_header=True, include_lineno=False)
    return HEADER.format(name=LANGUAGES[language], language=language) + written.getvalue().decode()


if __name__ == "__main__":
    everything = sentences()
    LOCALE.mkdir(exist_ok=True)
    for each in sorted(LANGUAGES.keys() - {ENGLISH}):
        before = translated(each)
        path_of(each).write_text(text(each, everything, before))
        missing = sum(not before.get(english) for english in everything)
        gone = len(before.keys() - everything.keys())
        sys.stdout.write(f"{each}: {len(everything)} sentences, {missing} to translate, {gone} gone\n")
