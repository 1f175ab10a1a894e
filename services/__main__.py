"""The command line, ``alongside``: one command a file in ``services.cli``."""

from __future__ import annotations

import typer

from services.cli.assets import import_assets
from services.cli.demo import demo
from services.cli.docs import docs
from services.cli.doctor import doctor
from services.cli.init import init
from services.cli.keys import keys
from services.cli.lineage import replay, trace, verify
from services.cli.partner import partner
from services.cli.recover import recover
from services.cli.routes import routes
from services.cli.run import run
from services.cli.tables import migrate

app = typer.Typer(
    help="Alongside: told once, held until held.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (demo, init, run, keys, routes, doctor, migrate, trace, replay, verify, recover, import_assets, docs):
    app.command()(command)
app.add_typer(partner, name="partner")


def main() -> None:
    """Run the command that was asked for."""
    app()


if __name__ == "__main__":
    main()
