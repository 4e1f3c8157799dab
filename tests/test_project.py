"""The project as a newcomer and an operator meet it: commands, lock files, image, a fresh clone."""

from __future__ import annotations

import contextlib
import http.client
import importlib.metadata
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pytest_django.live_server_helper import LiveServer

from deploy import lock, tracked
from tests.conftest import HtmlChecker
from tests.needs import require
from tests.neighbourhoods.factory import bare_release
from tests.ports import free_port, silent_port
from tests.servers import SECRET
from tests.waiting import PATIENCE

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-replay.txt")


# --- the commands


def makefile_targets() -> set[str]:
    """The targets a person may ask for."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):(?!=)", text, re.MULTILINE))


def run_make(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_help_names_every_command() -> None:
    done = run_make("help")
    assert done.returncode == 0
    assert set(re.findall(r"^  make ([a-z]+) +\S", done.stdout, re.MULTILINE)) == makefile_targets()


def test_help_is_what_make_says_by_default() -> None:
    assert run_make().stdout == run_make("help").stdout


def test_every_command_is_phony() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == makefile_targets()


def test_the_promised_commands_are_there() -> None:
    assert {
        "run",
        "test",
        "check",
        "fix",
        "bench",
        "dataset",
        "dev",
        "lock",
        "editor",
        "help",
    } <= makefile_targets()


def test_building_the_dataset_asks_for_the_folder() -> None:
    # `--dry-run` would not run the question; `--assume-old` keeps everything else from being made.
    venv = [f"--assume-old={name}" for name in (".venv/.runtime", ".env", "requirements.txt")]
    done = run_make(*venv, "dataset", PUBLISHED_FILES="", MAKEFLAGS="")
    assert done.returncode == 2
    assert "make dataset PUBLISHED_FILES=<folder>" in done.stderr


# --- the lock files


def test_the_lock_files_belong_to_pyproject() -> None:
    assert lock.problems() == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_an_exact_version_and_hashes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert lines
    for line in lines:
        assert re.match(r"[a-z0-9.\-]+(\[[a-z0-9, \-]+\])?==[^ ]+ .*--hash=sha256:[0-9a-f]{64}", line), line


def test_a_pin_keeps_the_extras_that_other_packages_ask_for() -> None:
    # pip takes a newer release for an extra that the pin does not name, and then refuses it: it has no hash.
    text = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    pinned = [
        Requirement(line.partition(" \\")[0]) for line in text.splitlines() if re.match(r"[a-z0-9].*==", line)
    ]
    extras = {canonicalize_name(one.name): one.extras for one in pinned}
    asked = [
        wanted
        for one in pinned
        if one.marker is None or one.marker.evaluate()
        for wanted in map(Requirement, importlib.metadata.requires(one.name) or ())
        if wanted.extras and (wanted.marker is None or wanted.marker.evaluate({"extra": ""}))
    ]
    assert "coverage" in {wanted.name for wanted in asked}
    assert [
        str(wanted) for wanted in asked if not wanted.extras <= extras[canonicalize_name(wanted.name)]
    ] == []


@pytest.mark.parametrize("name", [*LOCKS, "package-lock.json"])
def test_no_lock_file_holds_an_address(name: str) -> None:
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


def test_what_npm_installs_is_exact_and_hashed() -> None:
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    packages = {name: package for name, package in locked["packages"].items() if name}
    assert {
        name.removeprefix("node_modules/"): package["version"] for name, package in packages.items()
    } == wanted
    for package in packages.values():
        assert package["integrity"].startswith("sha512-")


def test_every_dependency_says_why_it_is_there() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    wanted = re.compile(r'^    "[a-z]')
    start, end = lines.index("dependencies = ["), lines.index("[tool.uv]")
    named = [number for number in range(start, end) if wanted.match(lines[number])]
    assert len(named) > 20
    for number in named:
        assert lines[number - 1].startswith("    # "), lines[number]


@pytest.fixture
def copied_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("pyproject.toml", *LOCKS):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.setattr(lock, "ROOT", tmp_path)
    monkeypatch.setattr(lock, "RUNTIME", tmp_path / "requirements.txt")
    monkeypatch.setattr(lock, "DEVELOPMENT", tmp_path / "requirements-dev.txt")
    monkeypatch.setattr(lock, "REPLAY", tmp_path / "requirements-replay.txt")
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_new_dependency_asks_for_new_lock_files(
    copied_locks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(copied_locks / "pyproject.toml", '    "tqdm>=4.67",', '    "tqdm>=4.67",\n    "sqlglot",')
    assert lock.main(["--check"]) == 1
    said = capsys.readouterr().err
    assert "requirements.txt was not made from the dependencies in pyproject.toml" in said
    assert "requirements.txt does not lock sqlglot" in said
    assert "Run `make lock`" in said


def test_a_version_that_is_not_allowed_is_noticed(copied_locks: Path) -> None:
    change(copied_locks / "pyproject.toml", '"tqdm>=4.67"', '"tqdm>=4.67,<4.68"')
    assert any(
        re.match(r"requirements\.txt locks tqdm .*, but pyproject\.toml says", line)
        for line in lock.problems()
    )


def test_two_versions_of_one_package_are_noticed(copied_locks: Path) -> None:
    path = copied_locks / "requirements-dev.txt"
    path.write_text(
        re.sub(r"^tqdm==\S+", "tqdm==4.99.0", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    assert lock.problems() == ["tqdm has another version in requirements-dev.txt than in requirements.txt"]


# --- what is tracked


def test_no_tracked_file_names_a_registry_or_one_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert tracked.main() == 0, capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://py" + "pi.org/simple",
        '"resolved": "https://registry.npm' + 'js.org/x"',
        "see /wo" + "rk/main for more",
        'path = "/ro' + 'ot/.cache"',
        "/ho" + "me/me/file",
    ],
)
def test_such_a_line_would_be_noticed(line: str) -> None:
    assert [number for number, _ in tracked.problems(f"first\n{line}\nlast")] == [2]


@pytest.mark.parametrize(
    "line", ["a framework/work/x", "https://example.org/home/x", "{root}/ro" + "ot/x", "<a href='../home/x'>"]
)
def test_an_innocent_line_is_not(line: str) -> None:
    assert tracked.problems(line) == []


# --- the server


def serve(**variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "deploy/serve.py", "--check"],
        cwd=ROOT,
        env={**os.environ, "HOST": "127.0.0.1", "PORT": str(free_port()), **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_the_server_starts_when_nothing_is_in_its_way() -> None:
    done = serve()
    assert (done.returncode, done.stderr) == (0, "")


def test_the_server_says_the_settings_message_once() -> None:
    done = serve(SITE_URL="http://www.leftbehind.test")
    assert done.returncode == 1
    assert done.stderr.count("The site cannot start") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("port", ["web", "0", "70000", "80.5"])
def test_the_server_wants_a_port(port: str) -> None:
    done = serve(PORT=port)
    assert done.returncode == 1
    assert done.stderr.strip() == f"PORT is {port!r}: it has to be a number from 1 to 65535."


@pytest.mark.parametrize("number", ["many", "0", "-1", "1.5"])
def test_the_server_wants_a_number_of_workers(number: str) -> None:
    done = serve(WORKERS=number)
    assert done.returncode == 1
    assert done.stderr.strip() == f"WORKERS is {number!r}: it has to be a number, 1 or more."


def test_the_server_says_when_its_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = serve(PORT=str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "Try another port" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_health_check_asks_by_the_host_that_is_in_the_file(tmp_path: Path) -> None:
    for name in ("deploy/healthcheck.py", "leftbehind_site/__init__.py", "leftbehind_site/environment.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    settings = f"SITE_URL=https://www.leftbehind.test\nSECRET_KEY={SECRET}\n"
    (tmp_path / ".env").write_text(settings)
    asked: list[str] = []

    class Asked(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["Host"])
            self.send_error(400)

        def log_message(self, *_arguments: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Asked) as server:
        server.timeout = 60
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        done = subprocess.run(
            [sys.executable, "deploy/healthcheck.py"],
            cwd=tmp_path,
            env={"PORT": str(server.server_port)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        thread.join()
    assert (done.returncode, done.stderr) == (1, "")
    assert asked == ["www.leftbehind.test"]


def test_a_container_knows_whether_its_site_is_well(live_server: LiveServer) -> None:
    def ask(port: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "deploy/healthcheck.py"],
            cwd=ROOT,
            env={**os.environ, "PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    port = int(live_server.url.rsplit(":", 1)[1])
    # Nothing has been loaded here.
    ill = ask(port)
    assert ill.returncode == 1
    assert '"status": "failing"' in ill.stdout
    bare_release()
    assert ask(port).returncode == 0
    with silent_port() as silent:
        gone = ask(silent)
    assert gone.returncode == 1
    assert "no answer" in gone.stdout


# --- the HTML checker, which other tests rely on


def test_the_html_checker_finds_a_mistake_and_lets_good_documents_pass(html_checker: HtmlChecker) -> None:
    good = '<!doctype html><html lang="en-GB"><title>A page</title><main><h1>A page</h1></main></html>'
    bad = good.replace("<h1>", "<h1><div>")
    assert html_checker({"good": good}) == []
    messages = html_checker({"good": good, "bad": bad})
    assert messages
    assert {message.document for message in messages} == {"bad"}
    assert "error" in {message.severity for message in messages}


# --- a fresh clone


def status(port: int, path: str) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


@contextlib.contextmanager
def served(clone: Path, port: int, log: Path, patience: float, stop: signal.Signals) -> Iterator[float]:
    """Run `make run` until it answers, yield how long that took, and stop it by a signal."""
    # A newcomer's environment: this run's own settings, and its coverage measurement, are not theirs.
    ours = re.compile(
        r"^(SECRET_KEY|SITE_URL|DEBUG|DATABASE_URL|ALLOWED_HOSTS|TRUST_PROXY_HEADERS|STATIC_ROOT|LOG_LEVEL|LOG_FORMAT"
        r"|PORT|PUBLISHED_FILES|VIRTUAL_ENV|MAKE.*|MFLAGS|DJANGO_.*|PYTHON.*|PYTEST_.*|COV.*)$"
    )
    environment = {name: value for name, value in os.environ.items() if not ours.match(name)}
    begun = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(
            ["make", "run", f"PORT={port}"],
            cwd=clone,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while status(port, "/healthz") != 200:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() - begun < patience, log.read_text()
                time.sleep(0.1)
            yield time.monotonic() - begun
            os.killpg(process.pid, stop)
            process.wait(timeout=PATIENCE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert "Traceback" not in log.read_text()
    assert "refused to gracefully stop" not in log.read_text()
    assert status(port, "/healthz") is None


def content(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in a database, table by table."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {name: connection.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall() for name in tables}


@pytest.mark.fresh_clone
def test_two_commands_from_a_fresh_clone(tmp_path: Path) -> None:
    require(
        shutil.which("git") and (ROOT / ".git").exists(),
        "Setting up from a fresh clone: this is no git clone",
    )
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    port, log = free_port(), tmp_path / "log"

    with served(clone, port, log, patience=600, stop=signal.SIGINT) as first:
        for path in ("/", "/neighbourhoods/", "/robots.txt", "/sitemap.xml"):
            assert status(port, path) == 200, path
        assert status(port, "/nothing-here/") == 404
    said = log.read_text()
    assert f"The site is at http://127.0.0.1:{port}/" in said
    assert "make editor" in said
    assert (clone / ".env").stat().st_mode & 0o077 == 0

    secret, before = (clone / ".env").read_bytes(), content(clone / "var" / "site.sqlite3")
    assert before["neighbourhoods_neighbourhood"]

    # Another port than the one .env was written for.
    port = free_port()
    with served(clone, port, log, patience=120, stop=signal.SIGTERM) as second:
        assert status(port, "/neighbourhoods/") == 200
    # Nothing is installed again. The bound is generous: it tells a start from a set-up, not fast from slow.
    assert "Installing" not in log.read_text()
    assert second < max(first, 20)
    assert (clone / ".env").read_bytes() == secret
    assert content(clone / "var" / "site.sqlite3") == before
    changed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=clone, check=True, capture_output=True, text=True
    )
    assert changed.stdout == ""


def test_pytest_is_as_strict_as_the_project_says() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert options["pytest"]["ini_options"]["filterwarnings"][0] == "error"
    assert options["coverage"]["report"]["fail_under"] >= 95
    assert options["coverage"]["run"]["branch"] is True
    assert options["mypy"]["strict"] is True


def test_no_test_reaches_another_machine() -> None:
    with pytest.raises(RuntimeError, match="tried to use"), pytest.warns(UserWarning, match="tried to use"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
