"""Items as JSON-LD, read from their pages."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from appg.models import (
    ARCHIVED_AT,
    Chapter,
    Correction,
    Item,
    NewsItem,
    Page,
    Publication,
    Session,
    SiteSettings,
    State,
)

pytestmark = pytest.mark.django_db

SITE = "https://leftbehind.test"
PUBLIC: dict[str, Any] = {"state": State.PUBLISHED, "publish_at": ARCHIVED_AT}


def read(client: Client, item: Item) -> Any:
    html = client.get(item.get_absolute_url()).content.decode()
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return json.loads(found)


def news(**values: Any) -> NewsItem:
    return NewsItem.objects.create(
        **{"title": "News", "slug": "news", "kind": "news", "date": "2021-06", **PUBLIC, **values}
    )


def test_each_kind_says_what_it_is(client: Client) -> None:
    report = Publication.objects.create(
        title="A report",
        slug="a-report",
        kind="report",
        date="2021",
        authors=[{"name": "Local Trust"}],
        **PUBLIC,
    )
    chapter = Chapter.objects.create(title="One", slug="one", order=1, publication=report, **PUBLIC)
    session = Session.objects.create(
        title="A session", slug="a-session", kind="evidence", date="2020-09-22", **PUBLIC
    )
    undated = Session.objects.create(title="Another", slug="another", kind="evidence", **PUBLIC)
    page = Page.objects.create(title="About", slug="about-it", **PUBLIC)
    assert b"ld+json" not in client.get("/inquiry-into-levelling-up/").content
    inquiry = Page.objects.create(title="The inquiry", slug="inquiry-into-levelling-up", **PUBLIC)

    assert read(client, report) == {
        "@context": "https://schema.org",
        "@type": "Report",
        "name": "A report",
        "url": f"{SITE}/publication/a-report/",
        "datePublished": "2021",
        "author": ["Local Trust"],
    }
    assert read(client, chapter)["isPartOf"]["url"] == f"{SITE}/publication/a-report/"
    assert read(client, session)["about"] == {
        "@type": "Event",
        "name": "A session",
        "startDate": "2020-09-22",
    }
    assert "startDate" not in read(client, undated)["about"]
    assert read(client, page)["@type"] == "WebPage"
    assert read(client, inquiry)["name"] == "The inquiry"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("news", "NewsArticle"),
        ("press-release", "NewsArticle"),
        ("blog", "BlogPosting"),
        ("letter", "Article"),
    ],
)
def test_news_of_each_kind(client: Client, kind: str, expected: str) -> None:
    found = read(client, news(kind=kind, author="Ada Example MP", summary="In a line."))
    assert found["@type"] == expected
    assert found["datePublished"] == "2021-06"
    assert found["author"] == "Ada Example MP"
    assert found["description"] == "In a line."


def test_corrections_are_told(client: Client) -> None:
    item = news()
    correction = Correction.objects.create(
        content_type=ContentType.objects.get_for_model(NewsItem),
        object_id=item.pk,
        title=item.title,
        path=item.get_absolute_url(),
        text="The date was wrong: it is June 2021.",
        made_at=datetime(2024, 2, 1, 12, tzinfo=UTC),
    )
    assert read(client, item)["correction"] == [
        {
            "@type": "CorrectionComment",
            "text": "The date was wrong: it is June 2021.",
            "datePublished": "2024-02-01",
            "url": f"{SITE}/corrections/#correction-{correction.pk}",
        }
    ]


def test_a_withdrawn_item_is_named_and_no_more(client: Client) -> None:
    item = news(state=State.WITHDRAWN, withdrawn_reason="It was wrong.", summary="What it said.")
    found = read(client, item)
    assert found["creativeWorkStatus"] == "Withdrawn"
    assert "description" not in found


def test_nothing_in_it_ends_the_element(client: Client) -> None:
    title = "</script><script>alert('&')</script> \u2028 ‘quoted’"
    assert read(client, news(title=title))["name"] == title


def test_the_footer_says_where_to_write_if_anybody_answers(client: Client) -> None:
    assert b"mailto:" not in client.get("/").content
    SiteSettings.objects.update_or_create(pk=1, defaults={"contact_email": "archive@example.org"})
    assert b'<a href="mailto:archive@example.org">' in client.get("/").content
