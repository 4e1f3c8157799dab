"""The record's pages in a browser: both themes, narrow and wide, on paper, by keyboard, for everyone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from tests.appg import items
from tests.appg.record import LONG, ODD, full_record, paths_of
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture
def addresses(live_server: LiveServer) -> list[str]:
    """The record's pages, with odd and withdrawn items on them."""
    record = full_record()
    longest = LONG[:300].strip()
    paths = paths_of(record)
    for kind in items.PAGED:
        paths.append(items.MAKERS[kind](title=longest, summary=ODD, **items.WITHDRAWN).get_absolute_url())
    paths.append(items.session(title=longest, theme=LONG[:190], speakers=[{"name": LONG}]).get_absolute_url())
    paths.append(
        items.publication(title=longest, key_figures=[{"figure": LONG, "meaning": LONG}]).get_absolute_url()
    )
    for kind in ("question", "word", "coverage", "event", "person"):
        items.MAKERS[kind](title=longest)
        items.MAKERS[kind](**items.WITHDRAWN)
    # The directory's page of a neighbourhood has tests of its own.
    return [f"{live_server.url}{path}" for path in paths if not path.startswith("/neighbourhoods/")]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Any]:
    """A function that opens a window of a width in a theme."""
    contexts = []

    def opened(width: int, theme: Any = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def wide(page: Page) -> list[str]:
    """What reaches beyond the window's edge, other than inside a frame that scrolls."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
        [...document.querySelectorAll('body *')]
        .filter(one => one.getBoundingClientRect().right > window.innerWidth + 0.5)
        .map(one => one.outerHTML.slice(0, 120))"""
    )
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing(open_page: Any, addresses: list[str], width: int, theme: str) -> None:
    page = open_page(width, theme)
    for address in addresses:
        page.goto(address)
        results = Axe().run(page)
        assert results.violations_count == 0, f"{address}\n{results.generate_report()}"


@pytest.mark.parametrize("width", [320, 768, 1600])
def test_nothing_scrolls_sideways(open_page: Any, addresses: list[str], width: int) -> None:
    page = open_page(width)
    for address in addresses:
        page.goto(address)
        assert wide(page) == [], address


def test_on_paper_the_notice_stays_and_the_ways_on_go(open_page: Any, addresses: list[str]) -> None:
    page = open_page(794)  # A4 at 96 dots an inch
    page.emulate_media(media="print")
    for address in addresses:
        page.goto(address)
        expect(page.locator(".archive-notice")).to_be_visible()
        assert page.locator(".onward:visible, nav.years ul:visible").count() == 0, address
        assert wide(page) == [], address


def test_a_page_asks_only_this_site_and_little_of_it(open_page: Any, addresses: list[str]) -> None:
    for address in addresses:
        page = open_page(1280)
        asked: list[Request] = []
        page.on("request", lambda request, asked=asked: asked.append(request))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert len(asked) <= 6, address
        origin = "/".join(address.split("/")[:3])
        assert all(request.url.startswith(f"{origin}/") for request in asked), address
        assert page.context.cookies() == [], address
        # JSON-LD is data that nothing runs.
        scripts = "[...document.scripts].filter(script => script.type !== 'application/ld+json').length"
        assert page.evaluate(scripts) == 0, address
        page.context.close()


def test_a_wide_table_scrolls_inside_its_frame_by_keyboard(open_page: Any, live_server: LiveServer) -> None:
    cells = "".join(f"<td>{'word' * 6}</td>" for _ in range(8))
    item = items.news(body=f"<table>\n<tr>{cells}</tr>\n</table>")
    page = open_page(360)
    page.goto(f"{live_server.url}{item.get_absolute_url()}")
    assert wide(page) == []
    frame = page.get_by_role("region", name="Table 1")
    frame.focus()
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('.scroll').scrollLeft > 0")


def test_a_word_of_the_glossary_leads_to_its_meaning(open_page: Any, live_server: LiveServer) -> None:
    items.word(title="Ward", slug="ward", summary="An area that elects councillors.")
    item = items.news(body="<p>Each is a ward.</p>")
    page = open_page(1280)
    page.goto(f"{live_server.url}{item.get_absolute_url()}")
    page.get_by_role("link", name="ward", exact=True).click()
    expect(page.locator(":target")).to_contain_text("An area that elects councillors.")
