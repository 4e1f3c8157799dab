"""An export is whole or is not there, holds what the site answers, and touches nothing else."""

from __future__ import annotations

import errno
import fcntl
import gzip
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from pytest_django import Settings

from appg.models import NewsItem
from leftbehind_site.enumeration import Kind, addresses
from leftbehind_site.export import hosts, manifest, writing
from leftbehind_site.export.manifest import ExportError, read
from leftbehind_site.export.verifying import problems_of_files
from leftbehind_site.export.writing import export
from leftbehind_site.finishing import file_of, finish
from leftbehind_site.generation import Generation
from leftbehind_site.serving.publishing import publish
from tests.appg import items
from tests.leftbehind_site.conftest import counted
from tests.neighbourhoods.sites import on_a_terminal, script, site_database, succeeded


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def nodes_of(folder: Path) -> dict[str, int]:
    """The number by which the disk knows each file."""
    return {name: (folder / name).stat().st_ino for name in files_of(folder)}


def test_every_address_is_a_file_with_its_answer(exported: Path) -> None:
    known = {one.path: one for one in read(exported).addresses}
    listed = [one for one in addresses() if one.kind is not Kind.REDIRECT]
    assert set(known) == {one.path for one in listed}
    for address in listed:
        finished, found = finish(address), known[address.path]
        body = (exported / file_of(address.path)).read_bytes()
        assert body == finished.identity, address
        assert (found.status, found.headers) == (finished.status, tuple(sorted(finished.headers)))
        assert found.etag == finished.etag
        assert set(found.files) >= {""}
        if finished.gzip:
            assert gzip.decompress((exported / found.files["gzip"].name).read_bytes()) == body
        if finished.brotli:
            assert brotli.decompress((exported / found.files["br"].name).read_bytes()) == body


def test_every_kind_of_address_is_in_it(exported: Path, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    upload = items.upload("report.pdf", b"%PDF", "application/pdf")
    export(exported)
    assert {one.kind for one in read(exported).addresses} == set(Kind) - {Kind.REDIRECT}
    assert (exported / upload.get_absolute_url().removeprefix("/")).read_bytes() == b"%PDF"
    (tmp_path / "media" / upload.file.name).unlink()
    before = files_of(exported)
    with pytest.raises(ExportError, match=rf"{upload.get_absolute_url()} answers 404"):
        export(exported)
    assert files_of(exported) == before


def test_the_same_content_gives_the_same_bytes(exported: Path, tmp_path: Path) -> None:
    export(tmp_path / "again")
    assert files_of(tmp_path / "again") == files_of(exported)


def test_what_has_not_changed_is_neither_compressed_nor_written(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, nodes = files_of(exported), nodes_of(exported)
    times = counted(monkeypatch)
    report = export(exported)
    assert files_of(exported) == before
    assert times == [0]
    # The manifest alone is written, which tells no time either.
    assert {name for name, node in nodes_of(exported).items() if nodes[name] != node} <= {manifest.NAME}
    assert (report.linked, report.written) == (len(before) - 1, 0)
    item = NewsItem.objects.get(slug="moved")
    item.summary = "Something else."
    item.save()
    export(exported)
    changed = {name for name, body in files_of(exported).items() if before.get(name) != body}
    assert "news/moved/index.html" in changed
    assert "neighbourhoods/index.html" not in changed
    assert not changed & {hosts.REDIRECTS, "2021/06/Old-News/index.html"}
    assert times[0] == sum(name.endswith(".br") for name in changed)


def test_a_file_that_somebody_changed_is_made_anew(exported: Path) -> None:
    before = files_of(exported)
    (exported / "news" / "index.html").write_text("Something else")
    (exported / "robots.txt").unlink()
    (exported / hosts.REDIRECTS).write_text("/news/ /elsewhere/ 301!")
    (exported / "stray.txt").write_text("What is this?")
    export(exported)
    assert files_of(exported) == before


def test_what_the_server_has_published_is_taken(
    exported: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLISHED_ROOT = tmp_path / "published"
    publish(settings.PUBLISHED_ROOT)
    monkeypatch.setattr(writing, "finish", None)
    export(tmp_path / "again")
    assert files_of(tmp_path / "again") == files_of(exported)


# --- the place


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: (path.mkdir(), (path / "letter.txt").write_text("Mine")), "holds something that is no"),
        (lambda path: path.write_text("A file"), "is no folder"),
        (lambda path: path.symlink_to("/tmp"), "is no folder"),
    ],
)
def test_nothing_but_an_export_is_replaced(
    small: None,  # noqa: ARG001
    tmp_path: Path,
    make: Callable[[Path], object],
    why: str,
) -> None:
    target = tmp_path / "place"
    make(target)
    before = files_of(tmp_path)
    with pytest.raises(ExportError, match=why):
        export(target)
    assert files_of(tmp_path) == before


