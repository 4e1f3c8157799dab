"""From a deposit alone the site can be made again, and is the one that was deposited."""

from __future__ import annotations

import contextlib
import filecmp
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import bagit
import pytest

from tests.neighbourhoods.sites import ROOT, SiteDatabase, refused, script, site_database, succeeded
from tests.ports import free_port
from tests.servers import process
from tests.waiting import PATIENCE


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def differences(one: Path, other: Path) -> list[str]:
    """Files that are not the same in two folders."""
    both = names(one)
    assert both
    different = filecmp.cmpfiles(one, other, sorted(both), shallow=False)[1:]
    return sorted({*both.symmetric_difference(names(other)), *different[0], *different[1]})


@pytest.fixture
def empty(tmp_path: Path, db: None) -> Iterator[SiteDatabase]:  # noqa: ARG001  (which kind of database)
    """A database with nothing but its tables."""
    with site_database(tmp_path) as database:
        succeeded(database.manage("migrate", "--verbosity", 0))
        yield database


def manage(database: SiteDatabase, tmp_path: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command of a site whose uploads lie in a folder of their own."""
    text = (
        "from django.conf import settings\n"
        f"settings.MEDIA_ROOT = {str(tmp_path / 'media')!r}\n"
        "from django.core.management import execute_from_command_line\n"
        "execute_from_command_line(['manage.py', *sys.argv[1:]])"
    )
    return database.run(*script(text, *arguments), patience=600)


def test_a_site_made_from_a_deposit_is_the_same_site(bag: Path, empty: SiteDatabase, tmp_path: Path) -> None:
    assert "rows and the uploads" in succeeded(manage(empty, tmp_path, "load_deposit", bag))
    again = tmp_path / "again"
    succeeded(manage(empty, tmp_path, "export_site", again, "--verbosity", 0))
    assert differences(bag / "data/export", again) == []
    # Whoever deposits it again gives the same deposit.
    rows = tmp_path / "rows.jsonl"
    text = (
        "from pathlib import Path\nfrom leftbehind_site.deposit.dump import write\nwrite(Path(sys.argv[1]))"
    )
    succeeded(empty.run(*script(text, rows)))
    assert rows.read_bytes() == (bag / "data/database/site.jsonl").read_bytes()


def test_a_damaged_deposit_is_refused(bag: Path, empty: SiteDatabase, tmp_path: Path) -> None:
    rows = bag / "data/database/site.jsonl"
    rows.write_text(rows.read_text().replace("The report", "Another report"))
    assert "is no whole deposit" in refused(manage(empty, tmp_path, "load_deposit", bag))
    assert "is no whole deposit" in refused(manage(empty, tmp_path, "load_deposit", tmp_path / "nowhere"))
    assert empty.ask("SELECT count(*) FROM appg_publication") == [(0,)]


def test_a_bag_of_something_else_is_refused(empty: SiteDatabase, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_text("Something else.")
    bagit.make_bag(str(other), checksums=["sha256"])
    assert "is a bag, but no deposit of this site" in refused(manage(empty, tmp_path, "load_deposit", other))


def test_a_database_without_tables_is_told_in_a_sentence(tmp_path: Path) -> None:
    bare = SiteDatabase(f"sqlite:///{tmp_path / 'bare.sqlite3'}")
    rows = tmp_path / "bag" / "database" / "site.jsonl"
    rows.parent.mkdir(parents=True)
    rows.write_text("")
    bagit.make_bag(str(tmp_path / "bag"), checksums=["sha256"])
    assert "Not loaded: the database refused: no such table: " in refused(
        manage(bare, tmp_path, "load_deposit", tmp_path / "bag")
    )
    assert "Not deposited: the database refused: no such table: " in refused(
        manage(bare, tmp_path, "make_deposit", tmp_path / "new.zip", "--processes", 1)
    )
    assert not (tmp_path / "new.zip").exists()


def test_a_site_with_content_is_left_alone(bag: Path, empty: SiteDatabase, tmp_path: Path) -> None:
    succeeded(manage(empty, tmp_path, "load_deposit", bag))
    before = empty.ask("SELECT count(*) FROM appg_newsitem")
    said = refused(manage(empty, tmp_path, "load_deposit", bag))
    assert "the database already has content (releases)" in said
    assert empty.ask("SELECT count(*) FROM appg_newsitem") == before


def test_rows_that_do_not_fit_leave_nothing(bag: Path, empty: SiteDatabase, tmp_path: Path) -> None:
    rows = bag / "data/database/site.jsonl"
    lines = rows.read_text().splitlines()
    last = json.loads(lines[-1])
    last["fields"]["no_such_field"] = 1
    rows.write_text("\n".join([*lines[:-1], json.dumps(last), ""]))
    bagit.Bag(str(bag)).save(manifests=True)
    done = manage(empty, tmp_path, "load_deposit", bag)
    assert "does not fit this version of the site" in refused(done)
    assert empty.ask("SELECT count(*) FROM appg_newsitem") == [(0,)]
    assert empty.ask("SELECT count(*) FROM neighbourhoods_release") == [(0,)]


# --- as a stranger would


def commands(readme: str, heading: str) -> list[str]:
    """The commands under a heading of the deposit's own words, one a line."""
    part = readme.partition(f"\n{heading}\n")[2].partition("\n\n\n")[0]
    return [line.removeprefix("    ") for line in part.splitlines() if line.startswith("    ")]


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def deposited(tmp_path: Path, port: int) -> Path:
    """The folder that holds the bag of a site as it is served to the public."""
    here = tmp_path / "here"
    here.mkdir()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "leftbehind_site.settings",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{here / 'site.sqlite3'}",
        "STATIC_ROOT": str(here / "static"),
        "MEDIA_ROOT": str(here / "media"),
        "PUBLISHED_ROOT": str(here / "published"),
    }
    (here / "static").mkdir()
    fill = script("from tests.leftbehind_site.deposit.conftest import make_site\nmake_site()")
    for arguments in (
        ("manage.py", "migrate", "--verbosity", "0"),
        ("manage.py", "collectstatic", "--no-input", "--verbosity", "0"),
        fill,
        ("manage.py", "make_deposit", here / "left-behind.zip", "--verbosity", "0"),
    ):
        line = [sys.executable, *map(str, arguments)]
        succeeded(
            subprocess.run(line, check=False, cwd=ROOT, env=environment, capture_output=True, text=True)
        )
    there = tmp_path / "there"
    with zipfile.ZipFile(here / "left-behind.zip") as archive:
        archive.extractall(there)
    shutil.rmtree(here)
    return there


