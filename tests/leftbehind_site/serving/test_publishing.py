"""The published folder: what the publisher writes, and what is left when it is stopped or overtaken."""

from __future__ import annotations

import fcntl
import gzip
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import pytest
import time_machine
from django.core.management import call_command
from pytest_django import Settings

from leftbehind_site import enumeration, finishing
from leftbehind_site.enumeration import Address, Kind, addresses
from leftbehind_site.generation import Generation
from leftbehind_site.serving import published, publishing
from leftbehind_site.serving.published import Folder, Line
from leftbehind_site.serving.publishing import publish
from tests.appg import items
from tests.leftbehind_site.conftest import counted
from tests.neighbourhoods.factory import make_release

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Data files take their time, and are published like everything else."""
    monkeypatch.setattr(enumeration, "file_paths", list)


def folder(root: Path) -> Folder:
    return Folder(root, Generation().token())


def lines(root: Path) -> dict[str, Line]:
    found, _, whole = folder(root).entries()
    assert whole
    return {entry.path: folder(root).line(entry.position) for entry in found}


def expected() -> set[str]:
    return {a.path for a in addresses() if a.kind is not Kind.REDIRECT}


def test_every_address_is_published(tmp_path: Path) -> None:
    make_release(3)
    items.news()
    assert publish(tmp_path) == len(expected())
    assert set(lines(tmp_path)) == expected()
    current = tmp_path / "current"
    page = current / "pages" / "news" / "index.html"
    body = page.read_bytes()
    assert body.startswith(b"<!doctype html>")
    assert gzip.decompress(page.with_suffix(".html.gz").read_bytes()) == body
    assert brotli.decompress(page.with_suffix(".html.br").read_bytes()) == body
    assert (current / "pages" / "index.html").is_file()
    assert (current / "files" / "feed" / "index.html").is_file()
    assert (current / "files" / "static" / "css" / "site.css").is_file()
    assert (current / "sites" / "https-leftbehind.test" / "news" / "index.html").read_bytes() == body


def test_published_again_without_a_change_nothing_is_rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = publish(tmp_path)
    monkeypatch.setattr(publishing, "finish", None)
    assert publish(tmp_path) == count


def test_after_a_change_only_what_differs_is_compressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_release(3)
    item = items.news()
    with time_machine.travel("2026-01-01T12:00Z", tick=False):
        publish(tmp_path)
    before, former = lines(tmp_path), folder(tmp_path)
    times = counted(monkeypatch)
    item.summary = "Something else."
    item.save()
    with time_machine.travel("2026-01-02T12:00Z", tick=False):
        publish(tmp_path)
    after = lines(tmp_path)
    changed = {path for path in after if after[path].etag != before[path].etag}
    assert item.get_absolute_url() in changed
    assert "/neighbourhoods/" not in changed
    assert times[0] == len(changed) < len(after)
    assert {path for path in after if after[path].modified != before[path].modified} == changed
    assert not former.path.exists()


def test_two_versions_of_one_second_have_two_dates(tmp_path: Path) -> None:
    item = items.news()
    path = item.get_absolute_url()
    with time_machine.travel("2026-01-01T12:00Z", tick=False):
        publish(tmp_path)
        first = lines(tmp_path)[path]
        item.summary = "Something else."
        item.save()
        publish(tmp_path)
        assert lines(tmp_path)[path].modified == first.modified + 1


def stopping(monkeypatch: pytest.MonkeyPatch, after: int, then: Callable[[], Any]) -> None:
    """Let something happen after some addresses have been finished."""
    real, seen = finishing.finish, [0]

    def finish(address: Address, **options: Any) -> Any:
        seen[0] += 1
        if seen[0] == after:
            then()
        return real(address, **options)

    monkeypatch.setattr(publishing, "finish", finish)


def test_a_publisher_that_was_killed_is_followed_by_one_that_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        stopping(patched, 5, kill)
        with pytest.raises(KeyboardInterrupt):
            publish(tmp_path)
    # The beginning of a line, as a sudden end leaves it.
    with (folder(tmp_path).path / "index").open("ab") as index:
        index.write(b"/half\tgzi")
    assert len(folder(tmp_path).entries()[0]) == 4
    times = counted(monkeypatch)
    publish(tmp_path)
    assert set(lines(tmp_path)) == expected()
    assert times[0] <= len(expected()) - 4


def test_a_change_in_between_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    item = items.news(slug="once")
    stopping(monkeypatch, 5, lambda: type(item).objects.update(slug="twice"))
    publish(tmp_path)
    found = lines(tmp_path)
    assert "/news/twice/" in found
    assert "/news/once/" not in found
    assert [other.name for other in tmp_path.iterdir() if other.is_dir() and not other.is_symlink()] == [
        Generation().token()
    ]


def test_what_several_generations_left_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one may have been overtaken after a few addresses; the whole one before it still counts."""
    item = items.news()
    publish(tmp_path)
    item.title = "Second"
    item.save()
    wanted = iter([True, True, True])
    publish(tmp_path, wanted=lambda: next(wanted, False))
    item.title = "Third"
    item.save()
    times = counted(monkeypatch)
    publish(tmp_path)
    assert 0 < times[0] < 10


