#!/usr/bin/env python
"""The command line of the site: `python manage.py help` lists what it can do."""

import os
import sys


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
        from django.conf import settings

        if not settings.ARCHIVE_FROZEN:
            raise
        sys.exit(
            f"The archive is frozen, and its database refuses: {error}\n"
            "To change something, stop the site and set ARCHIVE_FROZEN=false (docs/permanence.md says how)."
        )


if __name__ == "__main__":
    main()
