"""The search page: what it shows, what it refuses, and that it keeps nothing of what was typed."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from appg.models import NewsItem
from deploy import serve
from leftbehind_site.common import words
from leftbehind_site.logs import WithoutQueries
from leftbehind_site.settings import LOGGING as SET
from neighbourhoods.models import Postcode
from tests.appg import items
from tests.appg.pages import check_outline, only, title_of
from tests.appg.record import ODD
from tests.conftest import HtmlChecker
from tests.neighbourhoods.factory import code, make_release
from tests.neighbourhoods.sites import SiteDatabase
from tests.servers import Server

pytestmark = pytest.mark.django_db

POSTCODE = "TS24 9XX"
LOGGING: dict[str, Any] = SET


def wide(text: str) -> str:
    """The letters as they are written among Chinese ones."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


def search(client: Client, typed: str) -> str:
    answer = client.get("/search/", {"q": typed})
    assert answer.status_code == 200
    return str(answer.text)


# --- the page


def test_every_page_has_the_search_box(client: Client) -> None:
    make_release()
    items.news(slug="a-piece")
    for path in ("/", "/neighbourhoods/", "/news/a-piece/", "/nowhere/", "/neighbourhoods/E05999999/x/"):
        html = client.get(path).text
        form = only(r'<form class="search search-slim"(.*?)</form>', html)
        assert 'action="/search/"' in form
        assert 'name="q"' in form
        assert '<label for="masthead-q" class="unseen">Search this archive</label>' in form
        assert "method" not in form  # so the address holds the search, and no token is needed


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/", "Name or postcode"),
        ("/neighbourhoods/", "Find a neighbourhood by name or postcode"),
        ("/neighbourhoods/E05999999/x/", "Name or postcode"),
        ("/xyzzy/", "Search this archive"),
        ("/search/", "Name, postcode or words"),
    ],
)
def test_where_a_reader_looks_for_something_the_box_is_large(client: Client, path: str, label: str) -> None:
    make_release()
    html = client.get(path).text
    form = only(r'<form class="search" (.*?)</form>', html)
    assert only(r"<label[^>]*>(.*?)</label>", form) == label
    check_outline(html, path)


def test_the_page_of_results_is_listed_nowhere_and_kept_by_nobody(client: Client) -> None:
    make_release()
    for typed in ("", "three corners", "nothing at all", POSTCODE):
        answer = client.get("/search/", {"q": typed})
        assert '<meta name="robots" content="noindex">' in answer.text
        # Before anything is typed there is nothing to hide: a copy of the site has that page.
        assert answer["Cache-Control"] == ("no-store" if typed else "no-cache")
        assert answer["Referrer-Policy"] == "no-referrer"
        assert not answer.cookies
        assert not answer.has_header("Vary")
        # A script answers only where no server does.
        assert ("<script" in answer.text) == (not typed)
        assert 'rel="canonical"' not in answer.text
        check_outline(answer.text, typed)
    assert "/search/" not in client.get("/sitemap.xml").text


def test_the_title_and_the_box_say_what_was_typed(client: Client) -> None:
    html = search(client, 'a "quoted" <b>word</b> & more')
    assert title_of(html).startswith('Search: a "quoted" <b>word</b> & more – ')
    assert only(r'id="search" name="q" value="([^"]*)"', html) == 'a "quoted" <b>word</b> & more'
    assert "<b>word" not in html


def test_a_search_for_everything_shows_everything(client: Client) -> None:
    make_release()
    items.news(title="Three corners of a story", summary="About something else.")
    html = search(client, "three corners")
    assert html.index("Neighbourhoods</h2>") < html.index("The group’s record</h2>")
    assert "Found for ‘three corners’: 1 neighbourhood and 1 item of the group’s record." in html
    assert f"/neighbourhoods/{code(0)}/three-corners/" in html


def test_what_shares_a_digit_with_half_a_postcode_is_not_offered(client: Client) -> None:
    items.news(title="Pledge 7")
    text = client.get("/search/?q=TS3 7").text
    assert "TS3 is only the first part of a postcode" in text
    assert "Pledge 7" not in text
    assert "Pledge 7" in client.get("/search/?q=oath 7").text


def test_an_empty_result_says_what_there_is_and_offers_browsing(client: Client) -> None:
    make_release()
    html = search(client, "xylophone quartet")
    assert "Nothing in this archive fits ‘xylophone quartet’." in html
    assert "The directory covers the wards of England that the group called ‘left behind’" in html
    assert '<a href="/neighbourhoods/regions/north-east/">North East</a>' in html
    assert '<a href="/neighbourhoods/#g">G</a>' in html
    for href in re.findall(r'href="(/neighbourhoods/[^"#]*)', html):
        assert client.get(href).status_code == 200


def test_an_empty_site_has_a_search_page_too(client: Client) -> None:
    assert "No figures have been loaded into the directory yet." in search(client, "")
    assert "No figures have been loaded into the directory yet." in search(client, "anything")
    assert "No: TS24 9XX" in search(client, POSTCODE)


