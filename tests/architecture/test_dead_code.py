"""Nothing lies about unused: every function, class and import of ours is reached from somewhere, or it goes.

Arguments are ruff's (ARG), which knows a protocol's stub from a body.
"""

import ast
from pathlib import Path

import vulture

from tests.support import tree

READ = ("function", "class", "import", "unreachable_code")
# What frameworks call by decorator or by name.
CALLED_BY_DECORATOR = [
    "@*router.*",
    "@routes.*",
    "@app.*",
    "@*.command",
    "@*.callback",
    "@*.exception_handler",
]
CALLED_BY_DECORATOR += ["@BOOK.*", "@compiles", "@event.listens_for", "@*_validator", "@fact", "@*.middleware"]
CALLED_BY_NAME = ["upgrade", "downgrade", "pytest_*", "model_config"]


def unused(*roots: Path, used_by: tuple[Path, ...] = ()) -> list[str]:
    found = vulture.Vulture(ignore_names=CALLED_BY_NAME, ignore_decorators=CALLED_BY_DECORATOR)
    found.scavenge([str(root) for root in (*roots, *used_by)])
    return [
        f"{item.filename}:{item.first_lineno}: {item.typ} {item.name}"
        for item in found.get_unused_code(min_confidence=60)
        if item.typ in READ and any(Path(item.filename).resolve().is_relative_to(root) for root in roots)
    ]


def errors() -> set[str]:
    """Errors of the one catalogue stand in it by being defined."""
    return {
        node.name
        for path in tree.python("services", "shared")
        for node in ast.walk(tree.tree(path))
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error")
    }


def test_every_function_class_and_import_is_used_somewhere() -> None:
    rooms = [tree.REPOSITORY / room for room in ("services", "shared")]
    found = unused(*rooms, used_by=(tree.REPOSITORY / "tests",))
    assert not [each for each in found if each.rsplit(" ", 1)[-1] not in errors()]


def test_a_planted_leftover_is_found(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text("import json\n\ndef left_over():\n    return 1\n    print(2)\n")
    assert len(unused(tmp_path)) == len(("import", "function", "unreachable_code"))
