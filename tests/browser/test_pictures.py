"""Maps and charts as a reader meets them: sharp at any size, passable by keyboard, whole on paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.once]

PRINTED = {
    "in London, with one small area among many": "E05000028/becontree",
    "with a note on the rule": "E05010731/bentley",
    "with a note, in a large authority": "E05009059/easington",
    "with a note and a long list of facts": "E05001544/norton-south",
    "on the coast": "E05001165/st-annes",
    "in a tall authority": "E05001180/bartley-green",
    "with a note, two constituencies and an item of the group's": "E05009063/ferryhill",
}


@pytest.mark.parametrize("kind", PRINTED)
def test_a_neighbourhood_prints_on_two_pages(page: Page, site: str, kind: str) -> None:
    page.goto(f"{site}/neighbourhoods/{PRINTED[kind]}/")
    pdf = page.pdf(prefer_css_page_size=True)

    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2


def test_a_briefing_has_map_charts_tables_sentences_sources_and_dates(page: Page, site: str) -> None:
    page.goto(site + PAGES["neighbourhood"])
    page.emulate_media(media="print")

    for part in (".map-ward", ".map-locator", ".domains", ".field", ".figures", ".sentence", ".sources"):
        expect(page.locator(part).first).to_be_visible()
    expect(page.get_by_text("Dates: the group’s work ended in March 2024")).to_be_visible()
    # The pictures repeat the strips and notes of the tables, which paper has no room for.
    expect(page.locator(".figures .note").first).to_be_hidden()


def test_every_picture_is_lines_and_letters(page: Page, site: str) -> None:
    """What is drawn of lines and letters stays sharp at any size; nothing here is made of dots."""
    for path in PAGES.values():
        page.goto(site + path)
        assert page.locator("main :is(img, canvas, picture, video, image, foreignObject)").count() == 0
        assert page.evaluate(
            "[...document.querySelectorAll('*')].every(e => getComputedStyle(e).backgroundImage === 'none'"
            " && getComputedStyle(e).filter === 'none')"
        )


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_names_on_maps_are_large_enough_to_read(browser: Browser, site: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    for kind in ("home", "directory", "region", "authority", "neighbourhood"):
        page.goto(site + PAGES[kind])
        heights = page.locator(".map text").evaluate_all(
            "texts => texts.map(t => t.getBoundingClientRect().height)"
        )
        assert heights, kind
        assert min(heights) >= 10, kind
    context.close()


def test_the_keyboard_passes_a_map_in_one_step(page: Page, site: str) -> None:
    for kind in ("home", "directory", "region", "authority"):
        page.goto(site + PAGES[kind])
        skip = page.get_by_role("link", name="Skip the map")
        skip.focus()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('.map')") is None, kind


def test_a_mark_on_a_map_leads_to_its_page(page: Page, site: str) -> None:
    page.goto(site)
    mark = page.locator(".map-marks a").first
    name = mark.locator("title").text_content()
    mark.focus()
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text(str(name))


def test_the_225_marks_are_in_a_list_on_the_same_page(page: Page, site: str) -> None:
    for kind in ("home", "directory"):
        page.goto(site + PAGES[kind])
        marks, others = (
            set(page.locator(links).evaluate_all("links => links.map(link => link.getAttribute('href'))"))
            for links in (".map-marks a", "main a:not(.map a)")
        )
        assert len(marks) == 225
        assert marks <= others
