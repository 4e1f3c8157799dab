"""Exporting the shipped site: into an empty folder, and again when nothing has changed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.bench import site
from tests.bench.measure import run, table

PROCESSES = 2


def report() -> str:
    """Measure, and say what was measured."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = site.environment(folder)
        site.set_up(variables)
        target = folder / "export" / "site"
        command = ["manage.py", "export_site", str(target), "--processes", str(PROCESSES), "--verbosity", "0"]
        rows = []
        for what in ("into an empty folder", "again, unchanged"):
            cost = run(command, variables)
            files = sum(path.is_file() for path in target.rglob("*"))
            rows.append((what, f"{cost.seconds:.0f}", f"{cost.cpu:.0f}", f"{files:,}"))
    return table(
        f"Exporting the whole site (nothing published before; {PROCESSES} processes; the budget is 60 s)",
        ("", "seconds", "CPU seconds", "files"),
        rows,
    )
