"""The suite tells a socket that kafka-python forgot from one that we forgot."""

import gc
import socket
import warnings
from collections.abc import Callable

from kafka.net.inet import KafkaNetSocket


def _left(make: Callable[[], socket.socket]) -> str:
    """Forget a socket; gives what is said of it, whatever else the collector finds."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        made = make()
        number = made.fileno()
        del made
        gc.collect()
    return next(str(one.message) for one in seen if f" fd={number}," in str(one.message))


def test_a_socket_that_the_library_leaves_is_its_own_and_one_that_we_leave_still_fails() -> None:
    theirs = _left(lambda: KafkaNetSocket().socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP))
    ours = _left(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP))
    assert theirs.startswith("unclosed <tests.support.kafka_sockets.SocketOfKafka")
    assert ours.startswith("unclosed <socket.socket")
