"""Sentences and citations are copied with one press; without script they are text like any other."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.once]

PLACE = "/neighbourhoods/E05000028/becontree/"


def visit(page: Page, address: str) -> None:
    """Open a page on which what is said of a press stays, where it is taken away after three seconds."""
    page.goto(address)
    page.evaluate("() => { window.setTimeout = () => 0; }")


def pasted(page: Page) -> str:
    """What was copied, by pasting it: a page of the site may write to the clipboard, and not read it."""
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), {id: 'pasted'}))")
    page.locator("#pasted").focus()
    page.keyboard.press("ControlOrMeta+v")
    until(page, "document.querySelector('#pasted').value")
    return page.locator("#pasted").input_value()


def test_a_press_copies_the_sentence_with_its_address_and_says_so(
    context: BrowserContext, page: Page, site: str
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    visit(page, site + PLACE)
    button = page.get_by_role("button", name="Copy: Population")
    button.focus()
    page.keyboard.press("Enter")

    page.get_by_role("status").filter(has_text="Copied: Population").wait_for(state="attached")
    copied = pasted(page)
    assert copied.startswith(
        "Becontree had 15,261 residents in mid-2019, the 39th largest population of the 225"
    )
    assert copied.endswith(f"{site}/n/E05000028#population")

    page.goto(copied.rpartition(" ")[2])
    assert page.url == f"{site}{PLACE}#population"
    assert page.evaluate("document.querySelector(':target').id") == "population"


def test_the_citation_is_copied_too(context: BrowserContext, page: Page, site: str) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    visit(page, site + PLACE)
    page.get_by_role("button", name="Copy: the citation").click()

    page.get_by_role("button", name="Copied: the citation").wait_for()
    assert pasted(page).endswith(f"{site}{PLACE}")


def test_a_browser_that_refuses_is_told_of(page: Page, site: str) -> None:
    visit(page, site + PLACE)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.get_by_role("button", name="Copy: Population").click()

    page.get_by_role("status").filter(has_text="Not copied").wait_for(state="attached")


def test_without_script_there_is_no_button_and_nothing_is_missing(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + PLACE)

    assert page.get_by_role("button").filter(has_text="Copy").count() == 0
    assert page.get_by_text(f"{site}/n/E05000028#population").count() == 1
    context.close()


def test_a_comparison_is_chosen_by_keyboard_without_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/neighbourhoods/compare/")
    page.get_by_label("Neighbourhood 1").fill("E05000028")
    page.get_by_label("Neighbourhood 2").fill("Talavera, Northampton (E05008852)")
    page.keyboard.press("Enter")

    page.wait_for_url(f"{site}/neighbourhoods/compare/E05000028/E05008852/")
    assert page.get_by_label("Neighbourhood 2").input_value() == "Talavera, Northampton (E05008852)"
    context.close()
