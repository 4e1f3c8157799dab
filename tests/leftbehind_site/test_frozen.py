"""A frozen site: the real server, on files that cannot be written to; and nothing can be written."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings as site_settings
from django.test import Client
from psycopg import sql
from pytest_django import Settings

from deploy.roles import Role, make_roles
from leftbehind_site.environment import PROJECT_ROOT, Access, database_settings
from tests.appg import items
from tests.needs import require
from tests.ports import free_port
from tests.servers import Server
from tests.waiting import PATIENCE, wait

POSTGRESQL = site_settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
PARTS = ("leftbehind_site", "neighbourhoods", "appg", "templates", "static", "deploy", "manage.py")
WRITING = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
READER = "leftbehind_test_reader"


# --- the parts


def test_sqlite_is_opened_as_a_file_that_nobody_changes() -> None:
    opened = database_settings("sqlite:////srv/a folder/site.sqlite3", access=Access.FROZEN)
    assert opened["NAME"] == "file:/srv/a%20folder/site.sqlite3?mode=ro&immutable=1"
    assert "journal_mode" not in str(opened["OPTIONS"])


def test_postgresql_is_told_to_read_only() -> None:
    url = "postgresql://reader@db/site?options=-c%20search_path=site"
    assert (
        "default_transaction_read_only=on"
        in database_settings(url, access=Access.FROZEN)["OPTIONS"]["options"]
    )
    assert "search_path=site" in database_settings(url, access=Access.FROZEN)["OPTIONS"]["options"]
    assert "read_only" not in database_settings(url)["OPTIONS"]["options"]


@pytest.mark.django_db
def test_without_a_desk_there_are_no_editors(admin_client: Client, settings: Settings) -> None:
    draft = items.news(**items.DRAFT)
    assert admin_client.get(draft.get_absolute_url()).status_code == 200
    settings.DESK = False
    assert admin_client.get(draft.get_absolute_url()).status_code == 404


# --- the whole


@dataclass(frozen=True)
class Frozen:
    """A site that is ready to be served frozen."""

    root: Path
    variables: dict[str, str]
    owner: str = ""
    """The address of the database for the account that made it."""
    before: tuple[str, ...] = ()
    """What precedes a command so that it may not write where the mode of a file forbids it."""

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.before, sys.executable, *arguments],
            cwd=self.root,
            env={**self.variables, **variables},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    @property
    def sqlite(self) -> Path:
        return Path(urlsplit(self.variables["DATABASE_URL"]).path)


def state(root: Path) -> dict[str, tuple[int, int, str]]:
    """Every file under a folder: when it was changed, its mode, what is in it."""
    return {
        str(path.relative_to(root)): (
            path.stat().st_mtime_ns,
            path.stat().st_mode,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in root.rglob("*")
    }


def unwritable(root: Path) -> None:
    """Take from everything under a folder the right to write to it."""
    for path in (root, *root.rglob("*")):
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))


@pytest.fixture(scope="module")
def powerless() -> tuple[str, ...]:
    """What takes from root the power to write to files that are not to be written to."""
    if os.geteuid():
        return ()
    program = shutil.which("setpriv")
    require(
        program, "Serving from files that cannot be written to: root, and no setpriv to give up its powers"
    )
    return (str(program), "--bounding-set", "-dac_override")


@contextlib.contextmanager
def postgresql_of_its_own() -> Iterator[tuple[str, str]]:
    """A database of its own on the server of the tests: its address for its owner, and for the reader."""
    given = site_settings.DATABASES["default"]
    where = f"{given['HOST'] or '127.0.0.1'}:{given['PORT'] or 5432}"
    owner = f"{given['USER']}:{given['PASSWORD']}@{where}"
    name = f"frozen_{secrets.token_hex(4)}"
    password = secrets.token_urlsafe(16)
    with psycopg.connect(f"postgresql://{owner}/{given['NAME']}", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"postgresql://{owner}/{name}", f"postgresql://{READER}:{password}@{where}/{name}"
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def make_role(owner: str, reader: str) -> None:
    """Make the reading role as an operator would, by an account that may."""
    url = re.sub(r"//[^@]*@", "//postgres@", owner)
    try:
        connection = psycopg.connect(url)
    except psycopg.Error:
        require(condition=False, not_run="The role that can only read: no account here may make roles")
        return
    with connection:
        make_roles(connection, [Role("public", READER, urlsplit(reader).password or "")])


@pytest.fixture(scope="module")
def frozen(
    tmp_path_factory: pytest.TempPathFactory, powerless: tuple[str, ...], collected: Path
) -> Iterator[Frozen]:
    """The project, its data and its static files, copied and made unwritable."""
    root = tmp_path_factory.mktemp("frozen") / "site"
    root.mkdir()
    for part in PARTS:
        source = PROJECT_ROOT / part
        if source.is_dir():
            shutil.copytree(source, root / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, root / part)
    (root / "var" / "media").mkdir(parents=True)
    shutil.copytree(collected, root / "var" / "static")
    variables = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH",
        "DATABASE_URL": f"sqlite:///{root / 'var' / 'site.sqlite3'}",
        "LOG_LEVEL": "WARNING",
        "WORKERS": "1",
    }
    variables["PORT"] = str(free_port())
    variables["SITE_URL"] = f"http://127.0.0.1:{variables['PORT']}"
    with contextlib.ExitStack() as stack:
        reader = ""
        if POSTGRESQL:
            variables["DATABASE_URL"], reader = stack.enter_context(postgresql_of_its_own())
        site = Frozen(root, variables)
        for arguments in (
            ("migrate", "--no-input"),
            ("load_neighbourhoods",),
            ("load_appg_content",),
        ):
            done = site.run("manage.py", *arguments, "--verbosity", "0")
            assert done.returncode == 0, done.stderr
        publish_a_few(site)
        owner = variables["DATABASE_URL"]
        if POSTGRESQL:
            make_role(owner, reader)
            variables = {**variables, "DATABASE_URL": reader}
        unwritable(root)
        yield Frozen(root, {**variables, "ARCHIVE_FROZEN": "true"}, owner, powerless)
        for path in (root, *root.rglob("*")):
            path.chmod(path.stat().st_mode | stat.S_IWUSR)


def publish_a_few(site: Frozen) -> None:
    """Publish the first pages, and stop in the middle of it."""
    index = site.root / "var" / "published" / "current" / "index"
    publisher = subprocess.Popen([sys.executable, "manage.py", "publish"], cwd=site.root, env=site.variables)
    try:
        wait(
            lambda: index.is_file() and index.read_bytes().count(b"\n") > 5,
            "the first pages are published",
            process=publisher,
        )
    finally:
        publisher.kill()
        publisher.wait()


@pytest.fixture(scope="module")
def port(frozen: Frozen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The real server, at this port; not a file may be other than before when it has ended."""
    before = state(frozen.root)
    log = tmp_path_factory.mktemp("log") / "log"
    command = (*frozen.before, sys.executable, "deploy/serve.py")
    server = Server(frozen.variables, log, frozen.root, command)
    with server.running(lambda: server.status("/healthz") == 200):
        yield server.port
    assert state(frozen.root) == before


