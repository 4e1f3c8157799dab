"""The record in the frame of the site: the foot of every page, the sitemap."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from leftbehind_site.context import PAGES
from tests.appg import items

pytestmark = pytest.mark.django_db


def foot(client: Client, path: str = "/officers/") -> str:
    return str(client.get(path).text.partition('<nav aria-labelledby="footer-more">')[2])


def test_the_foot_names_pages_while_they_are_there(client: Client, django_assert_num_queries: Any) -> None:
    assert not any(f'href="/{slug}/"' in foot(client) for slug in PAGES)
    items.page(slug="about")
    items.page(slug="privacy", **items.WITHDRAWN)
    items.page(slug="contact", **items.DRAFT)
    items.page(slug="accessibility", **items.future())
    text = foot(client)
    assert '<a href="/about/">About the group</a>' in text
    assert '<a href="/privacy/">Privacy</a>' in text
    assert 'href="/contact/"' not in text
    assert 'href="/accessibility/"' not in text
    with django_assert_num_queries(2):  # the register itself is the other one
        client.get("/corrections/")


def test_every_link_of_the_frame_answers(client: Client) -> None:
    for slug in PAGES:
        items.page(slug=slug)
    text = client.get("/glossary/").text
    for path in set(re.findall(r'<a href="(/[^"#]*)"', text)):
        assert client.get(path).status_code == 200, path


def test_the_sitemap_names_every_page_of_the_record_once(client: Client) -> None:
    items.page(slug="inquiry-into-levelling-up")
    items.news(date="2021-06-29")
    items.session()
    items.chapter()
    paths = re.findall(r"<loc>https://leftbehind\.test([^<]*)</loc>", client.get("/sitemap.xml").text)
    assert len(paths) == len(set(paths))
    for path in ("/inquiry-into-levelling-up/", "/news/2021/", "/officers/", "/faqs/", "/corrections/"):
        assert path in paths
    for path in paths:
        assert client.get(path).status_code == 200, path


def test_the_old_sites_numbers_lead_on_from_the_home_page_only(client: Client) -> None:
    item = items.news(legacy_paths=[{"path": "/?p=12"}])
    response = client.get("/", {"p": "12"})
    assert (response.status_code, response["Location"]) == (301, item.get_absolute_url())
    assert client.get("/news/", {"p": "12"}).status_code == 200


def test_an_unknown_address_gets_the_sites_own_404(client: Client) -> None:
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "There is no page at this address" in response.text
    assert not response.has_header("Vary")
