"""What is in a deposit, and what is not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from unittest import mock

import bagit
import pytest
from django.core.management import CommandError, call_command
from warcio.archiveiterator import ArchiveIterator

from leftbehind_site.deposit import making, warc
from leftbehind_site.deposit.making import DepositError, make
from leftbehind_site.export.manifest import read
from leftbehind_site.export.verifying import Web, problems_of_files
from leftbehind_site.generation import Generation
from tests.leftbehind_site.deposit.conftest import SECRETS
from tests.neighbourhoods.sites import ROOT, refused, succeeded


def texts(folder: Path) -> dict[str, str]:
    """What is in the files that are text, without the project's own source."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith("data/source/"):
            found[name] = path.read_bytes().decode("utf-8", errors="ignore")
    return found


def ran(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a program of Python's."""
    line = [sys.executable, *map(str, arguments)]
    return subprocess.run(line, check=False, capture_output=True, text=True)


def test_the_library_of_congress_tool_finds_it_valid(bag: Path) -> None:
    succeeded(ran("-m", "bagit", "--validate", bag))
    facts = bagit.Bag(str(bag)).info
    assert facts["External-Identifier"] == "https://leftbehind.test"
    assert facts["Source-Organization"] == "Local Trust"
    (bag / "data" / "README.txt").write_text("changed")
    refused(ran("-m", "bagit", "--validate", bag))


def test_the_same_content_gives_the_same_bytes(deposits: tuple[Path, Path]) -> None:
    first, second = deposits
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())


def test_it_is_dated_by_its_content(bag: Path) -> None:
    rows = [json.loads(line) for line in (bag / "data/database/site.jsonl").read_text().splitlines()]
    dated = ("loaded_at", "made_at", "uploaded_at", "publish_at")
    moments = [row["fields"][name] for row in rows for name in dated if row["fields"].get(name)]
    assert bagit.Bag(str(bag)).info["Bagging-Date"] == max(moments)[:10]


def test_nothing_in_it_is_secret(bag: Path) -> None:
    for name, text in texts(bag).items():
        for word in SECRETS:
            assert word.lower() not in text.lower(), name
            assert word.lower() not in name.lower()


def test_the_copy_is_whole(bag: Path) -> None:
    folder = bag / "data/export"
    manifest = read(folder)
    assert list(problems_of_files(folder, manifest)) == []
    assert list(Web(folder, manifest).problems()) == []


def test_the_data_package_is_valid(bag: Path) -> None:
    program = "import frictionless, sys; sys.exit(not frictionless.validate(sys.argv[1]).valid)"
    succeeded(ran("-c", program, bag / "data/data-package/datapackage.json"))


def test_content_stands_as_text(bag: Path) -> None:
    folder = bag / "data/content"
    report = (folder / "publications/the-report.md").read_text()
    assert "title: The report" in report
    assert "<h2>Findings</h2>" in report
    standing = (folder / "news/standing.md").read_text()
    assert "sessions" not in standing
    assert "publications" not in standing
    gone = (folder / "news/gone-news.md").read_text()
    assert "withdrawn_reason: The figures were wrong." in gone
    assert "summary" not in gone


def test_uploads_lie_beside_it(bag: Path) -> None:
    files = [path for path in (bag / "data/media").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in files] == [b"A text."]


def test_the_source_is_what_a_clone_has(bag: Path) -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    names = {path.relative_to(bag / "data/source").as_posix() for path in (bag / "data/source").rglob("*")}
    assert set(listed.stdout.split()) <= names
    assert (bag / "data/source/manage.py").read_bytes() == (ROOT / "manage.py").read_bytes()
    assert not names & {".env", ".git", "var"}


def test_the_web_archive_holds_every_answer(bag: Path) -> None:
    manifest = read(bag / "data/export")
    (path,) = (bag / "data/warc").iterdir()
    with path.open("rb") as file:
        kinds = [record.rec_type for record in ArchiveIterator(file)]
    assert kinds[0] == "warcinfo"
    held = {}
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            if record.rec_type == "response":
                address = record.rec_headers.get_header("WARC-Target-URI")
                held[address] = (record.http_headers.get_statuscode(), record.content_stream().read())
    for one in manifest.addresses:
        body = (bag / "data/export" / one.files[""].name).read_bytes()
        assert held[f"https://leftbehind.test{one.path}"] == (str(one.status), body)
    assert held["https://leftbehind.test/kept/"] == ("301", b"")
    succeeded(ran("-m", "warcio.cli", "check", "-v", path))


def test_its_licences_name_every_source(bag: Path) -> None:
    text = (bag / "data/LICENCES.txt").read_text()
    assert "Community Needs Index 2019, OCSI and Local Trust." in text
    assert "English indices of deprivation 2019" in text
    assert "{" not in text


# --- what goes wrong


@pytest.mark.django_db
def test_a_name_that_is_no_archives_is_refused(tmp_path: Path) -> None:
    for target in (tmp_path, tmp_path / "deposit.tar"):
        with pytest.raises(CommandError, match=r"it has to be a file and to end in \.zip"):
            call_command("make_deposit", str(target))
    with pytest.raises(CommandError, match="--processes is 0"):
        call_command("make_deposit", str(tmp_path / "a.zip"), processes=0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_without_a_repository_it_says_what_is_missing(tmp_path: Path, settings: object) -> None:
    settings.BASE_DIR = tmp_path  # type: ignore[attr-defined]
    with pytest.raises(DepositError, match="is no git repository"):
        make(tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_a_fault_leaves_the_former_deposit(tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    target.write_bytes(b"a former one")
    with (
        mock.patch.object(warc, "write", side_effect=OSError("No space left on device")),
        mock.patch.object(making, "export"),
        mock.patch.object(shutil, "copytree"),
        mock.patch.object(making, "read"),
        pytest.raises(CommandError, match="Not deposited: No space left"),
    ):
        call_command("make_deposit", str(target))
    assert target.read_bytes() == b"a former one"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.django_db
def test_content_that_keeps_changing_is_refused(tmp_path: Path) -> None:
    with (
        mock.patch.object(making, "export"),
        mock.patch.object(making, "_fill", return_value=("", 0)),
        mock.patch.object(Generation, "token", side_effect=map(str, range(9))),
        pytest.raises(DepositError, match="the content kept changing"),
    ):
        make(tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []
