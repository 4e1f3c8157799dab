"""Loading the shipped dataset, and building and loading from the published files, against the floor.

Runs on SQLite always, and on PostgreSQL too when DATABASE_URL names one: each run gets a database of its own
beside it, made from a template that holds the empty tables.
"""

from __future__ import annotations

import os
import pickle
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.types.json import Json

from tests.bench.measure import Cost, median, run, table

RUNS = 3
DATA = Path(__file__).resolve().parents[2] / "neighbourhoods" / "data"
SETTINGS = {"SECRET_KEY": secrets.token_urlsafe(64), "SITE_URL": "http://127.0.0.1:8000", "DEBUG": "false"}
LOADED_TABLES = (
    "neighbourhoods_release",
    "neighbourhoods_releasefile",
    "neighbourhoods_region",
    "neighbourhoods_localauthority",
    "neighbourhoods_constituency",
    "neighbourhoods_neighbourhood",
    "neighbourhoods_constituencyshare",
    "neighbourhoods_postcode",
    "neighbourhoods_boundary",
    "neighbourhoods_figure",
    "neighbourhoods_reference",
    "neighbourhoods_similarprofile",
    "neighbourhoods_wardoutcome",
)


@dataclass(frozen=True, slots=True)
class Scratch:
    """A way to make databases that hold the empty tables, one per run.

    Attributes:
        name: What the kind of database is called in the table.
        folder: Where SQLite databases are made.
        postgresql: Address of a PostgreSQL database whose server makes them instead.
    """

    name: str
    folder: Path
    postgresql: str = ""

    @contextmanager
    def fresh(self, template: str = "") -> Iterator[str]:
        """The address of a new database, a copy of a template if one is named; it is removed afterwards."""
        name = f"bench_{secrets.token_hex(4)}"
        if not self.postgresql:
            path = self.folder / f"{name}.sqlite3"
            if template:
                shutil.copy(template.removeprefix("sqlite:///"), path)
            yield f"sqlite:///{path}"
            return
        parts = urlsplit(self.postgresql)
        with psycopg.connect(self.postgresql, autocommit=True) as connection:
            source = sql.Identifier(urlsplit(template).path[1:] or "template1")
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), source))
            try:
                yield urlunsplit(parts._replace(path=f"/{name}"))
            finally:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def report() -> str:
    """Measure, and say what was measured."""
    published = Path(os.environ.get("PUBLISHED_FILES") or "absent")
    address = os.environ.get("DATABASE_URL", "")
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        kinds = [Scratch("SQLite", Path(folder))]
        if address.startswith("postgres"):
            kinds.append(Scratch("PostgreSQL", Path(folder), address))
        for scratch in kinds:
            lines += _rows(scratch, published)
    told = table(
        f"Loading (median of {RUNS} runs; the floor starts Python and pandas, reads the same files,"
        " stores the same rows)",
        ("", "seconds", "floor", "ratio", "MiB", "floor MiB"),
        lines,
    )
    if not published.is_dir():
        told += "\nNot measured: building from the published files (PUBLISHED_FILES names no folder)."
    if len(kinds) == 1:
        told += "\nNot measured: PostgreSQL (DATABASE_URL does not name one)."
    return told


def _rows(scratch: Scratch, published: Path) -> list[tuple[str, ...]]:
    """One line per way of loading."""
    found: list[tuple[str, ...]] = []
    with scratch.fresh() as template:
        run(["manage.py", "migrate", "--verbosity", "0"], _environment(template))
        _settle(template)
        with scratch.fresh(template) as loaded:
            run(["manage.py", "load_neighbourhoods"], _environment(loaded))
            rows = _dump(loaded, scratch.folder)
        ways: list[tuple[str, list[str], list[Path]]] = [("shipped dataset", [], sorted(DATA.iterdir()))]
        if published.is_dir():
            files = [path for path in sorted(published.iterdir()) if path.is_file()]
            ways.append(("published files", ["--from", str(published)], files))
        for name, options, files in ways:
            ours = _cost(scratch, template, ["manage.py", "load_neighbourhoods", *options])
            least = _cost(scratch, template, ["-m", "tests.bench.floor", str(rows), *map(str, files)])
            found.append(
                (
                    f"{scratch.name}, {name}",
                    f"{ours.seconds:.2f}",
                    f"{least.seconds:.2f}",
                    f"{ours.seconds / least.seconds:.2f}",
                    f"{ours.mebibytes:.0f}",
                    f"{least.mebibytes:.0f}",
                )
            )
    return found


def _cost(scratch: Scratch, template: str, command: list[str]) -> Cost:
    def once() -> Cost:
        with scratch.fresh(template) as address:
            return run(command, _environment(address))

    return median(RUNS, once)


def _environment(address: str) -> dict[str, str]:
    return {**SETTINGS, "DATABASE_URL": address}


def _settle(address: str) -> None:
    """Bring an SQLite database into one file, so that it can be copied."""
    if address.startswith("sqlite"):
        connection = sqlite3.connect(address.removeprefix("sqlite:///"))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()


def _dump(address: str, folder: Path) -> Path:
    """The rows that a load stored, as the floor will store them."""
    tables = []
    connection: sqlite3.Connection | psycopg.Connection[tuple[object, ...]]
    if address.startswith("sqlite"):
        connection = sqlite3.connect(address.removeprefix("sqlite:///"))
    else:
        connection = psycopg.connect(address)
    for name in LOADED_TABLES:
        cursor = connection.execute(f"SELECT * FROM {name}")  # type: ignore[call-overload, unused-ignore]
        rows = [tuple(_plain(value) for value in row) for row in cursor.fetchall()]
        tables.append((name, [column[0] for column in cursor.description or ()], rows))
    connection.close()
    path = folder / f"{secrets.token_hex(4)}.pickle"
    path.write_bytes(pickle.dumps(tables))
    return path


def _plain(value: object) -> object:
    """A JSON value as the text that COPY takes."""
    return Json(value) if isinstance(value, dict | list) else value
