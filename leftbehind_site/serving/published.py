"""The folder of finished answers: what the publisher writes, and the server and a front server read.

Each generation of the content has a folder of its own under the root, named by its token; ``current`` leads
to the present one. In it lie

- ``index``, a line for each finished answer in the order in which they were written: path, codings, and the
  rest as JSON, with tabs between them. An answer counts from the moment its line is whole, so
  a reader may come at any time, and a publisher that was stopped goes on where it was;
- ``pages``, which a front server may read itself: ``/news/`` is ``news/index.html``, beside it the compressed
  forms. All of them have the same headers, which ``deploy/nginx.conf`` knows;
- ``sites``, a link to ``pages`` for each way in which the site may be asked for (``https-www.example.org``):
  a front server that looks there answers to no other host;
- ``files``, everything else.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import IO, Final, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from leftbehind_site.enumeration import Address, Kind
from leftbehind_site.finishing import CODINGS, Finished, file_of

logger = logging.getLogger(__name__)

_WHOLE: Final = b"whole\n"


@cache
def _codings(text: bytes) -> tuple[str, ...]:
    """The codings of an entry; the many entries that have the same ones share them."""
    return tuple(text.decode().split(","))


class Entry(NamedTuple):
    """What a reader remembers of a finished answer.

    Attributes:
        path: As in a link.
        codings: In which its body is there.
        position: Of its line in the index.
    """

    path: str
    codings: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Line:
    """One finished answer as the index has it.

    Attributes:
        path: As in a link.
        file: Its body, under the generation's folder; of the compressed forms the ending is added.
        status: As answered.
        headers: As answered, without those that depend on the encoding.
        etag: Of the body as it is.
        modified: Last-Modified, in seconds of the epoch.
        sizes: Bytes by coding; a coding that is not there was not worth it.
    """

    path: str
    file: str
    status: int
    headers: tuple[tuple[str, str], ...]
    etag: str
    modified: int
    sizes: dict[str, int]


class Folder:
    """The folder of one generation.

    Args:
        root: Of all generations.
        token: Names the generation.
    """

    def __init__(self, root: Path, token: str) -> None:
        self.root = root
        self.token = token
        self.path = root / token
        self._index = self.path / "index"

    def make_current(self) -> None:
        """Let whoever follows ``current`` find this generation, and no older one, from now on."""
        self._make()
        current = self.root / "current"
        if current.is_symlink() and str(current.readlink()) == self.token:
            return
        # Not by the process's number: two containers that share the folder count theirs alike.
        beside = self.root / f"current.{secrets.token_hex(4)}"
        beside.symlink_to(self.token)
        beside.replace(current)

    def _make(self) -> None:
        (self.path / "pages").mkdir(parents=True, exist_ok=True)
        sites = self.path / "sites"
        sites.mkdir(exist_ok=True)
        for host in settings.ALLOWED_HOSTS:
            with contextlib.suppress(FileExistsError):
                (sites / f"{urlsplit(settings.SITE_URL).scheme}-{host}").symlink_to("../pages")

    def reaches(self, offset: int) -> bool:
        """Whether the index is there as far as somebody has read it already."""
        try:
            return self._index.stat().st_size >= offset
        except FileNotFoundError:
            return offset == 0

    def entries(self, offset: int = 0) -> tuple[list[Entry], int, bool]:
        """The index from an offset on, as far as a reader has to remember it.

        Returns:
            Its entries, the offset after them, and whether the publisher has come to the end.
        """
        found: list[Entry] = []
        whole = False
        try:
            file = self._index.open("rb")
        except FileNotFoundError:
            return found, offset, whole
        with file:
            file.seek(offset)
            for text in file:
                if not text.endswith(b"\n"):
                    break
                whole = text == _WHOLE
                if not whole:
                    path, codings, _ = text.split(b"\t", 2)
                    found.append(Entry(path.decode(), _codings(codings), offset))
                offset += len(text)
        return found, offset, whole

    def line(self, entry: Entry) -> Line | None:
        """The line of an entry.

        Returns:
            Nothing if the folder is gone, another one stands in its place, or other code wrote a line that
            this code cannot read.
        """
        try:
            with self._index.open("rb") as file:
                file.seek(entry.position)
                fields = json.loads(file.readline().split(b"\t")[2])
            # Thousands of answers say the same in most headers: they share the text.
            own = tuple((sys.intern(name), sys.intern(value)) for name, value in fields["headers"])
            line = Line(**{**fields, "headers": own})
            return line if (line.path, tuple(line.sizes)) == (entry.path, entry.codings) else None
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def file(self, line: Line, coding: str) -> Path:
        """Where a body lies in a coding."""
        return self.path / f"{line.file}{CODINGS[coding]}"

    def read(self, line: Line, coding: str) -> bytes | None:
        """A body in a coding; nothing if it is no longer what the index says."""
        try:
            body = self.file(line, coding).read_bytes()
        except OSError:
            return None
        return body if len(body) == line.sizes[coding] else None

    def kept(self, line: Line) -> Finished | None:
        """A finished answer as it was written."""
        bodies = {coding: self.read(line, coding) for coding in line.sizes}
        if None in bodies.values():
            return None
        return Finished(
            status=line.status,
            headers=line.headers,
            identity=bodies[""] or b"",
            gzip=bodies.get("gzip"),
            brotli=bodies.get("br"),
            etag=line.etag,
            last_modified=datetime.fromtimestamp(line.modified, UTC),
        )


class Writer:
    """Writes finished answers into a generation's folder.

    Args:
        folder: Where to.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        _, offset, _ = folder.entries()
        self._index: IO[bytes] = (folder.path / "index").open("ab")
        # Half a line, of a publisher that was stopped.
        self._index.truncate(offset)

    def __enter__(self) -> Writer:
        """Itself."""
        return self

    def __exit__(self, *_problem: object) -> None:
        """Close the index."""
        self._index.close()

    @property
    def is_there(self) -> bool:
        """Whether anybody will find what is written; not if somebody has removed the folder."""
        return os.fstat(self._index.fileno()).st_nlink > 0

    def write(self, address: Address, finished: Finished, modified: int) -> None:
        """Write an answer and then its line.

        Args:
            address: Whose answer it is.
            finished: The answer.
            modified: When it last changed, in seconds of the epoch.
        """
        folder = "pages" if address.kind is Kind.PAGE else "files"
        line = Line(
            path=address.path,
            file=f"{folder}/{file_of(address.path)}",
            status=finished.status,
            headers=finished.headers,
            etag=finished.etag,
            modified=modified,
            sizes={coding: len(body) for coding, body in finished.bodies.items()},
        )
        for coding, body in finished.bodies.items():
            self._place(self._folder.file(line, coding), body, modified)
        fields = json.dumps(asdict(line), separators=(",", ":"))
        self._add(f"{line.path}\t{','.join(line.sizes)}\t{fields}\n".encode())

    def finish(self) -> None:
        """Say that everything is there."""
        self._add(_WHOLE)

    def _place(self, target: Path, body: bytes, modified: int) -> None:
        """Put a body where a front server looks for it, whole or not at all."""
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = self._folder.path / f"{secrets.token_hex(4)}.part"
        try:
            beside.write_bytes(body)
            os.utime(beside, (modified, modified))
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise

    def _add(self, text: bytes) -> None:
        self._index.write(text)
        self._index.flush()


