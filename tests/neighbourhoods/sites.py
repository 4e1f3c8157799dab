"""Databases of their own for tests that run the site's commands as processes.

On SQLite a file, on PostgreSQL a database beside the one of the test run; either way of the same kind as the
run's own, and driven by the site's own settings.
"""

from __future__ import annotations

import contextlib
import os
import pty
import select
import shutil
import sqlite3
import subprocess
import sys
import termios
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.db import connection

from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class SiteDatabase:
    """A database that only child processes connect to.

    Attributes:
        url: Its address, as ``DATABASE_URL`` takes it.
    """

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """The environment that makes a child use it."""
        return {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": self.url}

    def start(self, *command: object, **options: Any) -> subprocess.Popen[str]:
        """Start Python with some arguments."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
        return subprocess.Popen(
            [sys.executable, *map(str, command)],
            cwd=ROOT,
            env=self.environment,
            text=True,
            **{**pipes, **options},
        )

    def run(self, *command: object, patience: float = PATIENCE) -> subprocess.CompletedProcess[str]:
        """Run Python with some arguments to its end, or kill it after so many seconds."""
        with self.start(*command) as child:
            try:
                out, err = child.communicate(timeout=patience)
            finally:
                child.kill()
        return subprocess.CompletedProcess(child.args, child.returncode, out, err)

    def manage(self, *arguments: object, patience: float = PATIENCE) -> subprocess.CompletedProcess[str]:
        """Run a management command to its end."""
        return self.run("manage.py", *arguments, patience=patience)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """What the database answers to somebody who only reads."""
        if self.url.startswith("sqlite"):
            with contextlib.closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as database:
                return database.execute(statement).fetchall()
        with psycopg.connect(self.url) as server:
            return server.execute(statement.encode()).fetchall()

    def drop(self, table: str) -> None:
        """Take a table away, as a fault."""
        if self.url.startswith("sqlite"):
            with contextlib.closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as database:
                database.execute(f"DROP TABLE {table}")
            return
        with psycopg.connect(self.url, autocommit=True) as server:
            server.execute(f"DROP TABLE {table} CASCADE".encode())


@contextlib.contextmanager
def site_database(folder: Path, like: SiteDatabase | None = None) -> Iterator[SiteDatabase]:
    """A new database of the kind the tests run on, empty or a copy of another."""
    if connection.vendor == "sqlite":
        file = folder / "site.sqlite3"
        if like is not None:
            shutil.copy(like.url.removeprefix("sqlite:///"), file)
        yield SiteDatabase(f"sqlite:///{file}")
        return
    parts = urlsplit(os.environ["DATABASE_URL"])
    name = f"site_{os.getpid()}_{folder.name.replace('-', '_')}"[-60:]
    template = f' TEMPLATE "{urlsplit(like.url).path[1:]}"' if like else ""
    with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"{template}'.encode())
        try:
            yield SiteDatabase(parts._replace(path=f"/{name}").geturl())
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def on_a_terminal(site: SiteDatabase, *arguments: object) -> str:
    """What a person at a terminal sees of a command, which is killed if it says nothing for long."""
    watched, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (40, 100))
    seen = b""
    with (
        os.fdopen(watched, "rb", buffering=0),
        site.start("manage.py", *arguments, stdout=terminal, stderr=terminal) as child,
    ):
        os.close(terminal)
        try:
            # At the end, reading from the other side of a terminal is an error, not an end.
            with contextlib.suppress(OSError):
                while select.select([watched], [], [], PATIENCE)[0] and (part := os.read(watched, 4096)):
                    seen += part
            assert child.wait(timeout=PATIENCE) == 0, seen
        finally:
            child.kill()
    return seen.decode()


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """What a command that had to fail said, without a traceback."""
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    return done.stderr


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    """What a command that had to succeed said."""
    assert done.returncode == 0, done
    return done.stdout


def script(text: str, *values: object) -> Sequence[str]:
    """A child that starts Django and then does what the text says, with ``sys.argv[1:]`` as its values."""
    return ["-c", f"import django, sys, time\ndjango.setup()\n{text}", *map(str, values)]
