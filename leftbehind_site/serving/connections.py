"""This process's connections to clients, as the system knows them.

The server has no way to give a client up from which it waits for a body. The system has: a connection that is
shut for reading has come to its end, for the server too. Which one it is, the server does not say either; but
it has been silent for as long as the body has been waited for.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FILES: Final = Path("/proc/self/fd")
_INFO: Final = struct.Struct("=8x24I4Q")
"""Linux's ``struct tcp_info`` as far as it is read here: four-byte numbers, then eight-byte ones."""

_INTERNET: Final = (socket.AF_INET, socket.AF_INET6)

_SENT_AGO: Final = 9
_RECEIVED: Final = 27
"""Where in it stand the milliseconds since something was sent, and the bytes received."""

_SLACK: Final = 256 * 1024
"""Bytes that the server may have received besides what it has handed over of a body: head and buffers."""

_A_MOMENT: Final = 2.0
"""Seconds in which a request's beginning may still have been answered (100 Continue)."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection at one moment.

    Attributes:
        received: Bytes, since it was opened.
        sent_ago: Seconds since something was sent.
    """

    received: int
    sent_ago: float


@contextmanager
def _opened(name: str) -> Iterator[socket.socket]:
    """The socket of a descriptor, as another descriptor of it.

    Raises:
        OSError: If it is none, or is no more.
    """
    with socket.socket(fileno=os.dup(int(name))) as opened:
        yield opened


def _here(port: int) -> Iterator[tuple[str, str]]:
    """Descriptor and lasting name of each connection that came to a port."""
    for name in os.listdir(_FILES):  # noqa: PTH208 - names alone, fast
        with suppress(OSError):
            lasting = os.readlink(_FILES / name)  # noqa: PTH115 - what it is, not a path
            if not lasting.startswith("socket:"):
                continue
            with _opened(name) as opened:
                if opened.family in _INTERNET and opened.getsockname()[1] == port:
                    opened.getpeername()
                    yield name, lasting


def give_up_on_readers(port: int, seconds: int) -> None:
    """Have the system close connections to a port whose reader has taken nothing for so long.

    The server itself would wait for ever. The option is set on the socket that it listens at, whose future
    connections inherit it, and on those that are open already.
    """
    for name in os.listdir(_FILES):  # noqa: PTH208 - names alone, fast
        with suppress(OSError):
            if not os.readlink(_FILES / name).startswith("socket:"):  # noqa: PTH115 - what it is, not a path
                continue
            with _opened(name) as opened:
                if opened.family in _INTERNET and opened.getsockname()[1] == port:
                    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, seconds * 1000)


def _state(opened: socket.socket) -> Connection:
    told = _INFO.unpack(opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size))
    return Connection(received=told[_RECEIVED], sent_ago=told[_SENT_AGO] / 1000)


class Silent:
    """Finds the connection whose body is waited for, should it have to be given up.

    Args:
        port: To which the clients come.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._begun = time.monotonic()
        self._before: dict[str, int] = {}
        for name, lasting in _here(port):
            with suppress(OSError), _opened(name) as opened:
                self._before[lasting] = _state(opened).received

    def shut(self, got: int) -> None:
        """Shut every connection that has been sent nothing since, and has sent no more than the body's part.

        Args:
            got: Bytes of the body that have come.
        """
        waited = time.monotonic() - self._begun
        for name, lasting in _here(self._port):
            if lasting not in self._before:
                continue
            with suppress(OSError), _opened(name) as opened:
                state = _state(opened)
                silent = state.sent_ago >= waited - _A_MOMENT
                if silent and state.received - self._before[lasting] <= got + _SLACK:
                    opened.shutdown(socket.SHUT_RD)
