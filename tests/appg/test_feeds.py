"""The feeds, read as a reader's program would read them."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from time import struct_time
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from appg import editing
from appg.models import ARCHIVED_AT, Redirect, SiteSettings
from tests.appg import items

pytestmark = pytest.mark.django_db

FEEDS = {
    "/feed/": "/",
    "/news/feed/": "/news/",
    "/sessions/feed/": "/sessions/",
    "/publications/feed/": "/publications/",
    "/corrections/feed/": "/corrections/",
}
ATOM = "{http://www.w3.org/2005/Atom}"


def read(client: Client, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    parsed = feedparser.parse(response.content, response_headers={"content-type": response["Content-Type"]})
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    check(ET.fromstring(response.content), path)
    return parsed


def check(feed: ET.Element, path: str) -> None:
    """What RFC 4287 asks of a feed beyond being well-formed."""
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (found,) = element.findall(f"{ATOM}{name}")
            assert found.text, name
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated", "")).tzinfo is not None
        alternates = element.findall(f"{ATOM}link[@rel='alternate']")
        assert len(alternates) == 1
        assert alternates[0].get("href", "").startswith("https://leftbehind.test/")
    assert len(feed.findall(f"{ATOM}author")) == 1
    (self_link,) = feed.findall(f"{ATOM}link[@rel='self']")
    assert self_link.get("href") == f"https://leftbehind.test{path}"
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))


def at(moment: struct_time) -> datetime:
    return datetime(*moment[:6], tzinfo=UTC)


@pytest.mark.parametrize(("path", "about"), FEEDS.items())
def test_each_feed_says_what_it_is_and_that_it_is_an_archive(client: Client, path: str, about: str) -> None:
    SiteSettings.objects.update(notice="An archive & <no> more.")
    feed = read(client, path).feed
    assert feed.subtitle == (
        "Archive. An archive & <no> more. The group was active from June 2020 to March 2024."
    )
    assert feed.title.startswith("All-Party Parliamentary Group for ‘left behind’ neighbourhoods: ")
    assert feed.link == f"https://leftbehind.test{about}"
    assert feed.id == f"tag:appg-leftbehindneighbourhoods.org.uk,2024:{path}"
    assert feed.language == "en-GB"


@pytest.mark.parametrize("path", FEEDS)
def test_an_empty_feed_is_as_old_as_the_archive(client: Client, path: str) -> None:
    parsed = read(client, path)
    assert not parsed.entries
    assert at(parsed.feed.updated_parsed) == ARCHIVED_AT


def test_an_entry_says_what_its_item_is(client: Client) -> None:
    items.news(title="Prices & <costs> “rise”", slug="costs", kind="letter", summary="It’s <b>so</b> & so.")
    (entry,) = read(client, "/news/feed/").entries
    assert (entry.title, entry.summary) == ("Prices & <costs> “rise”", "It’s <b>so</b> & so.")
    assert entry.link == "https://leftbehind.test/news/costs/"
    assert entry.id == "tag:appg-leftbehindneighbourhoods.org.uk,2024:/news/costs/"
    assert [tag.term for tag in entry.tags] == ["Letter"]
    assert at(entry.published_parsed) == datetime(2021, 6, 29, tzinfo=UTC)
    assert at(entry.updated_parsed) == ARCHIVED_AT


def test_an_item_whose_day_is_not_known_is_given_none(client: Client) -> None:
    items.news(date="2021-06", placed="2021-06-30")
    items.news(date="", date_text="summer 2021", placed="2021-07-31")
    assert all("published" not in entry for entry in read(client, "/news/feed/").entries)


def test_each_feed_has_its_kind_and_the_old_address_has_all(client: Client) -> None:
    titles = {
        "/news/feed/": items.news(date="2021-06-01").title,
        "/sessions/feed/": items.session(date="2021-06-03", number=4).title,
        "/publications/feed/": items.publication(date="2021-06-02").title,
        "/corrections/feed/": f"Correction: {items.correction(items.page(title='About')).title}",
    }
    for path, title in titles.items():
        assert [entry.title for entry in read(client, path).entries] == [title]
    together = [entry.title for entry in read(client, "/feed/").entries]
    assert together == [
        titles[f"/{name}/feed/"] for name in ("corrections", "sessions", "publications", "news")
    ]
    assert read(client, "/sessions/feed/").entries[0].tags[0].term == "Evidence session 4"


def test_an_item_keeps_its_id_when_its_address_changes(client: Client) -> None:
    item = items.news(slug="first")
    before = read(client, "/feed/").entries[0]
    item.slug = "second"
    item.save()
    item.slug = "third"
    item.save()
    after = read(client, "/feed/").entries[0]
    assert after.id == before.id
    assert after.link == "https://leftbehind.test/news/third/"


@pytest.mark.parametrize(
    "slugs", [("second", "first"), ("second", "first", "third"), ("second", "third", "second", "fourth")]
)
def test_an_item_keeps_its_id_when_its_address_goes_back(client: Client, slugs: tuple[str, ...]) -> None:
    item = items.news(slug="first")
    before = read(client, "/feed/").entries[0]
    for slug in slugs:
        item.slug = slug
        item.save()
        after = read(client, "/feed/").entries[0]
        assert (after.id, after.link) == (before.id, f"https://leftbehind.test/news/{slug}/")


def test_an_id_is_kept_through_an_undo(client: Client) -> None:
    item = items.news(slug="first")
    before = read(client, "/feed/").entries[0].id
    first = item.history.get()
    item.slug = "second"
    item.save()
    second = item.history.first()
    for version in (first, second):
        editing.undo(version, by=None, why="x")
        assert read(client, "/feed/").entries[0].id == before


def test_an_item_that_had_moved_before_its_first_address_was_kept_has_the_same_id(client: Client) -> None:
    items.news(slug="third")
    for slug in ("first", "second"):
        Redirect.objects.create(old_path=f"/news/{slug}/", new_path="/news/third/", automatic=True)
    migration = import_module("appg.migrations.0008_first_addresses")
    migration.mark_first(apps, SimpleNamespace(connection=connection))
    assert read(client, "/feed/").entries[0].id.endswith(":/news/first/")


def test_an_editors_own_redirect_makes_no_id(client: Client) -> None:
    item = items.news(slug="now")
    Redirect.objects.create(old_path="/some/where/", new_path=item.get_absolute_url())
    Redirect.objects.create(old_path="/a/", new_path="/b/", automatic=True)
    Redirect.objects.create(old_path="/b/", new_path="/a/", automatic=True)
    assert read(client, "/feed/").entries[0].id.endswith(":/news/now/")


def test_a_correction_updates_its_item_and_the_feed(client: Client) -> None:
    item = items.news()
    other = items.session()
    day, later = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2025, 6, 7, tzinfo=UTC)
    items.correction(item, made_at=later)
    items.correction(item, made_at=day)
    items.correction(items.page(), made_at=datetime(2026, 1, 1, tzinfo=UTC))
    parsed = read(client, "/news/feed/")
    assert at(parsed.entries[0].updated_parsed) == later
    assert at(parsed.feed.updated_parsed) == later
    assert at(read(client, "/sessions/feed/").entries[0].updated_parsed) == ARCHIVED_AT
    corrections = read(client, "/corrections/feed/")
    assert [entry.summary for entry in corrections.entries] == ["The number was 225, not 206."] * 3
    assert at(corrections.entries[1].published_parsed) == later
    assert corrections.entries[1].link.startswith("https://leftbehind.test/corrections/#correction-")
    assert other.pk


def test_a_withdrawn_item_says_so(client: Client) -> None:
    items.news(summary="Secret", body="<p>Secret</p>", **items.WITHDRAWN)
    (entry,) = read(client, "/feed/").entries
    assert entry.summary == "Withdrawn. The figures were wrong."


def test_an_item_without_a_summary_has_its_title(client: Client) -> None:
    item = items.news(summary="")
    assert read(client, "/feed/").entries[0].summary == item.title


def test_what_xml_cannot_hold_is_left_out(client: Client) -> None:
    items.news(slug="odd", title="A \x0bpage\x1f")
    assert read(client, "/feed/").entries[0].title == "A page"


def test_the_same_record_gives_the_same_bytes(client: Client) -> None:
    for day in ("2021-01-01", "2021-01-01", ""):
        items.news(date=day)
        items.session(date=day)
    items.correction(items.publication())
    for path in FEEDS:
        assert client.get(path).content == client.get(path).content


@pytest.mark.parametrize(("path", "queries"), [("/feed/", 5), ("/news/feed/", 4), ("/corrections/feed/", 2)])
def test_a_feed_costs_the_same_queries_however_long_it_is(
    client: Client, django_assert_num_queries: Any, path: str, queries: int
) -> None:
    for number in range(4):
        items.correction(items.news(slug=f"n{number}"))
        items.session()
        items.publication()
    with django_assert_num_queries(queries):
        client.get(path)


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_sets_no_cookie_and_is_only_read(client: Client, path: str) -> None:
    response = client.get(path)
    assert not response.cookies
    assert not response.has_header("Vary")
    assert client.post(path).status_code == 405


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("/", "/feed/"),
        ("/news/", "/news/feed/"),
        ("/sessions/", "/sessions/feed/"),
        ("/publications/", "/publications/feed/"),
        ("/corrections/", "/corrections/feed/"),
    ],
)
def test_pages_name_their_feed(client: Client, page: str, feed: str) -> None:
    text = client.get(page).text
    assert text.count('<link rel="alternate" type="application/atom+xml"') == 1
    assert f'href="{feed}">' in text
