"""The record as JSON-LD, read from its pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from appg.models import CONTENT_MODELS, SiteSettings
from tests.appg import items
from tests.structured import graph_of, node_of, nodes_of

pytestmark = pytest.mark.django_db

SITE = "https://leftbehind.test"
MADE_AT = datetime(2024, 2, 1, 12, tzinfo=UTC)


def read(client: Client, item: Any) -> Any:
    """What the page of an item says of it."""
    return node_of(client.get(item.get_absolute_url()).text, f"{SITE}{item.get_absolute_url()}")


# --- items with a page of their own


def test_each_kind_says_what_it_is(client: Client) -> None:
    report = items.publication(title="A report", slug="a-report", date="2021", authors=[{"name": "OCSI"}])
    chapter = items.chapter(publication=report)
    session = items.session(title="A session", date="2020-09-22")

    assert read(client, report) == {
        "@type": "Report",
        "@id": f"{SITE}/publication/a-report/",
        "url": f"{SITE}/publication/a-report/",
        "name": "A report",
        "datePublished": "2021",
        "author": ["OCSI"],
    }
    assert read(client, chapter)["isPartOf"]["@id"] == f"{SITE}/publication/a-report/"
    early = items.chapter(
        publication=items.publication(title="To come", slug="secret", **items.DRAFT), order=1
    )
    assert read(client, early)["isPartOf"] == {"@type": "Report", "name": "To come"}
    assert read(client, session)["about"] == {
        "@type": "Event",
        "name": "A session",
        "startDate": "2020-09-22",
    }
    assert "startDate" not in read(client, items.session(date=""))["about"]
    assert read(client, items.page())["@type"] == "WebPage"


def test_the_inquirys_page_is_an_item_where_it_has_a_text(client: Client) -> None:
    path = "/inquiry-into-levelling-up/"
    assert "WebPage" not in [one["@type"] for one in graph_of(client.get(path).text)]
    page = items.page(title="The inquiry", slug="inquiry-into-levelling-up")
    assert read(client, page)["name"] == "The inquiry"


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
    item = items.news(kind=kind, date="2021-06", author="Ada Example MP", summary="In a line.")
    found = read(client, item)
    assert found["@type"] == expected
    assert found["headline"] == item.title
    assert found["datePublished"] == "2021-06"
    assert found["author"] == "Ada Example MP"
    assert found["description"] == "In a line."
    assert found["publisher"] == {"@id": f"{SITE}/#group"}


def test_a_withdrawn_item_is_named_and_no_more(client: Client) -> None:
    found = read(client, items.news(summary="What it said.", **items.WITHDRAWN))
    assert found["creativeWorkStatus"] == "Withdrawn"
    assert "description" not in found


def test_nothing_in_it_ends_the_element(client: Client) -> None:
    title = "</script><script>alert('&')</script> \u2028 ‘quoted’"
    assert read(client, items.news(title=title))["name"] == title


# --- items on a page of many


def test_a_question_has_its_answer_in_plain_words(client: Client) -> None:
    items.word(title="Ward", slug="ward")
    question = items.question(title="What is it?", body="<p>A <strong>ward</strong> &amp; more.</p>")
    withdrawn = items.question(**items.WITHDRAWN)
    (page,) = nodes_of(client.get("/faqs/").text, "FAQPage")
    assert page["url"] == f"{SITE}/faqs/"
    first, second = page["mainEntity"]
    assert first["@id"] == f"{SITE}{question.get_absolute_url()}"
    assert first["name"] == "What is it?"
    assert first["acceptedAnswer"] == {"@type": "Answer", "text": "A ward & more."}
    assert second["name"] == withdrawn.title
    assert second["creativeWorkStatus"] == "Withdrawn"
    assert "acceptedAnswer" not in second


def test_a_word_has_its_meaning(client: Client) -> None:
    word = items.word(title="Ward", summary="An area that elects councillors.")
    (page,) = nodes_of(client.get("/glossary/").text, "DefinedTermSet")
    assert page["hasDefinedTerm"] == [
        {
            "@type": "DefinedTerm",
            "@id": f"{SITE}{word.get_absolute_url()}",
            "url": f"{SITE}{word.get_absolute_url()}",
            "name": "Ward",
            "description": "An area that elects councillors.",
        }
    ]


def test_a_person_has_the_offices_held_in_the_group(client: Client) -> None:
    person = items.person({"office": "Co-chair", "start": "2020-07", "end": "2021"}, {"office": "Member"})
    assert read(client, person)["memberOf"] == [
        {
            "@type": "OrganizationRole",
            "memberOf": {"@id": f"{SITE}/#group"},
            "roleName": "Co-chair",
            "startDate": "2020-07",
            "endDate": "2021",
        },
        {"@type": "OrganizationRole", "memberOf": {"@id": f"{SITE}/#group"}, "roleName": "Member"},
    ]


def test_a_piece_in_the_press_is_its_outlets(client: Client) -> None:
    piece = items.coverage(outlet="The Paper", url="https://www.example.org/piece", date="2021-02-25")
    found = read(client, piece)
    assert found["@type"] == "Article"
    assert found["url"] == "https://www.example.org/piece"
    assert found["publisher"] == {"@type": "Organization", "name": "The Paper"}
    assert found["datePublished"] == "2021-02-25"
    assert "url" not in read(client, items.coverage(**items.WITHDRAWN)).get("publisher", {})


def test_an_event_of_the_timeline_has_its_day(client: Client) -> None:
    found = read(client, items.event(title="Launch", date="2020-07-14"))
    assert (found["@type"], found["name"], found["startDate"]) == ("Event", "Launch", "2020-07-14")


@pytest.mark.parametrize("path", ["/faqs/", "/glossary/", "/officers/", "/press-coverage/"])
def test_an_empty_page_holds_nothing(client: Client, path: str) -> None:
    kinds = {one["@type"] for one in graph_of(client.get(path).text)}
    assert kinds == {"BreadcrumbList", "Organization"}


@pytest.mark.parametrize("kind", items.MAKERS)
def test_nothing_is_told_that_is_not_public(client: Client, kind: str) -> None:
    item = items.MAKERS[kind](**items.DRAFT)
    assert item.title not in client.get(item.get_absolute_url()).text


# --- corrections


def test_items_of_every_kind_can_be_made_here() -> None:
    made = {type(make()) for make in items.MAKERS.values()}
    assert made == set(CONTENT_MODELS.values())


@pytest.mark.parametrize("kind", items.MAKERS)
def test_a_correction_is_told_with_the_item_it_was_made_to(client: Client, kind: str) -> None:
    other = items.MAKERS[kind]()
    item = items.MAKERS[kind]()
    correction = items.correction(item, "The date was wrong: it is June 2021.", made_at=MADE_AT)
    html = client.get(item.get_absolute_url()).text

    found = node_of(html, f"{SITE}{item.get_absolute_url()}")
    # What is no work itself has our entry as a work about it.
    works = [one for one in (found, found.get("subjectOf", {})) if "correction" in one]
    assert [work["correction"] for work in works] == [
        [
            {
                "@type": "CorrectionComment",
                "text": "The date was wrong: it is June 2021.",
                "datePublished": "2024-02-01",
                "url": f"{SITE}/corrections/#correction-{correction.pk}",
            }
        ]
    ]
    assert works[0]["url"] == f"{SITE}{item.get_absolute_url()}"
    assert html.count('"CorrectionComment"') == 1, other


def test_a_correction_made_at_night_is_of_the_day_that_the_page_says(client: Client) -> None:
    """In summer the day begins an hour earlier in London than in UTC."""
    item = items.news()
    items.correction(item, made_at=datetime(2024, 7, 1, 23, 30, tzinfo=UTC))
    html = client.get(item.get_absolute_url()).text
    (told,) = node_of(html, f"{SITE}{item.get_absolute_url()}")["correction"]
    assert told["datePublished"] == "2024-07-02"
    assert '<time datetime="2024-07-02">2 July 2024</time>' in html


@pytest.mark.parametrize("kind", items.MAKERS)
def test_a_correction_is_on_the_page_in_the_register_and_in_its_feed(client: Client, kind: str) -> None:
    item = items.MAKERS[kind]()
    correction = items.correction(item, "The date was wrong: it is June 2021.")
    for path in (item.get_absolute_url(), "/corrections/"):
        shown = client.get(path).text.split("<body>")[1]
        assert "The date was wrong: it is June 2021." in shown, path
    assert f'href="{correction.get_absolute_url()}"' in client.get(item.get_absolute_url()).text
    assert "The date was wrong: it is June 2021." in client.get("/corrections/feed/").text


# --- whom it is about


def test_the_footer_says_where_to_write_if_anybody_answers(client: Client) -> None:
    assert b"mailto:" not in client.get("/").content
    SiteSettings.objects.update_or_create(pk=1, defaults={"contact_email": "archive@example.org"})
    assert b'<a href="mailto:archive@example.org">' in client.get("/").content
