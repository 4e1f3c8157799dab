"""What keeps slow clients from taking the threads that all others need.

A thread that waits for a client can do nothing else. Only so many of a worker's threads may, ``limits.SLOW``;
whoever comes while they are taken is asked to come again. Behind a front server that takes bodies and answers
off the site's hands, none of this is ever noticed.
"""

from __future__ import annotations

import io
import logging
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from itertools import chain
from typing import IO, Any, Final, Protocol

from leftbehind_site.common import limits
from leftbehind_site.serving.connections import Silent

logger = logging.getLogger(__name__)

PIECE: Final = 64 * 1024
"""Bytes of a body that are read at a time."""

IN_MEMORY: Final = 1024 * 1024
"""Bytes of a body that wait in memory; the rest waits in a file without a name."""

AGAIN_AFTER: Final = 5
"""Seconds after which a client is asked to come again."""


def content_length(text: str) -> int | None:
    """The bytes that a request announces: none where it says nothing, nothing where it is no number."""
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


class Input(Protocol):
    """What a server hands over as ``wsgi.input``."""

    def read(self, size: int = -1, /) -> bytes:
        """Some bytes."""


class Slots:
    """Threads that may wait for clients.

    Args:
        number: How many.
    """

    def __init__(self, number: int) -> None:
        self._free = threading.BoundedSemaphore(number)

    def take(self) -> bool:
        """Take one, if one is free."""
        return self._free.acquire(blocking=False)

    def give_back(self) -> None:
        """Give it back."""
        self._free.release()


SLOTS: Final = Slots(limits.SLOW)
"""Of this process."""


class Body:
    """A request's body, which is read only when it has been received as a whole.

    Args:
        source: As the server hands it over.
        length: In bytes, as the client has announced it.
        port: To which the client has come.
        slots: Of which one is needed while the client sends.
    """

    def __init__(self, source: Input, length: int, port: int, slots: Slots = SLOTS) -> None:
        self._source = source
        self._length = length
        self._port = port
        self._slots = slots
        self._got = 0
        self._whole = threading.Event()
        self._received: IO[bytes] = io.BytesIO()

    def receive(self) -> HTTPStatus:
        """Wait until the body is there.

        Returns:
            ``OK``; or why it is not there: ``SERVICE_UNAVAILABLE`` if others are waiting already,
            ``REQUEST_TIMEOUT`` if the client is too slow, or was given up along with one that is.
        """
        if not self._slots.take():
            return HTTPStatus.SERVICE_UNAVAILABLE
        target: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - read later on
        try:
            client = Silent(self._port)
            # In a thread of its own: the server knows no way to stop waiting. It ends with the connection.
            threading.Thread(target=self._read, args=(target,), name="body", daemon=True).start()
        except BaseException:
            # No thread has begun that would do so.
            self._slots.give_back()
            target.close()
            raise
        begun = time.monotonic()
        while not self._whole.is_set():
            left = begun + max(limits.BODY_SECONDS, self._got / limits.BODY_RATE) - time.monotonic()
            if left <= 0:
                client.shut(self._got)
                return HTTPStatus.REQUEST_TIMEOUT
            self._whole.wait(left)
        if self._got < self._length:
            return HTTPStatus.REQUEST_TIMEOUT
        target.seek(0)
        self._received = target
        return HTTPStatus.OK

    def _read(self, target: IO[bytes]) -> None:
        """Read all of it; the slot is free again when the client has sent it or is gone."""
        try:
            while self._got < self._length and (
                piece := self._source.read(min(PIECE, self._length - self._got))
            ):
                target.write(piece)
                self._got += len(piece)
        except (OSError, RuntimeError, ValueError) as error:
            logger.info("A body broke off (%s)", error)
        finally:
            self._slots.give_back()
            self._whole.set()

    def read(self, size: int = -1, /) -> bytes:
        """Some bytes of what has been received."""
        return self._received.read(size)

    def readline(self, size: int = -1, /) -> bytes:
        """A line of what has been received."""
        return self._received.readline(size)

    def close(self) -> None:
        """Let go of what has been received."""
        self._received.close()


class Streamed:
    """A large answer while it is sent, piece by piece, with the slot that it takes.

    Args:
        pieces: Of it.
        body: Whence they come; closed at the end.
        slots: To which the slot is given back.
    """

    def __init__(self, pieces: Iterator[bytes], body: Iterable[bytes], slots: Slots) -> None:
        self._pieces = pieces
        self._body = body
        self._slots: Slots | None = slots

    def __iter__(self) -> Iterator[bytes]:
        """The pieces, as long as the client takes them fast enough.

        Raises:
            TimeoutError: If not; the server then closes the connection.
        """
        begun, sent = time.monotonic(), 0
        for piece in self._pieces:
            if time.monotonic() - begun > max(limits.READER_SECONDS, sent / limits.READER_RATE):
                raise TimeoutError("a client takes a large file too slowly")
            yield piece
            sent += len(piece)

    def close(self) -> None:
        """The client has it all, or is gone."""
        slots, self._slots = self._slots, None
        if slots is not None:
            slots.give_back()
            close(self._body)


def close(body: Iterable[bytes]) -> None:
    """Close an answer's body, if it can be."""
    closing: Any = getattr(body, "close", None)
    if closing is not None:
        closing()


def delivered(body: Iterable[bytes], slots: Slots = SLOTS) -> Iterable[bytes] | None:
    """An answer's body as it is handed to the server: in one piece, or as one that takes a slot.

    Args:
        body: Of the answer; closed unless it is streamed.
        slots: Of which a large answer needs one.

    Returns:
        Nothing if it is large and no slot is free.
    """
    if isinstance(body, list):
        return body
    pieces, first, size = iter(body), [], 0
    for piece in pieces:
        first.append(piece)
        size += len(piece)
        if size > limits.WHOLE_BYTES and getattr(body, "streaming", True):
            break
    else:
        close(body)
        return [b"".join(first)]
    if not slots.take():
        close(body)
        return None
    return Streamed(chain(first, pieces), body, slots)
