"""The export as a reader meets it on a server that knows nothing but files, with script off."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import BrowserContext, Page, Request

from leftbehind_site.export.manifest import read
from tests.waiting import PATIENCE

pytestmark = pytest.mark.browser


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "java_script_enabled": False}


@pytest.fixture
def asked(context: BrowserContext) -> list[Request]:
    """Every request that the browser makes from here on."""
    requests: list[Request] = []
    context.on("request", lambda request: requests.append(request))  # noqa: PLW0108 - Playwright marks it
    return requests


def follow(page: Page, beginning: str) -> None:
    """Click the first link within the content to an address that begins so."""
    page.locator(f"main a[href^='{beginning}']:visible").first.click()
    page.wait_for_load_state()


def test_a_reader_browses_from_the_home_page_to_a_figure(
    served: str, page: Page, asked: list[Request]
) -> None:
    page.goto(f"{served}/")
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Neighbourhoods").click()
    assert page.url == f"{served}/neighbourhoods/"
    follow(page, "/neighbourhoods/regions/")
    follow(page, "/neighbourhoods/E05")
    assert page.locator("h1").inner_text()
    with page.expect_download() as taken:
        page.locator("main a[href$='.csv']:visible").first.click()
    assert taken.value.suggested_filename.endswith(".csv")
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Rankings").click()
    follow(page, "/neighbourhoods/rankings/cni/")
    follow(page, "/neighbourhoods/E05")
    assert page.locator("h1").inner_text()
    assert {request.url.removeprefix(served)[:1] for request in asked} == {"/"}
    assert not [one for one in asked if (answer := one.response()) and answer.status >= 400]


def test_every_list_of_the_record_leads_to_its_items(served: str, page: Page) -> None:
    for path in (
        "/news/",
        "/publications/",
        "/sessions/",
        "/officers/",
        "/faqs/",
        "/glossary/",
        "/corrections/",
    ):
        answer = page.goto(f"{served}{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert page.locator("main h1").count() == 1, path
    page.goto(f"{served}/publications/")
    follow(page, "/publication/")
    assert page.locator("h1").inner_text() in {"The report", "Another one"}


def test_a_former_address_leads_on(served: str, page: Page) -> None:
    page.goto(f"{served}/2021/06/Old-News/")
    page.wait_for_url(f"{served}/news/moved/")


def test_a_search_without_script_leads_to_the_ways_to_browse(served: str, page: Page) -> None:
    """A server of files answers a search with the page of searches."""
    page.goto(f"{served}/")
    page.get_by_role("searchbox").first.fill("grange")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served}/search/?q=grange")
    assert "a search is answered by a script, and script is off" in page.locator("main").inner_text()
    follow(page, "/neighbourhoods/regions/north-east/")
    assert page.locator("h1").inner_text()


def test_the_page_about_unknown_addresses_helps(served: str, page: Page) -> None:
    page.goto(f"{served}/404.html")
    assert page.locator("h1").inner_text() == "There is no page at this address"
    follow(page, "/neighbourhoods/")
    assert page.url == f"{served}/neighbourhoods/"


def test_every_address_is_sent_by_its_own_name(served: str, copy: Path) -> None:
    for one in read(copy).addresses:
        with urlopen(f"{served}{one.path}", timeout=PATIENCE) as answer:
            assert answer.read() == (copy / one.files[""].name).read_bytes()
