"""The site as it is served to the public, with the shipped figures, and one page of each kind to visit."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from neighbourhoods import datapackage
from tests.neighbourhoods.sites import ROOT, site_database, succeeded
from tests.ports import free_port

SHIPPED = datapackage.fingerprint(datapackage.from_folder())
"""The fingerprint of the release that is shipped."""

PAGES = {
    "home": "/",
    "directory": "/neighbourhoods/",
    "region": "/neighbourhoods/regions/north-east/",
    "authority": "/neighbourhoods/authorities/E06000047/county-durham/",
    "merged authority": "/neighbourhoods/authorities/E06000059/dorset/",
    "constituency of 2010": "/neighbourhoods/constituencies/E14000540/barking/",
    "constituency of 2024": "/neighbourhoods/constituencies/E14001073/barking/",
    "method": "/neighbourhoods/method/",
    "releases": "/data/releases/",
    "release": f"/data/releases/{SHIPPED[:12]}/",
    "rankings": "/neighbourhoods/rankings/",
    "ranking by a rank": "/neighbourhoods/rankings/cni/",
    "ranking with ties": "/neighbourhoods/rankings/crime/",
    "ranking by size": "/neighbourhoods/rankings/population/",
    "neighbourhood": "/neighbourhoods/E05000028/becontree/",
    "compare": "/neighbourhoods/compare/",
    "comparison": "/neighbourhoods/compare/E05000028/E05008852/E05000154/E05004578/",
    "wrong comparison": "/neighbourhoods/compare/?codes=grange&codes=E05999999&codes=E05000028",
    "unknown code": "/neighbourhoods/E05014053/becontree/",
    "unknown page": "/nowhere/",
}
"""One page of each kind by its name."""

_PATIENCE = 60
"""Seconds that the server may take to start on a busy machine."""


@pytest.fixture(scope="session")
def base_url() -> None:
    """Take the place of Playwright's own fixture, whose form pytest warns of; tests write whole addresses."""


def _wait_for(server: subprocess.Popen[bytes], url: str) -> None:
    """Return when the server answers; fail when it ends or never does."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended before it answered"
        try:
            with urlopen(f"{url}/healthz", timeout=5):
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    pytest.fail("the server did not answer")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the production server, with a database and static files of its own."""
    folder: Path = tmp_path_factory.mktemp("served")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with site_database(folder) as database:
        succeeded(database.manage("migrate", "--verbosity", 0))
        succeeded(database.manage("load_neighbourhoods"))
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "leftbehind_site.settings",
            "DATABASE_URL": database.url,
            "SITE_URL": url,
            "STATIC_ROOT": str(folder / "static"),
            # Where nothing can be written: publishing everything would only keep the machine from the tests.
            "PUBLISHED_ROOT": "/proc/published",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "WORKERS": "1",
        }
        (folder / "static").mkdir()
        collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        subprocess.run(collect, cwd=ROOT, env=environment, check=True)
        server = subprocess.Popen([sys.executable, "deploy/serve.py"], cwd=ROOT, env=environment)
        try:
            _wait_for(server, url)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=_PATIENCE)


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Settle animations at once, so that what is measured stands still."""
    return {**browser_context_args, "reduced_motion": "reduce"}
