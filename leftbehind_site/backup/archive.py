"""The file that a back-up is: how it is laid out, and how it is proved to be whole.

It is a ZIP archive with these files and no others:

- ``back-up.json``, the manifest: when and of which version it is made, and every other file with its size and
  SHA-256; the archive's comment holds the SHA-256 of the manifest itself;
- ``rows/<app>.<model>.jsonl``, a table: a row a line, in the form of Django's fixtures;
- ``media/…``, the files that editors uploaded, as they lie in the media folder.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

from leftbehind_site.export.manifest import File

FORMAT: Final = "back-up of the archive of the APPG for ‘left behind’ neighbourhoods"
VERSION: Final = 1
MANIFEST: Final = "back-up.json"
ROWS: Final = "rows/"
MEDIA: Final = "media/"
PIECE: Final = 1 << 20
"""Bytes that are read at a time."""

_MOST_MANIFEST: Final = 64 << 20
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_COMMENT: Final = re.compile(rb"back-up\.json sha256 ([0-9a-f]{64})")
_PACKED: Final = re.compile(rb"PK\x03\x04|\x89PNG|\xff\xd8\xff|RIFF....WEBP|%PDF", re.DOTALL)
"""How files begin that compression makes no smaller."""

_DAMAGE: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error),
    *(ValueError, OverflowError, IndexError, KeyError, TypeError, AttributeError, MemoryError),
)
"""What reading a damaged archive or manifest may end in."""


class BackupError(Exception):
    """A back-up that cannot be made, trusted or taken in, in words for whoever asked."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a model.

    Attributes:
        model: Its name, with its app's.
        rows: How many.
        position: The last number that was given to a row; nothing where rows are not numbered.
        file: Where they are.
    """

    model: str
    rows: int
    position: int | None
    file: File


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a back-up says of itself.

    Attributes:
        made_at: When, in ISO form and UTC: the moment that everything in it is of.
        site_url: The address of the site.
        release: Mark of the release that was in force; empty without one.
        code: The version of the site’s code.
        software: Of what it ran on, by name.
        migrations: Those that the tables had seen, as ``app.name``, sorted.
        tables: Sorted by model.
        media: Uploaded files, sorted by name.
        missing: Uploaded files that should have been there and were not, or were not what they should be.
        left_out: Apps and models that are never in a back-up, and why; tables that nobody knew.
    """

    made_at: str
    site_url: str
    release: str
    code: str
    software: dict[str, str]
    migrations: tuple[str, ...]
    tables: tuple[Table, ...]
    media: tuple[File, ...]
    missing: tuple[str, ...]
    left_out: dict[str, str]

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return sum(table.rows for table in self.tables)


# --- writing


class Writer:
    """Writes a back-up into an open file.

    Args:
        file: Empty, and open for writing and reading.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)

    def __enter__(self) -> Writer:
        """Itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Finish the archive, unless something went wrong."""
        if kind is not None:
            # Else it would be finished after all, when nobody needs it any more.
            self._archive.fp = None
        self._archive.close()

    def add(self, name: str, pieces: Iterable[bytes]) -> File:
        """Write a file of the archive, piece by piece."""
        digest, size = hashlib.sha256(), 0
        entry = zipfile.ZipInfo(name, _EPOCH)
        entry.external_attr = (stat.S_IFREG | 0o600) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        given = iter(pieces)
        first = next(given, b"")
        if name.startswith(MEDIA) and _PACKED.match(first):
            entry.compress_type = zipfile.ZIP_STORED
        with self._archive.open(entry, "w", force_zip64=True) as target:
            for piece in _with(first, given):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        return File(name, size, digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, which makes it a whole back-up."""
        fields = {"format": FORMAT, "version": VERSION, **asdict(manifest)}
        text = json.dumps(fields, ensure_ascii=False, indent=1).encode()
        file = self.add(MANIFEST, [text])
        self._archive.comment = f"{MANIFEST} sha256 {file.sha256}".encode()


