"""The enumeration names every public address, and nothing that is not one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.urls.resolvers import RoutePattern

from appg.models import Redirect
from leftbehind_site.enumeration import Address, Kind, addresses
from leftbehind_site.sitemap import page_paths
from neighbourhoods.models import Postcode
from tests.appg import items
from tests.appg.record import full_record
from tests.neighbourhoods.factory import code, make_release

pytestmark = pytest.mark.django_db

DYNAMIC = {
    "healthz": "says how this process is",
    "oembed": "answers a question",
    "admin/": "for editors",
    "files/<int:pk>/<str:name>": "named by what editors upload; see the test of uploads",
    # Other spellings, which lead to the address that is enumerated.
    "data/releases": "no slash",
    r"data/releases/(?P<mark>[^/]+)$": "no slash",
    "neighbourhoods/method": "no slash",
    "neighbourhoods/<str:code>/<str:slug>/embed": "no slash",
    "neighbourhoods/rankings": "no slash",
    r"neighbourhoods/rankings/(?P<slug>[^/]+)$": "no slash",
    r"neighbourhoods/compare$": "no slash",
    r"neighbourhoods/compare/(?P<codes>.+)$": "no slash",
    r"neighbourhoods/(?:regions|authorities|constituencies)/?$": "no area",
    r"neighbourhoods/regions/(?P<slug>[^/]+)$": "no slash",
    r"neighbourhoods/authorities/(?P<code>[^/]+)(?:/(?P<slug>[^/]+))?/?$": "no name, or no slash",
    r"neighbourhoods/constituencies/(?P<code>[^/]+)(?:/(?P<slug>[^/]+))?/?$": "no name, or no slash",
    r"neighbourhoods/(?P<code>[^/]+)(?:/(?P<slug>[^/]+))?/?$": "no name, or no slash",
}
"""Routes that are not enumerated, and why."""


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = before + (str(entry.pattern).removeprefix("^") if before else str(entry.pattern))
        if isinstance(entry, URLPattern) or (isinstance(entry.pattern, RoutePattern) and route == "admin/"):
            yield route
        else:
            yield from routes(entry, route)


def by_kind() -> dict[Kind, list[str]]:
    found: dict[Kind, list[str]] = {}
    for address in addresses():
        found.setdefault(address.kind, []).append(address.path)
    return found


def test_every_route_is_enumerated_or_known_to_be_dynamic() -> None:
    full_record()
    make_release(12)
    Postcode.objects.create(postcode="TS24 0XT", neighbourhood_id=code(0))
    own = (address for address in addresses() if not address.path.startswith("/static/"))
    enumerated = {resolve(address.path).route for address in own}
    known = set(routes(get_resolver()))
    assert enumerated <= known
    assert known - enumerated == set(DYNAMIC)


def test_each_address_stands_in_it_once() -> None:
    full_record()
    make_release(12)
    assert max(Counter(address.path for address in addresses()).values()) == 1


def test_its_pages_are_those_of_the_sitemap() -> None:
    full_record()
    make_release(12)
    assert by_kind()[Kind.PAGE] == page_paths()


def test_every_address_answers(client: Client) -> None:
    full_record()
    make_release(3)
    items.news(slug="moved-there", legacy_paths=[{"path": "/2021/06/Old-News"}])
    Redirect.objects.create(old_path="/short", new_path="/news/moved-there/")
    for address in addresses():
        response = client.get(address.path)
        if address.kind is Kind.UNKNOWN:
            assert response.status_code == 404, address
        elif address.kind is Kind.REDIRECT:
            assert response.status_code == 301, address
            assert client.get(response["Location"]).status_code == 200, address
        else:
            assert response.status_code == 200, address
        response.close()


def test_former_addresses_are_redirects() -> None:
    items.news(slug="moved-there", legacy_paths=[{"path": "/2021/06/Old-News"}, {"path": "/?p=12"}])
    Redirect.objects.create(old_path="/short/", new_path="/news/moved-there/")
    Redirect.objects.create(old_path="/nowhere/", new_path="/news/never-there/")
    assert set(by_kind()[Kind.REDIRECT]) == {"/2021/06/Old-News/", "/?p=12", "/short/"}


def test_what_is_not_public_is_not_enumerated() -> None:
    items.news(slug="a-draft", **items.DRAFT)
    items.news(slug="to-come", **items.future())
    items.news(slug="withdrawn", **items.WITHDRAWN)
    paths = {address.path for address in addresses()}
    assert "/news/withdrawn/" in paths
    assert not paths & {"/news/a-draft/", "/news/to-come/"}


def test_the_comparisons_that_pages_offer_are_enumerated(client: Client) -> None:
    make_release(12)
    listed = by_kind()
    pages = [path for path in listed[Kind.PAGE] if path.startswith("/neighbourhoods/E05")]
    offered = {
        found
        for page in pages
        for found in re.findall(r'href="(/neighbourhoods/compare/E[^"]+)"', client.get(page).text)
    }
    assert len(offered) > 12
    assert set(listed[Kind.COMPARISON]) == offered


def test_the_sites_own_static_files_are_enumerated_without_the_admins() -> None:
    static = by_kind()[Kind.STATIC]
    assert "/static/css/site.css" in static
    assert not any(path.startswith("/static/admin/") for path in static)


def test_an_address_is_a_value() -> None:
    assert Address("/", Kind.PAGE) == Address("/", Kind.PAGE)
