"""Measure every part and print its table."""

from __future__ import annotations

import sys

from tests.bench import loading

PARTS = (loading.report,)


def main() -> None:
    """Print each table as soon as it is measured."""
    for part in PARTS:
        sys.stdout.write(f"{part()}\n\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