def ask(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    """The answer of the server: status, headers, text."""
    server = Server({"PORT": str(port)}, Path(os.devnull))
    status, named, body = server.ask(path, method, headers)
    return status, named, body.decode("utf-8", "replace")


def test_the_files_cannot_be_written_to(frozen: Frozen) -> None:
    for name in ("manage.py", "var/new", "appg/new"):
        done = frozen.run("-c", f"open({name!r}, 'a')")
        assert "PermissionError" in done.stderr, name


def test_every_kind_of_page_is_served(port: int) -> None:
    paths = re.findall(rf"<loc>http://127\.0\.0\.1:{port}([^<]*)</loc>", ask(port, "/sitemap.xml")[2])
    assert len(paths) > 300
    record = [path for path in paths if not path.startswith("/neighbourhoods/")]
    for path in (*record[::4], *paths[::23], "/feed/", "/robots.txt", "/news/feed/", "/search/?q=health"):
        status, headers, _ = ask(port, path, Cookie="sessionid=forged; csrftoken=forged")
        assert status == 200, path
        assert "set-cookie" not in headers, path


def test_what_was_published_before_is_sent_as_it_is(port: int) -> None:
    """Only finished pages say when they last changed; nothing is published any more."""
    assert "last-modified" in ask(port, "/")[1]
    assert "last-modified" not in ask(port, "/robots.txt")[1]


def test_former_addresses_lead_on_and_unknown_ones_help(port: int) -> None:
    status, headers, _ = ask(port, "/?p=1433")
    assert (status, headers["location"]) == (
        301,
        "/news/community-wealth-funds-and-the-dormant-assets-bill-amendment/",
    )
    status, _, text = ask(port, "/old/health-inequalities")
    assert status == 404
    assert "Pages with words of the address" in text


def test_style_is_served(port: int) -> None:
    href = re.search(r'rel="stylesheet" href="([^"]*)"', ask(port, "/")[2])
    assert href
    status, headers, _ = ask(port, href[1])
    assert status == 200
    assert "immutable" in headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["/", "/admin/", "/admin/login/", "/news/", "/static/css/site.css", "/nowhere"]
)
@pytest.mark.parametrize("method", WRITING)
def test_no_method_but_reading_is_answered(port: int, method: str, path: str) -> None:
    status, headers, _ = ask(port, path, method)
    assert (status, headers["allow"]) == (405, "GET, HEAD")
    assert headers["server"] == "archive"
    assert {"content-security-policy", "permissions-policy", "x-frame-options"} <= set(headers)


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin/appg/newsitem/add/", "/admin"])
def test_the_admin_is_gone(port: int, path: str) -> None:
    status, headers, _ = ask(port, path)
    assert status == 404
    assert "location" not in headers


