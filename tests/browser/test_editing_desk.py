"""The editor's whole path in a browser: sign in, find, correct, preview, publish, see it, undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from appg.models import Correction, NewsItem, SiteSettings, State, Upload
from tests.browser.watching import complaints
from tests.desk import make_editor, make_news, make_person, make_session, pdf, png

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a-long-password"


@pytest.fixture
def complained(context: BrowserContext) -> Iterator[list[str]]:
    """What the browser says of the desk's policy: nothing, when the test is over."""
    found = complaints(context)
    yield found
    assert not found, "\n".join(dict.fromkeys(found))


@pytest.fixture
def desk(
    complained: list[str],  # noqa: ARG001
    page: Page,
    live_server: LiveServer,
    settings: Any,
    tmp_path: Path,
) -> Page:
    """The desk, with an editor who has just signed in by keyboard."""
    settings.MEDIA_ROOT = tmp_path
    make_editor()
    SiteSettings.objects.get_or_create(pk=SiteSettings.ONLY_KEY)
    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Username").fill("ada")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What would you like to change?")).to_be_visible()
    return page


def find(desk: Page, kind: str, words: str, title: str) -> None:
    """Go to an item the way an editor does."""
    desk.get_by_role("link", name=kind, exact=True).first.click()
    desk.get_by_role("searchbox").or_(desk.locator("#searchbar")).first.fill(words)
    desk.keyboard.press("Enter")
    desk.get_by_role("link", name=title, exact=True).click()


def text_of(desk: Page) -> Any:
    """The text editor."""
    return desk.locator(".ProseMirror[contenteditable=true]")


def test_the_whole_path(desk: Page, context: BrowserContext, live_server: LiveServer) -> None:
    item = make_news(title="Buses and broadband", body="<p>The group met on 21 September.</p>")
    address = f"{live_server.url}{item.get_absolute_url()}"

    # Find it and correct it.
    find(desk, "News items", "broadband", "Buses and broadband")
    text_of(desk).click()
    desk.keyboard.press("ControlOrMeta+a")
    desk.keyboard.type("The group met on 22 September.")

    # Look at it; nothing is kept.
    with context.expect_page() as opened:
        desk.get_by_role("button", name="Preview (opens a new tab)").click()
    preview = opened.value
    expect(preview.get_by_text("The group met on 22 September.")).to_be_visible()
    expect(preview.get_by_text("Nothing of it is saved yet")).to_be_visible()
    preview.close()
    assert NewsItem.objects.get().body == "<p>The group met on 21 September.</p>\n"

    # Saving asks why.
    desk.get_by_role("button", name="Save and continue editing").click()
    expect(desk.get_by_text("Say in a few words why you change what the public sees.")).to_be_visible()
    expect(text_of(desk)).to_contain_text("22 September")
    desk.get_by_label("Why this change").fill("The minutes say 22 September")
    desk.get_by_label("This is a public correction").check()
    desk.get_by_label("What the public is told").fill("The page gave 21 September. It was 22 September.")
    desk.get_by_role("button", name="Save and continue editing").click()
    expect(desk.get_by_text("The correction is public")).to_be_visible()

    # The public sees both.
    reader = context.browser.new_page()  # type: ignore[union-attr]
    reader.goto(address)
    expect(reader.get_by_text("The group met on 22 September.")).to_be_visible()
    expect(reader.get_by_text("The page gave 21 September. It was 22 September.")).to_be_visible()
    reader.goto(f"{live_server.url}/corrections/")
    expect(reader.get_by_text("The page gave 21 September. It was 22 September.")).to_be_visible()

    # Undo.
    desk.get_by_role("link", name="History and undo").click()
    expect(desk.get_by_text("The minutes say 22 September")).to_be_visible()
    desk.get_by_role("link", name="Go back to this version").last.click()
    desk.get_by_label("Why this change").fill("The minutes were wrong")
    desk.get_by_role("button", name="Go back to this version").click()
    expect(desk.get_by_text("is back.")).to_be_visible()
    reader.goto(address)
    expect(reader.get_by_text("The group met on 21 September.")).to_be_visible()
    assert Correction.objects.count() == 1
    assert item.history.count() == 3
    reader.close()


