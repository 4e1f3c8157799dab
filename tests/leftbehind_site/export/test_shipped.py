"""The site as it is shipped, exported whole and proved by the commands that an operator runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from leftbehind_site.export.manifest import read
from tests.neighbourhoods.sites import site_database, succeeded

PATIENCE = 900
"""Seconds that thousands of addresses may take on a busy machine."""

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_every_link_of_the_shipped_site_lands(tmp_path: Path) -> None:
    with site_database(tmp_path) as database:
        succeeded(database.manage("migrate", "--verbosity", 0))
        succeeded(database.manage("load_neighbourhoods"))
        succeeded(database.manage("load_appg_content", "--verbosity", 0))
        export = ("export_site", tmp_path / "copy", "--processes", 2)
        said = succeeded(database.manage(*export, patience=PATIENCE))
        assert re.match(r"Exported [\d,]+ addresses and [\d,]+ redirects to ", said)
        said = succeeded(database.manage("verify_export", tmp_path / "copy", patience=PATIENCE))
    paths = {one.path for one in read(tmp_path / "copy").addresses}
    neighbourhoods = [path for path in paths if re.fullmatch(r"/neighbourhoods/E05\d{6}/[a-z\-]+/", path)]
    assert len(neighbourhoods) == 225
    assert said
