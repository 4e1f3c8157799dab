"""Readers leave no trace: in their browser nothing is kept, and nobody but this site is asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.appg.record import full_record, paths_of
from tests.browser.conftest import PAGES
from tests.browser.watching import complaints

pytestmark = [pytest.mark.browser, pytest.mark.once]

PLACE = "/neighbourhoods/E05000028/becontree/"

MORE = {
    "search": "/search/",
    "search by name": "/search/?q=becontree",
    "search by postcode": "/search/?q=RM9+4RE",
    "search without a result": "/search/?q=xyzzy",
    "data": "/data/",
    "embed": f"{PLACE}embed/",
    "former address": "/?p=1",
}
FILES = {
    "card": f"{PLACE}card.png",
    "figures": f"{PLACE[:-1]}.json",
    "boundary": f"{PLACE[:-1]}.geojson",
    "oembed": f"/oembed?url=http://x.test{PLACE}",
    "sitemap": "/sitemap.xml",
    "robots": "/robots.txt",
    "health": "/healthz",
    "picture": "/static/img/icon.svg",
}
"""What a browser shows in a view of its own making, to which the policy denies its style."""

KEPT = """async () => ({
  cookie: document.cookie,
  local: localStorage.length,
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
NOTHING = {"cookie": "", "local": 0, "session": 0, "databases": 0, "caches": 0, "workers": 0}


class Traces:
    """What visits leave, as it comes up.

    Args:
        context: The browser's window, with script on.
        home: The address of the site.
    """

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.complaints = complaints(context)
        self.others: list[str] = []
        self.cookies: list[str] = []
        self._context, self._home = context, urlsplit(home).netloc
        context.on("request", lambda asked: self._ask(asked.url))
        context.on("response", lambda answer: self._answer(answer.url, answer.headers))

    def _ask(self, url: str) -> None:
        if urlsplit(url).netloc != self._home and not url.startswith("data:"):
            self.others.append(url)

    def _answer(self, url: str, headers: dict[str, str]) -> None:
        if "set-cookie" in headers:
            self.cookies.append(url)

    def check(self) -> None:
        """Nothing came up, and nothing is in the browser."""
        assert self.complaints == []
        assert self.others == []
        assert self.cookies == []
        assert self._context.cookies() == []
        assert self._context.storage_state() == {"cookies": [], "origins": []}
        assert self._context.service_workers == []


@pytest.fixture
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A new window in which files are shown rather than kept."""
    context = browser.new_context(reduced_motion="reduce")
    yield context
    context.close()


def test_no_page_leaves_a_trace(window: BrowserContext, site: str) -> None:
    traces = Traces(window, site)
    page = window.new_page()
    for kind, path in (PAGES | MORE).items():
        page.goto(site + path, wait_until="load")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        page.evaluate("document.querySelectorAll('button.copy').forEach((one) => one.click())")
        assert page.evaluate(KEPT) == NOTHING, kind
    assert traces.complaints == []
    for path in FILES.values():
        page.goto(site + path)
    assert [one for one in traces.complaints if "style" not in one] == []
    traces.complaints.clear()
    traces.check()


@pytest.mark.django_db(transaction=True)
def test_no_page_of_the_record_leaves_a_trace(window: BrowserContext, live_server: LiveServer) -> None:
    paths = [*paths_of(full_record()), "/feed/", "/corrections/"]
    traces = Traces(window, live_server.url)
    page = window.new_page()
    for path in paths:
        page.goto(live_server.url + path)
        assert page.evaluate(KEPT) == NOTHING, path
    traces.check()


def test_the_search_is_answered_by_form_under_the_policy(window: BrowserContext, site: str) -> None:
    traces = Traces(window, site)
    page = window.new_page()
    page.goto(site)
    page.get_by_role("searchbox").first.fill("becontree")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Becontree").first).to_be_visible()
    traces.check()


class _Framing(BaseHTTPRequestHandler):
    """A page of another origin, with a frame of the address that its query names."""

    def do_GET(self) -> None:
        body = f'<!doctype html><title>Elsewhere</title><iframe src="{urlsplit(self.path).query}"></iframe>'
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of another site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Framing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_other_sites_may_frame_the_card_and_nothing_else(page: Page, site: str, elsewhere: str) -> None:
    page.goto(f"{elsewhere}/?{site}{PLACE}embed/")
    expect(page.frame_locator("iframe").get_by_text("Becontree").first).to_be_visible()
    with page.expect_event("requestfailed", lambda asked: asked.url == f"{site}{PLACE}"):
        page.goto(f"{elsewhere}/?{site}{PLACE}", wait_until="commit")
