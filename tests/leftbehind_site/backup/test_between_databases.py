"""Between SQLite and PostgreSQL and back, while editors edit, and killed on the way."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from tests.clusters import private_database
from tests.leftbehind_site.backup.sites import KINDS, MANAGE, PAGES, Site, Sites
from tests.neighbourhoods.sites import succeeded
from tests.rehearse.rehearsal import rehearse

pytestmark = pytest.mark.usefixtures("django_db_setup")

SOME = (3, 30)
"""How many addresses of each kind are compared, and how many pages."""

FILL = """
from django.core.management import call_command
from tests.leftbehind_site.backup.conftest import make_content
make_content()
call_command("back_up", folder / "site.zip", verbosity=0)
"""

RESTORE = """
from django.core.management import call_command
call_command("restore", sys.argv[1], verbosity=0, stdout=sys.stderr)
call_command("back_up", folder / "site.zip", verbosity=0, stdout=sys.stderr)
"""


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Sites on SQLite, and on the PostgreSQL of the run or, where it has none, one of their own."""
    with contextlib.ExitStack() as stack:

        def server() -> str:
            of_the_run = os.environ["DATABASE_URL"] if connection.vendor == "postgresql" else ""
            return of_the_run or stack.enter_context(private_database())

        made = Sites(tmp_path_factory.mktemp("sites"), server)
        yield made
        made.remove()


@pytest.fixture(scope="module")
def empty(sites: Sites) -> Callable[[str], Site]:
    """A site with nothing but its tables, of either kind."""
    made: dict[str, Site] = {}

    def get(kind: str) -> Site:
        if kind not in made:
            site = made[kind] = sites.new(kind)
            (site.folder / "media").mkdir()
            succeeded(site.manage("migrate", "--verbosity", 0))
        return sites.new(kind, like=made[kind])

    return get


@pytest.fixture(scope="module")
def original(empty: Callable[[str], Site]) -> Site:
    """A site of the kind of the run, with content, and its back-up."""
    site = empty(connection.vendor)
    succeeded(site.run(FILL))
    return site


def test_a_site_goes_to_the_other_database_and_back(original: Site, empty: Callable[[str], Site]) -> None:
    """Rows, versions, accounts, uploads, numbers that were given, and every kind of page."""
    here = connection.vendor
    (there,) = {*KINDS} - {here}
    first = original.manifest
    pages = [json.loads(succeeded(original.run(PAGES, *SOME)))]
    file = original.folder / "site.zip"
    for site in (empty(there), empty(here)):
        pages.append(json.loads(succeeded(site.run(RESTORE + PAGES, file, *SOME))))
        assert (site.manifest.tables, site.manifest.media) == (first.tables, first.media)
        assert site.manifest.missing == ()
        file = site.folder / "site.zip"
    assert len(pages[0]["pages"]) > 60
    for one in pages[1:]:
        assert one["pages"] == pages[0]["pages"]
    assert len({one["generation"] for one in pages}) == 3


EDITED_MEANWHILE = """
import sqlite3
import psycopg
from leftbehind_site.backup import making

url, write = sys.argv.pop(1), making._table

def edited_in_the_middle(writer, name, position):
    if name == "appg.newsitem":
        # An editor saves, and does not wait for the back-up.
        path = url.removeprefix("sqlite:///")
        editor = psycopg.connect(url) if path == url else sqlite3.connect(path, timeout=0)
        editor.execute("UPDATE appg_newsitem SET title = 'Edited.'")
        editor.execute("UPDATE appg_sitesettings SET notice = 'Edited.'")
        editor.commit()
        editor.close()
    return write(writer, name, position)

making._table = edited_in_the_middle
"""


def test_it_is_of_one_moment_while_the_site_is_edited(sites: Sites, original: Site) -> None:
    site = sites.new(connection.vendor, like=original)
    file = site.folder / "site.zip"
    done = site.run(EDITED_MEANWHILE + MANAGE, site.database.url, "back_up", file, "--verbosity", 0)
    assert "Backed up" in succeeded(done)
    assert site.database.ask("SELECT DISTINCT title FROM appg_newsitem") == [("Edited.",)]
    assert site.database.ask("SELECT DISTINCT notice FROM appg_sitesettings") == [("Edited.",)]
    # Of before the edit, the tables that were read after it included.
    assert (site.manifest.tables, site.manifest.media) == (original.manifest.tables, original.manifest.media)


CHANGE = """
from appg.models import NewsItem, Upload
from tests.appg.items import upload
NewsItem.objects.update(title="Another site")
name = Upload.objects.order_by("pk")[0].file.name
Upload.objects.all()._raw_delete("default")
(folder / "media" / name).unlink()
upload("another.txt", b"Another file.")
"""

KILLED = """
import os, signal
from leftbehind_site.backup import restoring

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

moment = sys.argv.pop(1)
if moment == "in the middle":
    restoring.contents.advance = kill
elif moment == "before the end":
    put = restoring._put
    restoring._put = lambda *arguments: (put(*arguments), kill())
elif moment == "after it":
    restoring._remove = kill
"""


def test_killed_on_the_way_it_is_the_old_site_or_the_new(sites: Sites, original: Site) -> None:
    """And the next attempt succeeds, whatever the killed one has left."""
    site = sites.new(connection.vendor, like=original)
    file = original.folder / "site.zip"
    succeeded(site.run(CHANGE))
    former, wanted = site.state(), original.state()
    assert former != wanted
    for moment, expected in (("in the middle", former), ("before the end", former), ("after it", wanted)):
        done = site.run(KILLED + MANAGE, moment, "restore", file, "--replace", "--verbosity", 0)
        assert done.returncode == -signal.SIGKILL, done
        assert site.state() == expected, moment
    succeeded(site.manage("restore", file, "--replace", "--verbosity", 0))
    assert site.state() == wanted


def test_nobody_who_writes_to_sqlite_is_waited_for(original: Site, empty: Callable[[str], Site]) -> None:
    site = original if connection.vendor == "sqlite" else empty("sqlite")
    with contextlib.closing(sqlite3.connect(site.database.url.removeprefix("sqlite:///"))) as writer:
        writer.execute("BEGIN IMMEDIATE")
        succeeded(site.manage("back_up", site.folder / "while-locked.zip", "--verbosity", 0))
        writer.execute("ROLLBACK")


def test_the_rehearsal_in_little(original: Site, empty: Callable[[str], Site], sites: Sites) -> None:
    here = connection.vendor
    found = rehearse(sites.new(here, like=original), empty(here), most=1, pages=10)
    assert found.problems == []
    assert any("addresses compared, 0 differ" in figure for figure in found.figures)
