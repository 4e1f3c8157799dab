"""What the tests of the whole site share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.clusters import Cluster, private_cluster
from tests.servers import ROOT, site_environment


@pytest.fixture(autouse=True)
def one_connection(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is finished in a test stays in its transaction, as one that a client asks for.

    A live server has connections of its own, and has to give them back.
    """
    if "live_server" not in request.fixturenames:
        monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", lambda _connection: None)


# --- a server of PostgreSQL, whichever database the tests run on

OWNER_PASSWORD, DESK_PASSWORD, PUBLIC_PASSWORD = "owner s", "desk':@/", "public?#%"
"""With characters that mean something in statements and addresses."""


@dataclass(frozen=True)
class Hosted:
    """A site on PostgreSQL as it is to be hosted: an owner and two roles.

    Attributes:
        cluster: The server.
        folder: For the site's files; the static ones are collected there.
    """

    cluster: Cluster
    folder: Path

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
        return {**site_environment(self.folder, url), "LOG_LEVEL": "INFO", "WORKERS": "1"}

    def run(self, url: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run Python with the address of the database for one of the accounts."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**self.environment(url), **variables},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def make_roles(self, *arguments: str, **variables: str) -> str:
        """Run the script, and say what it said."""
        passwords = {"DESK_PASSWORD": DESK_PASSWORD, "PUBLIC_PASSWORD": PUBLIC_PASSWORD}
        done = self.run(self.owner, "deploy/roles.py", *arguments, **{**passwords, **variables})
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    """The tables, a piece of news and the roles, on a private server. Who stops it starts it again."""
    with private_cluster() as cluster:
        cluster.execute(
            f"CREATE ROLE site LOGIN CREATEROLE PASSWORD '{OWNER_PASSWORD.replace(chr(39), chr(39) * 2)}'"
        )
        cluster.execute("CREATE DATABASE site OWNER site")
        site = Hosted(cluster, tmp_path_factory.mktemp("hosted"))
        for arguments in (("migrate", "--no-input"), ("collectstatic", "--no-input")):
            done = site.run(site.owner, "manage.py", *arguments, "--verbosity", "0")
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
