"""What each PostgreSQL role of a hosted site may do, and what it may not, on a real server."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from deploy.roles import Table, kind_of
from tests.leftbehind_site.conftest import DESK_PASSWORD, PUBLIC_PASSWORD, Hosted

pytestmark = pytest.mark.once

REFUSED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)

NEITHER = (
    "CREATE TABLE a_table (id integer)",
    "CREATE TEMPORARY TABLE a_table (id integer)",
    "CREATE SCHEMA a_schema",
    "CREATE ROLE another",
    "CREATE DATABASE another",
    "ALTER TABLE appg_page ADD COLUMN more text",
    "ALTER ROLE site PASSWORD 'x'",
    "DROP TABLE appg_page",
    "TRUNCATE appg_page",
    "DROP TRIGGER appg_page_count ON appg_page",
    "ALTER TABLE appg_page DISABLE TRIGGER ALL",
    "CREATE INDEX ON appg_page (title)",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('a', 'b', now())",
    "DELETE FROM django_migrations",
    "UPDATE neighbourhoods_neighbourhood SET name = ''",
    "DELETE FROM neighbourhoods_release",
    "UPDATE neighbourhoods_release SET title = ''",
    "SET ROLE site",
    "SELECT pg_read_file('/etc/passwd')",
    "COPY appg_page TO PROGRAM 'cat'",
)

NOT_THE_PUBLIC = (
    "INSERT INTO appg_redirect SELECT * FROM appg_redirect",
    "UPDATE appg_page SET title = ''",
    "DELETE FROM appg_page",
    "UPDATE leftbehind_site_change SET number = 0",
    "SELECT nextval(pg_get_serial_sequence('appg_page', 'id'))",
    "SELECT * FROM auth_user",
    "SELECT * FROM auth_group",
    "SELECT * FROM django_session",
    "SELECT * FROM django_admin_log",
    "SELECT * FROM appg_historicalpage",
    "SELECT * FROM made_later",
)

NOT_THE_DESK = (
    "UPDATE appg_historicalpage SET title = ''",
    "DELETE FROM appg_historicalpage",
    "DELETE FROM leftbehind_site_change",
)

DESK_WORK = """
import django; django.setup()
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from appg.models import Redirect
from tests.desk import filled

settings.ALLOWED_HOSTS = ["testserver"]
User.objects.filter(username="editor").delete()
user = User.objects.create_superuser("editor", "", "only-for-this-test")
client = Client(headers={"host": "testserver"})
client.force_login(user)
path = reverse("admin:appg_redirect_add")
form = filled(client.get(path).content.decode())
sent = {**form, "old_path": "/a-former-page/", "new_path": "/news/first/", "why": "It moved."}
done = client.post(path, sent)
assert done.status_code == 302, done.content.decode()
assert client.get("/a-former-page/").status_code == 301
one = Redirect.objects.get(old_path="/a-former-page/")
assert one.history.get().history_user == user
one.delete()
user.delete()
history = Redirect.history.filter(old_path="/a-former-page/")
assert history.count() == 2 and not history.exclude(history_user=None).exists()
print("worked")
"""


COPYING = """
import sys, pathlib, django; django.setup()
from leftbehind_site.enumeration import Kind, addresses
from leftbehind_site.export import writing
few = [one for one in addresses() if one.kind in (Kind.PAGE, Kind.FEED, Kind.SITEMAP, Kind.TEXT)]
writing.addresses = lambda: few
writing.export(pathlib.Path(sys.argv[1]))
"""
"""The copy without data files: there are no data here."""


def refused(url: str, statement: str) -> None:
    """A role may not run a statement, not even when it asks for writing."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(REFUSED):
            connection.execute(statement.encode())


@pytest.mark.parametrize("statement", NEITHER)
def test_neither_may_change_what_there_is(hosted: Hosted, statement: str) -> None:
    refused(hosted.desk, statement)
    refused(hosted.public, statement)


@pytest.mark.parametrize("statement", NOT_THE_PUBLIC)
def test_the_public_role_only_reads_what_the_public_sees(hosted: Hosted, statement: str) -> None:
    if "made_later" in statement:
        with psycopg.connect(hosted.owner, autocommit=True) as owner:
            owner.execute("CREATE TABLE IF NOT EXISTS made_later (id integer)")
    refused(hosted.public, statement)


@pytest.mark.parametrize("statement", NOT_THE_DESK)
def test_the_desk_rewrites_no_history(hosted: Hosted, statement: str) -> None:
    refused(hosted.desk, statement)


def test_the_public_role_reads_by_default_and_reads_every_public_table(hosted: Hosted) -> None:
    with psycopg.connect(hosted.public, autocommit=True) as connection:
        assert connection.execute("SHOW default_transaction_read_only").fetchone() == ("on",)
        for table in ("appg_newsitem", "neighbourhoods_release", "django_content_type"):
            connection.execute(f"SELECT * FROM {table}".encode())