@pytest.mark.parametrize(
    "code",
    [
        "Redirect.objects.create(old_path='/a/', new_path='/b/')",
        "Page.objects.update(title='Other')",
        "connection.cursor().execute('CREATE TABLE a_table (id integer)')",
    ],
)
def test_the_database_refuses_to_be_written_to(frozen: Frozen, code: str) -> None:
    done = frozen.run(
        "-c",
        "import django; django.setup(); from appg.models import Redirect, Page;"
        f" from django.db import connection; {code}",
        DJANGO_SETTINGS_MODULE="leftbehind_site.settings",
    )
    assert done.returncode == 1
    assert re.search("readonly|read-only", done.stderr), done.stderr


def test_the_role_may_read_and_nothing_else(frozen: Frozen) -> None:
    if not POSTGRESQL:
        return
    with psycopg.connect(frozen.variables["DATABASE_URL"], autocommit=True) as connection:
        assert connection.execute("SHOW default_transaction_read_only").fetchone() == ("on",)
        # What a client can ask for, and what it gets then.
        connection.execute("SET default_transaction_read_only = off")
        assert connection.execute("SELECT count(*) FROM neighbourhoods_neighbourhood").fetchone() == (225,)
        for statement in (
            "INSERT INTO appg_page SELECT * FROM appg_page",
            "UPDATE appg_page SET title = ''",
            "DELETE FROM appg_page",
            "TRUNCATE appg_page",
            "DROP TABLE appg_page",
            "CREATE TABLE a_table (id integer)",
            "CREATE TEMPORARY TABLE a_table (id integer)",
            "CREATE SCHEMA a_schema",
            "CREATE ROLE another",
            "SELECT * FROM auth_user",
            "SELECT * FROM axes_accessattempt",
            "SELECT * FROM otp_totp_totpdevice",
            "SELECT * FROM django_session",
            "SELECT * FROM appg_historicalpage",
        ):
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
                connection.execute(statement)