def test_signs_alone_find_nothing(client: Client) -> None:
    make_release()
    for typed in (
        "!!!",
        "???",
        "“”",
        "&",
        "…",
        "😀",
        "' OR 1=1 --",
        '"',
        "*",
        "NEAR(a b)",
        "a AND OR",
        "title:x",
    ):
        assert "<h1>Search</h1>" in search(client, typed)


def test_a_long_list_of_results_says_that_it_is_cut(client: Client) -> None:
    for _ in range(25):
        items.news(body="<p>Something about lighthouses.</p>")
    html = search(client, "lighthouses")
    assert html.count('<li class="entry">') == 20
    assert "25 items of the group’s record" in html
    assert "No more than 20 results of a kind are shown." in html


def test_the_html_checker_finds_nothing(client: Client, html_checker: HtmlChecker) -> None:
    make_release()
    Postcode.objects.create(postcode="TS24 0XT", neighbourhood_id=code(0))
    items.news(title=ODD, summary=ODD, body="<p>grange &amp; <strong>health</strong></p>")
    items.session(title="Health", **items.WITHDRAWN)
    typed = ("", "grange", "helth", "health", POSTCODE, "ts240xt", "ts24", "ts2400xt", "zzz qqq", ODD[:200])
    documents = {one: search(client, one) for one in typed}
    documents["too long"] = client.get("/search/", {"q": "x" * 400}).text
    assert [str(message) for message in html_checker(documents)] == []


def test_the_same_number_of_queries_for_any_number_of_neighbourhoods(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (12, 400):
        make_release(count, title=f"{count}")
        for typed, queries in (("ward 0003", 5), ("xylophone", 7), (POSTCODE, 4), ("", 3), ("TS24", 8)):
            with django_assert_num_queries(queries):
                search(client, typed)


# --- what cannot be read


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("q=" + "a" * 10_000, 414),
        ("q=" + "%F0%9F%98%80" * 400, 414),
        ("q=a%00b", 400),
        ("q=%07", 400),
        ("q=%FF%FE", 400),
        ("q=%ED%A0%80", 400),
        ("q=%EF%BF%BE", 400),
        ("q=%F4%8F%BF%BF", 400),
        ("q=" + "&q=".join("a" * 1500), 400),
        ("q=%E2%80%AEabc%E2%80%8B", 200),
        ("q=%C3%85%CC%8A%F0%9F%8F%B4", 200),
        ("q=" + "%CC%81" * 200, 200),
        ("q=" + "a+" * 149, 200),
        ("q=a&q=b", 200),
        ("q=a&q=", 200),
        ("q", 200),
        ("q[]=a&p=1&page=-1", 200),
        ("q=%", 200),
        ("q=%zz", 200),
        ("q=%0Agrange%09", 200),
        ("q=%F0%9D%94%A4%F0%9D%94%AF%F0%9D%94%9E%F0%9D%94%AB%F0%9D%94%A4%F0%9D%94%A2", 200),
    ],
)
def test_odd_queries_get_a_clear_page(client: Client, query: str, status: int) -> None:
    make_release()
    answer = client.get(f"/search/?{query}")
    assert answer.status_code == status
    assert answer.text.count("<h1") == 1
    assert "It is no longer updated." in answer.text
    assert '<meta name="robots" content="noindex">' in answer.text


def test_a_search_that_is_too_long_is_told_so_and_may_be_tried_again(client: Client) -> None:
    answer = client.get("/search/", {"q": "x" * 301})
    assert "A search may have 300 characters. This one has 301." in answer.text
    assert 'id="search" name="q" value=""' in answer.text
    assert "Or browse" in answer.text


def test_of_several_the_last_counts_and_the_box_shows_it(client: Client) -> None:
    html = client.get("/search/?q=first&q=second&q=").text
    assert only(r'id="search" name="q" value="([^"]*)"', html) == "second"


def test_letters_of_other_shapes_are_the_same_letters(client: Client) -> None:
    make_release()
    for typed in (wide("GRANGE"), "gra\u200bnge", "\u202egrange", "g\u0301rang\u00e8"):
        assert "/grange/" in search(client, typed), typed


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(client: Client, method: str) -> None:
    assert getattr(client, method)("/search/", {"q": "grange"}).status_code == 405


def test_a_head_request_is_answered(client: Client) -> None:
    assert client.head("/search/?q=grange").status_code == 200


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("St. Anne’s", "saint annes"),
        ("  SPEKE–Garston ", "speke garston"),
        ("Park & Garden", "park and garden"),
        ("Ökö_Straße", "oko strasse"),
        (wide("TS24"), "ts24"),
        ("n\u00b4t", "nt"),
    ],
)
def test_spellings_fold_to_one(typed: str, folded: str) -> None:
    assert words.fold(typed) == folded
    assert words.fold(folded) == folded


