"""What /healthz says when all is well, and when each part fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext

from neighbourhoods.models import Release
from tests.neighbourhoods.factory import bare_release
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


def ask(client: Client) -> tuple[int, dict[str, Any]]:
    response = client.get("/healthz")
    assert "no-store" in response["Cache-Control"]
    return response.status_code, response.json()


@pytest.fixture
def release(db: None) -> Release:  # noqa: ARG001 - the database
    return bare_release()


@pytest.mark.usefixtures("release")
def test_all_is_well(client: Client) -> None:
    assert ask(client) == (
        200,
        {"status": "ok", "parts": {"database": "ok", "migrations": "ok", "release": "ok"}},
    )


@pytest.mark.django_db
def test_no_release(client: Client) -> None:
    status, answer = ask(client)
    assert status == 503
    assert answer["status"] == "failing"
    assert answer["parts"]["migrations"] == "ok"
    assert "load_neighbourhoods" in answer["parts"]["release"]


@pytest.mark.usefixtures("release")
def test_migrations_that_were_not_applied(client: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="neighbourhoods").delete()
    status, answer = ask(client)
    assert status == 503
    assert "manage.py migrate" in answer["parts"]["migrations"]
    # What depends on them is not asked.
    assert "release" not in answer["parts"]


@pytest.mark.django_db
def test_the_database_is_gone(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise OperationalError("connection to server at db.secret.test failed")

    monkeypatch.setattr(connection, "cursor", refuse)
    status, answer = ask(client)
    assert status == 503
    assert answer["parts"] == {"database": "cannot be asked: see the log"}
    # The public answer does not tell where the database is; the log does.
    assert "db.secret.test" in caplog.text


@pytest.mark.usefixtures("release")
def test_it_sets_no_cookie_and_only_reads(client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/healthz")
    assert not response.cookies
    assert all(query["sql"].lstrip().startswith("SELECT") for query in queries)
    assert client.head("/healthz").status_code == 200
    assert client.post("/healthz").status_code == 405


@pytest.mark.parametrize(
    "database_url",
    [
        # A folder is no database file.
        f"sqlite:///{ROOT / 'tests'}",
        # Nobody listens on the discard port.
        "postgresql://site:hunter22@127.0.0.1:9/site",
    ],
)
def test_a_process_whose_database_is_not_there_still_answers(database_url: str) -> None:
    code = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "response = Client().get('/healthz', headers={'host': 'leftbehind.test'})\n"
        "print(response.status_code, response.text)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert done.stdout.startswith("503 ")
    assert "cannot be asked" in done.stdout
    assert "hunter22" not in done.stdout + done.stderr
