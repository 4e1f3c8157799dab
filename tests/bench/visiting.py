"""What a reader's browser fetches on the first visit to a page: requests and bytes, counted in Chromium."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.bench.measure import table

if TYPE_CHECKING:
    from playwright.sync_api import Browser

COLUMNS = ("requests", "of them style sheets", "kB on the wire")


def first_views(base: str, paths: Mapping[str, str]) -> str:
    """A table of what is fetched for each page by a browser that was never here.

    Args:
        base: The site's address.
        paths: Of the pages, by what they are called.
    """
    visits = first_visits(base, paths)
    if not visits:
        return "First visits: not measured, Chromium is missing (Debian: apt install chromium)."
    return table(
        "First visits (the budget is 60 kB, and 3 requests besides the style sheet's)",
        ("", *COLUMNS),
        [(name, *visits[name]) for name in paths],
    )


def first_visits(base: str, paths: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The ``COLUMNS`` of each page by its name; nothing where there is no Chromium."""
    from tests.conftest import CHROMIUM_ARGUMENTS, chromium

    program = chromium()
    if not program:
        return {}
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)
        found = {name: _first_view(browser, f"{base}{path}") for name, path in paths.items()}
        browser.close()
    return found


def _first_view(browser: Browser, address: str) -> tuple[str, ...]:
    """How many requests one page makes, how many of them for style sheets, and their kilobytes."""
    kinds: list[str] = []
    sizes: list[float] = []
    page = browser.new_context().new_page()
    page.on("request", lambda request: kinds.append(request.resource_type))
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    page.context.close()
    return str(len(kinds)), str(kinds.count("stylesheet")), f"{sum(sizes) / 1000:.1f}"
