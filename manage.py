#!/usr/bin/env python
"""The command line of the site: `python manage.py help` lists what it can do."""

import os
import sys

NO_LOCK = "55P03"
"""PostgreSQL's code for a lock that was not to be had in time."""


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leftbehind_site.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(
            "Django is not installed for this Python.\n"
            "Run `make run` (or `make test`) once, then use .venv/bin/python manage.py instead."
        )
    from django.db import DatabaseError

    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as error:
        if "--traceback" in sys.argv or not (told := _in_words(error)):
            raise
        sys.exit(told)


def _in_words(error: Exception) -> str:
    """What the database’s refusal means and what to do about it; empty for a fault of ours."""
    from django.conf import settings
    from django.db import OperationalError

    why = str(error).strip()
    if settings.ARCHIVE_FROZEN:
        return (
            f"The archive is frozen, and its database refuses: {why}\n"
            "To change something, stop the site and set ARCHIVE_FROZEN=false (docs/permanence.md says how)."
        )
    if not settings.DESK:
        return f"With DESK=false the database is open for reading alone: {why}"
    if getattr(error.__cause__, "sqlstate", None) == NO_LOCK:
        return (
            f"Gave up, because somebody else holds a table that has to be changed: {why}\n"
            "This step has changed nothing. Run the command again when whoever holds it has ended;\n"
            "PostgreSQL’s view pg_stat_activity shows who is at work, and since when (xact_start)."
        )
    return f"The database cannot be asked: {why}" if isinstance(error, OperationalError) else ""


if __name__ == "__main__":
    main()
