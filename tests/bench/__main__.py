"""Measure the parts that are named, or all, and print their tables."""

from __future__ import annotations

import sys

from tests.bench import exporting, loading, pages, rendering, serving

PARTS = {
    "loading": loading.report,
    "rendering": rendering.report,
    "pages": pages.report,
    "serving": serving.report,
    "export": exporting.report,
}


def main() -> None:
    """Print each table as soon as it is measured."""
    named = sys.argv[1:] or list(PARTS)
    if unknown := [name for name in named if name not in PARTS]:
        sys.exit(f"No such part: {', '.join(unknown)}. There are: {', '.join(PARTS)}.")
    for name in named:
        sys.stdout.write(f"{PARTS[name]()}\n\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