def test_nobody_wants_it_any_more(tmp_path: Path) -> None:
    assert publish(tmp_path, wanted=lambda: False) == 0
    assert not list(tmp_path.iterdir())


def test_what_may_not_be_kept_is_left_out_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def static() -> list[str]:
        return ["/static/missing.css"]

    monkeypatch.setattr(enumeration, "_static_paths", static)
    with caplog.at_level(logging.WARNING, logger="leftbehind_site.serving.publishing"):
        publish(tmp_path)
    assert "Not published: /static/missing.css answers 404" in caplog.text
    assert "/static/missing.css" not in lines(tmp_path)


def test_nothing_personal_or_unpublished_is_in_the_folder(tmp_path: Path) -> None:
    items.news(title="Hushhush draft", **items.DRAFT)
    items.news(title="Hushhush to come", **items.future())
    items.publication(title="Hushhush report", **items.DRAFT)
    make_release(3)
    publish(tmp_path)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert b"Hushhush" not in file.read_bytes(), file
            assert b"csrf" not in file.read_bytes().lower(), file
            assert b"sessionid" not in file.read_bytes().lower(), file


def test_only_one_publishes_at_a_time(tmp_path: Path) -> None:
    with published.publishing(tmp_path) as first:
        assert first is not None
        with published.publishing(tmp_path) as second:
            assert second is None
        handed = os.dup(first)
    with published.publishing(tmp_path) as third:
        assert third is None, "whoever was handed the descriptor still has the right"
    os.close(handed)
    with published.publishing(tmp_path) as fourth:
        assert fourth is not None


def test_a_truncated_file_is_not_sent(tmp_path: Path) -> None:
    publish(tmp_path)
    line, there = lines(tmp_path)["/news/"], folder(tmp_path)
    assert there.kept(line) is not None
    there.file(line, "gzip").write_bytes(b"")
    assert there.read(line, "gzip") is None
    assert there.kept(line) is None
    there.file(line, "br").unlink()
    assert there.read(line, "br") is None


def test_the_command_publishes(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.PUBLISHED_ROOT = tmp_path
    call_command("publish")
    assert f"Published {len(expected())} addresses in " in capsys.readouterr().out
    assert set(lines(tmp_path)) == expected()
    with (tmp_path / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        call_command("publish")
    assert capsys.readouterr().out == "Another process is publishing already.\n"


def test_the_server_starts_it_with_a_lock_of_its_own(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLISHED_ROOT = tmp_path
    nice: list[int] = []
    monkeypatch.setattr(os, "nice", nice.append)
    call_command("publish", "--lock", "0")
    assert nice == [10]
    assert set(lines(tmp_path)) == expected()
