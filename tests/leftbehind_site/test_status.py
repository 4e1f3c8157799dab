"""What a person is told who asks how the site is."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import DatabaseError, ProgrammingError
from django.utils import timezone
from pytest_django import Settings

from appg.models import Upload
from appg.records import write_version
from leftbehind_site import health
from leftbehind_site.enumeration import addresses
from leftbehind_site.export import manifest
from leftbehind_site.generation import Generation
from leftbehind_site.management import status
from leftbehind_site.serving.publishing import publish
from leftbehind_site.version import version
from neighbourhoods.models import Release
from tests.appg import items
from tests.appg.items import upload
from tests.conftest import ROOT
from tests.neighbourhoods.factory import make_release
from tests.neighbourhoods.sites import SiteDatabase


def asked(*options: str) -> tuple[int, dict[str, tuple[str, bool | None]]]:
    """The exit code, and each part's words and whether it is as it should be."""
    said, code = StringIO(), 0
    try:
        call_command("status", "--json", *options, stdout=said)
    except SystemExit as ended:
        code = int(str(ended.code))
    answer = json.loads(said.getvalue())
    assert answer["ok"] is (code == 0)
    return code, {name: (part["value"], part["ok"]) for name, part in answer["parts"].items()}


@pytest.fixture(autouse=True)
def nothing_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day on which ``test_security_txt`` reminds of the expiry is not one on which these fail."""
    monkeypatch.setattr(status, "EXPIRES", timezone.now() + timedelta(days=365))


@pytest.fixture
def well(db: None, tmp_path: Path, settings: Settings) -> Path:  # noqa: ARG001  (the database)
    """A site in good order; its folder."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PUBLISHED_ROOT = tmp_path / "published"
    make_release(3)
    return tmp_path


def test_a_site_in_good_order(well: Path) -> None:
    editor = get_user_model().objects.create_user("edith", first_name="Edith", last_name="Editor")
    write_version(items.news(title="A slip"), by=editor, why="Corrected.")
    upload("minutes.txt", b"The minutes.")
    code, parts = asked()
    assert code == 0
    assert parts["version"][0].startswith("1.0.0")
    assert parts["software"][0].startswith("Python 3.")
    assert parts["database"][1] is True
    assert parts["healthz"] == ("ok", True)
    assert parts["migrations"] == ("all applied", True)
    current = Release.objects.current()
    assert current
    assert parts["release"][0].startswith(f"{current}, loaded ")
    assert re.search(r"document or image ‘minutes.txt’, .* \(less than a day ago\)", parts["last edit"][0])
    assert parts["uploaded files"] == ("1, all there", True)
    assert parts["disk, uploads"][0].endswith(f"free at {well / 'media'}")
    assert parts["frozen"] == ("no", None)
    assert parts["second factor"] == ("0 of 0 editors have one", None)
    assert parts["locked out"] == ("0 accounts and 0 addresses locked out of the desk", None)


@pytest.mark.usefixtures("well")
def test_for_a_person() -> None:
    said = StringIO()
    call_command("status", stdout=said)
    assert re.search(r"^ok healthz +ok$", said.getvalue(), re.MULTILINE)
    assert said.getvalue().endswith("\n\nAll is well.\n")


@pytest.mark.usefixtures("well")
def test_the_last_edit_names_whom_the_history_names() -> None:
    editor = get_user_model().objects.create_user("edith", first_name="Edith", last_name="Editor")
    write_version(items.news(title="A slip"), by=editor, why="Corrected.")
    _, parts = asked()
    assert parts["last edit"][0].startswith("news item ‘A slip’, ")
    assert parts["last edit"][0].endswith(", by Edith Editor")


@pytest.mark.django_db
def test_an_empty_site_needs_care() -> None:
    said = StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("status", stdout=said)
    assert re.search(
        r"^!! release +none: run `manage.py load_neighbourhoods`$", said.getvalue(), re.MULTILINE
    )
    assert re.search(r"\n\nNeeds care: healthz, release\.\n\Z", said.getvalue())


def test_an_upload_without_its_file_is_named(well: Path) -> None:
    upload("minutes.txt", b"The minutes.")
    gone = upload("gone.txt", b"Gone.")
    (well / "media" / gone.file.name).unlink()
    code, parts = asked()
    assert code == 1
    assert parts["uploaded files"] == (f"1 of 2 missing: gone.txt ({gone.file.name})", False)
    # What was withdrawn is not looked for.
    Upload.objects.filter(pk=gone.pk).update(withdrawn_reason="It was wrong.")
    assert asked()[0] == 0


@pytest.mark.usefixtures("well")
def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=100_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    code, parts = asked()
    assert code == 1
    assert parts["disk, published"][0].startswith("0.1 of ")


