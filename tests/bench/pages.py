"""What a page of each kind costs: bytes, queries, and what a first visit to it fetches.

Of each kind it is the page that is greatest when compressed; the queries are the most that one of its kind
asks, with nothing kept from the page before. That axe and the HTML checker find nothing is for the tests.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tests.bench import site
from tests.bench.measure import table
from tests.bench.visiting import COLUMNS, first_visits
from tests.ports import free_port
from tests.servers import Server


def report() -> str:
    """Measure, and say what was measured."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = site.environment(folder, free_port())
        site.set_up(variables)
        site.manage(variables, "publish")
        kinds = site.told(variables, "leftbehind_site.settings", "tests.bench.counting")
        sizes = _sizes(folder / "published" / "current" / "index")
        greatest = {kind: max(of["paths"], key=lambda path: sizes[path]["br"]) for kind, of in kinds.items()}
        with Server(variables, folder / "log").running():
            visits = first_visits(variables["SITE_URL"], greatest)
    rows = [
        (
            kind,
            str(len(kinds[kind]["paths"])),
            *(f"{sizes[path][coding] / 1000:.1f}" for coding in ("", "gzip", "br")),
            str(kinds[kind]["queries"]),
            *visits.get(kind, ("",) * len(COLUMNS)),
        )
        for kind, path in greatest.items()
    ]
    return table(
        "Pages by kind: the greatest of each, in kB (budgets: 8 queries; 60 kB on the wire in 6 requests)",
        ("", "pages", "HTML", "gzip", "brotli", "queries", *COLUMNS),
        rows,
    )


def _sizes(index: Path) -> dict[str, dict[str, int]]:
    """Bytes by coding of each path that is published."""
    lines = [line.split("\t") for line in index.read_text(encoding="utf-8").splitlines() if "\t" in line]
    return {path: json.loads(rest)["sizes"] for path, _, rest in lines}
