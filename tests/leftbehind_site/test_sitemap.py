"""The sitemap is exactly the set of canonical pages that answer."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from django.test import Client

from leftbehind_site.sitemap import page_paths
from tests.neighbourhoods.factory import make_release

pytestmark = pytest.mark.django_db

_NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


class Links(HTMLParser):
    """The addresses that a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def listed(client: Client) -> list[str]:
    response = client.get("/sitemap.xml")
    assert response["Content-Type"] == "application/xml"
    root = ElementTree.fromstring(response.content)
    return [location.text or "" for location in root.iter(f"{_NAMESPACE}loc")]


def crawl(client: Client) -> dict[str, str]:
    """Every page that can be reached from the home page by links, with its canonical address.

    A page that search engines should leave out, such as a comparison, is visited all the same.
    """
    waiting, seen = ["/"], {"/"}
    pages: dict[str, str] = {}
    while waiting:
        path = waiting.pop()
        response = client.get(path)
        assert response.status_code == 200, path
        if not response["Content-Type"].startswith("text/html"):
            continue  # a feed is read by programs, and the sitemap is of pages
        html = response.content.decode()
        (canonical,) = re.findall(r'<link rel="canonical" href="([^"]+)">', html)
        if '<meta name="robots" content="noindex">' not in html:
            pages[path] = canonical
        links = Links()
        links.feed(html)
        for link in links.found:
            address = urlsplit(urljoin(f"https://leftbehind.test{path}", link))
            if address.netloc == "leftbehind.test" and address.path not in seen:
                seen.add(address.path)
                waiting.append(address.path)
    return pages


def test_the_sitemap_is_what_a_visitor_can_reach(client: Client) -> None:
    make_release()
    pages = crawl(client)
    addresses = listed(client)

    assert sorted(pages.values()) == sorted(addresses)
    assert len(addresses) == len(set(addresses))
    assert all(canonical == f"https://leftbehind.test{path}" for path, canonical in pages.items())


def test_every_link_to_a_part_of_a_page_finds_it(client: Client) -> None:
    make_release()
    ids = {
        path: set(re.findall(r'\bid="([^"]+)"', client.get(path).content.decode())) for path in page_paths()
    }

    for path in page_paths():
        links = Links()
        links.feed(client.get(path).content.decode())
        for link in links.found:
            address = urlsplit(urljoin(f"https://leftbehind.test{path}", link))
            if address.netloc == "leftbehind.test" and address.fragment:
                assert address.fragment in ids[address.path], link


def test_what_left_the_list_is_not_in_the_sitemap(client: Client) -> None:
    make_release(12, title="Old")
    make_release(3, title="New")
    addresses = listed(client)

    assert sorted(crawl(client).values()) == sorted(addresses)
    assert not any("dorset" in address or "regions/south-west" in address for address in addresses)


def test_before_anything_is_loaded_it_holds_the_pages_that_are_there(client: Client) -> None:
    assert sorted(crawl(client).values()) == sorted(listed(client))