def test_the_public_role_can_write_the_copy(hosted: Hosted, tmp_path: Path) -> None:
    done = hosted.run(hosted.public, "-c", COPYING, str(tmp_path / "copy"), DESK="false")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "copy" / "news" / "first" / "index.html").is_file()


def test_an_editor_can_do_all_of_the_desks_work(hosted: Hosted) -> None:
    """Signing in, writing with its history, deleting, and deleting an account that has written."""
    done = hosted.run(hosted.desk, "-c", DESK_WORK)
    assert done.stdout == "worked\n", done.stderr


def test_a_new_table_is_closed_until_the_script_runs_again(hosted: Hosted) -> None:
    with psycopg.connect(hosted.owner, autocommit=True) as owner:
        owner.execute("CREATE TABLE appg_newer (id integer GENERATED BY DEFAULT AS IDENTITY)")
    try:
        refused(hosted.public, "SELECT * FROM appg_newer")
        refused(hosted.desk, "SELECT * FROM appg_newer")
        hosted.make_roles()
        with psycopg.connect(hosted.desk, autocommit=True) as desk:
            desk.execute("INSERT INTO appg_newer DEFAULT VALUES")
        with psycopg.connect(hosted.public, autocommit=True) as public:
            assert public.execute("SELECT * FROM appg_newer").fetchall() == [(1,)]
        refused(hosted.public, "DELETE FROM appg_newer")
    finally:
        with psycopg.connect(hosted.owner, autocommit=True) as owner:
            owner.execute("DROP TABLE appg_newer")


RIGHTS = """
    SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION SELECT rolname, concat(rolcanlogin, rolconnlimit, rolinherit, rolconfig::text) FROM pg_roles
    UNION SELECT rolname, rolpassword FROM pg_authid
    UNION SELECT nspname, nspacl::text FROM pg_namespace UNION SELECT datname, datacl::text FROM pg_database
    ORDER BY 1, 2
"""


def test_a_second_run_changes_nothing(hosted: Hosted) -> None:
    hosted.make_roles()
    before = hosted.cluster.execute(RIGHTS, "site")
    said = hosted.make_roles(DESK_PASSWORD="", PUBLIC_PASSWORD="")
    assert said == "site_desk has the rights of the desk.\nsite_public has the rights of the public site.\n"
    assert hosted.cluster.execute(RIGHTS, "site") == before
    for url in (hosted.desk, hosted.public):
        psycopg.connect(url).close()


def test_other_names_and_passwords_that_are_made_once(hosted: Hosted) -> None:
    said = hosted.make_roles("--public-only", "--public", "a-reader", PUBLIC_PASSWORD="")
    try:
        password = re.fullmatch(
            r"a-reader has the rights of the public site\. Its password: (\S{40,})\n", said
        )
        assert password
        with psycopg.connect(hosted.cluster.url("site", "a-reader", password[1])) as connection:
            connection.execute("SELECT * FROM appg_page")
        assert "password" not in hosted.make_roles(
            "--public-only", "--public", "a-reader", PUBLIC_PASSWORD=""
        )
    finally:
        hosted.cluster.execute('DROP OWNED BY "a-reader"', "site")
        hosted.cluster.execute('DROP ROLE "a-reader"')


def test_a_role_with_other_rights_is_refused(hosted: Hosted) -> None:
    hosted.cluster.execute("CREATE ROLE mighty")
    hosted.cluster.execute("GRANT site TO mighty")
    try:
        done = hosted.run(hosted.owner, "deploy/roles.py", "--public", "mighty")
        assert done.returncode == 1
        assert "mighty is a superuser" in done.stderr
        assert "nothing has changed" in done.stderr
    finally:
        hosted.cluster.execute("DROP ROLE mighty")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///var/site.sqlite3", "DATABASE_URL has to be the owner’s address"),
        ("", "DATABASE_URL has to be the owner’s address"),
        ("postgresql://site@127.0.0.1:9/site", "The roles were not made, and nothing has changed"),
    ],
)
def test_what_it_needs_is_said(hosted: Hosted, url: str, said: str) -> None:
    done = hosted.run(hosted.owner, "deploy/roles.py", DATABASE_URL=url)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_role_of_the_site_can_make_no_roles(hosted: Hosted) -> None:
    done = hosted.run(hosted.desk, "deploy/roles.py")
    assert done.returncode == 2
    assert "site_desk is the owner itself" in done.stderr
    done = hosted.run(hosted.desk, "deploy/roles.py", "--desk", "other", "--public", "another")
    assert done.returncode == 1
    assert "permission denied" in done.stderr
    for password in (DESK_PASSWORD, PUBLIC_PASSWORD):
        assert password not in done.stdout + done.stderr


def test_an_unknown_table_is_taken_for_a_private_one() -> None:
    assert kind_of("axes_accessattempt") is kind_of("auth_user") is kind_of("other") is Table.ACCOUNTS
    assert kind_of("appg_historicalpage") is kind_of("neighbourhoods_historicalward") is Table.HISTORY
