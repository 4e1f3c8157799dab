"""A site becomes the one that was backed up, or stays what it was."""

from __future__ import annotations

import json
import shutil
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.utils import timezone
from pytest_django import Settings

from appg.models import NewsItem, Redirect, Upload
from leftbehind_site.backup import contents, making, restoring
from leftbehind_site.backup.archive import Archive, Manifest
from leftbehind_site.common import rows
from leftbehind_site.export.manifest import File
from leftbehind_site.generation import Generation
from tests.appg import items
from tests.appg.items import upload
from tests.leftbehind_site.backup.conftest import PASSWORD
from tests.leftbehind_site.backup.forging import forged


def restore(file: Path, *options: str) -> str:
    """What the command said."""
    said = StringIO()
    call_command("restore", file, *options, verbosity=0, stdout=said, stderr=said)
    return said.getvalue()


def state(media: Path) -> tuple[Any, ...]:
    """Everything that a back-up would hold, rows and files."""
    found = {name: list(contents.every(model).values()) for name, model in contents.tables().items()}
    return found, {name: (media / name).read_bytes() for name in making.media_files(media)}


def rows_of(manifest: Manifest) -> list[tuple[str, int, File]]:
    """What a back-up has of each table, but for the numbers that were given: those never go back."""
    return [(one.model, one.rows, one.file) for one in manifest.tables]


@pytest.fixture
def standing(media: Path) -> Path:
    """A site with content of its own; its media folder."""
    items.news(slug="ours", title="Ours")
    upload("ours.txt", b"Our file.")
    upload("both.txt", b"The minutes.")
    return media


def test_restored_equals_original(media: Path, made: Path, tmp_path: Path) -> None:
    said = restore(made)
    with Archive(made) as archive:
        manifest = archive.manifest
    assert f"Restored {manifest.rows:,} rows of {len(manifest.tables)} tables" in said
    again = making.back_up(tmp_path / "again.zip").manifest
    assert rows_of(again) == rows_of(manifest)
    assert (again.media, again.migrations) == (manifest.media, manifest.migrations)
    assert not (media / restoring.STAGE).exists()
    # And what it is for.
    editor = get_user_model().objects.get(username="edith")
    assert editor.check_password(PASSWORD)
    assert editor.groups.get().name == "Secretariat"
    entry = NewsItem.objects.get(slug="changed").history.first()
    assert (entry.editor_name, entry.history_change_reason) == ("edith", "A slip.")
    assert Redirect.objects.filter(old_path="/kept/").exists()
    assert (media / Upload.objects.get(name="minutes.txt").file.name).read_bytes() == b"The minutes."


@pytest.mark.usefixtures("media")
def test_a_number_that_was_given_is_not_given_again(made: Path) -> None:
    restore(made)
    latest = NewsItem.objects.order_by("-pk")[0].pk
    new = items.news(slug="new")
    # The one after the latest was deleted before the back-up was made.
    assert new.pk > latest + 1


def test_a_site_with_content_is_left_alone(standing: Path, made: Path) -> None:
    before = state(standing)
    with pytest.raises(CommandError, match=r"this site already has content \(documents and images\)"):
        restore(made)
    assert state(standing) == before


@pytest.mark.usefixtures("media")
def test_an_account_is_content(made: Path) -> None:
    get_user_model().objects.create_user("first")
    with pytest.raises(CommandError, match=r"already has content \(users\)"):
        restore(made)


def test_a_site_is_replaced_as_a_whole(standing: Path, made: Path, tmp_path: Path) -> None:
    Session.objects.create(session_key="a", session_data="", expire_date=timezone.now())
    (standing / "of-nobody").write_bytes(b"Somebody put it here.")
    generation = Generation().token()
    assert "1 removed" in restore(made, "--replace")
    assert not NewsItem.objects.filter(slug="ours").exists()
    assert not Session.objects.exists()
    with Archive(made) as archive:
        names = {file.name.removeprefix("media/") for file in archive.manifest.media}
        manifest = archive.manifest
    assert {*making.media_files(standing)} == names | {"of-nobody"}
    again = making.back_up(tmp_path / "again.zip").manifest
    assert rows_of(again) == rows_of(manifest)
    # Whatever was published of the former one is old.
    assert Generation().token() != generation


def test_a_file_that_is_damaged_here_is_put_right(standing: Path, made: Path) -> None:
    damaged = Upload.objects.get(name="both.txt").file.name
    (standing / damaged).write_bytes(b"The m!nutes.")
    restore(made, "--replace")
    assert (standing / damaged).read_bytes() == b"The minutes."


def broken_row(row: dict[str, Any]) -> None:
    row["fields"]["publish_at"] = "some day"


def broken_reference(row: dict[str, Any]) -> None:
    row["fields"]["publication"] = 999_999


def double(row: dict[str, Any]) -> None:
    row["fields"]["slug"] = "the-same"


def unknown_field(row: dict[str, Any]) -> None:
    row["fields"]["title_"] = row["fields"].pop("title")


class Wrong(NamedTuple):
    table: str
    change: Any
    says: str


