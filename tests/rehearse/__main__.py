"""Rehearse with the shipped content: ``python -m tests.rehearse``."""

from __future__ import annotations

import os
import sys

import django


def main() -> int:
    """Set Django up, which what is rehearsed with needs, and rehearse."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from tests.rehearse.rehearsal import main as rehearse

    return rehearse()


if __name__ == "__main__":
    sys.exit(main())
