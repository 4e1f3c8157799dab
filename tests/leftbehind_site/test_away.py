"""The database goes away and comes back, under real servers: one without a desk, one with it."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
import pytest

from tests.leftbehind_site.conftest import Hosted
from tests.servers import ROOT, Server, site_environment
from tests.waiting import PATIENCE

pytestmark = pytest.mark.once

FINISHED = ("/", "/news/", "/news/first/", "/officers/", "/feed/")
DYNAMIC = (
    *("/search/?q=health", "/?x", "/news/first/?x"),
    # Nobody can know now whether these lead anywhere.
    *("/nowhere/", "/nowhere/at-all.html", "/?p=1433", "/2021/05/first/", "/files/1/none.pdf"),
)
EDITOR = {"Cookie": "sessionid=abcdefghijklmnopqrstuvwxyz012345"}


@dataclass(frozen=True)
class Pair:
    """The processes of a hosted site, which share their published pages."""

    hosted: Hosted
    public: Server
    desk: Server

    def rename(self, title: str) -> None:
        """Change a page from elsewhere."""
        with psycopg.connect(self.hosted.owner) as owner:
            owner.execute("UPDATE appg_newsitem SET title = %s", [title])

    def published(self, title: str) -> bool:
        """Whether both send a page that is finished and has a title."""
        answers = [one.get("/news/first/") for one in (self.public, self.desk)]
        return all("etag" in headers and title.encode() in body for _, headers, body in answers)


@pytest.fixture(scope="module")
def pair(hosted: Hosted) -> Iterator[Pair]:
    """Both processes, as the roles they are to have."""
    public = Server({**hosted.environment(hosted.public), "DESK": "false"}, hosted.folder / "public.log")
    shared = {"SITE_URL": public.environment["SITE_URL"]}
    desk = Server({**hosted.environment(hosted.desk), **shared}, hosted.folder / "desk.log")
    with public.running(), desk.running():
        yield Pair(hosted, public, desk)


def well(server: Server) -> bool:
    """Whether the server can ask the database, and its pages that are made for each request are there."""
    parts = json.loads(server.get("/healthz")[2])["parts"]
    return parts["database"] == "ok" and server.status("/search/?q=health") == 200


def unwell(server: Server) -> bool:
    """Whether the server says that the database is away."""
    status, headers, body = server.get("/healthz")
    parts = json.loads(body)["parts"]
    return (status, parts) == (503, {"database": "cannot be asked: see the log"}) and (
        headers["cache-control"].find("no-store") >= 0
    )


def check_kind(server: Server, path: str, headers: dict[str, str] | None = None) -> None:
    """The page about the outage: in the site's look, and kept by nobody."""
    status, named, body = server.ask(path, headers=headers)
    text = body.decode()
    assert status == 503, (path, status, server.log.read_text())
    assert named["retry-after"] == "30", path
    assert named["cache-control"] == "no-store", path
    assert named["x-content-type-options"] == "nosniff", path
    assert "set-cookie" not in named, path
    assert "does not answer just now" in text, path
    assert "This is the archived website of the group." in text, path
    assert "Traceback" not in text


OUTAGES: dict[str, Callable[[Hosted], None]] = {
    "stopped": lambda hosted: hosted.cluster.stop("immediate"),
    "killed": lambda hosted: hosted.cluster.kill(),
}


@contextlib.contextmanager
def away(hosted: Hosted, how: str) -> Iterator[None]:
    """The time in which the database is away."""
    OUTAGES[how](hosted)
    try:
        yield
    finally:
        hosted.cluster.start()


@pytest.mark.parametrize("how", OUTAGES)
def test_finished_pages_stay_others_say_so_and_all_heals(pair: Pair, how: str) -> None:
    for server in (pair.public, pair.desk):
        server.settled()
    before = {path: pair.public.get(path)[2] for path in FINISHED}
    with away(pair.hosted, how):
        for server in (pair.public, pair.desk):
            server.wait(partial(unwell, server))
            for path in DYNAMIC:
                check_kind(server, path)
            for path in FINISHED:
                status, headers, body = server.get(path)
                assert (status, body) == (200, before[path]), path
                assert "etag" in headers
            assert server.status("/robots.txt") == 200
        for path in ("/admin/", "/admin/appg/newsitem/", "/"):
            check_kind(pair.desk, path, EDITOR)
        # Without a desk a session is nobody's.
        assert pair.public.get("/", **EDITOR)[0] == 200
        assert pair.public.ask("/admin/", "POST")[0] == 405
    for server in (pair.public, pair.desk):
        server.wait(partial(well, server))
    # Those who look for changes and those who publish them have survived.
    pair.rename(f"Changed after it was {how}")
    pair.public.wait(lambda: pair.published(f"Changed after it was {how}"))
    pair.public.wait(pair.public.whole)


def test_a_page_that_waits_too_long_for_the_database_is_given_up(pair: Pair) -> None:
    pair.public.wait(lambda: well(pair.public))
    with psycopg.connect(pair.hosted.owner) as owner:
        owner.execute("LOCK TABLE appg_newsitem IN ACCESS EXCLUSIVE MODE")
        check_kind(pair.public, "/news/first/?x")
    assert pair.public.status("/news/first/?x") == 200