def test_a_new_item_from_draft_to_public(
    desk: Page, context: BrowserContext, live_server: LiveServer
) -> None:
    desk.get_by_role("link", name="News items", exact=True).first.click()
    desk.get_by_role("link", name="Add news item").click()
    desk.get_by_label("Title").press_sequentially("A new piece")
    desk.get_by_label("Kind").select_option("News")
    expect(desk.get_by_label("Last part of the address")).to_have_value("a-new-piece")
    text_of(desk).click()
    desk.keyboard.type("It is new.")
    desk.get_by_role("button", name="Save and continue editing").click()
    expect(desk.get_by_text("It is a draft: only editors see it.")).to_be_visible()

    desk.get_by_role("link", name="Preview as saved").click()
    expect(desk.get_by_text("It is new.")).to_be_visible()
    expect(desk.get_by_text("This is a draft.")).to_be_visible()
    reader = context.browser.new_page()  # type: ignore[union-attr]
    hidden = reader.goto(f"{live_server.url}/news/a-new-piece/")
    assert hidden is not None
    assert hidden.status == 404

    desk.go_back()
    desk.get_by_label("Published: the public sees it").check()
    desk.get_by_role("button", name="Save and continue editing").click()
    expect(desk.get_by_text("It is published.")).to_be_visible()
    reader.goto(f"{live_server.url}/news/a-new-piece/")
    expect(reader.get_by_text("It is new.")).to_be_visible()
    reader.close()


def test_a_new_address_is_confirmed_and_the_old_one_leads_to_it(desk: Page, live_server: LiveServer) -> None:
    make_news("first", title="A piece")
    find(desk, "News items", "piece", "A piece")
    desk.get_by_label("Last part of the address").fill("second")
    desk.get_by_label("Why this change").fill("Shorter")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("the old one will lead to the new one by itself")).to_be_visible()
    desk.get_by_label("Yes, change the address").check()
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("/news/first/ leads to it.")).to_be_visible()
    desk.goto(f"{live_server.url}/news/first/")
    assert desk.url == f"{live_server.url}/news/second/"


def test_an_image_is_uploaded_and_chosen_for_a_text(desk: Page, context: BrowserContext) -> None:
    item = make_news(state=State.DRAFT, title="A piece")
    desk.get_by_role("link", name="Documents and images", exact=True).first.click()
    desk.get_by_role("link", name="Add document or image").click()
    desk.locator("input[type=file]").set_input_files(
        {"name": "hall.png", "mimeType": "image/png", "buffer": png((300, 200))}
    )
    desk.get_by_label("Title").fill("The hall")
    desk.get_by_label("Alternative text").fill("A hall in Grimsby")
    desk.get_by_role("button", name="Save and continue editing").click()
    expect(desk.get_by_text("300 × 200 pixels")).to_be_visible()

    find(desk, "News items", "piece", "A piece")
    text_of(desk).click()
    desk.locator(".prose-menubar button[title*='igure'], .prose-menubar button[title*='mage']").first.click()
    dialog = desk.get_by_role("dialog")
    with context.expect_page() as opened:
        dialog.get_by_role("button", name="Browse...").click()
    opened.value.get_by_role("button", name="The hall").click()
    expect(dialog.locator("input[name=altText]")).to_have_value("A hall in Grimsby")
    dialog.get_by_role("button", name="Insert").click()
    desk.get_by_role("button", name="Save and continue editing").click()
    expect(desk.get_by_text("was changed successfully")).to_be_visible()
    item.refresh_from_db()
    address = Upload.objects.get().get_absolute_url()
    assert f'<img src="{address}" alt="A hall in Grimsby">' in str(item.body)


PASTED = (
    "<html><head><style>p.MsoNormal{margin:0}</style></head><body><!--StartFragment--><h1 class=MsoTitle>"
    "A heading</h1><p class=MsoNormal style='x:y'><span lang=EN-GB>Some <b>words</b><o:p></o:p></span></p>"
    "<!--EndFragment--></body></html>"
)


def test_pasting_from_word_leaves_no_rubbish(desk: Page, complained: list[str]) -> None:
    item = make_news(state=State.DRAFT, title="A piece", body="")
    find(desk, "News items", "piece", "A piece")
    text_of(desk).click()
    text_of(desk).evaluate(
        """(editor, html) => {
            const data = new DataTransfer()
            data.setData("text/html", html)
            editor.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}))
        }""",
        PASTED.split("<script>", maxsplit=1)[0],
    )
    desk.get_by_role("button", name="Save and continue editing").click()
    expect(desk.get_by_text("was changed successfully")).to_be_visible()
    item.refresh_from_db()
    assert str(item.body) in (
        "<h2>A heading</h2>\n<p>Some <strong>words</strong></p>\n",
        "<p>A heading</p>\n<p>Some <strong>words</strong></p>\n",
    )
    # The styles that came along did nothing, and the browser says so.
    assert complained
    assert all("style-src" in one for one in complained)
    complained.clear()


