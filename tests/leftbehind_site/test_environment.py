"""What the environment may say, and what a person is told when it says something else."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from leftbehind_site.environment import (
    PROJECT_ROOT,
    Access,
    ConfigurationError,
    Environment,
    Work,
    database_settings,
)
from tests.waiting import PATIENCE

SECRET = "q7Fh2_Zk9-Wm4Xc8Vb1Nd6Lp3Rt5Ys0Gj-Ua7Ei2Qo9Kw4Mz8Bx1Tv6Cf3Hn"
LOCAL = {"SECRET_KEY": SECRET, "SITE_URL": "http://127.0.0.1:8000"}
PUBLIC = {"SECRET_KEY": SECRET, "SITE_URL": "https://www.leftbehind.test"}


def complaint(variables: dict[str, str], dotenv: Path | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        Environment.read(variables, dotenv)
    return str(caught.value)


def test_the_least_that_is_needed_gives_safe_defaults() -> None:
    environment = Environment.read(PUBLIC)
    assert environment == Environment(secret_key=SECRET, site_url="https://www.leftbehind.test")
    assert environment.debug is False
    assert environment.https is True
    assert environment.hosts == ["www.leftbehind.test"]
    assert environment.trust_proxy_headers is False


def test_it_cannot_be_changed_afterwards() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Environment.read(PUBLIC).debug = True  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("DEBUG", "true", True),
        ("DEBUG", " TRUE ", True),
        ("DEBUG", "1", True),
        ("DEBUG", "yes", True),
        ("DEBUG", "on", True),
        ("DEBUG", "False", False),
        ("DEBUG", "0", False),
        ("DEBUG", "no", False),
        ("DEBUG", "off", False),
        ("DEBUG", "", False),
        ("SECRET_KEY", "$" + SECRET, "$" + SECRET),
        ("SECRET_KEY", SECRET + "#='\"\\", SECRET + "#='\"\\"),
        ("SECRET_KEY", SECRET[:50], SECRET[:50]),
        ("SITE_URL", "http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("SITE_URL", "http://127.5.5.5", "http://127.5.5.5"),
        ("SITE_URL", "http://localhost:81", "http://localhost:81"),
        ("SITE_URL", "http://left.localhost", "http://left.localhost"),
        ("SITE_URL", "http://[::1]:8000", "http://[::1]:8000"),
        ("SITE_URL", "https://Example.ORG", "https://example.org"),
        ("SITE_URL", "https://example.org:8443", "https://example.org:8443"),
        ("SITE_URL", "https://192.0.2.1", "https://192.0.2.1"),
        ("SITE_URL", "https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("ALLOWED_HOSTS", "a.test", ("a.test",)),
        ("ALLOWED_HOSTS", " a.test, B.test ,,a.test", ("a.test", "b.test")),
        ("ALLOWED_HOSTS", "192.0.2.1,[::1]", ("192.0.2.1", "[::1]")),
        ("ALLOWED_HOSTS", ",", ()),
        ("TRUST_PROXY_HEADERS", "on", True),
        ("DESK", "no", False),
        ("DESK", "", True),
        ("ADMIN_PATH", "", "admin"),
        ("ADMIN_PATH", "admin", "admin"),
        ("ADMIN_PATH", "editing-desk-2", "editing-desk-2"),
        ("SECOND_FACTOR", "Required", "required"),
        ("SECOND_FACTOR", "optional", "optional"),
        ("SECOND_FACTOR", "", ""),
        ("STATIC_ROOT", "somewhere/static", PROJECT_ROOT / "somewhere/static"),
        ("STATIC_ROOT", "/srv/static", Path("/srv/static")),
        ("STATIC_ROOT", "", PROJECT_ROOT / "var/static"),
        ("MEDIA_ROOT", "somewhere/media", PROJECT_ROOT / "somewhere/media"),
        ("MEDIA_ROOT", "", PROJECT_ROOT / "var/media"),
        ("PUBLISHED_ROOT", "/srv/published", Path("/srv/published")),
        ("PUBLISHED_ROOT", "", PROJECT_ROOT / "var/published"),
        ("LOG_LEVEL", "warning", "WARNING"),
        ("LOG_LEVEL", "DEBUG", "DEBUG"),
        ("DATABASE_URL", "sqlite:///data.sqlite3", "sqlite:///data.sqlite3"),
        ("DATABASE_URL", "sqlite:///var/other.sqlite3", "sqlite:///var/other.sqlite3"),
        ("DATABASE_URL", "", "sqlite:///var/site.sqlite3"),
        ("DATABASE_URL", "postgresql:///site?host=/run/pg", "postgresql:///site?host=/run/pg"),
        ("DATABASE_URL", "postgres://u:p@h:1/n", "postgres://u:p@h:1/n"),
    ],
)
def test_a_good_value(name: str, text: str, value: object) -> None:
    assert getattr(Environment.read({**LOCAL, name: text}), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("DEBUG", "maybe", "true or false"),
        ("DEBUG", "2", "true or false"),
        ("DEBUG", "y es", "true or false"),
        ("TRUST_PROXY_HEADERS", "https", "true or false"),
        ("ADMIN_PATH", "/admin/", "one segment of an address"),
        ("ADMIN_PATH", "the/desk", "one segment of an address"),
        ("ADMIN_PATH", "Desk", "one segment of an address"),
        ("ADMIN_PATH", "-desk", "one segment of an address"),
        ("ADMIN_PATH", "a--b", "one segment of an address"),
        ("ADMIN_PATH", "bücher", "one segment of an address"),
        ("ADMIN_PATH", "news", "not the site's own, as /news/ is"),
        ("ADMIN_PATH", "static", "not the site's own, as /static/ is"),
        ("SECOND_FACTOR", "true", "optional or required"),
        ("SECRET_KEY", "", "a random text of 50 or more characters"),
        ("SECRET_KEY", "   ", "a random text of 50 or more characters"),
        ("SECRET_KEY", SECRET[:49], "50 or more characters"),
        ("SECRET_KEY", "django-insecure-" + SECRET, "looks like a placeholder"),
        ("SECRET_KEY", "change-me-" + SECRET, "looks like a placeholder"),
        ("SECRET_KEY", "REPLACE_THIS" + SECRET, "looks like a placeholder"),
        ("SECRET_KEY", "your secret" + SECRET, "looks like a placeholder"),
        ("SECRET_KEY", "ab" * 40, "repeats a few characters"),
        ("SITE_URL", "", "the public address"),
        ("SITE_URL", "http://example.org", "an https address"),
        ("SITE_URL", "http://10.0.0.1", "an https address"),
        ("SITE_URL", "http://127.0.0.1.example.org", "an https address"),
        ("SITE_URL", "http://localhost.example.org", "an https address"),
        ("SITE_URL", "http://notlocalhost", "an https address"),
        ("SITE_URL", "example.org", "begins with https://"),
        ("SITE_URL", "//example.org", "begins with https://"),
        ("SITE_URL", "https://", "begins with https://"),
        ("SITE_URL", "ftp://example.org", "begins with https://"),
        ("SITE_URL", "https://example.org/site", "without a path"),
        ("SITE_URL", "https://example.org?", "without a path"),
        ("SITE_URL", "https://example.org/?a=1", "without a path"),
        ("SITE_URL", "https://example.org/#top", "without a path"),
        ("SITE_URL", "https://me@example.org", "without a user name"),
        ("SITE_URL", "https://me:pw@example.org", "without a user name"),
        ("SITE_URL", "https://example.org:0", "a port from 1 to 65535"),
        ("SITE_URL", "https://example.org:99999", "a web address"),
        ("SITE_URL", "https://example.org:web", "a web address"),
        ("SITE_URL", "https://[::1", "a web address"),
        ("SITE_URL", "https://*.example.org", "a valid host name"),
        ("SITE_URL", "https://exa mple.org", "a valid host name"),
        ("SITE_URL", "https://-example.org", "a valid host name"),
        ("SITE_URL", "https://bücher.example", "a valid host name"),
        ("ALLOWED_HOSTS", "*", "'*' is not one"),
        ("ALLOWED_HOSTS", "a.test,*", "'*' is not one"),
        ("ALLOWED_HOSTS", ".example.org", "'.example.org' is not one"),
        ("ALLOWED_HOSTS", "https://a.test", "'https://a.test' is not one"),
        ("ALLOWED_HOSTS", "a.test:80", "'a.test:80' is not one"),
        ("ALLOWED_HOSTS", "a.test b.test", "'a.test b.test' is not one"),
        ("ALLOWED_HOSTS", "::1", "'::1' is not one"),
        ("STATIC_ROOT", "manage.py", "there is a file of that name"),
        ("MEDIA_ROOT", "manage.py", "there is a file of that name"),
        ("PUBLISHED_ROOT", "manage.py", "there is a file of that name"),
        ("LOG_LEVEL", "LOUD", "one of DEBUG, INFO"),
        ("DATABASE_URL", "mysql://u:p@h/n", "begins with sqlite: or postgresql:"),
        ("DATABASE_URL", "site.sqlite3", "begins with sqlite: or postgresql:"),
        ("DATABASE_URL", "sqlite:///vra/site.sqlite3", "a file in a folder that exists"),
        ("DATABASE_URL", "sqlite:////nowhere/at/all/site.sqlite3", "a file in a folder that exists"),
        ("DATABASE_URL", "sqlite://:memory:", "a database address"),
        ("DATABASE_URL", "sqlite:///:memory:", "the path of a file"),
        ("DATABASE_URL", "sqlite://", "the path of a file"),
        ("DATABASE_URL", "sqlite:///", "the path of a file"),
        ("DATABASE_URL", "sqlite:///var/", "the path of a file"),
        ("DATABASE_URL", "sqlite://var/site.sqlite3", "three or four slashes"),
        ("DATABASE_URL", "postgresql://u:p@h", "the name of the database"),
        ("DATABASE_URL", "postgresql://u:p@h/", "the name of the database"),
        ("DATABASE_URL", "postgresql://u:p@h:0/n", "a port from 1 to 65535"),
        ("DATABASE_URL", "postgresql://u:p@h:x/n", "a database address"),
        ("DATABASE_URL", "postgresql://[h/n", "a database address"),
    ],
)
def test_a_bad_value_is_named_with_what_was_expected_and_a_remedy(
    name: str, text: str, expected: str
) -> None:
    message = complaint({**LOCAL, name: text})
    assert message.startswith("The site cannot start: 1 setting needs attention.")
    assert re.search(rf"^  {name} is ", message, re.MULTILINE)
    assert expected in message
    assert "to fix: " in message


def test_everything_wrong_is_said_at_once() -> None:
    message = complaint(
        {"DEBUG": "perhaps", "LOG_LEVEL": "LOUD", "ALLOWED_HOSTS": "*", "STATIC_ROOT": "manage.py"}
    )
    assert "6 settings need attention" in message
    for name in ("DEBUG", "SITE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "STATIC_ROOT", "LOG_LEVEL"):
        assert f"  {name} is " in message


@pytest.mark.parametrize(
    ("name", "text", "secret"),
    [
        ("SECRET_KEY", "too-short-but-mine", "too-short-but-mine"),
        ("SECRET_KEY", "change-me" + SECRET, SECRET),
        ("DATABASE_URL", "mysql://user:hunter22@host/name", "hunter22"),
        ("DATABASE_URL", "postgresql://user:hunter22@host", "hunter22"),
        ("DATABASE_URL", "postgresql://user:hunter22@[host/name", "hunter22"),
        ("DATABASE_URL", "mysql://user@host/name?password=hunter22", "hunter22"),
        ("DATABASE_URL", "mysql://host/name?password=hunter22", "hunter22"),
        ("DATABASE_URL", "user:hunter22@host/name", "hunter22"),
    ],
)
def test_a_secret_is_never_repeated(name: str, text: str, secret: str) -> None:
    message = complaint({**LOCAL, name: text})
    assert f"  {name} is " in message
    assert secret not in message


def test_the_rest_of_a_database_address_is_shown() -> None:
    assert "'mysql://user:***@host/name'" in complaint({**LOCAL, "DATABASE_URL": "mysql://user:pw@host/name"})


def test_debug_needs_no_address_but_refuses_a_public_one() -> None:
    assert Environment.read({"SECRET_KEY": SECRET, "DEBUG": "true"}).site_url == "http://127.0.0.1:8000"
    message = complaint({**PUBLIC, "DEBUG": "true"})
    assert "DEBUG is 'true'" in message
    assert "https://www.leftbehind.test" in message


def test_https_follows_the_address() -> None:
    assert Environment.read(PUBLIC).https
    assert not Environment.read(LOCAL).https


def test_the_second_factor_is_compulsory_in_public_unless_it_is_said_not_to_be() -> None:
    assert Environment.read(PUBLIC).second_factor_required
    assert not Environment.read(LOCAL).second_factor_required
    assert not Environment.read({**PUBLIC, "SECOND_FACTOR": "optional"}).second_factor_required
    assert Environment.read({**LOCAL, "SECOND_FACTOR": "required"}).second_factor_required


def test_a_local_address_answers_to_every_name_of_this_machine() -> None:
    assert Environment.read(LOCAL).hosts == ["127.0.0.1", "localhost", "[::1]"]
    six = Environment.read({**LOCAL, "SITE_URL": "http://[::1]:8000", "ALLOWED_HOSTS": "a.test,localhost"})
    assert six.hosts == ["[::1]", "127.0.0.1", "localhost", "a.test"]


def test_a_public_address_answers_to_its_name_and_the_named_others_only() -> None:
    assert Environment.read({**PUBLIC, "ALLOWED_HOSTS": "a.test"}).hosts == ["www.leftbehind.test", "a.test"]


# --- the file


def test_the_file_fills_what_the_process_does_not_say(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        f"# a comment\n\nSECRET_KEY='{SECRET}'\nexport SITE_URL=\"https://file.test\"\nLOG_LEVEL=ERROR\n",
        encoding="utf-8",
    )
    environment = Environment.read({"SITE_URL": "https://process.test"}, dotenv)
    assert environment.site_url == "https://process.test"
    assert environment.secret_key == SECRET
    assert environment.log_level == "ERROR"


def test_the_file_may_be_missing(tmp_path: Path) -> None:
    assert Environment.read(PUBLIC, tmp_path / ".env").site_url == "https://www.leftbehind.test"


def test_reading_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("LEFTBEHIND_TEST_ONLY=1\n", encoding="utf-8")
    before = dict(os.environ)
    given = dict(PUBLIC)
    Environment.read(given, dotenv)
    assert dict(os.environ) == before
    assert given == PUBLIC


@pytest.mark.parametrize("line", ["LOG_LEVEL = ERROR", "  LOG_LEVEL=ERROR", "LOG_LEVEL: ERROR", "ERROR"])
def test_a_line_that_says_nothing_is_a_mistake(tmp_path: Path, line: str) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"# first\n{line}\n", encoding="utf-8")
    message = complaint(PUBLIC, dotenv)
    assert f"{dotenv}, line 2" in message
    assert "NAME=value" in message


def test_a_file_that_is_no_text_is_a_mistake(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_bytes(b"SITE_URL=\xff\xfe\n")
    assert f"{dotenv}\n    cannot be read" in complaint(PUBLIC, dotenv)


def test_the_example_shows_every_variable_and_no_other() -> None:
    text = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8")
    # What only Compose reads is compared with its file, in tests/deploy.
    of_the_site = text.partition("# --- Read by docker-compose.yml")[0]
    shown = re.findall(r"^([A-Z_]+)=", of_the_site, re.MULTILINE)
    assert sorted(shown) == sorted(field.name.upper() for field in dataclasses.fields(Environment))


def test_the_example_explains_every_variable() -> None:
    for block in (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8").strip().split("\n\n"):
        *comments, last = block.splitlines()
        assert comments
        assert all(line.startswith("#") for line in comments)
        assert last.startswith("#") or "=" in last


def test_the_example_works_once_it_has_a_secret(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    text = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8")
    dotenv.write_text(text, encoding="utf-8")
    assert "1 setting needs attention" in complaint({}, dotenv)
    environment = Environment.read({"SECRET_KEY": SECRET}, dotenv)
    defaults = Environment(secret_key=SECRET, site_url="https://www.example.org")
    assert environment == defaults


# --- the database


def test_sqlite_is_made_for_readers_beside_a_writer() -> None:
    settings = database_settings("sqlite:///var/some%20where.sqlite3")
    assert settings["NAME"] == str(PROJECT_ROOT / "var/some where.sqlite3")
    assert settings["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert settings["OPTIONS"]["timeout"] == 20
    assert "journal_mode=WAL" in settings["OPTIONS"]["init_command"]


def test_sqlite_may_live_outside_the_project() -> None:
    assert database_settings("sqlite:////srv/site.sqlite3")["NAME"] == "/srv/site.sqlite3"


def test_postgresql_has_a_pool_and_no_endless_statement() -> None:
    settings = database_settings(
        "postgresql://me:p%40ss@db.test:5433/site?sslmode=require&options=-c%20lock_timeout=5s"
    )
    assert {key: settings[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "site",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.test",
        "PORT": 5433,
    }
    options: dict[str, Any] = settings["OPTIONS"]
    assert options["sslmode"] == "require"
    assert options["options"].startswith("-c statement_timeout=10s ")
    assert options["options"].endswith(" -c lock_timeout=5s")
    assert options["pool"]["max_size"] > 1


@pytest.mark.parametrize(
    ("arguments", "work"),
    [
        (["deploy/serve.py"], Work.PAGES),
        (["/site/deploy/serve.py", "--check"], Work.PAGES),
        (["manage.py", "runserver", "127.0.0.1:8000"], Work.PAGES),
        (["manage.py", "migrate", "--no-input"], Work.MIGRATION),
        (["manage.py", "load_neighbourhoods"], Work.COMMAND),
        (["manage.py", "publish", "--lock", "7"], Work.COMMAND),
        (["manage.py"], Work.COMMAND),
        (["-c"], Work.COMMAND),
        ([], Work.COMMAND),
    ],
)
def test_what_a_process_does_is_seen_from_its_command(arguments: list[str], work: Work) -> None:
    assert Work.of(arguments) is work


def test_pages_are_given_up_sooner_than_commands_and_migrations_wait_for_no_lock() -> None:
    url = "postgresql://me@db.test/site"
    pages, command, migration = (
        str(database_settings(url, work=work)["OPTIONS"]["options"]) for work in Work
    )
    assert "statement_timeout=10s" in pages
    assert "idle_in_transaction_session_timeout=30s" in pages
    assert "statement_timeout=10min" in command
    assert "lock_timeout=5s" in migration
    assert "lock_timeout" not in pages + command


def test_a_process_without_a_desk_opens_the_database_for_reading() -> None:
    url = "postgresql://me@db.test/site"
    assert "default_transaction_read_only=on" in str(database_settings(url, access=Access.READ))
    file = database_settings("sqlite:////srv/site.sqlite3", access=Access.READ)
    # Others write to it, so it is no immutable file; and one that is not there is not made.
    assert file["NAME"] == "file:/srv/site.sqlite3?mode=rw"
    assert "query_only=ON" in file["OPTIONS"]["init_command"]
    assert "journal_mode" not in file["OPTIONS"]["init_command"]


@pytest.mark.parametrize(
    ("variables", "desk"),
    [({}, True), ({"DESK": "false"}, False), ({"ARCHIVE_FROZEN": "true"}, False)],
)
def test_a_frozen_site_has_no_desk_either(variables: dict[str, str], desk: bool) -> None:
    assert Environment.read({**LOCAL, **variables}).has_desk is desk


def test_a_process_without_a_desk_passes_the_checks_of_a_deployment() -> None:
    done = start(
        "manage.py", "check", "--deploy", "--fail-level", "WARNING", **PUBLIC, DESK="false", FORMER_HOSTS=""
    )
    assert done.returncode == 0, done.stderr


def test_postgresql_by_its_socket() -> None:
    settings = database_settings("postgresql:///site?host=/run/postgresql")
    assert settings["NAME"] == "site"
    assert settings["OPTIONS"]["host"] == "/run/postgresql"


# --- the start


def start(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "TMPDIR")
    }
    # Empty rather than missing, so that a developer's own .env does not fill them.
    environment.update(dict.fromkeys((field.name.upper() for field in dataclasses.fields(Environment)), ""))
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT_ROOT,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("manage.py", "check"),
        ("manage.py", "migrate", "--check"),
        ("-c", "import leftbehind_site.wsgi"),
    ],
)
def test_a_bad_environment_stops_the_start_with_a_message_and_no_traceback(
    arguments: tuple[str, ...],
) -> None:
    done = start(*arguments, SITE_URL="http://www.leftbehind.test")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("The site cannot start: 2 settings need attention.")
    assert "Traceback" not in done.stderr


def read_settings(names: list[str], **variables: str) -> dict[str, Any]:
    code = (
        "import json; from leftbehind_site import settings; "
        f"print(json.dumps([getattr(settings, name) for name in {names!r}]))"
    )
    done = start("-c", code, SECRET_KEY=SECRET, **variables)
    assert done.returncode == 0, done.stderr
    return dict(zip(names, json.loads(done.stdout), strict=True))


HTTPS_ONLY = ["SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS"]


def test_a_public_site_enforces_https() -> None:
    settings = read_settings(
        [*HTTPS_ONLY, "CSRF_TRUSTED_ORIGINS", "SECURE_PROXY_SSL_HEADER"], SITE_URL=PUBLIC["SITE_URL"]
    )
    assert all(settings[name] for name in HTTPS_ONLY)
    assert settings["CSRF_TRUSTED_ORIGINS"] == [PUBLIC["SITE_URL"]]
    assert settings["SECURE_PROXY_SSL_HEADER"] is None


def test_a_public_sites_cookies_are_bound_to_its_host() -> None:
    names = ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"]
    assert all(
        name.startswith("__Host-") for name in read_settings(names, SITE_URL=PUBLIC["SITE_URL"]).values()
    )
    assert not any("__Host" in name for name in read_settings(names, SITE_URL=LOCAL["SITE_URL"]).values())


def test_a_local_site_does_not() -> None:
    settings = read_settings([*HTTPS_ONLY, "DEBUG"], SITE_URL=LOCAL["SITE_URL"])
    assert not any(settings.values())


def test_a_front_server_is_believed_only_when_told_so() -> None:
    settings = read_settings(
        ["SECURE_PROXY_SSL_HEADER"], SITE_URL=PUBLIC["SITE_URL"], TRUST_PROXY_HEADERS="true"
    )
    assert settings["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
