"""Whole sites, each with a database and a folder of its own, for back-ups to go between."""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from leftbehind_site.backup import contents
from leftbehind_site.backup.archive import Archive, Manifest
from tests.neighbourhoods.sites import SiteDatabase, script

KINDS = ("sqlite", "postgresql")

PREPARED = """
from pathlib import Path
from django.conf import settings
from django.test.utils import override_settings
folder = Path(sys.argv.pop(1))
override_settings(MEDIA_ROOT=folder / "media", PUBLISHED_ROOT=folder / "published").enable()
"""

MANAGE = """
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""

PAGES = """
import hashlib, json
most, whole_pages = map(int, sys.argv[-2:])
from urllib.parse import urlsplit
from django.test import Client
from leftbehind_site.enumeration import addresses
from leftbehind_site.generation import Generation
client = Client(headers={"host": urlsplit(settings.SITE_URL).netloc})
listed, found = {}, {}
for one in addresses():
    listed.setdefault(one.kind, []).append(one)
for kind, those in listed.items():
    for one in those[:: max(1, len(those) // (whole_pages if kind == "page" else most))]:
        answer = client.get(one.path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        found[one.path] = [answer.status_code, answer.get("Location"), hashlib.sha256(body).hexdigest()]
        answer.close()
print(json.dumps({"pages": found, "generation": Generation().token()}))
"""


@dataclass(frozen=True)
class Site:
    """A site of its own: a database and a folder."""

    database: SiteDatabase
    folder: Path

    def run(self, text: str, *values: object) -> subprocess.CompletedProcess[str]:
        """Run a piece of a program in it, to its end."""
        return self.database.run(*script(PREPARED + text, self.folder, *values), patience=3600)

    def manage(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return self.run(MANAGE, *arguments)

    @property
    def manifest(self) -> Manifest:
        """What its latest back-up says of itself."""
        with Archive(self.folder / "site.zip") as archive:
            return archive.manifest

    def state(self) -> dict[str, list[str]]:
        """Every row that a back-up would hold; every file that a row names is there, as it should be."""
        for name, digest in self.database.ask("SELECT file, sha256 FROM appg_upload"):
            assert hashlib.sha256((self.folder / "media" / name).read_bytes()).hexdigest() == digest
        tables = [model._meta.db_table for model in contents.tables().values()]
        return {
            table: sorted(
                repr([_plain(value) for value in row])
                for row in self.database.ask(f'SELECT * FROM "{table}"')
            )
            for table in tables
        }


def _plain(value: Any) -> Any:
    """A value, the keys of JSON in order: PostgreSQL does not keep the one they were given in."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        with contextlib.suppress(ValueError):
            return json.dumps(json.loads(value), sort_keys=True)
    return value


@dataclass
class Sites:
    """Makes sites, empty or as copies of others."""

    folder: Path
    start_server: Callable[[], str]
    """Gives the address of a database on a PostgreSQL server, whose role may make more."""

    def __post_init__(self) -> None:
        self._made: list[str] = []

    @cached_property
    def server(self) -> str:
        """The server, started when it is needed."""
        return self.start_server()

    def new(self, kind: str, like: Site | None = None) -> Site:
        name = f"backup_{secrets.token_hex(6)}"
        folder = self.folder / name
        folder.mkdir()
        if like:
            shutil.copytree(like.folder / "media", folder / "media")
        if kind == "sqlite":
            file = folder / "site.sqlite3"
            if like:
                shutil.copy(like.database.url.removeprefix("sqlite:///"), file)
            return Site(SiteDatabase(f"sqlite:///{file}"), folder)
        template = f' TEMPLATE "{urlsplit(like.database.url).path[1:]}"' if like else ""
        self._ask(f'CREATE DATABASE "{name}"{template}')
        self._made.append(name)
        return Site(SiteDatabase(urlsplit(self.server)._replace(path=f"/{name}").geturl()), folder)

    def _ask(self, statement: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as server:
            server.execute(statement.encode())

    def remove(self) -> None:
        for name in self._made:
            self._ask(f'DROP DATABASE "{name}" WITH (FORCE)')
