"""Ports of this machine for servers that tests start later."""

from __future__ import annotations

import contextlib
import functools
import itertools
import socket
from collections.abc import Iterator

_PORTS = range(20_000, 32_000)
"""Below those that Linux gives to outgoing connections, and none that browsers refuse."""

_BLOCK = 400


@functools.cache
def _block() -> tuple[Iterator[int], socket.socket]:
    """The ports of this process, in turn, and what keeps every other one away from them until it ends.

    Between the choice of a port and the server that binds it lies a while; two servers of Granian would even
    share one without a word.
    """
    for first in _PORTS[::_BLOCK]:
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0leftbehind-tests-{first}")
        except OSError:
            claim.close()
            continue
        return itertools.cycle(range(first, first + _BLOCK)), claim
    raise RuntimeError("every port for tests is claimed by a process that runs")


def free_port() -> int:
    """A port that nobody uses, and that no other process of the tests will choose.

    Returns:
        The port, to be bound soon or later.
    """
    ports, _ = _block()
    for port in itertools.islice(ports, _BLOCK):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("every port of this process is in use")


@contextlib.contextmanager
def silent_port() -> Iterator[int]:
    """A port on which nobody can listen for the time being.

    Yields:
        The port.
    """
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