def _with(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


# --- reading


class Archive:
    """A back-up, open for reading; used as a context.

    Args:
        path: The file.

    Attributes:
        manifest: What it says of itself.

    Raises:
        BackupError: If it cannot be read, is none, or of a form that this version does not know.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise BackupError(f"{path} cannot be read: {error.strerror}") from error
        try:
            self._archive = self._opened()
            self._entries = self._listed()
            self.manifest = self._understood()
            self._compare()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Archive:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()

    def _damaged(self, part: str, why: object) -> BackupError:
        return BackupError(f"{self._path} is damaged, in {part}: {why}")

    def _opened(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self._file)
        except _DAMAGE as error:
            raise self._damaged("the archive’s list of files (or it is no back-up at all)", error) from error
        except OSError as error:
            raise BackupError(f"{self._path} cannot be read: {error}") from error

    def _listed(self) -> dict[str, zipfile.ZipInfo]:
        """What the archive says that is in it, as far as it can be in a back-up."""
        entries: dict[str, zipfile.ZipInfo] = {}
        for entry in self._archive.infolist():
            name = entry.orig_filename
            kind = stat.S_IFMT(entry.external_attr >> 16)
            if not is_plain(name) or kind not in (0, stat.S_IFREG):
                raise self._damaged(repr(name), "such a name, or kind of file, is in no back-up")
            if name in entries:
                raise self._damaged(name, "it is in it twice")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise self._damaged(name, "packed in a way that no back-up is")
            entries[name] = entry
        return entries

    def _understood(self) -> Manifest:
        """The manifest."""
        if MANIFEST not in self._entries:
            raise BackupError(f"{self._path} is no back-up of this site: it has no {MANIFEST}")
        if self._entries[MANIFEST].file_size > _MOST_MANIFEST:
            raise self._damaged(MANIFEST, "it is too long")
        text = b"".join(self._pieces(MANIFEST))
        said = _COMMENT.fullmatch(self._archive.comment)
        if not said or said[1].decode() != hashlib.sha256(text).hexdigest():
            raise self._damaged(MANIFEST, "it is not what the archive’s comment says")
        try:
            fields = json.loads(text)
            form, number = fields.pop("format"), fields.pop("version")
        except _DAMAGE as error:
            raise self._damaged(MANIFEST, error) from error
        if form != FORMAT:
            raise BackupError(f"{self._path} is no back-up of this site: its {MANIFEST} says {form!r}")
        if number != VERSION:
            raise BackupError(
                f"{self._path} has form {number!r} of back-ups, and this version of the site"
                f" reads form {VERSION}: restore it with the version that made it, {fields.get('code')}"
            )
        try:
            return _manifest(fields)
        except _DAMAGE as error:
            raise self._damaged(MANIFEST, f"{type(error).__name__}: {error}") from error

    def _compare(self) -> None:
        """What the archive holds is what the manifest says."""
        wanted = {file.name: file for file in self.files()}
        for name in sorted({*wanted, MANIFEST} ^ set(self._entries)):
            where = f"in {MANIFEST}, and not in the archive" if name in wanted else f"not in {MANIFEST}"
            raise self._damaged(name, where)
        for name, file in wanted.items():
            if self._entries[name].file_size != file.size:
                raise self._damaged(name, f"{self._entries[name].file_size:,} bytes, not {file.size:,}")

    def files(self) -> Iterator[File]:
        """Every file but the manifest."""
        yield from (table.file for table in self.manifest.tables)
        yield from self.manifest.media

    def _pieces(self, name: str) -> Iterator[bytes]:
        """What is in a file of the archive."""
        try:
            with self._archive.open(self._entries[name]) as source:
                while piece := source.read(PIECE):
                    yield piece
        except _DAMAGE as error:
            raise self._damaged(name, error) from error
        except OSError as error:
            raise BackupError(f"{self._path} cannot be read, in {name}: {error}") from error

    def pieces(self, file: File) -> Iterator[bytes]:
        """A file, piece by piece.

        Raises:
            BackupError: At the end at the latest, if it is not what the manifest says.
        """
        digest, size = hashlib.sha256(), 0
        for piece in self._pieces(file.name):
            digest.update(piece)
            size += len(piece)
            if size > file.size:
                break
            yield piece
        if size != file.size or digest.hexdigest() != file.sha256:
            raise self._damaged(file.name, "its SHA-256 is not the one in the manifest")

    def rows(self, table: Table) -> Iterator[dict[str, Any]]:
        """The rows of a table.

        Raises:
            BackupError: If one is none, or, at the end, if they are not what the manifest says.
        """
        number = 0
        for number, text in enumerate(_lines(self.pieces(table.file)), start=1):
            try:
                row = json.loads(text)
                fits = row["model"] == table.model and {*row} == {"model", "pk", "fields"}
            except _DAMAGE as error:
                raise self._damaged(f"{table.file.name}, line {number}", error) from error
            if not fits:
                raise self._damaged(f"{table.file.name}, line {number}", f"it is no row of {table.model}")
            yield row
        if number != table.rows:
            raise self._damaged(table.file.name, f"{number:,} rows, and not {table.rows:,}")


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Whole lines."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
    if rest:
        yield rest


def is_plain(name: str) -> bool:
    """Whether a name can be that of a file in a back-up: no way out of the folder it belongs to."""
    if name == MANIFEST:
        return True
    if re.fullmatch(rf"{ROWS}[a-z0-9_]+\.[a-z0-9_]+\.jsonl", name):
        return True
    if not name.startswith(MEDIA) or re.search(r"[\x00-\x1f\\:]", name):
        return False
    parts = name.removeprefix(MEDIA).split("/")
    return not any(part in ("", ".", "..") or part.startswith(".") for part in parts)


def _manifest(fields: dict[str, Any]) -> Manifest:
    """The manifest as it was read.

    Raises:
        TypeError, ValueError, KeyError: If it is none.
    """
    tables = tuple(
        Table(
            _is(one["model"], str),
            _is(one["rows"], int),
            None if one["position"] is None else _is(one["position"], int),
            _file(one["file"], f"{ROWS}{one['model']}.jsonl".__eq__),
        )
        for one in fields.pop("tables")
    )
    media = tuple(_file(one, lambda name: name.startswith(MEDIA)) for one in fields.pop("media"))
    names = [file.name for file in (*(table.file for table in tables), *media)]
    if len(set(names)) != len(names):
        raise ValueError("a file is named twice")
    return Manifest(
        tables=tables,
        media=media,
        migrations=_texts(fields.pop("migrations")),
        missing=_texts(fields.pop("missing")),
        software=dict(fields.pop("software")),
        left_out=dict(fields.pop("left_out")),
        **{name: _is(value, str) for name, value in fields.items()},
    )


def _is(value: Any, kind: type[Any]) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(_is(value, str) for value in values)


def _file(fields: dict[str, Any], fits: Callable[[str], bool]) -> File:
    file = File(_is(fields["name"], str), _is(fields["size"], int), _is(fields["sha256"], str))
    if not fits(file.name) or not is_plain(file.name) or file.size < 0:
        raise ValueError(f"{file.name!r} cannot be there")
    return file
