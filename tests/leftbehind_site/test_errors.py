"""Error pages stand in the frame of the site and need nothing that may have failed."""

from __future__ import annotations

from collections.abc import Iterator
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from leftbehind_site import urls as site_urls
from tests.neighbourhoods.factory import make_release


def _forbidden(_request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def _suspicious(_request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def _fault(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault on purpose")


urlpatterns = [
    path("forbidden/", _forbidden),
    path("suspicious/", _suspicious),
    path("fault/", _fault),
    *site_urls.urlpatterns,
]
handler400, handler403 = site_urls.handler400, site_urls.handler403
handler404, handler500 = site_urls.handler404, site_urls.handler500


@pytest.fixture
def visitor() -> Iterator[Client]:
    """A visitor who sees the error page instead of the exception."""
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(raise_request_exception=False)


ERRORS = {"/suspicious/": 400, "/forbidden/": 403, "/nowhere/": 404, "/fault/": 500}


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("address", "status"), ERRORS.items())
def test_every_error_page_carries_the_notice_and_ways_on(visitor: Client, address: str, status: int) -> None:
    response = visitor.get(address)
    html = response.content.decode()

    assert response.status_code == status
    assert "This is the archived website of the group. It is no longer updated." in html
    assert "active from June 2020 to March 2024" in html
    assert "not official bodies of Parliament" in html
    assert html.count("<h1") == 1
    assert 'href="/neighbourhoods/"' in html
    assert '<meta name="robots" content="noindex">' in html
    assert 'rel="canonical"' not in html
    assert not response.cookies


def test_the_page_about_a_fault_asks_nothing_of_the_database(visitor: Client) -> None:
    # No database mark: a query would fail this test.
    response = visitor.get("/fault/")

    assert response.status_code == 500
    assert "It is no longer updated." in response.content.decode()


@pytest.mark.django_db
def test_without_its_settings_a_page_shows_the_defaults(visitor: Client) -> None:
    make_release()
    with mock.patch("appg.models.SiteSettings.load", side_effect=DatabaseError):
        response = visitor.get("/nowhere/")

    assert response.status_code == 404
    assert "active from June 2020 to March 2024" in response.content.decode()


@pytest.mark.django_db
def test_a_database_that_fails_ends_in_the_page_about_a_fault(visitor: Client) -> None:
    with mock.patch("neighbourhoods.listings.overview", side_effect=DatabaseError):
        response = visitor.get("/")

    assert response.status_code == 500
    assert "The fault is ours." in response.content.decode()
