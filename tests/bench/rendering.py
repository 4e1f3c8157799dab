"""The page of a neighbourhood as Django renders it, beside a plain Django page of the same content.

The plain page is in ``tests/bench/plain/``; a test holds that both say the same. Both are asked in turn, each
in a process of its own, and what counts is the processor's time: nothing is published, nothing is cached.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from tests.bench import site
from tests.bench.answering import OURS, PLAIN, SETTINGS
from tests.bench.measure import table

ROUNDS = 3


def report() -> str:
    """Measure, and say what was measured."""
    with tempfile.TemporaryDirectory() as name:
        variables = site.environment(Path(name))
        site.set_up(variables)
        found: dict[str, list[dict[str, float]]] = {page: [] for page in SETTINGS}
        for _ in range(ROUNDS):
            for page, settings in SETTINGS.items():
                found[page].append(site.told(variables, settings, "tests.bench.answering", page))
    seconds = {page: statistics.median(one["seconds"] for one in rounds) for page, rounds in found.items()}
    size = {page: rounds[0]["bytes"] for page, rounds in found.items()}
    return table(
        f"Rendering the page of a neighbourhood, uncached (all that are listed; medians of {ROUNDS} rounds in"
        " turn)",
        ("", "plain Django page", "ours", "ratio"),
        [
            (
                "requests per CPU second",
                f"{1 / seconds[PLAIN]:.1f}",
                f"{1 / seconds[OURS]:.1f}",
                f"{seconds[PLAIN] / seconds[OURS]:.2f}",
            ),
            (
                "ms of CPU each",
                f"{1000 * seconds[PLAIN]:.1f}",
                f"{1000 * seconds[OURS]:.1f}",
                f"{seconds[OURS] / seconds[PLAIN]:.2f}",
            ),
            (
                "bytes of HTML each",
                f"{size[PLAIN]:,}",
                f"{size[OURS]:,}",
                f"{size[OURS] / size[PLAIN]:.2f}",
            ),
        ],
    )
