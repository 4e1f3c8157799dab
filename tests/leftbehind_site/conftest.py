"""What the tests of the whole site share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.clusters import Cluster, private_cluster
from tests.neighbourhoods.sites import SiteDatabase, site_database, succeeded
from tests.servers import ROOT, Server, site_environment
from tests.waiting import PATIENCE


@pytest.fixture(autouse=True)
def one_connection(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is finished in a test stays in its transaction, as one that a client asks for.

    A live server has connections of its own, and has to give them back.
    """
    if "live_server" not in request.fixturenames:
        monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", lambda _connection: None)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of times that something is compressed from here on."""
    times = [0]
    compress = brotli.compress

    def count(*arguments: Any, **options: Any) -> bytes:
        times[0] += 1
        return compress(*arguments, **options)

    monkeypatch.setattr(brotli, "compress", count)
    return times


# --- a server with nothing to show, to be broken


@pytest.fixture
def empty_site(tmp_path: Path) -> Iterator[SiteDatabase]:
    """A database of its own with nothing but its tables, in a folder of its own."""
    (tmp_path / "data").mkdir()
    with site_database(tmp_path / "data") as site:
        succeeded(site.manage("migrate", "--verbosity", 0))
        yield site


@pytest.fixture
def talkative(empty_site: SiteDatabase, collected: Path, tmp_path: Path) -> Server:
    """Its server, to be started, which writes all that it can into the log."""
    environment = site_environment(
        tmp_path,
        empty_site.url,
        static=collected,
        published=False,
        LOG_LEVEL="DEBUG",
        ACCESS_LOG="true",
        WORKERS="1",
    )
    return Server(environment, tmp_path / "server.log", faulty=True)


# --- a server of PostgreSQL, whichever database the tests run on

OWNER_PASSWORD, DESK_PASSWORD, PUBLIC_PASSWORD = "owner s", "desk':@/", "public?#%"
"""With characters that mean something in statements and addresses."""


@dataclass(frozen=True)
class Hosted:
    """A site on PostgreSQL as it is to be hosted: an owner and two roles.

    Attributes:
        cluster: The server.
        folder: For the site's files.
        static: Where the static ones are collected.
    """

    cluster: Cluster
    folder: Path
    static: Path

    @property
    def owner(self) -> str:
        return self.cluster.url("site", "site", OWNER_PASSWORD)

    @property
    def desk(self) -> str:
        return self.cluster.url("site", "site_desk", DESK_PASSWORD)

    @property
    def public(self) -> str:
        return self.cluster.url("site", "site_public", PUBLIC_PASSWORD)

    def environment(self, url: str) -> dict[str, str]:
        return site_environment(self.folder, url, static=self.static, LOG_LEVEL="INFO", WORKERS="1")

    def run(self, url: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run Python with the address of the database for one of the accounts."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**self.environment(url), **variables},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def make_roles(self, *arguments: str, **variables: str) -> str:
        """Run the script, and say what it said."""
        passwords = {"DESK_PASSWORD": DESK_PASSWORD, "PUBLIC_PASSWORD": PUBLIC_PASSWORD}
        done = self.run(self.owner, "deploy/roles.py", *arguments, **{**passwords, **variables})
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def hosted(tmp_path_factory: pytest.TempPathFactory, collected: Path) -> Iterator[Hosted]:
    """The tables, a piece of news and the roles, on a private server. Who stops it starts it again."""
    with private_cluster() as cluster:
        cluster.execute(
            f"CREATE ROLE site LOGIN CREATEROLE PASSWORD '{OWNER_PASSWORD.replace(chr(39), chr(39) * 2)}'"
        )
        cluster.execute("CREATE DATABASE site OWNER site")
        site = Hosted(cluster, tmp_path_factory.mktemp("hosted"), collected)
        done = site.run(site.owner, "manage.py", "migrate", "--no-input", "--verbosity", "0")
        assert done.returncode == 0, done.stderr
        done = site.run(
            site.owner,
            "-c",
            "import django; django.setup()\nfrom appg.models import NewsItem\n"
            "NewsItem.objects.create(title='First title', slug='first', state='published', kind='news')",
        )
        assert done.returncode == 0, done.stderr
        site.make_roles()
        yield site
