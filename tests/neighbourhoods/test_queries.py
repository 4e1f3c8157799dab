"""A page asks the database as often for 7,433 neighbourhoods as for a dozen, and at most eight times."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from neighbourhoods.models import Neighbourhood
from tests.neighbourhoods.factory import code, make_release

MOST = 8

PAGES = {
    "/": 6,
    "/neighbourhoods/": 6,
    "/neighbourhoods/regions/north-east/": 7,
    "/neighbourhoods/authorities/E06000010/kingston-upon-hull-city-of/": 8,
    "/neighbourhoods/constituencies/E14000001/north/": 7,
    "/neighbourhoods/method/": 7,
    "/data/releases/": 3,
    "/neighbourhoods/rankings/": 3,
    "/neighbourhoods/rankings/cni/": 4,
    "/neighbourhoods/rankings/population/": 4,
    f"/neighbourhoods/{code(0)}/three-corners/": 7,
    "/neighbourhoods/compare/": 2,
    f"/neighbourhoods/compare/{code(0)}/{code(1)}/": 5,
    f"/neighbourhoods/compare/{code(0)}/{code(1)}/{code(2)}/{code(3)}/": 5,
    f"/neighbourhoods/compare/{code(0)}/{code(1)}/Grange/": 5,
    "/neighbourhoods/E05999999/grange/": 6,
    "/sitemap.xml": 7,
}
"""How often each kind of page asks, the archive notice included."""


def asked(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(path).status_code in (200, 404)
    return len(queries)


@pytest.mark.django_db
def test_pages_ask_little(client: Client, django_assert_max_num_queries: Any) -> None:
    make_release()
    for path in PAGES:
        with django_assert_max_num_queries(MOST):
            client.get(path)
    assert {path: asked(client, path) for path in PAGES} == PAGES


@pytest.mark.django_db
def test_pages_ask_no_more_of_7433_neighbourhoods(client: Client) -> None:
    make_release(7433)

    assert Neighbourhood.objects.listed().count() == 7433
    assert {path: asked(client, path) for path in PAGES} == PAGES


@pytest.mark.django_db
def test_a_redirect_asks_once(client: Client) -> None:
    make_release()

    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/neighbourhoods/{code(0)}").status_code == 301
    assert len(queries) == 1
