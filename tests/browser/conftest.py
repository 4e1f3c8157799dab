"""The site as it is served to the public, with the shipped figures, and one page of each kind to visit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from neighbourhoods import datapackage
from tests.neighbourhoods.sites import site_database, succeeded
from tests.servers import Server, site_environment

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


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, collected: Path) -> Iterator[str]:
    """The address of the production server, with a database of its own."""
    folder = tmp_path_factory.mktemp("served")
    with site_database(folder) as database:
        succeeded(database.manage("migrate", "--verbosity", 0))
        succeeded(database.manage("load_neighbourhoods"))
        environment = site_environment(folder, database.url, static=collected, published=False, WORKERS="1")
        with Server(environment, folder / "log").running():
            yield environment["SITE_URL"]


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Settle animations at once, so that what is measured stands still."""
    return {**browser_context_args, "reduced_motion": "reduce"}