@pytest.mark.fresh_clone
def test_the_commands_in_its_readme(deposited: Path, port: int) -> None:
    """With the deposit and Python alone: follow its words, and serve what comes of it."""
    readme = (deposited / "left-behind/data/README.txt").read_text()
    *lines, serve = commands(readme, "TO MAKE THE SITE AGAIN")
    assert lines[-1].startswith("diff -r ")
    kept = {name: os.environ[name] for name in os.environ if re.match("PATH$|HOME$|LANG$|PIP_|SSL_", name)}
    line = ["bash", "-e", "-c", "\n".join(lines)]
    done = subprocess.run(line, check=False, cwd=deposited, env=kept, capture_output=True, text=True)
    assert succeeded(done).splitlines()[-1].startswith("Exported ")

    settings = {
        "SITE_URL": f"http://127.0.0.1:{port}",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "PORT": str(port),
    }
    line = ["bash", "-c", f"exec env {serve}"]

    def answers() -> bool:
        with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE):
            return True
        return False

    with process(
        line, deposited / "log", until=answers, cwd=deposited / "site", environment={**kept, **settings}
    ):
        for path in ("", "news/standing/", "publication/the-report/"):
            with urlopen(f"http://127.0.0.1:{port}/{path}", timeout=PATIENCE) as answer:
                expected = (deposited / "left-behind/data/export" / path / "index.html").read_bytes()
                assert answer.read() == expected
