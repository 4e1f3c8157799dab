"""What is sent before Django is asked, and what is left to Django."""

from __future__ import annotations

import gzip
import io
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import brotli
import pytest
import time_machine
from django.db import DatabaseError
from pytest_django import DjangoDbBlocker, Settings

from appg.models import Upload
from leftbehind_site.common import headers
from leftbehind_site.generation import Generation
from leftbehind_site.serving import kept as kept_module
from leftbehind_site.serving import published, watching
from leftbehind_site.serving.application import Serving, known_host
from leftbehind_site.serving.kept import Kept
from leftbehind_site.serving.negotiation import codings, span
from leftbehind_site.serving.published import Folder
from leftbehind_site.serving.publishing import publish
from leftbehind_site.serving.watching import Watcher
from tests.appg import items

pytestmark = pytest.mark.django_db

HOST = "leftbehind.test"
DJANGO = "599 Asked Django"
LATER = "Fri, 31 Dec 2100 23:59:59 GMT"
EARLIER = "Mon, 01 Jan 2001 00:00:00 GMT"


@dataclass
class Answer:
    """What was answered."""

    status: str
    headers: dict[str, str]
    body: bytes

    @property
    def django(self) -> bool:
        return self.status == DJANGO


class Site:
    """The application, before a Django that only says that it was asked."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.watcher = Watcher(root)
        self.application = Serving(self._django, self.watcher)
        self.on_change: Any = None

    def _django(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and self.on_change:
            self.on_change()
        start_response(DJANGO, [])
        return [b""]

    def ask(self, path: str = "/news/", method: str = "GET", query: str = "", **headers: str) -> Answer:
        said: list[Any] = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_HOST": HOST,
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            **{name.upper() if "." not in name else name: value for name, value in headers.items()},
        }
        answer = self.application(environ, lambda *arguments: said.extend(arguments))
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        return Answer(said[0], dict(said[1]), body)


@pytest.fixture(scope="module")
def published_once(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,  # noqa: ARG001
    django_db_blocker: DjangoDbBlocker,
) -> Path:
    """The site without content, published; to be copied."""
    root = tmp_path_factory.mktemp("published")
    with django_db_blocker.unblock():
        publish(root)
    return root


@pytest.fixture
def site(published_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A published site, with nobody who would publish it anew."""
    known_host.cache_clear()
    monkeypatch.setattr(watching.Watcher, "_publish", lambda *_: None)
    root = tmp_path / "published"
    shutil.copytree(published_once, root, symlinks=True)
    found = Site(root)
    found.watcher.look()
    return found


