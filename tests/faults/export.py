"""kill -9 of an export, at many of the changes that it makes to files and folders."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from leftbehind_site.export.manifest import read
from leftbehind_site.export.verifying import problems_of_files
from tests.faults.site import FaultSite, promise

KILLS = """
import json, shutil
from pathlib import Path
from leftbehind_site.export.writing import export
from tests.faults.forked import killed_at_change, number_of_changes
former, target, number = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
def again():
    for path in target.parent.iterdir():
        shutil.rmtree(path)
    shutil.copytree(former, target)
again()
last = number_of_changes(lambda: export(target))
# Spread over the whole, and each of the last ones, in which the new one takes its place.
steps = {last * part // number for part in range(number)} | {last - left for left in range(1, number + 1)}
seen = []
for step in sorted(steps):
    again()
    killed = killed_at_change(step, lambda: export(target))
    seen.append([step, killed, digest(target)])
export(target)
sys.stdout.write(json.dumps([last, seen, digest(target), [path.name for path in target.parent.iterdir()]]))
"""

DIGEST = """
import hashlib
def digest(folder):
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return found.hexdigest()
"""

RENAMED = (
    "from appg.models import NewsItem\nNewsItem.objects.filter(slug='first').update(title='Second title')"
)


def digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return found.hexdigest()


def run(site: FaultSite, number: int) -> list[str]:
    """Export a change over an earlier export, killed at so many steps and at the last ones."""
    former, target = site.folder / "former", site.folder / "exports" / "copy"
    # What is published need not be rendered for each export.
    site.manage("export_site", former, "--processes", 1)
    site.change(RENAMED)
    site.manage("publish")
    site.manage("export_site", site.folder / "newer", "--processes", 1)
    target.parent.mkdir()
    last, seen, at_last, beside = json.loads(site.change(DIGEST + KILLS, former, target, number))
    whole = {digest(former): "the former one", digest(site.folder / "newer"): "the new one"}
    promise(len(whole) == 2, "the change is not in the export")
    for step, killed, found in seen:
        promise(killed, f"the export ended before change {step}")
        promise(found in whole, f"killed at change {step} of {last}, neither export stood there")
    promise(whole.get(at_last) == "the new one", "the next export is another")
    promise(beside == ["copy"], f"beside the export lies something: {beside}")
    promise(not list(problems_of_files(target, read(target))), "the export is damaged")
    old = sum(whole[found] == "the former one" for _, _, found in seen)
    return [
        f"an export of {last:,} changes to files killed {len(seen)} times: always a whole one stood there,",
        f"the former one {old} times, the new one {len(seen) - old} times",
        "the next export succeeded, and nothing was left beside it",
    ]
