"""The record that ships, as the site shows it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appg.addresses import addresses
from appg.content_files import read_folder
from leftbehind_site.context import PAGES
from neighbourhoods.models import Neighbourhood
from tests.appg.pages import check_frame, compressed, title_of
from tests.conftest import HtmlChecker

BUDGET = 14_000
HOME_BUDGET = 20_000
MOST_QUERIES = 8


@pytest.fixture(scope="module")
def record_paths(shipped: Client) -> list[str]:
    """Every page of the record, and the home page."""
    found = re.findall(r"<loc>https://leftbehind\.test([^<]*)</loc>", shipped.get("/sitemap.xml").text)
    return [path for path in found if not path.startswith("/neighbourhoods/")]


@pytest.fixture(scope="module")
def answers(shipped: Client, record_paths: list[str]) -> dict[str, tuple[Any, int]]:
    """The answer at each of them, with how many queries it cost."""
    gathered = {}
    for path in record_paths:
        with CaptureQueriesContext(connection) as queries:
            response = shipped.get(path)
        gathered[path] = response, len(queries)
    return gathered


def test_the_whole_record_is_there(record_paths: list[str]) -> None:
    assert len(record_paths) >= 100
    assert {f"/{slug}/" for slug in PAGES} <= set(record_paths)


def test_every_page_has_its_frame_and_a_title_of_its_own(answers: dict[str, tuple[Any, int]]) -> None:
    titles: dict[str, str] = {}
    for path, (response, _) in answers.items():
        check_frame(response, path)
        assert titles.setdefault(title_of(response.text), path) == path


def test_every_neighbourhoods_page_keeps_the_budgets(shipped: Client) -> None:
    paths = [place.get_absolute_url() for place in Neighbourhood.objects.listed()]
    assert len(paths) == 225
    for path in paths:
        with CaptureQueriesContext(connection) as queries:
            response = shipped.get(path)
        assert len(queries) <= MOST_QUERIES, path
        assert compressed(response) <= BUDGET, path


def test_every_page_keeps_the_budgets(answers: dict[str, tuple[Any, int]]) -> None:
    for path, (response, queries) in answers.items():
        assert queries <= MOST_QUERIES, path
        assert compressed(response) <= (HOME_BUDGET if path == "/" else BUDGET), path


def test_the_home_page_costs_these_queries(answers: dict[str, tuple[Any, int]]) -> None:
    assert answers["/"][1] == 8


def test_every_link_within_the_site_answers_at_once(
    shipped: Client, answers: dict[str, tuple[Any, int]]
) -> None:
    asked: dict[str, Any] = {}
    for path, (response, _) in answers.items():
        for href in re.findall(r'<a [^>]*href="(/[^"]*)"', response.text):
            target, _, fragment = unescape(href).partition("#")
            if target not in asked:
                asked[target] = answers[target][0] if target in answers else shipped.get(target)
            assert asked[target].status_code == 200, (path, href)
            if fragment:
                assert f'id="{fragment}"' in asked[target].text, (path, href)


def test_every_old_address_leads_to_its_item_in_one_step(shipped: Client) -> None:
    known = addresses()
    asked = 0
    for file in read_folder():
        for old in file.values.get("legacy_paths", []):
            response = shipped.get(old)
            path = urlsplit(old).path
            if response.status_code == 200:
                assert path in known.paths
            else:
                assert response.status_code == 301, old
                assert response["Location"] in known.paths, old
                assert response["Location"].endswith(f"/{file.slug}/"), old
            asked += 1
    assert asked > 30


def test_neighbourhoods_that_the_record_names_say_so(shipped: Client) -> None:
    named = {code for file in read_folder() for code in file.values.get("neighbourhoods", [])}
    assert named
    for code in sorted(named):
        path = shipped.get(f"/neighbourhoods/{code}/")["Location"]
        with CaptureQueriesContext(connection) as queries:
            response = shipped.get(path)
        assert len(queries) <= MOST_QUERIES
        assert compressed(response) <= BUDGET
        said = response.text.partition('id="said"')[2].partition("</section>")[0]
        assert "<h3>" in said, code


def test_a_neighbourhood_that_it_does_not_name_says_that(shipped: Client) -> None:
    named = {code for file in read_folder() for code in file.values.get("neighbourhoods", [])}
    codes = re.findall(r"/neighbourhoods/(E05\d+)/", shipped.get("/sitemap.xml").text)
    code = next(code for code in codes if code not in named)
    text = shipped.get(f"/neighbourhoods/{code}/", follow=True).text
    assert "No session, news item or publication in this archive is linked to" in text


def test_the_html_checker_finds_nothing(
    answers: dict[str, tuple[Any, int]], html_checker: HtmlChecker
) -> None:
    documents = {path: response.text for path, (response, _) in answers.items() if path != "/"}
    assert [str(message) for message in html_checker(documents)] == []