def test_a_page_is_answered_without_django(site: Site) -> None:
    answer = site.ask()
    assert answer.status == "200 OK"
    assert answer.body.startswith(b"<!doctype html>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["last-modified"].endswith(" GMT")
    assert "content-encoding" not in answer.headers


def test_the_best_coding_that_is_accepted_is_sent(site: Site) -> None:
    plain = site.ask()
    zipped = site.ask(http_accept_encoding="gzip")
    packed = site.ask(http_accept_encoding="gzip, deflate, br, zstd")
    assert gzip.decompress(zipped.body) == brotli.decompress(packed.body) == plain.body
    assert (zipped.headers["content-encoding"], packed.headers["content-encoding"]) == ("gzip", "br")
    assert len({answer.headers["etag"] for answer in (plain, zipped, packed)}) == 3
    small = site.ask("/robots.txt", http_accept_encoding="gzip, br")
    assert small.headers.get("content-encoding") in {None, "br"}


@pytest.mark.parametrize(
    ("accepted", "found"),
    [
        ("", ("",)),
        ("gzip", ("gzip", "")),
        ("GZIP", ("gzip", "")),
        ("gzip, br", ("br", "gzip", "")),
        ("br;q=0, gzip", ("gzip", "")),
        ("br;q=0.5, gzip;q=0.9", ("gzip", "br", "")),
        ("*", ("br", "gzip", "")),
        ("*;q=0", ("",)),
        ("gzip;q=0, *", ("br", "")),
        ("identity", ("",)),
        ("deflate, zstd", ("",)),
        ("br; q=nonsense", ("",)),
        ("br;level=11", ("br", "")),
        ("x-gzip", ("",)),
        (",;,", ("",)),
    ],
)
def test_codings(accepted: str, found: tuple[str, ...]) -> None:
    assert codings(accepted) == found


def test_who_has_it_already_gets_no_body(site: Site) -> None:
    for accepted in ("", "gzip", "br"):
        first = site.ask(http_accept_encoding=accepted)
        etag = first.headers["etag"]
        for tags in (etag, f'"other", {etag}', f"W/{etag}", f'W/"x",W/{etag} , "y"', "*", f" {etag} "):
            again = site.ask(http_accept_encoding=accepted, http_if_none_match=tags)
            assert (again.status, again.body) == ("304 Not Modified", b""), tags
            assert again.headers["etag"] == etag
            assert again.headers["cache-control"] == "no-cache"
            assert again.headers["vary"] == "Accept-Encoding"
            assert "content-length" not in again.headers


@pytest.mark.parametrize("tags", ['"other"', "", "nonsense", '"', 'W/"other"', "x" * 9000])
def test_who_has_something_else_gets_the_page(site: Site, tags: str) -> None:
    assert site.ask(http_if_none_match=tags, http_if_modified_since=LATER).status == "200 OK"


def test_the_tag_of_another_coding_is_another(site: Site) -> None:
    zipped = site.ask(http_accept_encoding="gzip").headers["etag"]
    assert site.ask(http_accept_encoding="br", http_if_none_match=zipped).status == "200 OK"


def test_by_date(site: Site) -> None:
    modified = site.ask().headers["last-modified"]
    assert site.ask(http_if_modified_since=modified).status == "304 Not Modified"
    # No answer of ours says so: it was another version's, dated by a clock that was ahead.
    assert site.ask(http_if_modified_since=LATER).status == "200 OK"
    assert site.ask(http_if_modified_since=EARLIER).status == "200 OK"
    assert site.ask(http_if_modified_since="yesterday").status == "200 OK"


def test_only_the_head(site: Site) -> None:
    page = site.ask(http_accept_encoding="gzip")
    head = site.ask(method="HEAD", http_accept_encoding="gzip")
    assert (head.status, head.headers, head.body) == (page.status, page.headers, b"")
    etag = head.headers["etag"]
    assert (
        site.ask(method="HEAD", http_accept_encoding="gzip", http_if_none_match=etag).status
        == "304 Not Modified"
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get", "TRACE"])
def test_other_methods_are_djangos(site: Site, method: str) -> None:
    assert site.ask(method=method).django


@pytest.mark.parametrize("query", ["p=1", "preview=1", "utm_source=x", "=", "&", "%00", "?"])
def test_a_query_is_djangos(site: Site, query: str) -> None:
    assert site.ask(query=query).django


def test_an_editors_session_is_djangos(site: Site) -> None:
    assert site.ask(http_cookie="sessionid=abc").django
    assert site.ask(http_cookie="theme=dark; sessionid=abc").django
    assert site.ask(http_cookie="theme=dark;sessionid=").django
    assert not site.ask(http_cookie="theme=dark; csrftoken=abc").django


@pytest.mark.parametrize(
    "host",
    ["evil.test", "leftbehind.test.evil.test", "", "leftbehind.test/", "a b", "[::1", "leftbehind.test:x"],
)
def test_another_host_is_djangos_to_refuse(site: Site, host: str) -> None:
    assert site.ask(http_host=host).django


@pytest.mark.parametrize(
    "host", ["leftbehind.test", "LeftBehind.test", "leftbehind.test:443", "leftbehind.test."]
)
def test_the_sites_own_hosts_get_the_same_bytes(site: Site, host: str) -> None:
    assert site.ask(http_host=host) == site.ask()


FORGED = {
    "http_x_forwarded_host": "evil.test",
    "http_x_host": "evil.test",
    "http_forwarded": "host=evil.test;proto=http",
    "http_x_forwarded_port": "1",
    "http_x_forwarded_prefix": "/evil",
    "http_x_original_url": "/admin/",
    "http_x_rewrite_url": "/admin/",
    "http_x_http_method_override": "DELETE",
    "http_accept": "application/json",
    "http_accept_language": "fr",
    "http_user_agent": "a telephone",
    "http_origin": "https://evil.test",
    "http_cookie": "a=b; csrftoken=c",
}


@pytest.mark.parametrize("name", FORGED)
def test_nothing_that_is_sent_along_changes_what_is_published(site: Site, name: str) -> None:
    """Else whoever comes first could choose what a cache on the way gives to the others."""
    assert site.ask(**{name: FORGED[name]}) == site.ask()


@pytest.mark.parametrize(
    "path",
    [
        "/news",
        "//news/",
        "/news//",
        "/./news/",
        "/x/../news/",
        "/news/../news/",
        "/NEWS/",
        "/news/index.html",
        "/news/index.html.gz",
        "/pages/news/",
        "/../lock",
        "/../index",
        "news/",
        "",
        "*",
        "/news/\x00",
        "/news/\xff",
        "/admin/",
        "/healthz",
        "/nothing-here/",
    ],
)
def test_another_path_is_djangos(site: Site, path: str) -> None:
    assert site.ask(path).django


def test_without_https_the_visitor_is_djangos_to_redirect(site: Site, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    direct = Site(site.root)
    direct.watcher.look()
    assert direct.ask().django
    assert not direct.ask(**{"wsgi.url_scheme": "https"}).django
    assert direct.ask(http_x_forwarded_proto="https").django, "nobody vouches for this header"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    behind = Site(site.root)
    behind.watcher.look()
    assert behind.ask().django
    assert behind.ask(http_x_forwarded_proto="http").django
    assert not behind.ask(http_x_forwarded_proto="https").django


# --- parts


def test_a_part_of_a_file(site: Site) -> None:
    path = "/static/css/site.css"
    whole = site.ask(path)
    assert whole.headers["accept-ranges"] == "bytes"
    size, etag = len(whole.body), whole.headers["etag"]
    part = site.ask(path, http_range="bytes=10-19")
    assert (part.status, part.body) == ("206 Partial Content", whole.body[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{size}"
    assert part.headers["content-length"] == "10"
    assert site.ask(path, http_range="bytes=-5").body == whole.body[-5:]
    assert site.ask(path, http_range=f"bytes={size - 3}-").body == whole.body[-3:]
    assert site.ask(path, http_range="bytes=0-999999999").body == whole.body
    assert site.ask(path, http_range="bytes=0-9", http_if_range=etag).status == "206 Partial Content"
    assert site.ask(path, http_range="bytes=0-9", http_if_range='"other"').body == whole.body
    assert site.ask(path, http_range="bytes=0-9", http_if_range=LATER).body == whole.body
    assert site.ask(path, http_range="bytes=0-9", http_if_none_match=etag).status == "304 Not Modified"
    outside = site.ask(path, http_range=f"bytes={size}-")
    assert outside.status == "416 Range Not Satisfiable"
    assert outside.headers["content-range"] == f"bytes */{size}"
    assert outside.body == b""


def test_an_upload_is_sent_in_parts_with_its_own_headers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(watching.Watcher, "_publish", lambda *_: None)
    document = b"%PDF-1.7 " + bytes(range(256))
    upload = items.upload("report.pdf", document, "application/pdf")
    publish(tmp_path / "published")
    site = Site(tmp_path / "published")
    site.watcher.look()
    whole = site.ask(upload.get_absolute_url(), http_accept_encoding="gzip, br")
    assert (whole.status, whole.body) == ("200 OK", document)
    assert whole.headers["content-security-policy"] == headers.written(headers.READ)
    assert whole.headers["content-disposition"] == 'attachment; filename="report.pdf"'
    part = site.ask(upload.get_absolute_url(), http_accept_encoding="gzip, br", http_range="bytes=9-18")
    assert (part.status, part.body) == ("206 Partial Content", document[9:19])
    Upload.objects.update(withdrawn_reason="Out of date.")
    site.watcher.look()
    assert site.ask(upload.get_absolute_url()).django


def test_whatever_is_sent_has_the_security_headers_of_the_whole(site: Site) -> None:
    def protecting(answer: Answer) -> dict[str, str]:
        assert answer.headers["server"] == "archive"
        return {name: value for name, value in answer.headers.items() if name in headers.NAMES}

    for path in ("/news/", "/robots.txt", "/static/css/site.css", "/search/", "/card.png"):
        whole = site.ask(path)
        assert {name.lower() for name in headers.CONSTANT} <= set(protecting(whole)), path
        assert "content-security-policy" in protecting(whole), path
        for status, answer in (
            ("200 OK", site.ask(path, "HEAD")),
            ("200 OK", site.ask(path, http_accept_encoding="gzip")),
            ("304 Not Modified", site.ask(path, http_if_none_match=whole.headers["etag"])),
            ("304 Not Modified", site.ask(path, http_if_modified_since=whole.headers["last-modified"])),
        ):
            assert (answer.status, protecting(answer)) == (status, protecting(whole)), path
    picture = protecting(site.ask("/card.png"))
    for status, asked in (("206 Partial Content", "0-9"), ("416 Range Not Satisfiable", "99999999-")):
        answer = site.ask("/card.png", http_range=f"bytes={asked}")
        assert (answer.status, protecting(answer)) == (status, picture)
    assert site.ask("/nowhere/").headers == {"server": "archive"}


def test_a_page_is_whole(site: Site) -> None:
    assert site.ask(http_range="bytes=0-9") == site.ask()
    zipped = site.ask("/static/css/site.css", http_accept_encoding="gzip")
    assert (
        site.ask("/static/css/site.css", http_accept_encoding="gzip", http_range="bytes=0-9").body
        == zipped.body
    )


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=5-", (5, 100)),
        ("bytes=-5", (95, 100)),
        ("bytes=-500", (0, 100)),
        ("bytes=-0", (100, 100)),
        ("bytes=100-", (100, 100)),
        ("bytes=200-300", (200, 100)),
        ("BYTES = 1-2", (1, 3)),
        ("bytes=2-1", None),
        ("bytes=0-1,3-4", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes", None),
        ("lines=0-1", None),
        ("bytes=a-b", None),
        ("bytes=--1", None),
        ("bytes=٣-٤", None),
        ("bytes=0-" + "9" * 40, None),
    ],
)
def test_spans(asked: str, found: tuple[int, int] | None) -> None:
    assert span(asked, 100) == found


# --- memory


def test_memory_is_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = site.watcher.kept
    assert kept is not None
    paths = ("/", "/news/", "/sessions/", "/publications/", "/faqs/", "/glossary/", "/feed/")
    bodies = {path: site.ask(path).body for path in paths}
    monkeypatch.setattr(kept_module, "MOST_BYTES", 20_000)
    for _ in range(3):
        for path in paths:
            assert site.ask(path).body == bodies[path]
            assert site.ask(path, http_accept_encoding="br").status == "200 OK"
            assert kept.bytes <= 20_000
    assert kept.bytes > 0


def test_what_is_large_stays_in_the_folder(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/static/css/site.css"
    whole = site.ask(path).body
    monkeypatch.setattr(kept_module, "MOST_OF_ONE", 100)
    fresh = Site(site.root)
    fresh.watcher.look()
    assert fresh.ask(path).body == whole
    assert fresh.ask(path, http_range="bytes=10-99").body == whole[10:100]
    assert fresh.watcher.kept is not None
    assert fresh.watcher.kept.bytes == 0
    (site.root / "current" / "files" / "static" / "css" / "site.css").unlink()
    assert fresh.ask(path).django


def test_what_was_removed_is_djangos(site: Site) -> None:
    (site.root / "current" / "pages" / "news" / "index.html").unlink()
    assert site.ask().django
    assert not site.ask(http_accept_encoding="gzip").django


def test_what_was_published_anew_in_another_order_is_djangos_until_it_is_read_anew(site: Site) -> None:
    """Between two looks the folder was removed, and published again."""
    index = site.root / "current" / "index"
    lines = index.read_bytes().splitlines(keepends=True)
    index.write_bytes(b"".join([*reversed(lines[:-1]), lines[-1]]))
    there = [line.split(b"\t")[0].decode() for line in lines[:-1]]
    answers = [site.ask(path) for path in there]
    assert all(answer.status in {DJANGO, "200 OK", "404 Not Found"} for answer in answers)
    assert sum(answer.django for answer in answers) > len(answers) / 2
    index.write_bytes(b"".join(lines[-1:]))
    assert all(site.ask(path, http_accept_encoding="br, gzip").django for path in there)


def test_a_folder_that_was_removed_is_looked_at_anew(site: Site) -> None:
    before = site.watcher.kept
    assert before is not None
    assert before.whole
    shutil.rmtree(site.root)
    site.watcher.look()
    assert site.watcher.kept is not before
    assert site.ask().django
    publish(site.root)
    site.watcher.look()
    assert not site.ask().django


def test_a_publishers_progress_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching.Watcher, "_publish", lambda *_: None)
    site = Site(tmp_path)
    assert site.ask("/").django
    site.watcher.look()
    assert site.ask("/").django
    wanted = iter([True] * 4)
    publish(tmp_path, wanted=lambda: next(wanted, False))
    site.watcher.look()
    assert not site.ask("/").django
    assert site.ask("/robots.txt").django
    publish(tmp_path)
    site.watcher.look()
    assert not site.ask("/robots.txt").django
    assert site.watcher.kept is not None
    assert len(site.watcher.kept) == len(Folder(tmp_path, Generation().token()).entries()[0])


# --- changes


def test_a_change_made_here_is_seen_at_once(site: Site) -> None:
    assert not site.ask().django
    site.on_change = items.news
    site.ask(method="POST")
    assert site.ask().django
    assert not (site.root / "current" / "pages" / "news" / "index.html").exists(), "nor does the front server"
    publish(site.root)
    site.watcher.look()
    assert not site.ask().django


def test_a_question_changes_nothing(site: Site) -> None:
    before = site.watcher.kept
    site.ask(method="POST")
    assert site.watcher.kept is before


def test_while_the_database_is_away_what_is_kept_is_sent(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(_generation: Generation) -> str:
        raise DatabaseError("gone")

    monkeypatch.setattr(Generation, "token", away)
    site.watcher.look()
    assert not site.ask().django
    assert "cannot be asked for" in caplog.text


def test_an_hour_that_comes_while_the_database_is_away_costs_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_generation: Generation) -> str:
        raise DatabaseError("gone")

    now = datetime.now(UTC)
    items.news(publish_at=now + timedelta(hours=1))
    site.watcher.look()
    monkeypatch.setattr(Generation, "token", away)
    with time_machine.travel(now + timedelta(hours=2)):
        site.watcher.look()
        assert site.watcher._pause() == watching.INTERVAL


def test_without_a_folder_everything_is_djangos(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("no folder")
    site = Site(tmp_path / "file")
    site.watcher.look()
    assert site.ask().django
    assert "cannot be used" in caplog.text


class FakePublisher:
    """A publisher that ends when and how a test says."""

    started = 0

    def __init__(self, *_arguments: Any, pass_fds: tuple[int, ...], **_options: Any) -> None:
        type(self).started += 1
        assert len(pass_fds) == 1

    ended: int | None = None

    def poll(self) -> int | None:
        return self.ended


def test_one_publisher_is_started_and_a_failed_one_not_at_once_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("leftbehind_site.serving.watching.subprocess.Popen", FakePublisher)
    monkeypatch.setattr(FakePublisher, "started", 0)
    clock = [1000.0]
    monkeypatch.setattr("leftbehind_site.serving.watching.time.monotonic", lambda: clock[0])
    watcher = Watcher(tmp_path)
    watcher.look()
    watcher.look()
    assert FakePublisher.started == 1
    monkeypatch.setattr(FakePublisher, "ended", 1)
    watcher.look()
    watcher.look()
    assert FakePublisher.started == 1
    assert "ended with 1" in caplog.text
    clock[0] += watching.PATIENCE
    watcher.look()
    assert FakePublisher.started == 2
    # One that did not do what it was started for is no better.
    monkeypatch.setattr(FakePublisher, "ended", 0)
    watcher.look()
    watcher.look()
    assert FakePublisher.started == 2
    assert "ended with 0" in caplog.text
    clock[0] += watching.PATIENCE
    with published.publishing(tmp_path):
        watcher.look()
    assert FakePublisher.started == 2
    watcher.look()
    assert FakePublisher.started == 3
    # What has changed since was not its task.
    items.news()
    watcher.look()
    assert FakePublisher.started == 4


def test_a_publisher_that_has_just_come_to_the_end_has_not_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Ends(FakePublisher):
        def poll(self) -> int:
            publish(tmp_path)
            return 0

    monkeypatch.setattr("leftbehind_site.serving.watching.subprocess.Popen", Ends)
    watcher = Watcher(tmp_path)
    watcher.look()
    watcher.look()
    assert watcher.kept is not None
    assert watcher.kept.whole
    assert "The publisher ended" not in caplog.text


def test_an_empty_folder_knows_nothing(tmp_path: Path) -> None:
    kept = Kept(Folder(tmp_path, "none"))
    kept.read_index()
    assert kept.get("/", "") is None
    assert len(kept) == 0
