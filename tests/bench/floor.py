"""What this machine gives just now to a FastAPI route that does nothing: what other figures stand on."""

import asyncio
import socket
import subprocess
import sys
from functools import partial

from fastapi import FastAPI

from tests.bench.load import drive, request
from tests.bench.table import Row
from tests.support.ports import a_free_port
from tests.support.wait import until

app = FastAPI()


@app.get("/nothing")
async def get_nothing() -> dict[str, str]:
    """Answer with nothing."""
    return {}


async def measure(rows: list[Row], *, quick: bool) -> None:
    """Serve it in a process of its own and ask it."""
    port = a_free_port()
    command = [sys.executable, "-m", "uvicorn", "tests.bench.floor:app", "--port", str(port), "--log-level", "error"]
    process = await asyncio.to_thread(subprocess.Popen, command)
    try:
        await until(lambda: _listens(port), timeout=60)
        wanted = [partial(request, "GET", "/nothing", "none")] * (2_000 if quick else 20_000)
        result = await drive(port, wanted, 8)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)
    p50, p99 = result.percentile(0.5), result.percentile(0.99)
    note = "an empty FastAPI route on this machine just now"
    rows.append(Row("floor", 8, result.per_second(), p50, p99, None, None, note, system="fastapi-empty"))


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
