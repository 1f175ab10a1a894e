"""A port for a server of a test that is started, killed and started again, and that nobody else is given meanwhile.

A port that the kernel chose (bind to 0, then close) can be taken by any outgoing connection before its server listens:
with a whole place on loopback that happens. So these lie below what kernels give to connections (32768 on Linux, 49152
by IANA), and each is locked for as long as the process that took it lives.
"""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

BELOW_CONNECTIONS = range(10_000, 32_768)

_anywhere = random.SystemRandom()
_locked: dict[int, int] = {}


def a_free_port() -> int:
    """Take a port of loopback at which nothing listens; another test process is not given it while this one lives."""
    folder = Path(tempfile.gettempdir()) / f"alongside-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    while True:
        port = _anywhere.choice(BELOW_CONNECTIONS)
        if port in _locked:
            continue
        lock = os.open(folder / str(port), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            os.close(lock)
        else:
            _locked[port] = lock
            return port
