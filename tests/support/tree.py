"""The files of the project as the architecture tests read them: what is committed or about to be."""

import ast
import io
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.planted import REPOSITORY

__all__ = ["REPOSITORY", "files", "functions", "length", "lines_of_code", "name", "python", "tree"]

NOT_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


@cache
def files() -> tuple[Path, ...]:
    """Every file that git keeps or would keep; in an unpacked archive, every file but the built ones."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        found = (REPOSITORY / name for name in listed.stdout.split("\0") if name)
    else:
        found = (path for path in REPOSITORY.rglob("*") if not _is_built(path))
    return tuple(sorted(path for path in found if path.is_file()))


def _is_built(path: Path) -> bool:
    return any(part.startswith((".venv", "__pycache__", ".git", ".mypy", ".ruff", ".pytest")) for part in path.parts)


def python(*rooms: str) -> list[Path]:
    """The Python files under the named top folders."""
    return [path for path in files() if path.suffix == ".py" and name(path).startswith(tuple(f"{r}/" for r in rooms))]


def name(path: Path) -> str:
    """A file's name as people write it, from the top of the repository."""
    return path.relative_to(REPOSITORY).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=name(path))


def functions(module: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the last, docstring and blanks included: what a reader has to scroll past."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def lines_of_code(source: str) -> int:
    """Lines that hold code: docstrings, comments and blank lines apart."""
    held: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NOT_CODE:
            held.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            held.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(held)