# --- the old site's searches


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/?s=words", "/search/?q=words"),
        ("/?s=community+wealth%20fund", "/search/?q=community+wealth+fund"),
        ("/?s=St+Anne%E2%80%99s+%26+more", "/search/?q=St+Anne%E2%80%99s+%26+more"),
        ("/?s=health&post_type=news", "/search/?q=health"),
        ("/?s=%2F%2Fevil.test", "/search/?q=%2F%2Fevil.test"),
    ],
)
def test_an_old_search_leads_to_the_same_one(client: Client, old: str, new: str) -> None:
    answer = client.get(old)
    assert answer.status_code == 301
    assert answer["Location"] == new
    assert client.get(new).status_code == 200


@pytest.mark.parametrize(("words", "status"), [("a" * 10_000, 414), ("%00", 400), ("%FF", 400)])
def test_an_old_search_that_cannot_be_read_is_refused(client: Client, words: str, status: int) -> None:
    assert client.get(f"/?s={words}", follow=True).status_code == status


# --- nothing is kept


def test_a_search_writes_nothing_into_the_database(client: Client) -> None:
    make_release()
    NewsItem.objects.count()
    with connection.execute_wrapper(_only_reading):
        for typed in ("grange", POSTCODE, "helth", "TS24", ""):
            search(client, typed)


def _only_reading(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    assert sql.lstrip("(").startswith("SELECT"), sql
    return execute(sql, params, many, context)


def test_errors_are_logged_without_what_was_typed(caplog: pytest.LogCaptureFixture, client: Client) -> None:
    make_release()
    client.raise_request_exception = False
    formatter = logging.Formatter(LOGGING["formatters"]["line"]["format"], style="{")
    caplog.handler.addFilter(WithoutQueries())

    def fail(typed: str) -> None:
        raise ValueError(f"cannot look for {typed}") from DatabaseError(f"near {typed}")

    with mock.patch("neighbourhoods.postcodes.answer", side_effect=fail):
        assert client.get("/search/", {"q": POSTCODE}).status_code == 500
    told = "\n".join(formatter.format(record) for record in caplog.records)
    assert "Internal Server Error: /search/" in told
    assert "ValueError" in told
    assert "DatabaseError" in told
    assert "in fail" in told
    assert "TS24" not in told


def test_the_development_server_logs_no_query() -> None:
    record = logging.LogRecord(
        "django.server",
        logging.INFO,
        "",
        0,
        '"%s" %s %s',
        ("GET /search/?q=TS24+9XX HTTP/1.1", "200", "9"),
        None,
    )
    assert WithoutQueries().filter(record)
    assert record.getMessage() == '"GET /search/ HTTP/1.1" 200 9'


def test_every_message_passes_the_filter() -> None:
    logs = LOGGING
    assert {name for handler in logs["handlers"].values() for name in handler["filters"]} == {
        "without_queries"
    }
    # No logger has a way of its own past the handler with the filter.
    for name in ("django", "django.server"):
        assert logs["loggers"][name] == {**logs["loggers"][name], "handlers": [], "propagate": True}


def test_the_access_log_has_no_place_for_a_query_or_an_address() -> None:
    assert "%(path)s" in serve.ACCESS_LOG
    for atom in ("query_string", "addr", "header"):
        assert atom not in serve.ACCESS_LOG
    assert serve.SENT_ID == " %(header{x-request-id})s"


# --- the server as it runs


def test_the_running_server_keeps_nothing_of_a_search(
    empty_site: SiteDatabase, talkative: Server, tmp_path: Path
) -> None:
    log = talkative.log
    secrets = ("TS249XX", "TS24 9XX", "TS24%209XX", "xylophone", "9XX")
    with talkative.running():
        for path in (
            "/search/?q=TS249XX",
            "/search/?q=TS24+9XX",
            "/search/?q=xylophone",
            "/?s=xylophone+9XX",
        ):
            talkative.get(path)
        assert talkative.status("/search/?q=TS249XX%00") == 400
        assert talkative.status("/search/?q=TS249XX" + "x" * 10_000) == 414
        assert talkative.status("/nowhere/?q=TS249XX") == 404
        # A table that is missing is a fault to PostgreSQL, and a damaged file to SQLite.
        status = 503 if empty_site.url.startswith("sqlite") else 500
        empty_site.drop("neighbourhoods_postcode")
        assert talkative.status("/search/?q=TS249XX") == status
        # The line of the access log follows the answer.
        talkative.wait(lambda: f'"GET /search/ HTTP/1.1" {status}' in log.read_text())
    said = log.read_text()
    assert "Bad Request: /search/" in said
    assert ("No database for /search/" if status == 503 else "Internal Server Error: /search/") in said
    assert re.search("OperationalError|UndefinedTable", said)
    for secret in secrets:
        assert secret not in said
    for file in (tmp_path / "data").rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert not [secret for secret in secrets if secret.encode() in content], file
