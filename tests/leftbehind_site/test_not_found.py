"""The page about an address that nobody knows: what this is, what comes closest, where copies may be."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leftbehind_site.common import limits
from leftbehind_site.nearest import MOST, nearest, words_of
from tests.appg import items
from tests.appg.pages import check_outline
from tests.conftest import HtmlChecker

pytestmark = pytest.mark.django_db

HOSTS = ("www.appg-leftbehindneighbourhoods.org.uk", "appg-leftbehindneighbourhoods.org.uk")


@pytest.fixture
def record() -> dict[str, Any]:
    return {
        "place": items.neighbourhood(name="Gorse Hill"),
        "news": items.news(slug="buses-in-the-north", title="Buses in the north"),
        "report": items.publication(slug="a-report-on-health", title="A report on health"),
        "other": items.publication(slug="health-and-homes", title="Health and homes"),
        "person": items.person(slug="ada-example-mp", title="Ada Example MP"),
        "question": items.question(slug="who-paid", title="Who paid for it?"),
        "secret": items.news(slug="buses-to-come", title="Buses to come", **items.DRAFT),
    }


def closest(path: str) -> list[str]:
    return [one.path for one in nearest(path)]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/news/Buses-in-the-North/", ["news", "buses", "north"]),
        ("/wp-content/uploads/2021/03/Health_Report-2.pdf", ["health", "report", "2"]),
        ("/%E2%80%98left%E2%80%99-behind", ["left", "behind"]),
        ("/", []),
        ("/a/a/a", []),
        ("/x-x-x/x", ["x"]),
        ("/" + "long" * 100, ["long" * 10]),
        ("/" + "-".join(f"word{number}" for number in range(100)), [f"word{number}" for number in range(12)]),
    ],
)
def test_the_words_of_an_address(path: str, words: list[str]) -> None:
    assert words_of(path) == words


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/old/buses", "news"),
        ("/old/busses-north", "news"),
        ("/people/ada-example/", "person"),
        ("/map/gorse-hill", "place"),
        ("/map/gorsehill-gorse", "place"),
        ("/help/paid", "question"),
    ],
)
def test_the_closest_comes_first(record: dict[str, Any], path: str, kind: str) -> None:
    assert closest(path)[0] == record[kind].get_absolute_url()


def test_rare_words_weigh_more_and_at_most_five_are_offered(record: dict[str, Any]) -> None:
    for number in range(8):
        items.news(title=f"Health news {number}", slug=f"health-news-{number}")
    found = closest("/x/homes-and-health")
    assert found[0] == record["other"].get_absolute_url()
    assert len(closest("/x/health")) == MOST
    assert len(set(closest("/x/health"))) == MOST


@pytest.mark.usefixtures("record")
def test_nothing_like_it_is_nothing_offered(client: Client) -> None:
    assert closest("/zzzzzz/qqqq") == []
    text = client.get("/zzzzzz/qqqq").text
    assert "Pages with words of the address" not in text
    assert text.count("<h1") == 1


def test_what_is_not_public_is_not_offered(record: dict[str, Any]) -> None:
    assert record["secret"].get_absolute_url() not in closest("/news/buses-to-come-soon")


def test_the_page_says_what_this_is_and_offers_ways_on(client: Client, record: dict[str, Any]) -> None:
    response = client.get("/old/buses/?a=1&b=%C3%A9")
    text = response.text
    assert response.status_code == 404
    assert "This is the archive of the All-Party Parliamentary Group" in text
    assert "from June 2020 to March 2024" in text
    assert f'<a href="{record["news"].get_absolute_url()}">Buses in the north</a> (news)' in text
    hrefs = [unescape(href) for href in re.findall(r'href="([^"]*)"', text)]
    assert re.search(r'<input type="search"[^>]* name="q" value="old buses"', text)
    for host in HOSTS:
        assert f"https://web.archive.org/web/2024*/https://{host}/old/buses/?a=1&b=%C3%A9" in hrefs
    assert '<meta name="robots" content="noindex">' in text
    assert not response.cookies
    assert not response.has_header("Vary")
    check_outline(text, "/old/buses/")


def test_an_address_cannot_write_into_the_page(client: Client) -> None:
    text = client.get("/old/%3Cscript%3Ealert(1)%3C/script%3E/?%22%3E%3Cb%3E").text
    assert "<script" not in text
    assert "<b>" not in text


def test_it_costs_five_queries_at_most_whatever_the_number(client: Client) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 404
        return len(queries)

    items.neighbourhood()
    before = {path: cost(path) for path in ("/old/buses/", "/neighbourhoods-x/buses", "/?p=9")}
    for number in range(6):
        items.neighbourhood(f"E0500001{number}", f"Buses {number}")
        items.news(title=f"Buses {number}")
    assert {path: cost(path) for path in before} == before
    assert max(before.values()) <= 5


@pytest.mark.parametrize("path", ["/static/none.css", "/admin-x/none"])
def test_only_reading_looks_anything_up(client: Client, path: str) -> None:
    items.news(slug="none-such", title="None such")
    response = client.post(path)
    assert response.status_code == 405
    assert "None such" not in response.text
    assert ("None such" in client.get(path).text) is not path.startswith("/static/")


@pytest.mark.parametrize("what", ["leftbehind_site.former.addresses", "leftbehind_site.views.nearest"])
def test_while_the_database_is_away_nobody_is_told_that_there_is_nothing(client: Client, what: str) -> None:
    """A 404 would be believed, by search engines too."""
    client.raise_request_exception = False
    with mock.patch(what, side_effect=OperationalError):
        response = client.get("/old/buses/")
    assert response.status_code == 503
    assert response["Retry-After"] == "30"


@pytest.mark.parametrize(
    "path",
    [
        *("/" + "x" * 10_000, "/" + "x" * 3_900, "/" + "health-" * 550),
        *("/%00/x", "/%F0%9F%98%80", "/%E2%80%AE", "/%ED%A0%80", "/-1/", "/‘x’"),
    ],
)
@pytest.mark.usefixtures("record")
def test_odd_addresses_are_no_fault(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == (404 if len(path) < limits.PATH_BYTES else 414)
    assert len(response.content) < 20_000


def test_the_page_is_good_html(client: Client, record: dict[str, Any], html_checker: HtmlChecker) -> None:
    assert record
    paths = ("/old/buses/?a=1&b=2", "/zz%22zz", "/old/health", '/%C3%A9 x?"<>=\\{}|^`[]')
    pages = {path: client.get(path).text for path in paths}
    assert [str(message) for message in html_checker(pages)] == []
