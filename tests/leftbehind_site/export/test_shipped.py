"""The site as it is shipped, exported whole and proved by the commands that an operator runs."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from leftbehind_site.export.comparing import Site, differences
from leftbehind_site.export.manifest import read
from tests.neighbourhoods.sites import site_database, succeeded
from tests.servers import Server, site_environment

PATIENCE = 900
"""Seconds that thousands of addresses may take on a busy machine."""

CODE = re.compile(r"E\d{8}", re.IGNORECASE)
"""A neighbourhood, authority or constituency in an address."""

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def manage(server: Server, *arguments: object) -> str:
    """What a command of the site says that it did."""
    line = [sys.executable, "manage.py", *map(str, arguments)]
    done = subprocess.run(
        line,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=server.root,
        env=server.environment,
    )
    return succeeded(done)


def is_asked(address: str) -> bool:
    """Whether the server is asked for an address: of those with a code in them, for one in ten.

    To render all of them once more would take as long as to export them.
    """
    code = CODE.search(address)
    return code is None or code[0].endswith("0")


def test_every_link_of_the_shipped_site_lands(tmp_path: Path, collected: Path) -> None:
    """And the production server answers as the copy says, from its views: nothing is published there."""
    with site_database(tmp_path) as database:
        environment = site_environment(tmp_path, database.url, static=collected, published=False)
        server = Server(environment, tmp_path / "server.log")
        manage(server, "migrate", "--verbosity", 0)
        manage(server, "load_neighbourhoods")
        manage(server, "load_appg_content", "--verbosity", 0)
        said = manage(server, "export_site", tmp_path / "copy", "--processes", 2)
        assert re.match(r"Exported [\d,]+ addresses and [\d,]+ redirects to ", said)
        assert "links within the site land" in manage(server, "verify_export", tmp_path / "copy")
        known = read(tmp_path / "copy")
        asked = replace(
            known,
            addresses=tuple(one for one in known.addresses if is_asked(one.path)),
            redirects=tuple(one for one in known.redirects if is_asked(one.source)),
        )
        assert {one.kind for one in asked.addresses} == {one.kind for one in known.addresses}
        with server.running(), contextlib.closing(Site(server.environment["SITE_URL"])) as site:
            assert list(differences(tmp_path / "copy", asked, site)) == []
    paths = [one.path for one in known.addresses]
    assert sum(bool(re.fullmatch(r"/neighbourhoods/E05\d{6}/[a-z\-]+/", path)) for path in paths) == 225
