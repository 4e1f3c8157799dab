"""The pages of the record: what each shows, and that odd items do it no harm."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from tests.appg import items
from tests.appg.pages import check_frame, compressed, only, title_of
from tests.appg.record import EMPTY, LONG, ODD, SOURCES, full_record, paths_of
from tests.conftest import HtmlChecker

pytestmark = pytest.mark.django_db


def get(client: Client, item: Any) -> str:
    return str(client.get(item.get_absolute_url()).text)


# --- what holds for all


def test_every_page_has_its_frame_and_a_title_of_its_own(client: Client) -> None:
    record = full_record()
    titles = set()
    for path in paths_of(record):
        response = client.get(path)
        check_frame(response, path)
        titles.add(title_of(response.text))
    assert len(titles) == len(paths_of(record))


@pytest.mark.parametrize(("path", "words"), EMPTY.items())
def test_an_empty_page_says_so(client: Client, path: str, words: str) -> None:
    response = client.get(path)
    check_frame(response, path)
    assert words in response.text


def test_the_html_checker_finds_nothing(client: Client, html_checker: HtmlChecker) -> None:
    documents = {f"empty {path}": client.get(path).text for path in ("/", *EMPTY)}
    record = full_record()
    documents |= {path: client.get(path).text for path in paths_of(record)}
    for kind in items.PAGED:
        maker = items.MAKERS[kind]
        bare, odd, gone = maker(), maker(title=ODD, summary=ODD), maker(**items.WITHDRAWN)
        for item in (bare, odd, gone):
            documents[item.get_absolute_url()] = get(client, item)
    for kind in ("question", "word", "coverage", "event", "person"):
        items.MAKERS[kind](title=ODD)
        items.MAKERS[kind](**items.WITHDRAWN)
    documents |= {f"odd {path}": client.get(path).text for path in ("/", *EMPTY)}
    del documents[record["place"].get_absolute_url()]  # the directory's page has tests of its own
    assert [str(message) for message in html_checker(documents)] == []


@pytest.mark.parametrize(
    ("kind", "queries"),
    [
        ("session", 7),
        ("news", 7),
        ("publication", 7),
        ("chapter", 5),
        ("page", 5),
    ],
)
def test_a_page_costs_these_queries(
    client: Client, django_assert_num_queries: Any, kind: str, queries: int
) -> None:
    record = full_record()
    for number in range(6):
        others: dict[str, Any] = {"publications": [record["publication"]]}
        session = items.session(slug=f"s{number}", **others)
        items.news(slug=f"n{number}", sessions=[session], **others)
        items.chapter(publication=record["publication"], slug=f"c{number}")
        items.word(slug=f"w{number}")
        items.correction(record[kind])
    with django_assert_num_queries(queries):
        client.get(record[kind].get_absolute_url())


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/sessions/", 2),
        ("/inquiry-into-levelling-up/", 3),
        ("/news/", 2),
        ("/news/2021/", 2),
        ("/publications/", 2),
        ("/faqs/", 4),
        ("/glossary/", 3),
        ("/press-coverage/", 3),
        ("/corrections/", 3),
        ("/", 8),
    ],
)
def test_a_list_costs_these_queries(
    client: Client, django_assert_num_queries: Any, path: str, queries: int
) -> None:
    full_record()
    with django_assert_num_queries(queries):
        client.get(path)


@pytest.mark.parametrize("kind", items.PAGED)
def test_a_withdrawn_page_costs_less(client: Client, django_assert_num_queries: Any, kind: str) -> None:
    item = items.MAKERS[kind](**items.WITHDRAWN)
    with django_assert_num_queries(3):
        client.get(item.get_absolute_url())


def test_only_reading_is_answered(client: Client) -> None:
    record = full_record()
    for path in paths_of(record):
        assert client.post(path).status_code == 405, path
        assert client.head(path).status_code == 200, path


# --- odd items


@pytest.mark.parametrize("kind", items.PAGED)
def test_titles_with_quotes_and_angle_brackets(client: Client, kind: str) -> None:
    item = items.MAKERS[kind](title=ODD, summary=ODD)
    response = client.get(item.get_absolute_url())
    check_frame(response, item.get_absolute_url())
    assert only(r"<h1>(.*?)</h1>", response.text) == ODD
    assert "<b>odd</b>" not in response.text


@pytest.mark.parametrize(
    "path", ["/", "/officers/", "/faqs/", "/glossary/", "/press-coverage/", "/corrections/"]
)
def test_odd_titles_on_pages_of_many(client: Client, path: str) -> None:
    for kind in ("question", "word", "coverage", "event", "publication"):
        items.MAKERS[kind](title=ODD)
    person = items.person({"constituency": ODD, "party": "<i>", "note": ODD}, title=ODD)
    items.correction(person, ODD)
    response = client.get(path)
    check_frame(response, path)
    assert escape(ODD) in response.text
    assert "<b>odd</b>" not in response.text


@pytest.mark.parametrize("kind", items.PAGED)
def test_a_very_long_title_is_cut_only_in_the_breadcrumb(client: Client, kind: str) -> None:
    title = LONG[:300].strip()
    item = items.MAKERS[kind](title=title)
    text = get(client, item)
    assert only(r"<h1>(.*?)</h1>", text) == title
    assert only(r'<li aria-current="page">(.*?)</li>', text) == f"{title[:59]}…"


@pytest.mark.parametrize("kind", items.PAGED)
def test_an_item_without_text_or_anything(client: Client, kind: str) -> None:
    item = items.MAKERS[kind]()
    response = client.get(item.get_absolute_url())
    check_frame(response, item.get_absolute_url())
    assert "This archive holds no further text on it." not in response.text
    item.sources = SOURCES
    item.save()
    assert "This archive holds no further text on it." in get(client, item)


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ({"date": "2020-09-22"}, '<time datetime="2020-09-22">22 September 2020</time>'),
        ({"date": "2020-09"}, '<time datetime="2020-09">September 2020</time>'),
        ({"date": "2020"}, '<time datetime="2020">2020</time>'),
        ({"date": "", "date_text": "summer 2020"}, "<dd>Summer 2020"),
        ({"date": "2020", "date_text": "early 2020"}, "<dd>Early 2020"),
        ({"date": ""}, "<dd>Date not known"),
    ],
)
@pytest.mark.parametrize("kind", ["session", "news", "publication"])
def test_dates_are_given_as_well_as_they_are_known(
    client: Client, kind: str, date: dict[str, str], words: str
) -> None:
    assert words in get(client, items.MAKERS[kind](date_note="", **{"placed": None, **date}))


def test_two_items_on_one_day_stand_in_a_fixed_order(client: Client) -> None:
    for slug in ("b", "a", "c"):
        items.session(slug=slug, title=f"Session {slug}", date="2021-01-26")
        items.news(slug=slug, title=f"News {slug}", date="2021-01-26")
    for path, word in (("/sessions/", "Session"), ("/news/", "News"), ("/news/2021/", "News")):
        text = client.get(path).text
        places = [text.index(f">{word} {slug}<") for slug in "abc"]
        assert places == sorted(places), path
    middle = client.get("/evidence/b/").text
    assert 'rel="prev" href="/evidence/a/"' in middle
    assert 'rel="next" href="/evidence/c/"' in middle


def test_items_without_a_date_come_last_and_say_so(client: Client) -> None:
    items.session(title="Undated", date="")
    items.session(title="Dated", date="2021")
    items.news(title="Undated", date="")
    items.news(title="Dated", date="2021", placed="2021-01-01")
    for path in ("/sessions/", "/news/"):
        text = client.get(path).text
        assert text.index(">Dated<") < text.index("Date not known") < text.index(">Undated<"), path
    assert client.get("/news/None/").status_code == 404


# --- each kind


def test_a_session_says_all_that_is_known_of_it(client: Client) -> None:
    text = get(client, full_record()["session"])
    for words in (
        "Evidence session 5",
        "Transport",
        '<b>Ada Example</b><span class="where">Director, An Institute</span>',
        '<b>A Big Local area</b><span class="where">Resident</span>',
        "<b>A student</b>",
        "<b>Ben Example</b>",
        "There were others.",
        '<a href="/publication/the-report/">THE REPORT</a>',
        "<b>A film</b>",
        "Recording. No copy is known to this archive.",
        '<b>A book</b><span class="where">An author</span>',
        '<a href="https://x.org/p">A page</a>',
        "Another one",
        "The news",
        "Old Mill",
        "Northport",
        "A &lt;source&gt; &amp; “more”",
        '<a class="term" href="/glossary/#ward">ward</a>',
        "What was &lt;wrong&gt; about the session.<br>What is right.",
        "Next session, 2022",
    ):
        assert words in text, words
    assert text.count("/publication/the-report/") == 1


def test_a_session_without_speakers_says_so_beside_its_title(client: Client) -> None:
    text = get(client, items.session(speakers_note="Who spoke is not known."))
    assert "<dt>Speakers</dt><dd>Who spoke is not known.</dd>" in text
    main = text.partition("<main")[2].partition("</main>")[0]
    assert only(r"<h2[^>]*>(.*?)</h2>", main) == "Cite this page"


def test_a_session_of_the_inquiry_leads_to_the_inquiry(client: Client) -> None:
    record = full_record()
    assert 'Inquiry session 1 of the <a href="/inquiry-into-levelling-up/">' in get(client, record["inquiry"])


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("launch", {}, "Launch"),
        ("roundtable", {}, "Roundtable"),
        ("evidence", {}, "Evidence session"),
        ("inquiry", {"inquiry_number": 4}, "Inquiry session 4"),
    ],
)
def test_kinds_of_sessions_are_shown_in_words(
    client: Client, kind: str, values: dict[str, Any], words: str
) -> None:
    items.session(kind=kind, theme="Its theme", **values)
    assert f'<p class="kind">{words}. Its theme</p>' in client.get("/sessions/").text


def test_a_news_item_says_all_that_is_known_of_it(client: Client) -> None:
    text = get(client, full_record()["news"])
    for words in ("<dt>Author</dt><dd>The co-chairs</dd>", "The session", "The report", "Old Mill"):
        assert words in text, words
    assert "What was &lt;wrong&gt; about the news." in text


def test_news_has_a_page_for_each_year_that_has_any(client: Client) -> None:
    items.news(title="Of one", date="2021-06-29")
    items.news(title="Of another", date="", placed="2023-06-29")
    items.news(title="Of none", date="")
    text = client.get("/news/2023/").text
    assert "Of another" in text
    assert "Of one" not in text
    assert 'href="/news/2021/">2021</a> <span class="count">(1)</span>' in text
    assert '<b aria-current="page">2023</b>' in text
    for year in ("2022", "0000", "20211"):
        assert client.get(f"/news/{year}/").status_code == 404, year


def test_a_publication_says_all_that_is_known_of_it(client: Client) -> None:
    text = get(client, full_record()["publication"])
    for words in (
        "<dt>Authors</dt><dd>The group</dd><dd>OCSI</dd>",
        "<dt>With</dt><dd>Reform</dd>",
        "Open Government Licence v3.0",
        "<dt>higher risk</dt><dd>46%</dd>",
        '<a href="https://x.org/a.pdf">The whole</a>',
        "PDF at x.org, 48 pages. A copy.",
        "PDF, 1 page. No copy is known to this archive.",
        "The month is known.",
        "The session",
        "The news",
    ):
        assert words in text, words
    places = [text.index(f">Chapter {name}<") for name in ("one", "two", "three")]
    assert places == sorted(places)


def test_a_publication_without_licence_or_document_says_so(client: Client) -> None:
    text = get(client, items.publication())
    assert "No licence was stated." in text
    assert "No copy of it is known to this archive." in text


def test_publications_stand_by_kind(client: Client) -> None:
    for kind in ("guide", "briefing", "report", "data-dive", "statement", "policy-short"):
        items.publication(kind=kind, authors=[{"name": f"Author of {kind}"}], partners=[{"name": "Reform"}])
    text = client.get("/publications/").text
    headings = ("Reports", "Policy shorts", "Data dives", "Briefings", "Statements", "Guides")
    places = [text.index(f">{heading}</h2>") for heading in headings]
    assert places == sorted(places)
    assert "Author of guide, with Reform" in text


def test_a_chapter_stands_in_its_report(client: Client) -> None:
    text = get(client, full_record()["chapter"])
    assert "<dt>Chapter</dt><dd>2 of 3</dd>" in text
    assert '<b aria-current="page">Chapter two</b>' in text
    assert '<a href="/publication/the-report/">The report</a>' in text
    assert ">Chapter one</a></p>" in text
    assert ">Chapter three</a></p>" in text


def test_questions_can_be_linked_to(client: Client) -> None:
    record = full_record()
    text = client.get("/faqs/").text
    assert 'id="why"' in text
    assert '<a href="#why">Why?</a>' in text
    assert record["question"].get_absolute_url() == "/faqs/#why"
    assert "<h3>Findings</h3>" in text
    assert "What was &lt;wrong&gt; about the question." in text


def test_the_glossary_stands_by_the_alphabet_and_can_be_linked_to(client: Client) -> None:
    for title in ("ward", "Big Local", "‘Left behind’", "decile"):
        items.word(title=title, slug=title.lower().strip("‘’").replace(" ", "-"))
    text = client.get("/glossary/").text
    places = [text.index(f'<div id="{slug}"') for slug in ("big-local", "decile", "left-behind", "ward")]
    assert places == sorted(places)


def test_corrections_stand_in_a_register_that_leads_to_their_pages(client: Client) -> None:
    record = full_record()
    moved = items.news(slug="old-slug", title="Moved")
    items.correction(moved)
    moved.slug = "new-slug"
    moved.save()
    hidden = items.news(title="Taken back")
    items.correction(hidden)
    hidden.state = "draft"
    hidden.save()
    text = client.get("/corrections/").text
    for key in ("publication", "session", "news", "chapter", "page", "question", "person"):
        assert f'href="{record[key].get_absolute_url()}"' in text, key
        assert f"about the {key}." in text
    assert "<h3>Taken back</h3>" in text
    assert '<h3><a href="/news/new-slug/">Moved</a></h3>' in text


def test_the_inquirys_page_lists_its_sessions_in_their_order(client: Client) -> None:
    for number in (3, 1, 2):
        items.session(
            kind="inquiry", inquiry_number=number, title=f"Inquiry {number}", date="2022", placed="2022-05-01"
        )
    items.session(title="Not of the inquiry")
    items.page(slug="inquiry-into-levelling-up", summary="What it was.", body="<p>Told.</p>", sources=SOURCES)
    response = client.get("/inquiry-into-levelling-up/")
    check_frame(response, "/inquiry-into-levelling-up/")
    places = [response.text.index(f">Inquiry {number}<") for number in (1, 2, 3)]
    assert places == sorted(places)
    assert "Not of the inquiry" not in response.text
    for words in ("What it was.", "<p>Told.</p>", "A &lt;source&gt;"):
        assert words in response.text


def test_a_withdrawn_text_of_the_inquirys_page_gives_its_reason(client: Client) -> None:
    reason = {**items.WITHDRAWN, "withdrawn_reason": "The figures were wrong.\nAll of them."}
    items.page(slug="inquiry-into-levelling-up", body="<p>Told.</p>", **reason)
    text = client.get("/inquiry-into-levelling-up/").text
    assert "The figures were wrong.<br>All of them." in text
    assert "Told." not in text


def test_a_page_names_the_other_pages(client: Client) -> None:
    record = full_record()
    text = get(client, record["page"])
    assert '<a href="/contact/">Contact</a>' in text.partition("<footer>")[0]


def test_pages_of_the_record_are_small(client: Client) -> None:
    record = full_record()
    for path in paths_of(record):
        assert compressed(client.get(path)) < 14_000, path


def test_a_long_title_is_cut_between_words(client: Client) -> None:
    title = "Buses, broadband and Beeching – boosting connectivity in the neighbourhoods"
    item = items.news(title=title)
    way = client.get(item.get_absolute_url()).content.decode().partition('aria-current="page">')[2]
    assert way.partition("<")[0] == "Buses, broadband and Beeching – boosting connectivity in…"


def test_press_coverage_says_what_it_rests_on(client: Client) -> None:
    items.coverage(date_note="A note.", sources=SOURCES)
    items.coverage(sources=[{"url": "https://withdrawn.org/"}], **items.WITHDRAWN)
    text = client.get("/press-coverage/").text
    assert '<a href="https://www.example.org/?a=1&amp;b=2">A &lt;source&gt; &amp; “more”</a>' in text
    assert "https://withdrawn.org/" not in text