@contextlib.contextmanager
def _opened(root: Path) -> Iterator[int]:
    root.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(root / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def publishing(root: Path) -> Iterator[int | None]:
    """The right to write into the folder, as a descriptor; nothing if another process has it.

    It belongs to whoever holds the descriptor open: handed to another process, it lives on there.
    """
    with _opened(root) as descriptor:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield None
        else:
            yield descriptor


def earlier(root: Path, token: str) -> dict[str, tuple[Folder, Entry]]:
    """Where older generations have left their lines, by path, the youngest of each.

    Their compressed bodies may still serve.
    """
    left: dict[str, tuple[Folder, Entry]] = {}
    others = [found for found in _generations(root) if found.name != token]
    for found in sorted(others, key=lambda other: other.stat().st_mtime):
        folder = Folder(root, found.name)
        # Other code may have written an index of another form.
        with contextlib.suppress(ValueError):
            left.update({entry.path: (folder, entry) for entry in folder.entries()[0]})
    return left


def remove_others(root: Path, token: str) -> None:
    """Remove what older generations have left."""
    for found in _generations(root):
        if found.name != token:
            shutil.rmtree(found, ignore_errors=True)


def _generations(root: Path) -> list[Path]:
    return [found for found in root.iterdir() if found.is_dir() and not found.is_symlink()]
