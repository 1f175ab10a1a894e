"""The HTTP server's side of the last gate: a connection that can be cut off, and that holds nothing back (C2).

What a slow reader has not taken waits in this process. With a buffer that counts as full at its first byte, sending
comes back only when everything has been handed to the machine; what has not in a permit's life is cut off.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.http import CUT_OFF

if TYPE_CHECKING:
    import asyncio


class GatedProtocol(HttpToolsProtocol):
    """Give this to uvicorn (``http=GatedProtocol``): then ``shared.http.Disclosure`` can keep C2 to the byte."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count any waiting byte as too many; send each at once, whoever opened the socket we listen on."""
        transport.set_write_buffer_limits(high=0)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)

    def on_message_begin(self) -> None:
        """Let a response end its connection."""
        super().on_message_begin()
        cast("dict[str, object]", self.scope)["extensions"] = {CUT_OFF: self.transport.abort}
