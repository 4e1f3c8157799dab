"""Every kind of page: accessible, whole without scripts, at home on small screens, alone on its origin."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import PAGES
from tests.conftest import HtmlChecker

pytestmark = [pytest.mark.browser, pytest.mark.once]

WIDE, NARROW, NARROWEST = 1280, 360, 320

AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
"""Every rule there is, among them the higher contrast (7 to 1) that the design promises for text."""


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, site: str, width: int, scheme: Any) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    found = []
    for kind, path in PAGES.items():
        page.goto(site + path)
        for violation in Axe().run(page, options=AXE_OPTIONS).response["violations"]:
            found += [f"{kind}: {violation['id']}: {node['html'][:200]}" for node in violation["nodes"]]
    context.close()

    assert found == []


def test_axe_has_its_eyes_open(page: Page, site: str) -> None:
    page.goto(site)
    # The page's policy allows no style written into it.
    page.evaluate("document.styleSheets[0].insertRule('main p { color: #bbb !important; }')")

    assert "color-contrast" in {v["id"] for v in Axe().run(page, options=AXE_OPTIONS).response["violations"]}


@pytest.mark.parametrize("width", [NARROWEST, NARROW, 700, 1100, WIDE])
def test_no_page_scrolls_sideways(page: Page, site: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    wide = {}
    for kind, path in PAGES.items():
        page.goto(site + path)
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if beyond:
            wide[kind] = beyond

    assert wide == {}


@pytest.mark.parametrize("zoom", [2, 4])
def test_pages_hold_when_they_are_enlarged(browser: Browser, site: str, zoom: int) -> None:
    # To a page, a browser that enlarges it is a smaller window on a screen with finer dots.
    context = browser.new_context(
        viewport={"width": WIDE // zoom, "height": 1024 // zoom}, device_scale_factor=zoom
    )
    page = context.new_page()
    for path in PAGES.values():
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDE // zoom
        assert page.locator("h1").is_visible()
    context.close()


def test_the_skip_link_is_the_first_stop_and_works(page: Page, site: str) -> None:
    for path in PAGES.values():
        page.goto(site + path)
        page.keyboard.press("Tab")
        skip = page.locator(":focus")
        assert skip.inner_text() == "Skip to the content"
        box = skip.bounding_box()
        assert box is not None
        assert box["height"] >= 24
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"


def test_the_focus_can_always_be_seen(page: Page, site: str) -> None:
    for kind in ("home", "neighbourhood", "unknown code"):
        page.goto(site + PAGES[kind])
        for _ in range(40):
            page.keyboard.press("Tab")
            style = page.evaluate(
                "(() => { const s = getComputedStyle(document.activeElement);"
                " return [document.activeElement.tagName, s.outlineStyle, parseFloat(s.outlineWidth)] })()"
            )
            if style[0] == "BODY":
                break
            assert style[1] == "solid", kind
            assert style[2] >= 2, kind


def test_pages_are_whole_without_scripts(browser: Browser, site: str) -> None:
    with_scripts, without = browser.new_context(), browser.new_context(java_script_enabled=False)
    first, second = with_scripts.new_page(), without.new_page()
    for path in PAGES.values():
        first.goto(site + path)
        second.goto(site + path)
        # Buttons that copy, and the line that tells what they did, are all that a script may add.
        first.evaluate(
            "document.querySelectorAll('button.copy, [role=status]').forEach(each => each.remove())"
        )
        assert second.locator("body").inner_text() == first.locator("body").inner_text()
    with_scripts.close()
    without.close()


def test_a_visit_asks_nobody_else_and_leaves_no_cookie(context: BrowserContext, site: str) -> None:
    page = context.new_page()
    requests: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda fault: said.append(str(fault)))
    for kind, path in PAGES.items():
        requests.clear()
        page.goto(site + path, wait_until="networkidle")
        assert all(url.startswith(f"{site}/") for url in requests)
        assert len(requests) <= 6, kind
    assert context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    # The browser itself remarks on the pages that are there to be missed or mistaken.
    assert [
        message for message in said if "(Not Found)" not in message and "(Bad Request)" not in message
    ] == []


def test_narrow_tables_are_still_tables_to_those_who_listen(page: Page, site: str) -> None:
    counts = {}
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(site + PAGES["neighbourhood"])
        session = page.context.new_cdp_session(page)
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        roles = [node["role"]["value"] for node in nodes if not node.get("ignored")]
        counts[width] = [roles.count(role) for role in ("table", "row", "columnheader", "rowheader", "cell")]

    assert counts[WIDE] == counts[NARROW]
    assert all(counts[WIDE])


def test_targets_are_large_enough_for_a_thumb(page: Page, site: str) -> None:
    page.set_viewport_size({"width": NARROW, "height": 900})
    page.goto(site)
    for link in page.locator("nav[aria-label=Site] a, .letters a").all():
        box = link.bounding_box()
        assert box is not None
        assert box["width"] >= 24
        assert box["height"] >= 24


def test_the_dark_theme_has_its_own_colours(browser: Browser, site: str) -> None:
    colours = {}
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(site)
        colours[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        context.close()

    assert colours == {"light": "rgb(251, 250, 247)", "dark": "rgb(20, 25, 31)"}


def test_paper_is_white_and_short_and_says_what_it_is(browser: Browser, site: str, tmp_path: Path) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(site + PAGES["neighbourhood"])
    pdf = page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    page.emulate_media(media="print")

    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator(".archive-notice").is_visible()
    # The address stands in the citation, and at the foot of pages that have none.
    assert page.locator(".to-cite").get_by_text(f"{site}{PAGES['neighbourhood']}").is_visible()
    assert not page.locator("nav[aria-label=Site]").is_visible()
    page.goto(site + PAGES["method"])
    assert page.get_by_text(f"Printed from {site}{PAGES['method']}").is_visible()
    context.close()


def test_the_nu_checker_finds_no_error(page: Page, site: str, html_checker: HtmlChecker) -> None:
    documents = {kind: page.request.get(site + path).text() for kind, path in PAGES.items()}
    css = (Path(settings.BASE_DIR) / "static/css/site.css").read_text()
    documents["the stylesheet"] = (
        f'<!doctype html><html lang="en"><head><title>CSS</title><style>{css}</style></head></html>'
    )

    assert [str(message) for message in html_checker(documents) if message.severity == "error"] == []
