"""A back-up is whole or is not there, is nobody else's to read, and says what it could not take in."""

from __future__ import annotations

import errno
import json
import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from appg.models import Upload
from leftbehind_site.backup import contents, making
from leftbehind_site.backup.archive import Archive
from tests.appg.items import upload


def back_up(file: Path, *options: str) -> str:
    """What the command said, both ways."""
    from io import StringIO

    said = StringIO()
    call_command("back_up", file, *options, verbosity=0, stdout=said, stderr=said)
    return said.getvalue()


def test_every_table_is_in_it_or_is_left_out_for_a_reason() -> None:
    every = {one._meta.label_lower for one in apps.get_models(include_auto_created=True)}
    out = {one for one in every if one in contents.LEFT_OUT or one.partition(".")[0] in contents.LEFT_OUT}
    assert set(contents.tables()) == every - out
    assert {"auth.user", "auth.permission", "auth.user_groups", "appg.historicalnewsitem"} <= {
        *contents.tables()
    }
    assert out >= {"sessions.session", "leftbehind_site.change"}
    assert all(contents.LEFT_OUT.values())


def test_what_it_says_of_itself(made: Path) -> None:
    with Archive(made) as archive:
        manifest = archive.manifest
        assert [table.model for table in manifest.tables] == list(contents.tables())
        assert {file.size for file in manifest.media} >= {len(b"The minutes."), 256 * 300}
        assert manifest.site_url == "https://leftbehind.test"
        assert manifest.code.startswith("1.0.0")
        assert manifest.release
        assert {"python", "django", "database"} == set(manifest.software)
        assert connection.vendor in manifest.software["database"]
        assert "appg.0001_initial" in manifest.migrations
        assert manifest.left_out["sessions"] == contents.LEFT_OUT["sessions"]
        assert list(archive.rows(next(one for one in manifest.tables if one.model == "auth.user")))


def test_its_layout_is_fixed(made: Path) -> None:
    with zipfile.ZipFile(made) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        first = json.loads(archive.read("rows/appg.newsitem.jsonl").splitlines()[0])
    assert names[-1] == "back-up.json"
    assert {name.partition("/")[0] for name in names} == {"back-up.json", "rows", "media"}
    assert {*first} == {"model", "pk", "fields"}


def test_it_is_its_owners_alone_and_is_not_written_over(media: Path, tmp_path: Path) -> None:
    upload("a.txt", b"A text.")
    file = tmp_path / "site.zip"
    before = os.umask(0)
    try:
        assert "1 uploaded files" in back_up(file)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first = file.read_bytes()
    with pytest.raises(CommandError, match="is there already; name another file, or say --overwrite"):
        back_up(file)
    assert file.read_bytes() == first
    upload("b.txt", b"Another.")
    assert "2 uploaded files" in back_up(file, "--overwrite")
    assert [one.name for one in tmp_path.iterdir() if one != media] == ["site.zip"]


def test_a_full_disk_leaves_what_stood_there(
    media: Path,  # noqa: ARG001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "site.zip"
    file.write_text("An older one.")

    def full(*_: object) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(making, "_media", full)
    with pytest.raises(CommandError, match="No space left"):
        back_up(file, "--overwrite")
    assert file.read_text() == "An older one."
    assert not (tmp_path / ".site.zip.part").exists()


@pytest.mark.usefixtures("media")
def test_what_a_killed_one_left_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / ".site.zip.part").write_bytes(b"x" * 10_000_000)
    back_up(tmp_path / "site.zip")
    with Archive(tmp_path / "site.zip"):
        assert (tmp_path / "site.zip").stat().st_size < 1_000_000


def test_places_where_it_must_not_be(media: Path, tmp_path: Path) -> None:
    media.mkdir()
    with pytest.raises(CommandError, match="lies in MEDIA_ROOT"):
        back_up(media / "site.zip")
    with pytest.raises(CommandError, match="is not there; make it first"):
        back_up(tmp_path / "nowhere" / "site.zip")
    with pytest.raises(CommandError, match="is a folder or a link"):
        back_up(tmp_path)


@pytest.mark.usefixtures("media")
def test_a_frozen_site_is_backed_up_by_its_owner(tmp_path: Path, settings: Settings) -> None:
    settings.ARCHIVE_FROZEN = True
    with pytest.raises(CommandError, match="run this with ARCHIVE_FROZEN=false"):
        back_up(tmp_path / "site.zip")


def test_an_upload_that_is_not_there_or_not_what_it_was_is_named(media: Path, tmp_path: Path) -> None:
    gone, spoilt = upload("gone.txt", b"Gone."), upload("spoilt.txt", b"Whole.")
    (media / gone.file.name).unlink()
    (media / spoilt.file.name).write_bytes(b"Spoilt")
    said = back_up(tmp_path / "site.zip")
    assert f"{gone.file.name}: the file of an upload is not there" in said
    assert f"{spoilt.file.name}: it is not the file that was uploaded" in said
    with Archive(tmp_path / "site.zip") as archive:
        assert len(archive.manifest.missing) == 2


def test_a_file_that_vanishes_or_changes_meanwhile_is_named(
    media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    media.mkdir()
    for name in ("vanishing", "changing", "staying"):
        (media / name).write_bytes(b"x" * 3_000_000)
    listed = making.media_files(media)
    read = making._pieces

    def slowly(source: Any) -> Iterator[bytes]:
        for number, piece in enumerate(read(source)):
            if number == 1 and source.__self__.name.endswith("changing"):
                with (media / "changing").open("ab") as file:
                    file.write(b"more")
            yield piece

    (media / "vanishing").unlink()
    monkeypatch.setattr(making, "media_files", lambda _: listed)
    monkeypatch.setattr(making, "_pieces", slowly)
    said = back_up(tmp_path / "site.zip")
    assert "vanishing: it vanished while the back-up was made" in said
    assert "changing: it changed while the back-up was made" in said
    assert "staying" not in said


@pytest.mark.usefixtures("media")
def test_a_table_that_nobody_knows_is_named(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_another_program (number integer)")
    assert "Not in it: of_another_program" in back_up(tmp_path / "site.zip")


@pytest.mark.usefixtures("media")
def test_two_at_once_do_not_get_in_each_others_way(tmp_path: Path) -> None:
    with (
        making._beside(tmp_path / "site.zip", overwrite=False),
        pytest.raises(CommandError, match="another back-up is being written"),
    ):
        back_up(tmp_path / "site.zip")
    assert Upload.objects.count() == 0
