"""A worker's threads that may wait for clients: whatever happens, each is free again."""

from __future__ import annotations

import io
import resource
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus

import pytest

from leftbehind_site.serving.clients import Body, Slots


@contextmanager
def no_more_files() -> Iterator[None]:
    """This process may open nothing more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def receive(slots: Slots) -> HTTPStatus:
    with closing(Body(io.BytesIO(b"a=b"), 3, 0, slots)) as body:
        return body.receive()


def test_a_slot_is_free_again_where_no_file_can_be_opened() -> None:
    slots = Slots(1)
    with no_more_files(), pytest.raises(OSError, match="Too many open files"):
        receive(slots)
    assert receive(slots) == HTTPStatus.OK


def test_a_slot_is_free_again_where_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    slots = Slots(1)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", full)
        with pytest.raises(RuntimeError, match="new thread"):
            receive(slots)
    assert receive(slots) == HTTPStatus.OK
