"""Make a back-up: the whole site as it is at one moment, while it runs and is edited."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import platform
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import django
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from appg.models import Upload
from leftbehind_site.backup import contents
from leftbehind_site.backup.archive import MEDIA, PIECE, ROWS, BackupError, Manifest, Table, Writer, is_plain
from leftbehind_site.common import rows
from leftbehind_site.common.progress import Progress, silent
from leftbehind_site.export.manifest import File
from leftbehind_site.version import version
from neighbourhoods.models import Release

_TOGETHER: Final = 500
"""Rows that are packed at a time."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was backed up.

    Attributes:
        manifest: What the back-up says of itself.
        size: Of the file, in bytes.
    """

    manifest: Manifest
    size: int


def back_up(
    target: Path,
    *,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Report:
    """Make a back-up.

    Args:
        target: The file. It is readable by its owner alone, because it holds accounts.
        overwrite: Whether a file that is there may be replaced, once the new one is whole.
        progress: Shows how far it has come.

    Raises:
        BackupError: If it cannot be made; what stood there stays.
        DatabaseError: If the database cannot be read.
        OSError: If something cannot be read or written.
    """
    target = target.absolute()
    _refuse(target, overwrite=overwrite)
    with _beside(target, overwrite=overwrite) as file:
        with Writer(file) as writer, contents.one_moment():
            manifest = _fill(writer, progress)
        size = file.tell()
    return Report(manifest, size)


# --- the place


def _refuse(target: Path, *, overwrite: bool) -> None:
    """Refuse a place that the file must not stand in."""
    if settings.ARCHIVE_FROZEN:
        raise BackupError(
            "a frozen site knows only a part of its tables: run this with ARCHIVE_FROZEN=false and the"
            " DATABASE_URL of the tables’ owner; nothing is written to the database"
        )
    if target.is_dir() or target.is_symlink():
        raise BackupError(f"{target} is a folder or a link; name a file")
    if target.exists() and not overwrite:
        raise BackupError(f"{target} is there already; name another file, or say --overwrite")
    if not target.parent.is_dir():
        raise BackupError(f"the folder {target.parent} is not there; make it first")
    for name in ("MEDIA_ROOT", "PUBLISHED_ROOT", "STATIC_ROOT"):
        if target.resolve().is_relative_to(Path(getattr(settings, name)).resolve()):
            raise BackupError(f"{target} lies in {name}, which the site’s readers are served from")


@contextlib.contextmanager
def _beside(target: Path, *, overwrite: bool) -> Iterator[IO[bytes]]:
    """A new file, which takes the place of the target when all is written and on the disk."""
    beside = target.with_name(f".{target.name}.part")
    descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"another back-up is being written to {target}") from None
        try:
            # Somebody may have been killed here before, or have made the file.
            os.fchmod(descriptor, 0o600)
            file.truncate()
            yield file
            file.flush()
            os.fsync(descriptor)
            if overwrite:
                beside.replace(target)
            else:
                _put(beside, target)
        finally:
            beside.unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _put(beside: Path, target: Path) -> None:
    """Give the file its name, unless another has got it meanwhile."""
    try:
        os.link(beside, target)
    except FileExistsError:
        raise BackupError(f"{target} has come to be there meanwhile; name another file") from None
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS):
            raise
        # A file system without second names.
        beside.rename(target)


# --- what is in it


def _fill(writer: Writer, progress: Progress) -> Manifest:
    """Write everything."""
    made_at = timezone.now()
    models_ = contents.tables()
    given = contents.positions(models_)
    tables = [
        _table(writer, name, given.get(name)) for name in progress(list(models_), len(models_), "Tables")
    ]
    release = Release.objects.current()
    media, missing = _media(writer, progress)
    manifest = Manifest(
        made_at=f"{made_at:%Y-%m-%dT%H:%M:%S.%fZ}",
        site_url=settings.SITE_URL,
        release=release.mark if release else "",
        code=version(),
        software={
            "python": platform.python_version(),
            "django": django.get_version(),
            "database": f"{connection.vendor} {'.'.join(map(str, _database_version()))}",
        },
        migrations=applied(),
        tables=tuple(tables),
        media=media,
        missing=missing,
        left_out={
            **contents.LEFT_OUT,
            **dict.fromkeys(contents.strangers(), "a table that no model of this version stands for"),
        },
    )
    writer.finish(manifest)
    return manifest


def _database_version() -> Iterable[int]:
    found: Iterable[int] = connection.get_database_version()
    return found


def applied() -> tuple[str, ...]:
    """The migrations that the tables have seen."""
    return tuple(sorted(".".join(key) for key in MigrationRecorder(connection).applied_migrations()))


def _table(writer: Writer, name: str, position: int | None) -> Table:
    """Write the rows of a model."""
    model = contents.tables()[name]
    fields = [field.name for field in model._meta.concrete_fields]
    number = 0

    def texts() -> Iterator[bytes]:
        nonlocal number
        together: list[str] = []
        for row in contents.every(model).iterator(chunk_size=2000):
            together.append(rows.line(rows.written(row, fields=fields)))
            number += 1
            if len(together) == _TOGETHER:
                yield "".join(together).encode()
                together = []
        yield "".join(together).encode()

    file = writer.add(f"{ROWS}{name}.jsonl", texts())
    return Table(name, number, position, file)


# --- uploaded files


def media_files(root: Path) -> list[str]:
    """The names of the files in the media folder, sorted; hidden ones are none of them."""
    if not root.is_dir():
        return []
    names = (path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    return sorted(name for name in names if is_plain(f"{MEDIA}{name}"))


def _media(writer: Writer, progress: Progress) -> tuple[tuple[File, ...], tuple[str, ...]]:
    """Write the uploaded files.

    A file is there before the row that names it and never changes, so the files of the rows can be read
    after these.

    Returns:
        What was written, and in words what was not there or not what it should be.
    """
    root = Path(settings.MEDIA_ROOT)
    wanted = dict(Upload.objects.order_by("pk").values_list("file", "sha256"))
    names = media_files(root)
    problems = [f"{name}: the file of an upload is not there" for name in sorted({*wanted} - {*names})]
    files = []
    for name in progress(names, len(names), "Uploaded files"):
        try:
            file, changed = _one(writer, root / name, f"{MEDIA}{name}")
        except FileNotFoundError:
            problems.append(f"{name}: it vanished while the back-up was made")
            continue
        files.append(file)
        if wanted.get(name, file.sha256) != file.sha256:
            problems.append(f"{name}: it is not the file that was uploaded (its SHA-256 differs)")
        elif changed:
            problems.append(f"{name}: it changed while the back-up was made")
    return tuple(files), tuple(problems)


def _one(writer: Writer, path: Path, name: str) -> tuple[File, bool]:
    """Write a file.

    Returns:
        What was written, and whether it changed meanwhile.

    Raises:
        FileNotFoundError: If it is not there; nothing is written then.
    """
    with path.open("rb") as source:
        before = _state(source)
        file = writer.add(name, _pieces(source.read))
        return file, _state(source) != before or file.size != before[0]


def _pieces(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while piece := read(PIECE):
        yield piece


def _state(source: IO[Any]) -> tuple[int, int]:
    found = os.fstat(source.fileno())
    return found.st_size, found.st_mtime_ns
