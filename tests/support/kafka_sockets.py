"""Sockets that kafka-python opens, under a name of their own, so that what it leaves behind is not taken for ours.

A producer or consumer that is closed while it connects leaves the socket to the garbage collector (``sock_connect`` in
its ``net/inet.py``); the warning then comes out in whatever test runs next. With a name, one filter says whose it is,
and every other socket that somebody forgets still fails a test.
"""

import socket

from kafka.net.inet import KafkaNetSocket


class SocketOfKafka(socket.socket):
    """Named in ``filterwarnings`` of pyproject.toml."""


def _opened(self: KafkaNetSocket, family: int = 0, kind: int = socket.SOCK_STREAM, proto: int = 0) -> SocketOfKafka:
    return SocketOfKafka(family, kind, proto)


def named() -> None:
    """Have every socket of kafka-python in this process made as one of ours."""
    KafkaNetSocket.socket = _opened
