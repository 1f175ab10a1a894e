"""What a process says as it begins waits for a database that is away, and ends nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from services.cli.door import notice_in
from services.cli.greeting import greet
from services.cli.output import Out
from shared.errors import UnavailableError
from shared.shell import Shell
from tests.support.place import a_place

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class Away(Shell[Any]):
    """A shell whose database is away for the first ``times``."""

    times = 2

    async def run(self, *told: Any, **more: Any) -> Any:
        if self.times:
            self.times -= 1
            raise UnavailableError
        return await super().run(*told, **more)


async def test_a_start_waits_for_its_database_and_then_puts_up_its_notice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with a_place(tmp_path, ("gateway", "community"), demo=False) as place:
        gateway, serving = place.system.running["gateway"], asyncio.Event()
        shell = gateway.shell
        gateway.shell = Away(shell.database, shell.tables, shell.make_store, shell.clock)
        serving.set()
        await greet(place.system, Out(json=True), serving, ("127.0.0.1", 8000))
        notice = notice_in(tmp_path)
        assert notice is not None
        assert await gateway.port.identify(notice.token) is not None
    assert '"address"' in capsys.readouterr().out
