"""``alongside docs``: writes the pages that the code already says: every event, every error."""

from __future__ import annotations

from dataclasses import fields
from importlib import import_module
from inspect import getdoc
from pathlib import Path
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from services.cli.output import JsonFlag, Out, plainly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.event import Event

ROOT = Path(__file__).resolve().parents[2]
MADE = "<!-- Made by `alongside docs` from the code; change the code, then make fix. -->\n"


def docs(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when a page is not as the code says.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write docs/events.md and docs/errors.md from the code."""
    out = Out(as_json)
    with plainly(out):
        pages = {ROOT / "docs" / "events.md": events_page(), ROOT / "docs" / "errors.md": errors_page()}
        changed = [path for path, text in pages.items() if not path.exists() or path.read_text() != text]
        for path in changed:
            out.say(f"{path.relative_to(ROOT)}: {'not as the code says; run make fix' if check else 'written'}")
            if not check:
                path.write_text(pages[path])
        if not changed:
            out.say("Every generated page is as the code says.")
        out.give({"changed": [path.relative_to(ROOT) for path in changed]})
    if check and changed:
        raise typer.Exit(1)


def events_page() -> str:
    """Give the page of every event: what it says, its stream, its part, its fields."""
    import shared.events  # noqa: F401 - registers them all
    from shared.event import REGISTRY

    lines = [
        "# Events", "", MADE,
        "What happened, told on the bus and to subscribers. An event holds ids, codes, instants and numbers; never a",
        "name, a number of the NHS or anybody's words. `part` is what of a person consent is asked for before an event",
        "leaves to a subscriber; none: it is about nobody. Versions of an event stand side by side.", "",
    ]  # fmt: skip
    by_source: dict[str, list[type[Event]]] = {}
    for cls in REGISTRY.values():
        by_source.setdefault(cls.source, []).append(cls)
    for source in sorted(by_source):
        lines += [f"## {source}", ""]
        for cls in sorted(by_source[source], key=lambda c: (c.type, c.version)):
            lines += _event(cls)
    return "\n".join(lines).rstrip() + "\n"


def _event(cls: type[Event]) -> list[str]:
    part = f"`{cls.part.value}`" if cls.part else "none"
    hints = get_type_hints(cls)
    found = [f"| `{f.name}` | {_kind(hints[f.name])} |" for f in fields(cls) if f.name != "subject"]
    table = ["| field | holds |", "|---|---|", *found, ""] if found else ["No fields but the subject.", ""]
    meaning = " ".join((getdoc(cls) or "").split()).replace("``", "`")
    return [f"### `{cls.type}` version {cls.version}", "", f"{cls.says} {meaning} Part: {part}.", "", *table]


def _kind(kind: Any) -> str:
    from types import UnionType
    from typing import Union, get_args, get_origin

    if get_origin(kind) in (Union, UnionType):
        return " or ".join("nothing" if arg is type(None) else _kind(arg) for arg in get_args(kind))
    if get_origin(kind) is tuple:
        return f"a list: {_kind(get_args(kind)[0])}"
    named = {"UUID": "id", "datetime": "instant", "int": "number", "bool": "yes or no", "Code": "code"}
    if kind.__name__ in named:
        return named[kind.__name__]
    return "one of " + ", ".join(f"`{member.value}`" for member in kind)


def errors_page() -> str:
    """Give the page of every error and of every reason that may stand beside one."""
    from services.gateway.front.pages import problem_facts
    from shared.errors import CATALOGUE, REASONS

    every_module()
    lines = [
        "# Errors", "", MADE,
        "Every refusal is one of these, as `application/problem+json` (RFC 9457): `type`, `title`, `status`, `code`,",
        "`who_must_act`, and where they help `reasons`, `fields` (names of our own fields, never what was sent) and",
        "`facts`. `GET /problems/{code}` says the same. An error never repeats what was sent.", "",
        "| code | status | says | who must act |", "|---|---|---|---|",
    ]  # fmt: skip
    for code in sorted(CATALOGUE):
        facts = problem_facts(CATALOGUE[code])
        lines.append(f"| `{code}` | {facts['status']} | {facts['title']} | {facts['who_must_act']} |")
    lines += ["", "## Reasons", "", "| of | reason | says |", "|---|---|---|"]
    lines += [f"| {name} | `{code}` | {reason.says} |" for (name, code), reason in sorted(REASONS.items())]
    return "\n".join(lines) + "\n"


def every_module() -> None:
    """Import every module that may define an error, so that the catalogue is whole."""
    for name in modules():
        import_module(name)


def modules() -> Iterator[str]:
    """Name the modules of the services and of the kernel, but the command line, the demo and migrations."""
    import services
    import shared

    for package in (services, shared):
        for found in walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in found.name and not found.name.startswith(("services.demo", "services.__main__")):
                yield found.name
