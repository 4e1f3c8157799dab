"""Rehearse the day on which a back-up is needed.

In a folder of its own, a site with the shipped content is backed up while an editor saves as fast as one can,
and comes back on the other database, where there is one. Then it is backed up when all is quiet, takes the
first one's place, and every address is compared. Ends with 1 if anything is not as it should be.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.clusters import installed, private_database
from tests.leftbehind_site.backup.sites import MANAGE, PAGES, PREPARED, Site, Sites
from tests.neighbourhoods.sites import script, succeeded
from tests.waiting import PATIENCE

EVERY = 1_000_000
"""More addresses than there are."""

FILL = """
from django.contrib.auth import get_user_model
from django.core.management import call_command
from tests.appg.items import upload
for command in ("migrate", "load_neighbourhoods", "load_appg_content"):
    call_command(command, verbosity=0)
get_user_model().objects.create_user("edith", password="a long and boring sentence", is_staff=True)
for number in range(20):
    upload(f"minutes-{number}.txt", f"The minutes of session {number}. ".encode() * 5000)
"""

EDIT = """
from django.contrib.auth import get_user_model
from django.db import transaction
from appg.models import NewsItem, SiteSettings
from appg.records import one_version
import select
editor, number = get_user_model().objects.get(username="edith"), 0
while not select.select([sys.stdin], [], [], 0.02)[0]:
    number += 1
    with transaction.atomic():
        site, item = SiteSettings.load(), NewsItem.objects.order_by("pk").first()
        site.notice = item.title = f"Edit {number}"
        for changed in (site, item):
            with one_version(changed, by=editor, why=f"Edit {number}"):
                changed.save()
    if number == 1:
        print("editing", flush=True)
print(number, flush=True)
"""

EDITED = """
import json
from appg.models import NewsItem, SiteSettings
item = NewsItem.objects.order_by("pk").first()
print(json.dumps([
    SiteSettings.load().notice,
    item.title,
    item.history.first().history_change_reason,
    item.history.filter(history_change_reason__startswith="Edit ").count(),
]))
"""


@dataclass
class Rehearsal:
    """What was found.

    Attributes:
        figures: Sentences, in order.
        problems: What is not as it should be, in words.
    """

    figures: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Note how long something took."""
        began = time.monotonic()
        yield
        self.figures.append(f"{what}: {time.monotonic() - began:.1f} s")


@contextlib.contextmanager
def an_editor(site: Site) -> Iterator[Callable[[], int]]:
    """Somebody who saves again and again, each time two things at once.

    Yields:
        What makes them stop, and says how often they have saved.
    """
    child = site.database.start(*script(PREPARED + EDIT, site.folder), stdin=-1)
    assert child.stdin
    assert child.stdout
    try:
        assert child.stdout.readline() == "editing\n", child.communicate(timeout=PATIENCE)

        def stop() -> int:
            out, err = child.communicate("\n", timeout=PATIENCE)
            assert child.returncode == 0, err
            return int(out)

        yield stop
    finally:
        child.kill()
        child.communicate()


def rehearse(original: Site, other: Site, *, most: int = EVERY, pages: int = EVERY) -> Rehearsal:
    """Back up and restore.

    Args:
        original: A site with content, and an account named edith.
        other: One with nothing but its tables.
        most: Of each kind of address, about how many are compared.
        pages: About how many pages are.
    """
    found = Rehearsal()
    busy, quiet = original.folder / "busy.zip", original.folder / "quiet.zip"

    with an_editor(original) as stop:
        with found.timed("backed up while an editor saved"):
            succeeded(original.manage("back_up", busy, "--verbosity", 0))
        saved = stop()
    with found.timed("restored to the other site"):
        succeeded(other.manage("restore", busy, "--verbosity", 0))
    notice, title, why, versions = json.loads(succeeded(other.run(EDITED)))
    found.figures.append(f"saved {saved:,} times meanwhile; the back-up is of the moment of {notice!r}")
    if not (notice == title == why == f"Edit {versions}") or not 1 <= versions <= saved:
        found.problems.append(f"not of one moment: {notice!r}, {title!r}, {why!r}, {versions:,} versions")

    with found.timed("backed up when all was quiet"):
        succeeded(original.manage("back_up", quiet, "--verbosity", 0))
    with found.timed("restored in place of the first"):
        said = succeeded(other.manage("restore", quiet, "--replace", "--verbosity", 0))
    found.figures.append(f"{said.split(', as of')[0]}, {quiet.stat().st_size:,} bytes")

    with found.timed("rendered the pages of both"):
        here, there = (
            json.loads(succeeded(site.run(PAGES, most, pages)))["pages"] for site in (original, other)
        )
    differing = sorted(path for path in {*here, *there} if here.get(path) != there.get(path))
    found.figures.append(f"{len(here):,} addresses compared, {len(differing):,} differ")
    found.problems += [f"{path} differs" for path in differing]
    return found


def main() -> int:
    """Rehearse with the shipped content, and print what was found."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rehearsal-")))
        sites = Sites(folder, lambda: stack.enter_context(private_database()))
        kind = "postgresql" if installed() else "sqlite"
        sys.stdout.write(f"From SQLite to {'PostgreSQL' if installed() else 'SQLite: no PostgreSQL here'}\n")
        original, other = sites.new("sqlite"), sites.new(kind)
        succeeded(original.run(FILL))
        succeeded(other.run(MANAGE, "migrate", "--verbosity", 0))
        found = rehearse(original, other)
    for line in (*found.figures, *(f"NOT AS IT SHOULD BE: {problem}" for problem in found.problems)):
        sys.stdout.write(f"{line}\n")
    return 1 if found.problems else 0