@pytest.mark.parametrize("place", [django_settings.BASE_DIR, Path("/")])
def test_the_project_is_no_place_for_it(place: Path) -> None:
    with pytest.raises(ExportError, match="holds the project itself"):
        export(place)


def test_an_empty_folder_will_do(small: None, tmp_path: Path) -> None:  # noqa: ARG001
    (tmp_path / "place").mkdir()
    export(tmp_path / "place")
    assert list(problems_of_files(tmp_path / "place", read(tmp_path / "place"))) == []
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


def test_two_at_a_time_are_refused(small: None, tmp_path: Path) -> None:  # noqa: ARG001
    other = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    try:
        with pytest.raises(ExportError, match="another export is being written"):
            export(tmp_path / "place")
    finally:
        os.close(other)


def test_one_that_was_on_its_way_out_comes_back(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files_of(exported)
    exported.rename(exported.with_name("copy.old"))
    exported.with_name("copy.new").mkdir()
    times = counted(monkeypatch)
    export(exported)
    assert files_of(exported) == before
    assert times == [0]
    shutil.copytree(exported, exported.with_name("copy.old"))
    export(exported)
    assert [path.name for path in exported.parent.iterdir()] == ["copy"]


# --- faults


def test_a_full_disk_leaves_what_stood_there(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files_of(exported)
    NewsItem.objects.filter(slug="moved").update(title="Another title")

    def full(_path: Path, _body: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CommandError, match=r"Not exported: .*No space left"):
        call_command("export_site", exported, processes=1, verbosity=0)
    assert files_of(exported) == before
    assert [path.name for path in exported.parent.iterdir()] == ["copy"]


def test_a_change_under_way_begins_it_anew(
    small: None,  # noqa: ARG001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokens = iter(["1", "2", "2", "2"])
    monkeypatch.setattr(Generation, "token", lambda _generation: next(tokens))
    export(tmp_path / "place")
    assert list(problems_of_files(tmp_path / "place", read(tmp_path / "place"))) == []
    monkeypatch.setattr(writing, "ATTEMPTS", 1)
    endless = iter(range(100))
    monkeypatch.setattr(Generation, "token", lambda _generation: str(next(endless)))
    with pytest.raises(ExportError, match="kept changing"):
        export(tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("number", ["0", "-1"])
def test_no_process_is_too_few(tmp_path: Path, number: str) -> None:
    with pytest.raises(CommandError, match="has to be 1 or more"):
        call_command("export_site", tmp_path / "place", processes=int(number))


@pytest.mark.usefixtures("db")
def test_a_person_at_a_terminal_sees_how_far_it_has_come(tmp_path: Path) -> None:
    with site_database(tmp_path) as database:
        succeeded(database.manage("migrate", "--verbosity", 0))
        succeeded(database.run(*script("from tests.neighbourhoods.factory import *\nmake_release(2)")))
        seen = on_a_terminal(database, "export_site", tmp_path / "copy", "--processes", 2)
        assert re.search(r"\rPages and files: +\d+%\|", seen)
        assert re.search(r"\rRedirects: +\d+%\|", seen)
        assert "Exported " in seen
        quiet = on_a_terminal(database, "export_site", tmp_path / "copy", "--verbosity", 0)
        assert quiet.startswith("Exported ")
        assert "%|" not in quiet


def test_two_folders_change_places_at_once(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    (one / "first").touch()
    if writing._exchange(one, other):
        assert (other / "first").exists()
        assert not (one / "first").exists()
    else:
        assert (one / "first").exists()


def test_where_they_cannot_the_new_one_takes_the_place(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_of(exported)
    monkeypatch.setattr(writing, "_exchange", lambda _one, _other: False)
    export(exported)
    assert files_of(exported) == before
    assert [path.name for path in exported.parent.iterdir()] == ["copy"]


# --- the manifest


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "cannot be read"),
        ("{", "cannot be read"),
        ("[]", "not of version 1"),
        ('{"version": 2}', "not of version 1"),
        ('{"version": 1}', "is damaged"),
        ('{"version": 1, "site_url": "", "release": "", "addresses": [{}]}', "is damaged"),
    ],
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / manifest.NAME).write_text(text)
    with pytest.raises(ExportError, match=why):
        read(tmp_path)


def test_what_is_written_is_read(copy: Path) -> None:
    found = read(copy)
    manifest.write(copy, found)
    assert read(copy) == found
