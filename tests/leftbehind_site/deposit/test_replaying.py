"""A deposit's web archive, replayed by pywb, which archives of the web use."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.request import HTTPRedirectHandler, Request, build_opener, urlopen

import pytest
from playwright.sync_api import Page, expect

from leftbehind_site.export.manifest import Manifest, read
from tests.needs import require
from tests.neighbourhoods.sites import ROOT
from tests.ports import free_port
from tests.servers import process
from tests.waiting import PATIENCE

pytestmark = pytest.mark.once

PROGRAMS = ROOT / ".venv-replay" / "bin"
SITE = "https://leftbehind.test"


@pytest.fixture
def manifest(bag: Path) -> Manifest:
    return read(bag / "data/export")


@pytest.fixture
def replayed(bag: Path, tmp_path: Path) -> Iterator[str]:
    """The address of the archive in a running pywb; what follows it is a moment and an address."""
    require(
        (PROGRAMS / "wayback").exists(),
        "Replaying a web archive: .venv-replay is missing; make .venv-replay/.installed",
    )
    (archive,) = (bag / "data/warc").iterdir()
    folder = tmp_path / "pywb"
    folder.mkdir()
    for line in (["init", "site"], ["add", "site", archive]):
        subprocess.run([PROGRAMS / "wb-manager", *line], cwd=folder, check=True, capture_output=True)
    port = free_port()
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        with contextlib.suppress(OSError), urlopen(address, timeout=PATIENCE):
            return True
        return False

    command = [PROGRAMS / "wayback", "-b", "127.0.0.1", "-p", port]
    with process(command, tmp_path / "log", until=answers, cwd=folder):
        yield f"{address}/site/2026"


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object) -> None:
        return None


def test_every_answer_is_the_one_that_was_deposited(replayed: str, bag: Path, manifest: Manifest) -> None:
    stay = build_opener(_Stay)
    for one in manifest.addresses:
        if one.status != 200:
            continue
        with stay.open(f"{replayed}id_/{SITE}{one.path}", timeout=PATIENCE) as answer:
            assert answer.read() == (bag / "data/export" / one.files[""].name).read_bytes(), one.path
            assert answer.headers["Content-Type"] == dict(one.headers)["content-type"]


def test_a_redirect_leads_to_its_page(replayed: str) -> None:
    with urlopen(Request(f"{replayed}mp_/{SITE}/kept/"), timeout=PATIENCE) as answer:
        assert answer.url.endswith(f"/{SITE}/news/standing/")
        assert "Of a draft" in answer.read().decode()


@pytest.mark.browser
def test_a_reader_walks_through_it(replayed: str, page: Page) -> None:
    page.goto(f"{replayed}/{SITE}/")
    shown = page.frame_locator("iframe")
    shown.get_by_role("navigation", name="Site").get_by_role("link", name="News").click()
    shown.get_by_role("link", name="The news", exact=True).first.click()
    expect(shown.locator("h1")).to_have_text("The news")
    # The style sheet is in the archive too.
    expect(shown.locator(".skip")).to_have_css("position", "absolute")
