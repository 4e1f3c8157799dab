"""The published folder: what the publisher writes, and what is left when it is stopped or overtaken."""

from __future__ import annotations

import fcntl
import gzip
import json
import logging
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import brotli
import pytest
import time_machine
from django.core.management import CommandError, call_command
from pytest_django import Settings

from leftbehind_site import enumeration, finishing
from leftbehind_site.enumeration import Address, Kind, addresses
from leftbehind_site.generation import Generation, code
from leftbehind_site.serving import published, publishing
from leftbehind_site.serving.published import Folder, Line, Writer
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
    read = {entry.path: folder(root).line(entry) for entry in found}
    return {path: line for path, line in read.items() if line is not None}


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


# --- what is seen of it meanwhile


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file of this process may become larger than so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


PAGE = Address("/news/", Kind.PAGE)


def page(body: bytes) -> finishing.Finished:
    return finishing.Finished(200, (), body, None, None, '"x"', None)


def test_of_a_body_for_which_there_is_no_room_nothing_is_seen(tmp_path: Path) -> None:
    there = Folder(tmp_path, "token")
    there.make_current()
    with Writer(there) as writer:
        with files_up_to(1_000), pytest.raises(OSError, match="File too large"):
            writer.write(PAGE, page(b"x" * 100_000), 0)
        assert [path for path in there.path.rglob("*") if path.is_file() and path.stat().st_size] == []
        writer.write(PAGE, page(b"x" * 100_000), 0)
    assert (tmp_path / "current/pages/news/index.html").stat().st_size == 100_000


def test_whoever_reads_a_body_while_it_is_written_reads_a_whole_one(tmp_path: Path) -> None:
    there = Folder(tmp_path, "token")
    there.make_current()
    with Writer(there) as writer:
        writer.write(PAGE, page(b"what stood there"), 0)
        with (tmp_path / "current/pages/news/index.html").open("rb") as reader:
            writer.write(PAGE, page(b"what stands there now"), 0)
            assert reader.read() == b"what stood there"


def test_a_folder_that_is_removed_meanwhile_is_filled_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping(monkeypatch, 5, lambda: shutil.rmtree(folder(tmp_path).path))
    publish(tmp_path)
    assert set(lines(tmp_path)) == expected()
    assert (tmp_path / "current/pages/news/index.html").is_file()


@pytest.mark.parametrize(
    "change",
    [
        lambda fields: {**fields, "another": 1},
        lambda fields: {name: value for name, value in fields.items() if name != "etag"},
        lambda fields: [fields],
    ],
)
def test_what_other_code_has_left_in_another_form_is_no_obstacle(
    tmp_path: Path, change: Callable[[Any], Any]
) -> None:
    publish(tmp_path)
    there = folder(tmp_path).path
    index = (there / "index").read_text().splitlines()
    others = [line.split("\t") for line in index if line != "whole"]
    text = "".join(f"{path}\t{codings}\t{json.dumps(change(json.loads(f)))}\n" for path, codings, f in others)
    (there / "index").write_text(text)
    there.rename(tmp_path / "1-2-other")
    publish(tmp_path)
    assert set(lines(tmp_path)) == expected()


def test_an_index_of_another_form_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "1-2-other").mkdir()
    (tmp_path / "1-2-other" / "index").write_text("/news/ gzip\nwhole\n")
    publish(tmp_path)
    assert set(lines(tmp_path)) == expected()


def test_the_link_is_changed_by_several_machines_with_the_same_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another container’s process of the same number is between its two steps."""
    monkeypatch.setattr(os, "getpid", lambda: 7)
    (tmp_path / "other").mkdir()
    (tmp_path / "current.7").symlink_to("other")
    Folder(tmp_path, "token").make_current()
    assert (tmp_path / "current").readlink() == Path("token")
    assert (tmp_path / "current.7").readlink() == Path("other")


# --- the command


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
    call_command("publish", "--lock", "0", "--code", code())
    assert nice == [10]
    assert set(lines(tmp_path)) == expected()


def test_for_a_server_of_other_code_it_touches_nothing(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLISHED_ROOT = tmp_path
    monkeypatch.setattr(os, "nice", lambda _: 0)
    (tmp_path / "1-2-former").mkdir()
    with pytest.raises(CommandError, match=r"not those that the server runs\. Restart the server"):
        call_command("publish", "--lock", "0", "--code", "0123456789ab")
    assert [path.name for path in tmp_path.iterdir()] == ["1-2-former"]