@pytest.mark.usefixtures("well")
def test_migrations_to_come_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(health.PARTS, "migrations", lambda: "2 not applied: run `manage.py migrate`")
    code, parts = asked()
    assert code == 1
    assert parts["migrations"] == ("2 not applied: run `manage.py migrate`", False)
    assert parts["healthz"][0].startswith("failing: migrations: 2 not applied")


def test_the_published_pages(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "the server fills it when it starts" in asked()[1]["published"][0]
    few = list(addresses())[:3]
    for module in ("leftbehind_site.serving.publishing", "leftbehind_site.management.status"):
        monkeypatch.setattr(f"{module}.addresses", lambda: iter(few))
    publish(well / "published")
    token = Generation().token()
    assert asked()[1]["published"] == (f"3 addresses (all), generation {token}", True)
    index = well / "published" / token / "index"
    index.write_bytes(b"".join(index.read_bytes().splitlines(keepends=True)[:2]))
    assert asked()[1]["published"] == (f"2 addresses (not yet all, of 3), generation {token}", None)
    items.news()
    assert f"of generation {token}; the present one is" in asked()[1]["published"][0]


def test_the_age_of_an_export(well: Path) -> None:
    assert "export" not in asked()[1]
    code, parts = asked("--export", str(well / "nowhere"))
    assert code == 1
    assert "is no whole export" in parts["export"][0]
    current = Release.objects.current()
    assert current
    for mark, expected in ((current.mark, 0), ("other", 1)):
        (well / "copy").mkdir(exist_ok=True)
        found = manifest.Manifest("https://leftbehind.test", mark, (), (), ())
        manifest.write(well / "copy", found)
        os.utime(well / "copy" / "manifest.json", (1_600_000_000, 1_600_000_000))
        code, parts = asked("--export", str(well / "copy"))
        assert code == expected
        assert "written 13 September 2020, 13:26" in parts["export"][0]
        assert "days ago)" in parts["export"][0]


@pytest.mark.usefixtures("well")
@pytest.mark.parametrize(("days", "ok"), [(365, True), (10, False), (-10, False)])
def test_the_expiry_of_security_txt(monkeypatch: pytest.MonkeyPatch, days: int, ok: bool) -> None:
    monkeypatch.setattr(status, "EXPIRES", timezone.now() + timedelta(days=days))
    assert asked()[1]["security.txt"][1] is ok


# --- less than everything


@pytest.mark.usefixtures("well")
def test_what_the_account_may_not_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> Any:
        raise ProgrammingError("permission denied") from psycopg.errors.InsufficientPrivilege()

    monkeypatch.setitem(status._OF_THE_DATABASE, "last edit", refused)
    code, parts = asked()
    assert code == 0
    assert parts["last edit"] == ("unknown: this account of the database may not read it", None)


def test_what_the_process_may_not_read_is_said(well: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (well / "media").mkdir()
    monkeypatch.setattr(os, "access", lambda *_: False)
    code, parts = asked()
    assert code == 0
    assert parts["uploaded files"] == (f"unknown: this process may not read {well / 'media'}", None)


@pytest.mark.usefixtures("well")
def test_a_fault_of_one_part_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing() -> Any:
        raise DatabaseError("no such table: axes\nLINE 1")

    monkeypatch.setitem(status._OF_THE_DATABASE, "locked out", failing)
    code, parts = asked()
    assert code == 1
    assert parts["locked out"] == ("cannot be asked: no such table: axes", False)
    assert parts["healthz"] == ("ok", True)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_without_a_database(tmp_path: Path, kind: str) -> None:
    """The whole command: nothing is made, and what can be told is."""
    file = tmp_path / "site.sqlite3"
    url = f"sqlite:///{file}" if kind == "sqlite" else "postgresql://site@127.0.0.1:1/site"
    done = SiteDatabase(url).manage("status")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert re.search(r"^!! database +(cannot be reached|.* is not there)", done.stdout, re.MULTILINE)
    assert re.search(r"^   release +unknown: the database cannot be asked$", done.stdout, re.MULTILINE)
    assert "Needs care: database" in done.stdout
    assert not file.exists()


# --- the version


def test_the_version_is_known_without_a_repository(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert version(tmp_path) == "1.0.0"
    (tmp_path / ".git").mkdir()
    assert version(tmp_path) == "1.0.0"
    assert version(tmp_path / "nowhere") == "unknown"
    assert re.fullmatch(r"1\.0\.0( \(commit [0-9a-f]{12}\))?", version())


def test_the_image_knows_its_version() -> None:
    assert "!pyproject.toml" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
