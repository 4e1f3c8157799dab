"""Private PostgreSQL clusters, for tests that stop and kill the server, or need its superuser."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from tests.needs import require
from tests.ports import free_port
from tests.waiting import PATIENCE

SUPERUSER = "postgres"


def installed() -> list[Path]:
    """The folders of the programs of the PostgreSQLs on this machine, the newest last."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return [path.parent for path in sorted(found, key=lambda path: int(path.parent.parent.name))]


def programs() -> Path:
    """The folder of the newest PostgreSQL's programs on this machine."""
    found = installed()
    require(found, "Starting a PostgreSQL server: its programs are not on this machine")
    return found[-1]


class Cluster:
    """A server with a folder of its own, at a port of this machine.

    Args:
        folder: Of its data and its log; PostgreSQL's account has to be able to enter it.
    """

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._data = folder / "data"
        self._programs = programs()
        self._before: tuple[str, ...] = ()
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            shutil.chown(folder, SUPERUSER)
            self._before = ("runuser", "-u", SUPERUSER, "--")
        self._run(
            "initdb",
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        # Accounts show their passwords; the superuser is the tests' own way in.
        (self._data / "pg_hba.conf").write_text(
            f"host all {SUPERUSER} 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        )

    def _run(self, program: str, *options: str) -> None:
        done = subprocess.run(
            [*self._before, str(self._programs / program), f"--pgdata={self._data}", *options],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stdout

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = (
            f"-c port={self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder}"
            " -c fsync=off -c shared_buffers=16MB -c max_connections=60"
        )
        log = f"--log={self._folder / 'log'}"
        self._run(
            "pg_ctl", "start", "--silent", "--wait", f"--timeout={PATIENCE}", log, f"--options={settings}"
        )

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: ``fast`` ends every session, ``immediate`` does not even tidy up."""
        self._run("pg_ctl", "stop", "--silent", "--wait", f"--timeout={PATIENCE}", f"--mode={mode}")

    def kill(self) -> None:
        """Kill the server and every process of it, as a machine that runs out of memory does."""
        first = int((self._data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in (first, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        # Its shared memory is free again when the last of them has gone.
        began = time.monotonic()
        while any(Path(f"/proc/{process}/exe").exists() for process in (first, *children)):
            assert time.monotonic() - began < PATIENCE
            time.sleep(0.05)

    @property
    def runs(self) -> bool:
        """Whether a process of the server is there."""
        return (self._data / "postmaster.pid").exists()

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str = "") -> str:
        """The address of a database for an account."""
        secret = f":{quote(password, safe='')}" if password else ""
        return f"postgresql://{user}{secret}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: sql.Composed | str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement as the superuser."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(
                statement if isinstance(statement, sql.Composed) else statement.encode()
            )
            return cursor.fetchall() if cursor.description else []


@contextlib.contextmanager
def private_cluster() -> Iterator[Cluster]:
    """A server that runs, and is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="cluster."))
    try:
        cluster = Cluster(folder)
        try:
            cluster.start()
            yield cluster
        finally:
            if cluster.runs:
                with contextlib.suppress(AssertionError):
                    cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def private_database() -> Iterator[str]:
    """The address of an empty database on such a server, for a role that may make more of them."""
    with private_cluster() as cluster:
        cluster.execute("CREATE ROLE site LOGIN CREATEDB PASSWORD 'site'")
        cluster.execute("CREATE DATABASE site OWNER site")
        yield cluster.url("site", "site", "site")
