"""How commands speak: rich on a terminal, plain elsewhere (and with NO_COLOR), one JSON value with ``--json``."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from shared.errors import AlongsideError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

PLAIN_WIDTH = 200
JsonFlag = Annotated[bool, typer.Option("--json", help="Give one JSON value instead of text.")]


@dataclass
class Out:
    """Where a command's words go."""

    json: bool = False

    @cached_property
    def console(self) -> Console:
        """Give rich's console; without a terminal it neither colours nor wraps."""
        from rich.console import Console

        return Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH, emoji=False)

    def say(self, text: str, style: str = "") -> None:
        """Say a line of plain English; nothing with ``--json``."""
        if not self.json:
            self.console.print(text, style=style, markup=False, soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str = "") -> None:
        """Show rows; nothing with ``--json``, nor when there are none."""
        if self.json or not rows:
            return
        from rich import box
        from rich.table import Table
        from rich.text import Text

        shape = box.SIMPLE_HEAD if sys.stdout.isatty() else None
        table = Table(title=title or None, box=shape, title_justify="left", pad_edge=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Text("" if value is None else str(value)) for value in row))
        self.console.print(table)

    def give(self, value: Any) -> None:
        """Give the one JSON value; nothing without ``--json``."""
        if self.json:
            sys.stdout.write(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode() + "\n")

    def stop(self, text: str, code: str, exit_code: int = 1) -> typer.Exit:
        """Say on the error stream why the command stops; raise what it gives."""
        if self.json:
            sys.stdout.write(orjson.dumps({"error": code, "says": text}).decode() + "\n")
        else:
            sys.stderr.write(text + "\n")
        return typer.Exit(exit_code)


@contextmanager
def plainly(out: Out, exit_code: int = 1) -> Iterator[None]:
    """Turn an error of the catalogue into its own sentence and an exit code, never a traceback."""
    try:
        yield
    except AlongsideError as error:
        reasons = "".join(f" {reason.says}" for reason in error.reasons)
        fields = f" ({', '.join(error.fields)})" if error.fields else ""
        raise out.stop(f"{error}{fields}{reasons}", error.code or "turned-back", exit_code) from None