@pytest.mark.parametrize(
    "wrong",
    [
        Wrong(
            "appg.newsitem", broken_row, r"rows/appg\.newsitem\.jsonl, line \d+, does not fit this version"
        ),
        Wrong("appg.newsitem", unknown_field, r"rows/appg\.newsitem\.jsonl, line \d+, does not fit"),
        Wrong("appg.chapter", broken_reference, "the database does not take it in"),
        Wrong("appg.newsitem", double, "the database does not take it in"),
    ],
    ids=lambda wrong: wrong.change.__name__,
)
def test_rows_that_do_not_fit_change_nothing(
    standing: Path, made: Path, tmp_path: Path, wrong: Wrong
) -> None:
    before = state(standing)
    file = forged(made, tmp_path / "forged.zip", rows={wrong.table: wrong.change})
    with pytest.raises(CommandError, match=wrong.says):
        restore(file, "--replace")
    assert state(standing) == before
    assert not (standing / restoring.STAGE).exists()


def test_a_fault_at_the_very_end_changes_nothing(
    standing: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, put = state(standing), restoring._put

    def fail(*arguments: Any) -> None:
        put(*arguments)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(restoring, "_put", fail)
    with pytest.raises(CommandError, match="No space left"):
        restore(made, "--replace")
    assert state(standing) == before


def test_rows_that_were_not_all_written_are_noticed(
    standing: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, insert = state(standing), rows.insert
    monkeypatch.setattr(rows, "insert", lambda model, names, given: insert(model, names, list(given)[:-1]))
    with pytest.raises(CommandError, match=r"\d+ rows were written, and not \d+"):
        restore(made, "--replace")
    assert state(standing) == before


# --- of another version


def version(number: Any) -> Any:
    def change(manifest: dict[str, Any]) -> None:
        manifest["version"] = number

    return change


@pytest.mark.usefixtures("media")
@pytest.mark.parametrize("number", [0, 2, "1", None])
def test_another_form_is_refused(made: Path, tmp_path: Path, number: Any) -> None:
    file = forged(made, tmp_path / "forged.zip", manifest=version(number))
    with pytest.raises(CommandError, match="reads form 1: restore it with the version that made it"):
        restore(file)


@pytest.mark.usefixtures("media")
def test_other_tables_are_refused(made: Path, tmp_path: Path) -> None:
    def newer(manifest: dict[str, Any]) -> None:
        manifest["migrations"].append("appg.9999_of_the_future")

    def older(manifest: dict[str, Any]) -> None:
        manifest["migrations"].remove("appg.0005_secretariat")

    def others(manifest: dict[str, Any]) -> None:
        manifest["migrations"].append("axes.0001_initial")

    with pytest.raises(CommandError, match=r"is newer: .* migrations appg\.9999_of_the_future"):
        restore(forged(made, tmp_path / "newer.zip", manifest=newer))
    with pytest.raises(
        CommandError, match=r"lack the migrations appg\.0005_secretariat\. Restore it with that"
    ):
        restore(forged(made, tmp_path / "older.zip", manifest=older))
    with pytest.raises(CommandError, match=r"has other tables: appg\.term"):
        restore(forged(made, tmp_path / "fewer.zip", without="appg.term"))
    # Apps of which nothing is backed up may come and go.
    assert "is whole" in restore(forged(made, tmp_path / "with.zip", manifest=others), "--check")


# --- before anything is touched


def test_checking_touches_nothing(standing: Path, made: Path) -> None:
    before = state(standing)
    assert f"{made} is whole" in restore(made, "--check")
    assert state(standing) == before


@pytest.mark.usefixtures("media")
def test_a_disk_without_room_is_told(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(CommandError, match=r"there is too little room in .* 1,000 are free"):
        restore(made)


@pytest.mark.usefixtures("media")
def test_a_frozen_site_is_not_touched(made: Path, settings: Settings) -> None:
    settings.ARCHIVE_FROZEN = True
    with pytest.raises(CommandError, match="this site is frozen"):
        restore(made)


@pytest.mark.usefixtures("media")
def test_a_site_without_tables_is_told(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restoring, "applied", lambda: ())
    with pytest.raises(CommandError, match="this site’s tables are not those"):
        restore(made)


def test_a_link_in_the_media_folder_leads_nowhere(media: Path, made: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    media.mkdir()
    with Archive(made) as archive:
        folder = archive.manifest.media[0].name.split("/")[1]
    (media / folder).symlink_to(outside)
    with pytest.raises(CommandError, match="leads out of the media folder"):
        restore(made)
    assert list(outside.iterdir()) == []


@pytest.mark.usefixtures("made")
def test_two_at_once_do_not_get_in_each_others_way(media: Path, made: Path) -> None:
    media.mkdir()
    with (
        Archive(made) as archive,
        restoring._staged(archive, media, lambda steps, *_: steps),
        pytest.raises(CommandError, match="another back-up is being restored"),
    ):
        restore(made)


def test_a_database_that_is_away_is_told(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: object) -> None:
        raise DatabaseError("the server is away")

    monkeypatch.setattr(restoring, "_refuse_site", away)
    with pytest.raises(CommandError, match="Not restored: the server is away"):
        restore(made)


def test_the_manifest_is_json_that_anybody_can_read(made: Path) -> None:
    import zipfile

    with zipfile.ZipFile(made) as archive:
        fields = json.loads(archive.read("back-up.json"))
    assert {*Manifest.__dataclass_fields__} | {"format", "version"} == {*fields}
    assert connection.vendor in fields["software"]["database"]