def test_a_publisher_that_was_interrupted_is_followed_by_another(pair: Pair) -> None:
    pair.public.wait(pair.public.whole)
    pair.rename("Changed just before")
    # The publisher has begun: this generation has a folder, and is not finished.
    pair.public.wait(lambda: not pair.public.whole())
    with away(pair.hosted, "killed"):
        pair.public.wait(lambda: unwell(pair.public))
    pair.public.wait(lambda: pair.published("Changed just before"))
    pair.public.wait(pair.public.whole)


def test_a_server_that_starts_meanwhile_sends_what_was_finished(pair: Pair) -> None:
    pair.public.wait(pair.public.whole)
    log = pair.hosted.folder / "other.log"
    other = Server({**pair.public.environment, "PORT": pair.hosted.environment("")["PORT"]}, log)
    with contextlib.ExitStack() as stack:
        with away(pair.hosted, "stopped"):
            stack.enter_context(other.running())
            status, headers, _ = other.get("/news/first/")
            assert (status, "etag" in headers) == (200, True)
            check_kind(other, "/nowhere/")
            assert unwell(other)
        other.wait(lambda: well(other))
    for server in (pair.public, pair.desk):
        server.wait(partial(well, server))


def test_what_an_outage_leaves_in_the_log(pair: Pair) -> None:
    """Why, once; a line for each request; no traceback (see ``Server.running``), no password."""
    with away(pair.hosted, "stopped"):
        pair.public.wait(lambda: unwell(pair.public))
        pair.public.status("/nowhere/?q=SW1A+1AA")
    pair.public.wait(lambda: well(pair.public))
    said = pair.public.log.read_text()
    assert "The database cannot be reached" in said
    assert "The database is back" in said
    assert "No database for /nowhere/: " in said
    assert "SW1A" not in said
    assert "public?#%" not in said


# --- a process without a desk


def test_without_a_desk_nothing_but_reading_is_answered(pair: Pair) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
        for path in ("/", "/admin/login/", "/search/", "/nowhere/"):
            status, headers, _ = pair.public.ask(path, method)
            assert (status, headers["allow"]) == (405, "GET, HEAD"), (method, path)
    assert pair.public.ask("/", "HEAD")[0] == 200
    for path in ("/admin/", "/admin/login/"):
        assert pair.public.status(path) == 404
    assert pair.desk.status("/admin/login/") == 200


def test_without_a_desk_a_forged_session_costs_nothing(pair: Pair) -> None:
    pair.public.settled()
    assert "etag" in pair.public.get("/", **EDITOR)[1]


# --- SQLite


@pytest.fixture(scope="module")
def on_a_file(collected: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without a desk, on an SQLite file that others write to."""
    folder = tmp_path_factory.mktemp("file")
    url = f"sqlite:///{folder / 'site.sqlite3'}"
    environment = site_environment(folder, url, static=collected, DESK="false", WORKERS="1", LOG_LEVEL="INFO")
    server = Server(environment, folder / "log")
    server.manage("migrate", "--no-input", "--verbosity", "0", DESK="true")
    with server.running():
        yield server


@pytest.fixture
def file(on_a_file: Server) -> Path:
    return Path(on_a_file.environment["DATABASE_URL"].removeprefix("sqlite:///"))


def test_on_sqlite_it_follows_what_others_change_and_publishes_it(on_a_file: Server, file: Path) -> None:
    on_a_file.wait(lambda: on_a_file.kept("/news/"))
    with contextlib.closing(sqlite3.connect(file, timeout=PATIENCE)) as other, other:
        other.execute("UPDATE appg_sitesettings SET notice = 'Closed for good.'")
    on_a_file.wait(lambda: b"Closed for good." in on_a_file.get("/news/")[2] and on_a_file.kept("/news/"))
    on_a_file.wait(on_a_file.whole)


def test_on_sqlite_a_locked_file_is_an_outage(on_a_file: Server, file: Path) -> None:
    on_a_file.settled()
    with contextlib.closing(sqlite3.connect(file, timeout=PATIENCE, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        check_kind(on_a_file, "/nowhere/")
        assert "etag" in on_a_file.get("/news/")[1]
        other.execute("ROLLBACK")
    on_a_file.wait(lambda: well(on_a_file))


def test_on_sqlite_a_missing_file_is_an_outage_and_no_other_is_made(on_a_file: Server, file: Path) -> None:
    on_a_file.settled()
    elsewhere = file.with_suffix(".elsewhere")
    file.rename(elsewhere)
    try:
        on_a_file.wait(lambda: unwell(on_a_file))
        check_kind(on_a_file, "/nowhere/")
        assert "etag" in on_a_file.get("/news/")[1]
        assert not file.exists()
    finally:
        elsewhere.rename(file)
    on_a_file.wait(lambda: well(on_a_file))


def test_without_a_desk_the_file_is_not_written_to(on_a_file: Server) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "appg", "zero"],
        cwd=ROOT,
        env=on_a_file.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert "With DESK=false the database is open for reading alone: " in done.stderr
    assert "Traceback" not in done.stderr