# --- what is in the way is said


def test_the_server_starts_when_nothing_is_in_its_way(frozen: Frozen) -> None:
    done = frozen.run("deploy/serve.py", "--check", PORT=str(free_port()))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_a_start_prepares_finds_nothing_to_do(frozen: Frozen) -> None:
    """The same commands prepare a start, frozen or not."""
    for arguments in (("migrate", "--no-input"), ("load_neighbourhoods",)):
        done = frozen.run("manage.py", *arguments, DATABASE_URL=frozen.owner)
        assert done.returncode == 0, done.stderr


def test_a_command_that_would_write_says_why_it_cannot(frozen: Frozen) -> None:
    done = frozen.run("manage.py", "migrate", "neighbourhoods", "zero")
    assert done.returncode == 1
    assert "The archive is frozen, and its database refuses: " in done.stderr
    assert "ARCHIVE_FROZEN=false" in done.stderr
    assert "Traceback" not in done.stderr


def test_its_status_is_told(frozen: Frozen) -> None:
    """By a process that may only read, and on PostgreSQL may not even read everything."""
    done = frozen.run("manage.py", "status")
    assert done.stderr == ""
    # That may be about to expire by now, which another test says.
    assert set(re.findall(r"^!! (\S+)", done.stdout, re.MULTILINE)) <= {"security.txt"}, done
    assert re.search(r"^   frozen +yes", done.stdout, re.MULTILINE)
    assert re.search(r"^ok healthz +ok$", done.stdout, re.MULTILINE)
    private = "unknown: this account of the database may not read it" if POSTGRESQL else "timeline event ‘"
    assert re.search(rf"^   last edit +{private}", done.stdout, re.MULTILINE)


def test_missing_static_files_are_named(frozen: Frozen) -> None:
    done = frozen.run("deploy/serve.py", "--check", STATIC_ROOT="static")
    assert done.returncode == 1
    assert "the static files are not there: run `manage.py collectstatic`" in done.stderr
    assert "Put it right with ARCHIVE_FROZEN=false" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.sqlite3", "none.sqlite3 is not there: make it and load it first"),
        ("empty.sqlite3", "not applied: run `manage.py migrate`"),
        ("text.sqlite3", "cannot be asked: file is not a database"),
        ("open.sqlite3", "open.sqlite3-wal holds changes that are not in open.sqlite3 yet"),
    ],
)
def test_a_database_that_is_not_ready_is_named(frozen: Frozen, tmp_path: Path, name: str, said: str) -> None:
    with contextlib.ExitStack() as stack:
        if name == "empty.sqlite3":
            (tmp_path / name).touch()
        if name == "text.sqlite3":
            (tmp_path / name).write_text("This is no database. " * 100)
        if name == "open.sqlite3":
            connection = stack.enter_context(contextlib.closing(sqlite3.connect(tmp_path / name)))
            connection.executescript("PRAGMA journal_mode=WAL; CREATE TABLE a_table (id integer);")
        done = frozen.run("deploy/serve.py", "--check", DATABASE_URL=f"sqlite:///{tmp_path / name}")
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.startswith("The site cannot be served frozen: ")
    assert "Traceback" not in done.stderr


def test_a_postgresql_that_is_not_there_is_named(frozen: Frozen) -> None:
    done = frozen.run(
        "deploy/serve.py", "--check", DATABASE_URL="postgresql://reader@127.0.0.1:9/site?connect_timeout=1"
    )
    assert done.returncode == 1
    assert "The site cannot be served frozen: database: cannot be asked" in done.stderr
    assert "ARCHIVE_FROZEN=false" in done.stderr
