"""Searches in a copy of the site on a server that knows nothing but files, answered by the script."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Page, expect

from tests.appg.record import ODD
from tests.browser.watching import complaints
from tests.leftbehind_site.export.test_hosts import caddy
from tests.neighbourhoods.factory import code
from tests.waiting import until

pytestmark = pytest.mark.browser

ANSWERED = "document.querySelector('#told').textContent || document.querySelector('#answer').children.length"


@pytest.fixture
def mistakes(page: Page) -> list[str]:
    """What the script does wrong, and what it asks for in vain."""
    known: list[str] = []
    page.on("pageerror", lambda problem: known.append(str(problem)))
    page.on("response", lambda answer: known.append(answer.url) if answer.status >= 400 else None)
    return known


def search(page: Page, served: str, typed: str) -> list[str]:
    """The addresses that a search leads to, in their order."""
    page.goto(f"{served}/search/?q={quote_plus(typed)}")
    until(page, ANSWERED)
    links = page.locator("#answer a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    return [str(link) for link in links]


def test_what_is_found(served: str, page: Page, mistakes: list[str]) -> None:
    granges = {f"/neighbourhoods/{code(5)}/grange/", f"/neighbourhoods/{code(6)}/grange/"}
    corners = f"/neighbourhoods/{code(0)}/three-corners/"
    for typed, first in (
        ("three corners", corners),
        ("THREE  Corners!", corners),
        ("threecorners", corners),
        ("three corn", corners),
        ("thre cornesr", corners),
        (code(0).lower(), corners),
        ("saint annes", f"/neighbourhoods/{code(8)}/st-annes/"),
        ("north east", "/neighbourhoods/regions/north-east/"),
        ("the report", "/publication/the-report/"),
        ("crime", "/neighbourhoods/rankings/crime/"),
    ):
        assert search(page, served, typed)[:1] == [first], typed
        assert page.locator("#told .lead").inner_text() == f"Found for ‘{' '.join(typed.split())}’:"
    assert set(search(page, served, "grange")[:2]) == granges
    assert mistakes == []


def test_the_record_is_found_by_the_words_in_it(served: str, page: Page, mistakes: list[str]) -> None:
    assert "/publication/the-report/" in search(page, served, "findings")
    assert "/publication/the-report/" in search(page, served, "finding")
    assert "/publication/the-report/" in search(page, served, "fidings")
    found = search(page, served, "findings unheardof")
    assert "/publication/the-report/" in found
    assert "Nothing has all these words." in page.locator("#told").inner_text()
    assert mistakes == []


@pytest.mark.parametrize(
    ("typed", "heading", "leads"),
    [
        ("TS24 0XT", "Yes: TS24 0XT is in one of the listed neighbourhoods", [0]),
        ("ts241aa", "Yes: TS24 1AA is in one of the listed neighbourhoods", [5]),
        ("TS24 9ZZ", "No: TS24 9ZZ is not in one of the listed neighbourhoods, as far", []),
        ("SW1A 0AA", "No: SW1A 0AA is not in one of the listed neighbourhoods, as far", []),
        ("EH1 1AA", "No: EH1 1AA is not in one of the listed neighbourhoods, as far", []),
        ("TS24", "TS24 is only the first part of a postcode", [5, 0]),
        ("TS25", "TS25 is only the first part of a postcode", []),
        ("ts24 0", "TS24 is only the first part of a postcode", [5, 0]),
        ("TS2 4", "TS2 is only the first part of a postcode", []),
        ("QQ1 1AA", "‘QQ1 1AA’ is not a postcode", []),
    ],
)
def test_a_postcode_is_told_what_the_site_tells(
    served: str, page: Page, mistakes: list[str], typed: str, heading: str, leads: list[int]
) -> None:
    found = search(page, served, typed)
    assert page.locator("#answer h2").inner_text().startswith(heading)
    assert [link.split("/")[2] for link in found] == [code(index) for index in leads]
    assert ("are in Scotland" in page.locator("#answer").inner_text()) == typed.startswith("EH")
    assert mistakes == []


def test_nothing_is_found_and_the_ways_to_browse_stay(served: str, page: Page, mistakes: list[str]) -> None:
    for typed in ("xylophone", "QQ1", "<img src=zzqq onerror=qqzz()>", "?", "a" * 400):
        assert search(page, served, typed) == []
        assert page.locator("#told .lead").inner_text().startswith("Nothing in this archive fits ‘")
    assert page.get_by_role("heading", name="Or browse").is_visible()
    assert mistakes == []


def test_an_odd_title_is_shown_as_it_is(served: str, page: Page, mistakes: list[str]) -> None:
    search(page, served, "very odd title")
    assert page.get_by_role("link", name=ODD).count() == 1
    assert mistakes == []


def test_without_a_search_nothing_is_fetched(served: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served}/search/")
    page.wait_for_load_state("networkidle")
    assert not [address for address in asked if address.endswith(".json")]
    assert page.locator("#told").inner_text() == ""


def test_an_index_that_is_missing_is_told(served: str, copy: Path, page: Page) -> None:
    (copy / "search" / "index.json").unlink()
    search(page, served, "grange")
    assert page.locator("#told").inner_text() == (
        "The search cannot be answered here. The ways below lead to every page."
    )


def test_what_was_typed_stays_in_the_box_and_the_title(served: str, page: Page) -> None:
    search(page, served, "grange")
    assert page.get_by_role("searchbox").input_value() == "grange"
    assert page.title() == "Search: grange – archive of the APPG for ‘left behind’ neighbourhoods"


def test_it_searches_under_the_site_s_own_policy(copy: Path, page: Page, mistakes: list[str]) -> None:
    """On a server that sends the headers too; nothing is kept from the page, and nothing in the browser."""
    complained = complaints(page.context)
    with caddy(copy) as address:
        assert search(page, address, "three corners")[:1] == [f"/neighbourhoods/{code(0)}/three-corners/"]
        page.goto(f"{address}/search/?q=TS24+0XT")
        expect(page.locator("#answer")).to_contain_text("TS24 0XT", timeout=60_000)
    assert mistakes == complained == []
    assert page.context.storage_state() == {"cookies": [], "origins": []}
