"""The shipped figures, and databases for the tests that run the site's commands as processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.neighbourhoods.published import EXPECT, Published
from tests.neighbourhoods.sites import SiteDatabase, site_database, succeeded


@pytest.fixture
def _shipped(db: None) -> None:  # noqa: ARG001  (the database)
    """The directory as it is shipped."""
    call_command("load_neighbourhoods", verbosity=0)


@pytest.fixture(scope="session")
def loaded_site_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteDatabase]:
    """A migrated database with the small dataset in force; to be copied, never used."""
    folder = tmp_path_factory.mktemp("template")
    files = Published().write(folder / "files")
    with site_database(folder) as site:
        succeeded(site.manage("migrate", "--verbosity", 0))
        succeeded(site.manage("load_neighbourhoods", "--from", files, "--expect", EXPECT, "--by", "first"))
        yield site


@pytest.fixture
def site(loaded_site_template: SiteDatabase, tmp_path: Path) -> Iterator[SiteDatabase]:
    """A database of the test's own with the small dataset in force."""
    with site_database(tmp_path, like=loaded_site_template) as copy:
        yield copy
