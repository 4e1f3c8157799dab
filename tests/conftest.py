"""Fixtures for every test, and the list of what a run left out."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, BrowserContext, Playwright, expect

from tests.needs import require
from tests.servers import Server, site_environment

ROOT = Path(__file__).resolve().parent.parent

CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """Where the machine's own Chromium is, if it has one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


BROWSERS_PATIENCE = 60_000
"""Milliseconds that a page may take for anything on a slow, loaded machine."""


# How long an example takes says more of the machine than of the site.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line each what was not run, with the number of tests behind it."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple)
    )
    if reasons:
        terminalreporter.section("not run")
        for reason, count in sorted(reasons.items()):
            terminalreporter.line(f"{count} {'test' if count == 1 else 'tests'}: {reason}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run tests that empty the database last, whatever else has put the tests in order.

    They take along what the migrations wrote, which the other tests rely on.
    """

    def empties(item: pytest.Item) -> bool:
        marker = item.get_closest_marker("django_db")
        return marker is not None and bool(marker.kwargs.get("transaction"))

    items.sort(key=empties)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,  # noqa: ARG001
    django_db_modify_db_settings: None,  # noqa: ARG001
    django_db_blocker: Any,
) -> Iterator[None]:
    """The test database, whichever tests run.

    The plugin's own fixture makes none when no test of a run is marked as needing it. Tests that share what a
    fixture of their module has loaded are not marked.
    """
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default": None})
    yield
    connections.close_all()
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def published_files() -> Path:
    """The folder of the publishers' own files, which are not part of the repository."""
    folder = os.environ.get("PUBLISHED_FILES", "")
    require(folder, "Reading the published files: PUBLISHED_FILES does not name their folder")
    path = Path(folder) if Path(folder).is_absolute() else ROOT / folder
    require(path.is_dir(), f"Reading the published files: PUBLISHED_FILES names {folder}, which is no folder")
    return path.resolve()


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static files as they are served, collected once for all processes of a run: it takes its time."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "static"
    with (shared / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            collecting = shared / "static.new"
            environment = site_environment(shared, f"sqlite:///{shared / 'none.sqlite3'}", static=collecting)
            Server(environment, shared / "log").manage("collectstatic", "--no-input", "--verbosity", "0")
            collecting.rename(folder)
    return folder


@pytest.fixture(scope="module")
def shipped(django_db_setup: None, django_db_blocker: Any) -> Iterator[Client]:  # noqa: ARG001
    """A reader of the site with the shipped directory and record, loaded once for all tests of a module."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_neighbourhoods", verbosity=0)
        call_command("load_appg_content", verbosity=0)
        yield Client()
        transaction.set_rollback(True)


# --- the browser


@pytest.fixture(scope="session")
def base_url() -> None:
    """Take the place of Playwright's own fixture, whose form pytest warns of; tests write whole addresses."""


@pytest.fixture(scope="session")
def playwright(playwright: Playwright) -> Iterator[Playwright]:
    """The browsers' driver, which leaves no connection behind.

    While its loop runs in this thread, Django has other connections than before and after it, which could not
    be closed any more, nor the test database be dropped.
    """
    expect.set_options(timeout=BROWSERS_PATIENCE)
    yield playwright
    connections.close_all()


@pytest.fixture(scope="session")
def browser(browser: Browser) -> Browser:
    """The browser, whose pages are waited for with patience, whoever opens them."""

    def be_patient(context: BrowserContext) -> None:
        context.set_default_timeout(BROWSERS_PATIENCE)

    browser.on("context", be_patient)
    return browser


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the machine's own Chromium, kept from calling home."""
    program = chromium()
    require(program, "Driving a browser: no Chromium on this machine")
    return {**browser_type_launch_args, "executable_path": program, "args": CHROMIUM_ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Visit from the place the site is made for."""
    return {**browser_context_args, "locale": "en-GB", "timezone_id": "Europe/London"}


# --- the HTML checker


@dataclass(frozen=True, slots=True)
class HtmlMessage:
    """One thing the Nu HTML checker has to say about a document."""

    document: str
    line: int
    severity: str
    """`error`, `warning` or `info`."""
    text: str
    extract: str

    def __str__(self) -> str:
        """Read like a compiler's message."""
        return f"{self.document}:{self.line}: {self.severity}: {self.text}\n    {self.extract.strip()}"


HtmlChecker = Callable[[Mapping[str, str]], list[HtmlMessage]]


@pytest.fixture(scope="session")
def html_checker(tmp_path_factory: pytest.TempPathFactory) -> HtmlChecker:
    """A function that takes documents by name and returns what the Nu HTML checker says about them.

    Give it many documents at once: starting the checker takes longer than checking a page.
    """
    jar = ROOT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    java = shutil.which("java")
    require(java, "Checking HTML: no Java on this machine for the Nu HTML checker")
    require(
        jar.is_file(), "Checking HTML: the Nu HTML checker is not installed (`make test` does it with npm)"
    )

    def check(documents: Mapping[str, str]) -> list[HtmlMessage]:
        folder = tmp_path_factory.mktemp("html")
        names: dict[str, str] = {}
        for number, (name, text) in enumerate(documents.items()):
            file = folder / f"{number}.html"
            file.write_text(text, encoding="utf-8")
            names[file.name] = name
        command = [str(java), "-jar", str(jar), "--format", "json", "--exit-zero-always", str(folder)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
        return [
            HtmlMessage(
                document=names.get(Path(message.get("url", "")).name, message.get("url", "")),
                line=message.get("lastLine", 0),
                severity=message.get("subType", message["type"]),
                text=message["message"],
                extract=message.get("extract", ""),
            )
            for message in json.loads(done.stderr)["messages"]
        ]

    return check
