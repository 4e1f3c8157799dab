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
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
