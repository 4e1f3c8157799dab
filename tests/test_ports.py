"""Servers of tests never meet at a port, whichever processes start them."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.ports import free_port, silent_port

pytestmark = pytest.mark.once

TAKE = "from tests.ports import free_port\nprint(*(free_port() for _ in range(500)))"


def test_no_two_processes_choose_the_same() -> None:
    own = {free_port() for _ in range(500)}
    done = subprocess.run(
        [sys.executable, "-c", TAKE], cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
    )
    assert own.isdisjoint(map(int, done.stdout.split()))


def test_one_that_is_used_is_not_chosen() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))
        listener.listen()
        assert listener.getsockname()[1] not in {free_port() for _ in range(500)}


def test_on_a_silent_one_nobody_answers() -> None:
    with silent_port() as port, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
