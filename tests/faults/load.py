"""kill -9 of a load of figures, at many of its statements."""

from __future__ import annotations

import json
from typing import Any

from tests.faults.site import FaultSite, promise
from tests.neighbourhoods.published import EXPECT, Published

KILLS = """
import json
from pathlib import Path
from django.core.management import call_command
from neighbourhoods.index_data import build  # read once, before there are others
from tests.faults.forked import killed_at_statement
options = {"folder": Path(sys.argv[1]), "expect": int(sys.argv[2]), "by": "child", "verbosity": 0}
def load():
    call_command("load_neighbourhoods", **options)
step = int(sys.argv[3])
sys.stdout.write(json.dumps(killed_at_statement(step, load)))
"""

STATE = (
    "SELECT id, state, fingerprint FROM neighbourhoods_release ORDER BY id",
    "SELECT release_id, count(*) FROM neighbourhoods_figure GROUP BY release_id ORDER BY release_id",
    "SELECT release_id, count(*) FROM neighbourhoods_neighbourhood GROUP BY release_id ORDER BY release_id",
    "SELECT sum(number) FROM leftbehind_site_change",
)


def state(site: FaultSite) -> list[list[tuple[Any, ...]]]:
    return [site.database.ask(statement) for statement in STATE]


def run(site: FaultSite, number: int) -> list[str]:
    """Load files, and be killed at a statement that lies ``number`` times further on each time."""
    steps = 0
    folder = Published().write(site.folder / "files")
    before = state(site)
    step, last, killed = 0, 0, True
    while killed:
        killed = json.loads(site.change(KILLS, folder, EXPECT, step))
        if killed:
            steps += 1
            promise(state(site) == before, f"killed at statement {step}, a load left something behind")
            last = step
            step = max(step + 1, int(step * number / 2))
    after = state(site)
    promise(after != before, "the load that was not killed has loaded nothing")
    promise(after[2] == [(after[0][-1][0], EXPECT)], f"not all neighbourhoods are of the release: {after}")
    said = site.manage("load_neighbourhoods", "--from", folder, "--expect", EXPECT)
    promise("Nothing changed" in said, f"the next load: {said}")
    return [
        f"a load killed {steps} times, at statement 0 to {last}: each time the former release, whole",
        "the next load succeeded; the one after it found nothing to do",
    ]
