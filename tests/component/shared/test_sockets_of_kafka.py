"""The suite tells a socket that kafka-python forgot from one that we forgot."""

import gc
import socket
import warnings
from collections.abc import Callable

from kafka.net.inet import KafkaNetSocket


def _left(make: Callable[[], socket.socket]) -> None:
    made = make()
    del made
    gc.collect()


def test_a_socket_that_the_library_leaves_is_its_own_and_one_that_we_leave_still_fails() -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        _left(lambda: KafkaNetSocket().socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP))
        _left(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP))
    theirs, ours = (str(one.message) for one in seen)
    assert theirs.startswith("unclosed <tests.support.kafka_sockets.SocketOfKafka")
    assert ours.startswith("unclosed <socket.socket")
