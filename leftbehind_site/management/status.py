"""How the site is, for the person who looks after it: what it is, how old, and what needs care.

Each part is asked by itself, so that one that cannot be told does not hide the others. A process that may
only read, or whose account may not read everything, is told what it may know.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import django
import psycopg
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError, OperationalError, connection, models
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from appg.models import Upload
from leftbehind_site import health
from leftbehind_site.desk import locks
from leftbehind_site.enumeration import addresses
from leftbehind_site.environment import sqlite_file
from leftbehind_site.export import manifest as exported
from leftbehind_site.generation import Generation
from leftbehind_site.room import nearest_folder
from leftbehind_site.security_txt import EXPIRES
from leftbehind_site.serving.published import Folder
from leftbehind_site.serving.publishing import LEFT_TO_DJANGO
from leftbehind_site.version import version
from neighbourhoods.models import Release

LITTLE: Final = 500_000_000
"""Bytes of free disk below which it is time to make room."""

SOON: Final = 30
"""Days before security.txt expires at which it is time to renew it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was asked.

    Attributes:
        name: What it is about.
        value: The answer, in words.
        ok: Whether it is as it should be; nothing where that is no question, or cannot be told.
    """

    name: str
    value: str
    ok: bool | None = None


def parts(export: Path | None = None) -> Iterator[Part]:
    """Ask everything.

    Args:
        export: Where an export is, or should be; it is not asked about without.
    """
    yield Part("version", version())
    yield Part("software", f"Python {platform.python_version()}, Django {django.get_version()}")
    yield Part("address", settings.SITE_URL)
    yield Part("frozen", "yes: it can be read, not changed" if settings.ARCHIVE_FROZEN else "no")
    reached = _asked("database", _database)
    yield reached
    for name, ask in _OF_THE_DATABASE.items():
        yield _asked(name, ask) if reached.ok else Part(name, "unknown: the database cannot be asked")
    yield _asked("published", _published)
    yield from _disks()
    if export:
        yield _asked("export", lambda: _export(export))
    yield _asked("security.txt", _security)


def _asked(name: str, ask: Callable[[], tuple[str, bool | None]]) -> Part:
    """A part, or why it cannot be told."""
    try:
        value, ok = ask()
    except DatabaseError as error:
        if isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
            return Part(name, "unknown: this account of the database may not read it")
        return Part(name, f"cannot be asked: {_first_line(error)}", ok=False)
    except PermissionError as error:
        return Part(name, f"unknown: this process may not read {error.filename}")
    except OSError as error:
        return Part(name, f"cannot be asked: {error}", ok=False)
    return Part(name, value, ok)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _ago(moment: datetime) -> str:
    """A moment, and how long ago it was."""
    days = (timezone.now() - moment).days
    passed = "less than a day ago" if days < 1 else "a day ago" if days == 1 else f"{days:,} days ago"
    return f"{timezone.localtime(moment):%-d %B %Y, %H:%M} ({passed})"


# --- of the database


def _database() -> tuple[str, bool | None]:
    file = sqlite_file(settings.DATABASES["default"])
    if file and not file.is_file():
        # SQLite would make it.
        return f"{file} is not there: run `manage.py migrate`", False
    try:
        connection.ensure_connection()
    except OperationalError as error:
        return f"cannot be reached: {_first_line(error)}", False
    number = ".".join(map(str, connection.get_database_version()))
    return f"{'PostgreSQL' if connection.vendor == 'postgresql' else 'SQLite'} {number}", True


def _health() -> tuple[str, bool | None]:
    """What /healthz says, in this process."""
    for name, ask in health.PARTS.items():
        if failure := ask():
            return f"failing: {name}: {failure}", False
    return "ok", True


def _release() -> tuple[str, bool | None]:
    current = Release.objects.current()
    if current is None:
        return "none: run `manage.py load_neighbourhoods`", False
    return f"{current}, loaded {_ago(current.loaded_at)}", True


def _migrations() -> tuple[str, bool | None]:
    failure = health.PARTS["migrations"]()
    return failure or "all applied", not failure


def _last_edit() -> tuple[str, bool | None]:
    """The latest version of anything that has a history."""
    latest: Any = None
    for model in apps.get_models():
        if hasattr(model, "history_date"):
            found: Any = models.QuerySet(model).order_by("-history_date", "-history_id").first()
            if found and (latest is None or found.history_date > latest.history_date):
                latest = found
    if latest is None:
        return "none", None
    original = latest.instance_type
    who = latest.editor_name
    name = getattr(latest, "title", "") or getattr(latest, "name", "") or f"number {latest.instance.pk}"
    by = f", by {who}" if who else ""
    return f"{original._meta.verbose_name} ‘{name}’, {_ago(latest.history_date)}{by}", None


def _media() -> tuple[str, bool | None]:
    root = Path(settings.MEDIA_ROOT)
    if root.is_dir() and not os.access(root, os.R_OK | os.X_OK):
        raise PermissionError(None, None, str(root))
    uploads = Upload.objects.filter(withdrawn_reason="").order_by("pk")
    names = dict(uploads.values_list("file", "name"))
    missing = [f"{name} ({stored})" for stored, name in names.items() if not (root / stored).is_file()]
    if missing:
        return f"{len(missing):,} of {len(names):,} missing: {', '.join(missing[:5])}", False
    return f"{len(names):,}, all there", True


def _second_factor() -> tuple[str, bool | None]:
    editors = get_user_model().objects.filter(is_active=True, is_staff=True)
    have = TOTPDevice.objects.filter(confirmed=True)
    number = editors.filter(pk__in=have.values("user")).count()
    return f"{number:,} of {editors.count():,} editors have one", None


def _locked_out() -> tuple[str, bool | None]:
    accounts, networks = locks.locked()
    return f"{accounts:,} accounts and {networks:,} addresses locked out of the desk", None


_OF_THE_DATABASE: Final[dict[str, Callable[[], tuple[str, bool | None]]]] = {
    "healthz": _health,
    "migrations": _migrations,
    "release": _release,
    "last edit": _last_edit,
    "uploaded files": _media,
    "second factor": _second_factor,
    "locked out": _locked_out,
}


# --- of files


def _published() -> tuple[str, bool | None]:
    """How much of the present state is finished. What is not yet, Django answers."""
    root = Path(settings.PUBLISHED_ROOT)
    current = root / "current"
    if not current.is_symlink():
        return f"nothing in {root}; the server fills it when it starts", None
    token = current.readlink().name
    entries, _, whole = Folder(root, token).entries()
    try:
        now, expected = Generation().token(), sum(one.kind not in LEFT_TO_DJANGO for one in addresses())
    except DatabaseError:
        return f"{len(entries):,} addresses of generation {token}, which may not be the present one", None
    if now != token:
        return f"{len(entries):,} addresses of generation {token}; the present one is {now}", None
    state = "all" if whole else f"not yet all, of {expected:,}"
    return f"{len(entries):,} addresses ({state}), generation {token}", True if whole else None


def _disks() -> Iterator[Part]:
    folders = {"uploads": Path(settings.MEDIA_ROOT), "published": Path(settings.PUBLISHED_ROOT)}
    if file := sqlite_file(settings.DATABASES["default"]):
        folders["database"] = file.parent
    for name, folder in folders.items():
        yield _asked(f"disk, {name}", partial(_disk, folder))


def _disk(folder: Path) -> tuple[str, bool | None]:
    usage = shutil.disk_usage(nearest_folder(folder))
    free, total = usage.free / 1e9, usage.total / 1e9
    return f"{free:,.1f} of {total:,.1f} GB free at {folder}", usage.free >= LITTLE


def _export(folder: Path) -> tuple[str, bool | None]:
    try:
        found = exported.read(folder)
        written = datetime.fromtimestamp((folder / exported.NAME).stat().st_mtime, UTC)
    except exported.ExportError as error:
        return str(error), False
    value = f"{len(found.addresses):,} addresses in {folder}, written {_ago(written)}"
    try:
        current = Release.objects.current()
    except DatabaseError:
        return value, None
    if current and current.mark != found.release:
        return f"{value}; it shows the figures of another release: run `manage.py export_site`", False
    return value, True


def _security() -> tuple[str, bool | None]:
    """Until when the address for reports of weaknesses is valid."""
    days = (EXPIRES - timezone.now()).days
    return f"expires {EXPIRES:%Y-%m-%d}, in {days:,} days", days >= SOON
