"""Take a back-up in: the site becomes the one that was backed up, on whichever database.

All rows are written in one transaction. Uploaded files have their checksum for a name, so the files of the
two sites do not get in each other's way: the new ones are put beside the old before the transaction ends, and
the old ones go after it. Whoever is killed on the way leaves the site as it was or as it was to be.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader

from appg.models import CONTENT_MODELS, Redirect, Upload
from leftbehind_site.backup import contents
from leftbehind_site.backup.archive import MEDIA, Archive, BackupError, Manifest, Table
from leftbehind_site.backup.making import applied, media_files
from leftbehind_site.common import rows
from leftbehind_site.common.progress import Progress, silent
from leftbehind_site.environment import sqlite_file
from leftbehind_site.export.manifest import File
from leftbehind_site.room import nearest_folder
from neighbourhoods.models import Release

STAGE: Final = ".restoring"
"""Folder in the media folder for files on their way in."""

_PER_BYTE: Final = 4
"""Bytes that SQLite needs for a byte of rows, indexes and log included, generously."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was taken in.

    Attributes:
        manifest: What the back-up says of itself.
        added: Uploaded files that were not there before, or not as they should be.
        removed: Uploaded files that the site no longer has.
    """

    manifest: Manifest
    added: int
    removed: int


# --- before anything is touched


def check(path: Path, *, progress: Progress = silent) -> Manifest:
    """Prove that a file is a whole back-up that this version of the site can take in.

    Raises:
        BackupError: If it is not; it names the part that is wrong.
    """
    with Archive(path) as archive:
        _prove(archive, progress)
        return archive.manifest


def _prove(archive: Archive, progress: Progress) -> None:
    """Read everything in it."""
    manifest = archive.manifest
    _refuse_other_versions(manifest)
    known = contents.tables()
    steps: list[Table | File] = [*manifest.tables, *manifest.media]
    for step in progress(steps, len(steps), "Checking"):
        if isinstance(step, File):
            for _ in archive.pieces(step):
                pass
        else:
            for _ in _values(archive, step, known[step.model]):
                pass


def _refuse_other_versions(manifest: Manifest) -> None:
    """Refuse a back-up whose tables are not those of this version."""
    made = f"it was made by version {manifest.code}"
    ours = _migrations()
    theirs = {name for name in manifest.migrations if name.partition(".")[0] not in contents.LEFT_OUT}
    if newer := sorted(theirs - ours):
        raise BackupError(f"{made}, which is newer: this one does not know the migrations {_few(newer)}")
    if older := sorted(ours - theirs):
        raise BackupError(
            f"{made}, whose tables are older: they lack the migrations {_few(older)}. Restore it with that"
            " version, and then run `manage.py migrate` with this one"
        )
    known, given = {*contents.tables()}, {table.model for table in manifest.tables}
    if differing := sorted(known ^ given):
        raise BackupError(f"{made}, which has other tables: {_few(differing)}")


def _migrations() -> set[str]:
    """The migrations of this version, as far as they make the tables of a back-up."""
    return {
        f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations if app not in contents.LEFT_OUT
    }


def _few(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _values(archive: Archive, table: Table, model: type[models.Model]) -> Iterator[tuple[Any, ...]]:
    """The rows of a table as the database takes them."""
    number = 0
    for number, row in enumerate(archive.rows(table), start=1):
        try:
            values = rows.values(model, row)
        except (ValueError, KeyError, TypeError, ValidationError, ArithmeticError) as error:
            raise BackupError(
                f"{table.file.name}, line {number}, does not fit this version: {error}"
            ) from error
        yield values


def occupied() -> str:
    """What the site already has, in words; empty if it is as `migrate` leaves it."""
    models_: tuple[type[models.Model], ...] = (
        *(Release, Redirect, Upload, get_user_model()),
        *CONTENT_MODELS.values(),
    )
    found = (str(model._meta.verbose_name_plural) for model in models_ if contents.every(model).exists())
    return next(found, "")


def _refuse_site(*, replace: bool) -> None:
    """Refuse a site that cannot, or shall not, become another one."""
    if settings.ARCHIVE_FROZEN:
        raise BackupError("this site is frozen; set ARCHIVE_FROZEN=false first")
    if _migrations() - {*applied()}:
        raise BackupError("this site’s tables are not those of its code; run `manage.py migrate` first")
    if (found := occupied()) and not replace:
        raise BackupError(
            f"this site already has content ({found}); name an empty database in DATABASE_URL, or say"
            " --replace, and everything that it has is replaced"
        )


def _refuse_full_disk(manifest: Manifest, root: Path) -> None:
    """Refuse what there would be no room for."""
    needs = {nearest_folder(root): sum(file.size for file in manifest.media)}
    if database := sqlite_file(connection.settings_dict):
        folder = nearest_folder(database.parent)
        needs[folder] = needs.get(folder, 0) + _PER_BYTE * sum(one.file.size for one in manifest.tables)
    for folder, size in needs.items():
        if (free := shutil.disk_usage(folder).free) < size:
            raise BackupError(
                f"there is too little room in {folder}: {size:,} bytes are needed, {free:,} are free"
            )


# --- taking it in


def restore(
    path: Path,
    *,
    replace: bool = False,
    progress: Progress = silent,
) -> Report:
    """Make the site the one that was backed up.

    Args:
        path: The back-up.
        replace: Whether a site that has content may be replaced.
        progress: Shows how far it has come.

    Raises:
        BackupError: If the back-up is not whole, does not fit, or the site is not to be replaced; the site
            is then as it was.
        DatabaseError: If the database cannot be asked.
        OSError: If a file cannot be written; the site is then as it was.
    """
    _refuse_site(replace=replace)
    root = Path(settings.MEDIA_ROOT)
    with Archive(path) as archive:
        _prove(archive, progress)
        manifest = archive.manifest
        _refuse_full_disk(manifest, root)
        root.mkdir(parents=True, exist_ok=True)
        with _staged(archive, root, progress) as stage:
            added = len(_names(stage))
            try:
                with transaction.atomic(), _taken_back(stage, root):
                    _stop_writers()
                    # Somebody may have written since it was asked.
                    _refuse_site(replace=replace)
                    former = {*Upload.objects.values_list("file", flat=True)}
                    _write(archive, progress)
                    _verify(manifest)
                    _put(stage, root)
            except DatabaseError as error:
                raise BackupError(f"the database does not take it in: {str(error).strip()}") from error
    removed = _remove(former - {file.name.removeprefix(MEDIA) for file in manifest.media}, root)
    return Report(manifest, added, removed)


def _stop_writers() -> None:
    """Let nobody write until the end; readers see the site as it was. SQLite does so by itself."""
    if connection.vendor != "postgresql":
        return
    names = ", ".join(connection.ops.quote_name(one._meta.db_table) for one in contents.tables().values())
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {names} IN EXCLUSIVE MODE")
        cursor.execute("SET LOCAL statement_timeout = 0")


def _write(archive: Archive, progress: Progress) -> None:
    """Replace all rows."""
    known = contents.tables()
    with connection.cursor() as cursor:
        for model in (*known.values(), *_signed_in()):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 - names of the models
    tables = archive.manifest.tables
    for table in progress(tables, len(tables), "Tables"):
        model = known[table.model]
        names = [field.attname for field in model._meta.concrete_fields]
        rows.insert(model, names, _values(archive, table, model))
    wanted = {table.model: table.position for table in tables if table.position is not None}
    contents.advance(wanted, known)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Until it has counted, it plans for the tables as they were.
            for model in known.values():
                cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _signed_in() -> list[type[models.Model]]:
    """The tables of sessions: who was signed in may be somebody else now."""
    return [model for model in apps.get_models() if model._meta.app_label == "sessions"]


def _verify(manifest: Manifest) -> None:
    """Count what was written, and see that whatever is referred to is there."""
    known = contents.tables()
    for table in manifest.tables:
        if (number := contents.every(known[table.model]).count()) != table.rows:
            raise BackupError(f"{table.model}: {number:,} rows were written, and not {table.rows:,}")
    connection.check_constraints()


# --- uploaded files


@contextlib.contextmanager
def _staged(archive: Archive, root: Path, progress: Progress) -> Iterator[Path]:
    """The files of the back-up that the site lacks, in a folder from which they need only be moved."""
    stage = root / STAGE
    descriptor = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError("another back-up is being restored to this site") from None
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir()
        media = archive.manifest.media
        for file in progress(media, len(media), "Uploaded files"):
            _stage(archive, file, root, stage)
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        os.close(descriptor)


def _stage(archive: Archive, file: File, root: Path, stage: Path) -> None:
    """Write a file, on to the disk, unless the site has it as it is."""
    name = file.name.removeprefix(MEDIA)
    target = root / name
    if not target.resolve().is_relative_to(root.resolve()):
        raise BackupError(f"{target} leads out of the media folder, by a link that lies there")
    if target.exists() and not target.is_file():
        raise BackupError(f"{target} has to be a file, and is none")
    if target.is_file() and target.stat().st_size == file.size:
        with target.open("rb") as there, contextlib.suppress(BackupError):
            if all(there.read(len(piece)) == piece for piece in archive.pieces(file)):
                return
    (stage / name).parent.mkdir(parents=True, exist_ok=True)
    with (stage / name).open("wb") as written:
        for piece in archive.pieces(file):
            written.write(piece)
        written.flush()
        os.fsync(written.fileno())


def _put(stage: Path, root: Path) -> None:
    """Move the files to where they belong; one that is there is not what it should be, and is replaced."""
    for name in _names(stage):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (stage / name).replace(root / name)


def _names(stage: Path) -> list[str]:
    return sorted(one.relative_to(stage).as_posix() for one in stage.rglob("*") if one.is_file())


@contextlib.contextmanager
def _taken_back(stage: Path, root: Path) -> Iterator[None]:
    """Take files away again that were put where none was, unless all went well."""
    fresh = [name for name in _names(stage) if not (root / name).exists()]
    try:
        yield
    except BaseException:
        for name in fresh:
            (root / name).unlink(missing_ok=True)
        raise


def _remove(names: set[str], root: Path) -> int:
    """Remove the files of uploads that the site no longer has. What nobody knows stays."""
    there = names & {*media_files(root)}
    for name in there:
        (root / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            (root / name).parent.rmdir()
    return len(there)
