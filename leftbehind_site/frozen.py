"""A frozen site: it can be read and nothing can be written, by whatever way.

Four things see to it, each by itself enough for its part: ``serving.guarding.Guard`` answers reading requests
only; the settings leave out the editing desk and all that serves it (both as in any process with DESK=false);
the database is opened read-only (an SQLite file as immutable, PostgreSQL with read-only transactions and,
better, as a role that may only read, see ``deploy/roles.py``); and nothing here needs a file system that can
be written to.

Run as a program, it says whether the site could be served frozen: nothing can be put right once it is.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.db import DatabaseError


def _file(path: Path) -> str:
    """What keeps an SQLite file from being served as one that nobody changes; empty if nothing does."""
    if not path.is_file():
        return f"the database {path} is not there: make it and load it first"
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        return (
            f"{log.name} holds changes that are not in {path.name} yet: stop whatever uses the database,"
            " or have SQLite write them (PRAGMA wal_checkpoint(TRUNCATE))"
        )
    return ""


def _static_files() -> str:
    """Whether the static files have been collected; nothing can be collected later."""
    there = (settings.STATIC_ROOT / "staticfiles.json").is_file()
    return "" if there or settings.DEBUG else "the static files are not there: run `manage.py collectstatic`"


def obstacle() -> str:
    """What keeps the site from being served frozen, in words; empty if nothing does."""
    from leftbehind_site.environment import sqlite_file  # noqa: PLC0415 - this is a program too
    from leftbehind_site.health import PARTS  # noqa: PLC0415 - models, after Django is set up

    file = sqlite_file(settings.DATABASES["default"])
    found = _static_files() or (_file(file) if file else "")
    for name, ask in PARTS.items():
        if found:
            break
        try:
            failure = ask()
        except DatabaseError as error:
            failure = f"cannot be asked: {str(error).strip()}"
        found = f"{name}: {failure}" if failure else ""
    return found


def main() -> None:
    """Say what is in the way, and end with 1; or end quietly."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leftbehind_site.settings")
    django.setup()
    if found := obstacle():
        sys.exit(
            f"The site cannot be served frozen: {found}.\n"
            "Put it right with ARCHIVE_FROZEN=false, then start again."
        )


if __name__ == "__main__":
    main()
