"""What a worker keeps of the published folder: the index, and bodies within bounds."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from django.utils.http import http_date

from leftbehind_site.common import headers
from leftbehind_site.finishing import path_info, tag
from leftbehind_site.serving.negotiation import codings
from leftbehind_site.serving.published import Entry, Folder, Line

Headers = list[tuple[str, str]]

MOST_BYTES: Final = 6 * 1024 * 1024
"""Of bodies in a worker's memory; the others are read from the folder each time."""

MOST_OF_ONE: Final = 256 * 1024
"""Bytes of a body that is kept in memory."""

_OF_UNMODIFIED: Final = headers.NAMES | {"cache-control"}
"""What a 304 says of an answer besides what it says of any."""

_WHOLE_ONLY: Final = ("text/html", "application/atom+xml")
"""Types that nobody asks for in parts."""


@dataclass(slots=True)
class Ready:
    """An answer in one coding, ready to be sent.

    Attributes:
        status: Code and reason.
        headers: All of them.
        body: In one piece; nothing where it is too large to be kept.
        etag: Strong.
        modified: In seconds of the epoch.
        unmodified: The headers of a 304.
        file: Where the body lies.
        size: Of the body, in bytes.
        in_parts: Whether a part of it may be asked for.
    """

    status: str
    headers: Headers
    body: list[bytes] | None
    etag: str
    modified: int
    unmodified: Headers
    file: Path
    size: int
    in_parts: bool


class Kept:
    """The answers of one generation.

    Args:
        folder: Where they were published.

    Attributes:
        whole: Whether the publisher has come to the end.
        bytes: Of the bodies in memory.
    """

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.whole = False
        self.bytes = 0
        self._entries: dict[str, Entry] = {}
        self._ready: dict[tuple[str, str], Ready] = {}
        self._offset = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many addresses are published."""
        return len(self._entries)

    @property
    def is_there(self) -> bool:
        """Whether what is known of the folder can still be in it: somebody may have removed it."""
        return self.folder.reaches(self._offset)

    def read_index(self) -> None:
        """Learn what was published since."""
        entries, self._offset, self.whole = self.folder.entries(self._offset)
        self._entries.update({path_info(entry.path): entry for entry in entries})

    def get(self, path: str, accepted: str) -> Ready | None:
        """The answer at a path, in the best coding that the visitor takes and that is there.

        Args:
            path: As WSGI hands it over.
            accepted: The header Accept-Encoding.
        """
        for coding in codings(accepted):
            ready = self._ready.get((path, coding))
            if ready is not None:
                return ready
            entry = self._entries.get(path)
            if entry is None:
                return None
            if coding in entry.codings:
                return self._load(entry, path, coding)
        return None

    def _load(self, entry: Entry, path: str, coding: str) -> Ready | None:
        """Make an answer ready; it stays until others need the room. Nothing if the folder is another now."""
        line = self.folder.line(entry)
        if line is None:
            return None
        size = line.sizes[coding]
        if size > MOST_OF_ONE:
            return _ready(line, self.folder, coding, None)
        body = self.folder.read(line, coding)
        if body is None:
            return None
        ready = _ready(line, self.folder, coding, body)
        with self._lock:
            if (path, coding) not in self._ready:
                self._ready[path, coding] = ready
                self.bytes += size
            while self.bytes > MOST_BYTES:
                # The one that was made ready first: what is asked for often is soon back.
                self.bytes -= self._ready.pop(next(iter(self._ready))).size
        return ready


def _ready(line: Line, folder: Folder, coding: str, body: bytes | None) -> Ready:
    own = dict(line.headers)
    etag = tag(line.etag, coding)
    standing: Headers = [headers.SERVER, ("etag", etag), ("last-modified", http_date(line.modified))]
    if len(line.sizes) > 1:
        standing.append(("vary", "Accept-Encoding"))
    in_parts = not coding and not own.get("content-type", "").startswith(_WHOLE_ONLY)
    size = line.sizes[coding]
    return Ready(
        status=f"{line.status} {HTTPStatus(line.status).phrase}",
        headers=[
            *line.headers,
            *standing,
            *([("content-encoding", coding)] if coding else []),
            *([("accept-ranges", "bytes")] if in_parts else []),
            ("content-length", str(size)),
        ],
        body=None if body is None else [body],
        etag=etag,
        modified=line.modified,
        unmodified=[*standing, *(pair for pair in line.headers if pair[0] in _OF_UNMODIFIED)],
        file=folder.file(line, coding),
        size=size,
        in_parts=in_parts,
    )