def test_the_editor_keeps_what_a_text_may_hold(desk: Page) -> None:
    body = (
        "<h2>One</h2>\n<p>a <strong>b</strong> <em>c</em> H<sub>2</sub>O m<sup>2</sup><br>d"
        ' <a href="/news/">e</a></p>\n<ul>\n<li>f</li>\n</ul>\n<ol>\n<li>g</li>\n</ol>\n'
        "<blockquote>\n<p>h</p>\n</blockquote>\n"
        '<figure>\n<img src="/files/1/a.png" alt="i"><figcaption>j</figcaption>\n</figure>\n'
        "<table>\n<tbody>\n<tr>\n<th>k</th>\n</tr>\n<tr>\n<td>l</td>\n</tr>\n</tbody>\n</table>\n<h3>m</h3>\n<h4>n</h4>\n"
    )
    item = make_news(state=State.DRAFT, title="A piece", body=body)
    item.refresh_from_db()
    assert str(item.body) == body
    find(desk, "News items", "piece", "A piece")
    text_of(desk).locator("h4").click()
    desk.keyboard.press("End")
    desk.keyboard.type("!")
    desk.get_by_role("button", name="Save and continue editing").click()
    expect(desk.get_by_text("was changed successfully")).to_be_visible()
    item.refresh_from_db()
    assert str(item.body) == body.replace("n</h4>", "n!</h4>")


@pytest.fixture
def addresses(live_server: LiveServer) -> list[str]:
    """The pages that we add to Django's, and the longest of its own."""
    news, person = make_news(), make_person()
    make_session()
    news.title = "Other"
    news.save()
    document = Upload.objects.create(
        name="a.png",
        title="A hall",
        file="x",
        media_type="image/png",
        size=1,
        width=4,
        height=3,
        sha256="a" * 64,
        alternative_text="A hall",
    )
    paths = [
        "/admin/",
        "/admin/appg/newsitem/",
        f"/admin/appg/newsitem/{news.pk}/change/",
        f"/admin/appg/newsitem/{news.pk}/history/",
        f"/admin/appg/newsitem/{news.pk}/history/{news.history.last().pk}/",
        f"/admin/appg/person/{person.pk}/change/",
        f"/admin/appg/upload/{document.pk}/change/",
        "/admin/appg/upload/choose/",
        "/admin/appg/sitesettings/1/change/",
    ]
    return [f"{live_server.url}{path}" for path in paths]


def test_axe_finds_nothing_serious(desk: Page, addresses: list[str], complained: list[str]) -> None:
    found = []
    for address in addresses:
        desk.goto(address)
        # What is loaded late may be complained of too.
        desk.wait_for_load_state("networkidle")
        assert not complained
        for violation in Axe().run(desk).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found += [
                    f"{address}: {violation['id']}: {node['html'][:160]}" for node in violation["nodes"]
                ]
        # It lays styles of its own into the page.
        complained.clear()
    assert found == [], "\n".join(found)


def test_at_twice_the_size_nothing_has_to_be_scrolled_sideways(desk: Page, addresses: list[str]) -> None:
    desk.set_viewport_size({"width": 640, "height": 450})
    wide = {}
    for address in addresses:
        desk.goto(address)
        beyond = desk.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if beyond > 0:
            wide[address] = beyond
    assert wide == {}


def test_an_item_is_changed_by_keyboard_alone(desk: Page, live_server: LiveServer) -> None:
    item = make_news(state=State.DRAFT)
    desk.goto(f"{live_server.url}/admin/appg/newsitem/{item.pk}/change/")
    desk.get_by_label("Title").focus()
    reached = set()
    for _ in range(120):
        desk.keyboard.press("Tab")
        focused = desk.evaluate(
            "[document.activeElement.name || document.activeElement.className || '',"
            " document.activeElement.value || '']"
        )
        reached.update(str(focused[0]).split())
        if focused[0] == "_continue":
            break
    assert {
        "kind",
        "slug",
        "state",
        "publish_at_0",
        "sources",
        "ProseMirror",
        "_save",
        "_continue",
    } <= reached
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Nothing was different")).to_be_visible()


def test_a_document_is_uploaded_and_its_line_is_ready(desk: Page) -> None:
    desk.get_by_role("link", name="Documents and images", exact=True).first.click()
    desk.get_by_role("link", name="Add document or image").click()
    desk.locator("input[type=file]").set_input_files(
        {"name": "report.pdf", "mimeType": "application/pdf", "buffer": pdf(12)}
    )
    desk.get_by_label("Title").fill("Full report")
    desk.get_by_role("button", name="Save and continue editing").click()
    expect(desk.locator("code")).to_have_text(
        f"Full report | PDF | 12 |  | {Upload.objects.get().get_absolute_url()}"
    )
