"""Nothing is left half done: modules say what they are for; nothing is empty, put off or slept through."""

import ast
import re
from pathlib import Path

from tests.support import tree

PUT_OFF = re.compile("TODO|FIXME|XXX|NotImplementedError")
PLACEHOLDERS = {".gitkeep", ".keep", ".placeholder"}
NOT_READ = {"uv.lock", "LICENSE", "test_tidy.py"}
MAY_SLEEP = "tests/support/wait.py"
TEXT = {".py", ".md", ".toml", ".json", ".html", ".css", ".yml", ".yaml", ".mako", ".sql", ""}


def sleeps(source: ast.AST) -> list[int]:
    """Lines that call `sleep`, under whatever name; `sleep(0)` only lets others run and is no wait."""
    return [
        node.lineno
        for node in ast.walk(source)
        if isinstance(node, ast.Call)
        and (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")) == "sleep"
        and not (node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0)
    ]


def is_placeholder(path: Path) -> bool:
    return path.name in PLACEHOLDERS or not path.read_bytes().strip()


def test_every_module_says_what_it_is_for() -> None:
    mute = [tree.name(p) for p in tree.python("services", "shared", "tests") if not ast.get_docstring(tree.tree(p))]
    assert not mute


def test_no_file_is_empty_or_a_placeholder() -> None:
    assert not [tree.name(path) for path in tree.files() if is_placeholder(path)]


def test_no_folder_is_empty() -> None:
    rooms = [tree.REPOSITORY / room for room in ("services", "shared", "tests", "docs", "deploy")]
    folders = [folder for room in rooms for folder in room.rglob("*") if folder.is_dir()]
    assert not [tree.name(folder) for folder in folders if not any(folder.iterdir())]


def test_a_package_holds_more_than_its_own_docstring() -> None:
    packages = [p.parent for p in tree.python("services", "shared") if p.name == "__init__.py"]
    assert not [
        tree.name(p) for p in packages if not any(f != p / "__init__.py" for f in tree.files() if p in f.parents)
    ]


def test_nothing_is_put_off() -> None:
    found = [
        f"{tree.name(path)}: {match[0]}"
        for path in tree.files()
        if path.suffix in TEXT and path.name not in NOT_READ
        for match in PUT_OFF.finditer(path.read_text(errors="replace"))
    ]
    assert not found


def test_no_test_sleeps_instead_of_waiting_for_what_it_means() -> None:
    found = {tree.name(p): lines for p in tree.python("tests") if (lines := sleeps(tree.tree(p)))}
    assert set(found) == {MAY_SLEEP}


def test_what_is_looked_for_is_found(tmp_path: Path) -> None:
    assert PUT_OFF.search("# TODO: later")
    assert sleeps(ast.parse("import time\ntime.sleep(1)")) == [2]
    assert sleeps(ast.parse("async def f():\n    await asyncio.sleep(0.1)\n    await asyncio.sleep(0)")) == [2]
    empty = tmp_path / "empty.py"
    empty.write_text("\n")
    assert is_placeholder(empty)
