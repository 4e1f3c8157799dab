"""The start script of the containers, as it is, without containers, on a PostgreSQL of its own."""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clusters import Cluster, private_cluster
from tests.ports import free_port
from tests.servers import ROOT, process
from tests.waiting import PATIENCE, wait

pytestmark = pytest.mark.once

PASSWORDS = {"DESK_PASSWORD": "of-the-desk-1", "PUBLIC_PASSWORD": "of-the-public-1"}


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "deploy/start.sh", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE,
        check=False,
    )


@dataclass(frozen=True)
class Prepared:
    """A site that has been prepared by the script."""

    cluster: Cluster
    folder: Path
    static: Path
    said: str

    def variables(self, job: str) -> dict[str, str]:
        """The environment of a job's container, at a port of its own."""
        account = {"public": "site_public", "copy": "site_public", "desk": "site_desk"}.get(job)
        password = PASSWORDS["DESK_PASSWORD" if job == "desk" else "PUBLIC_PASSWORD"]
        url = self.cluster.url("site", account, password) if account else self.cluster.url("site")
        return {
            **environment(self.folder, self.static),
            "DATABASE_URL": url,
            "PUBLISHED_ROOT": str(self.folder / f"published-by-{job}"),
            **(PASSWORDS if job == "prepare" else {}),
        }


def environment(folder: Path, static: Path) -> dict[str, str]:
    port = free_port()
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "WORKERS": "1",
        "LOG_LEVEL": "WARNING",
        "STATIC_ROOT": str(static),
        "MEDIA_ROOT": str(folder / "media"),
    }


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, collected: Path) -> Iterator[Prepared]:
    """The script's first job, done; the static files are there, as in the image."""
    folder = tmp_path_factory.mktemp("started")
    with private_cluster() as cluster:
        cluster.execute("CREATE DATABASE site")
        done = run("prepare", **Prepared(cluster, folder, collected, "").variables("prepare"))
        assert done.returncode == 0, done.stdout + done.stderr
        yield Prepared(cluster, folder, collected, done.stdout)


@contextlib.contextmanager
def started(site: Prepared, *arguments: str, **variables: str) -> Iterator[tuple[int, Path]]:
    """A job that goes on; its port and its log. It ends when it is told to."""
    job = arguments[0]
    environment = {**site.variables(job), **variables}
    log = site.folder / f"{job}.log"
    log.write_text("")
    with process(["sh", "deploy/start.sh", *arguments], log, environment=environment):
        yield int(environment["PORT"]), log


def wait_until_well(port: int, log: Path) -> None:
    """As the container asks: by the image's own health check."""
    address = {"PORT": str(port), "SITE_URL": f"http://127.0.0.1:{port}"}
    variables = {**environment(log.parent, log.parent), **address}

    def is_well() -> bool:
        asked = subprocess.run(
            [sys.executable, "deploy/healthcheck.py"],
            cwd=ROOT,
            env=variables,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return asked.returncode == 0

    wait(is_well, "the server is well", log=log, pause=0.2)


def ask(
    port: int, path: str, method: str = "GET", headers: Mapping[str, str] | None = None
) -> tuple[int, str]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request(method, path, headers=dict(headers or {}))
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")


def test_it_brings_the_site_up_to_date(prepared: Prepared) -> None:
    tables = prepared.cluster.execute("SELECT count(*) FROM neighbourhoods_neighbourhood", "site")
    assert tables[0][0] >= 225
    assert prepared.cluster.execute("SELECT count(*) > 10 FROM appg_newsitem", "site") == [(True,)]
    roles = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'site_%' ORDER BY 1"
    assert prepared.cluster.execute(roles) == [("site_desk",), ("site_public",)]
    for password in PASSWORDS.values():
        assert password not in prepared.said


def test_the_public_site_serves_readers_and_nobody_else(prepared: Prepared) -> None:
    with started(prepared, "public") as (port, log):
        wait_until_well(port, log)
        for path in ("/", "/neighbourhoods/", "/news/", "/search/?q=health", "/robots.txt"):
            assert ask(port, path)[0] == 200, path
        assert ask(port, "/admin/login/")[0] == 404
        assert ask(port, "/news/", "POST")[0] == 405
    assert "Traceback" not in log.read_text()


def test_the_desk_serves_editors(prepared: Prepared) -> None:
    with started(prepared, "desk") as (port, log):
        wait_until_well(port, log)
        status, text = ask(port, "/admin/login/")
        assert status == 200
        assert 'name="password"' in text
        assert ask(port, "/news/")[0] == 200
    assert "Traceback" not in log.read_text()


def test_the_copy_is_written_again_and_again(prepared: Prepared, tmp_path: Path) -> None:
    """Here where something else stands, so that it cannot; that is said, and it goes on."""
    (tmp_path / "mine").write_text("not an export")
    said = "The former copy stays; next in 1 s."
    with started(prepared, "copy", str(tmp_path), COPY_EVERY="1") as (_, log):
        wait(lambda: log.read_text().count(said) > 1, "it is tried again", log=log)
    assert "holds something that is no export" in log.read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


# --- what it refuses


@pytest.mark.parametrize("arguments", [(), ("serve",), ("Public",)])
def test_an_unknown_job_is_answered_with_those_that_there_are(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 1
    assert done.stderr.strip() == "Which job? One of: prepare, public, desk, copy, certificate."


@pytest.mark.parametrize("every", ["daily", "0", "-5", "1.5"])
def test_how_often_is_a_number_of_seconds(every: str) -> None:
    done = run("copy", COPY_EVERY=every)
    assert done.returncode == 1
    assert f"COPY_EVERY is '{every}'" in done.stderr


def test_a_frozen_archive_is_not_prepared() -> None:
    done = run("prepare", ARCHIVE_FROZEN="true")
    assert (done.returncode, done.stdout) == (0, "The archive is frozen: nothing is prepared.\n")


def test_a_job_ends_with_the_settings_message(tmp_path: Path) -> None:
    done = run("prepare", **{**environment(tmp_path, tmp_path), "SECRET_KEY": "short"})
    assert done.returncode == 1
    assert "SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_certificate_wants_an_address(tmp_path: Path) -> None:
    done = run("certificate", CERTIFICATES=str(tmp_path))
    assert done.returncode != 0
    assert "set it to the public address" in done.stderr
