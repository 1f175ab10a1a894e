"""Small by cap: a file is read in one sitting, a function on one screen."""

import ast
from pathlib import Path

from tests.support import tree

FILE_LINES = 350
TEST_FILE_LINES = 400
FUNCTION_LINES = 50
NINE_FUNCTIONS_IN_TEN = 25
SHARED_LINES_OF_CODE = 2500
LANGUAGE = ("shared/events/", "shared/ports.py", "shared/news.py", "shared/migrations/")
"""What services say to each other grows with the rules; the machinery that carries it must not (ADR 0012)."""
ENGINES = (
    "shared/db_sqlite.py", "shared/db_postgres.py", "shared/db_postgres_dial.py", "shared/db_postgres_hurry.py",
    "shared/bus_log.py", "shared/bus_kafka.py", "shared/bus_kafka_kept.py",
)  # fmt: skip
"""Adapters, each behind a protocol and one contract suite, each one file (ADR 0013); dialling, how long
is waited, and reading a topic whole are apart."""


def too_long(paths: list[Path], cap: int) -> list[str]:
    return [f"{tree.name(p)}: {n} lines" for p in paths if (n := len(p.read_text().splitlines())) > cap]


def function_lengths(source: ast.AST) -> list[tuple[int, str]]:
    return sorted((tree.length(node), node.name) for node in tree.functions(source))


def test_no_file_is_longer_than_350_lines() -> None:
    assert not too_long(tree.python("services", "shared"), FILE_LINES)


def test_no_test_file_is_longer_than_400_lines() -> None:
    assert not too_long(tree.python("tests"), TEST_FILE_LINES)


def test_no_function_is_longer_than_50_lines() -> None:
    found = [
        f"{tree.name(path)}: {function} has {lines} lines"
        for path in tree.python("services", "shared")
        for lines, function in function_lengths(tree.tree(path))
        if lines > FUNCTION_LINES
    ]
    assert not found


def test_nine_functions_in_ten_have_25_lines_or_fewer() -> None:
    lengths = sorted(
        lines for path in tree.python("services", "shared") for lines, _ in function_lengths(tree.tree(path))
    )
    assert lengths[int(len(lengths) * 0.9)] <= NINE_FUNCTIONS_IN_TEN


def test_the_machinery_in_shared_stays_under_2500_lines_of_code() -> None:
    machinery = [path for path in tree.python("shared") if not tree.name(path).startswith(LANGUAGE + ENGINES)]
    assert sum(tree.lines_of_code(path.read_text()) for path in machinery) <= SHARED_LINES_OF_CODE


def test_a_long_function_and_a_long_file_are_seen(tmp_path: Path) -> None:
    long = "def planted():\n" + "    x = 1\n" * FUNCTION_LINES
    assert function_lengths(ast.parse(long)) == [(FUNCTION_LINES + 1, "planted")]
    file = tree.REPOSITORY / "tests" / "architecture" / "test_sizes.py"
    assert too_long([file], 10) == [f"tests/architecture/test_sizes.py: {len(file.read_text().splitlines())} lines"]


def test_docstrings_comments_and_blank_lines_are_not_lines_of_code() -> None:
    source = (
        '"""Says\nwhy."""\n\n# a comment\nx = (\n    1,  # one\n)\n\n\n'
        'def f():\n    """Says."""\n    return """a\nb"""\n'
    )
    assert tree.lines_of_code(source) == len(["x = (", "1,", ")", "def f():", 'return """a', 'b"""'])
