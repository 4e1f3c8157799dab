"""Error pages stand in the frame of the site and need nothing that may have failed."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from leftbehind_site import urls as site_urls
from leftbehind_site.outage import unavailable


def _forbidden(_request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def _suspicious(_request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def _fault(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault on purpose")


def _away(_request: HttpRequest) -> HttpResponse:
    raise OperationalError


VISIBLE = "leftbehind_site.views.visible"
"""The first thing that the home page asks of the database."""

urlpatterns = [
    path("away/", _away),
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


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("address", "status"), [("/suspicious/", 400), ("/forbidden/", 403)])
def test_without_its_settings_a_page_about_an_error_shows_the_defaults(
    visitor: Client, address: str, status: int
) -> None:
    with mock.patch("leftbehind_site.context.facts", side_effect=OperationalError):
        response = visitor.get(address)

    assert response.status_code == status
    assert "active from June 2020 to March 2024" in response.content.decode()


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, DatabaseError])
def test_a_database_that_is_away_is_told_from_a_fault(visitor: Client, error: type[Exception]) -> None:
    """No database mark: the page asks nothing of it."""
    with mock.patch(VISIBLE, side_effect=error):
        response = visitor.get("/")

    html = response.content.decode()
    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Frame-Options"] == "DENY"
    assert "The archive’s database does not answer just now." in html
    assert "It is no longer updated." in html
    assert '<meta name="robots" content="noindex">' in html
    assert not response.cookies


def test_who_sent_something_is_told_that_it_may_be_lost(rf: RequestFactory) -> None:
    response = unavailable(rf.post("/admin/"), OperationalError())

    assert response.status_code == 503
    assert "what you sent may not have been saved" in response.content.decode()


@pytest.mark.parametrize("error", [OperationalError("gone"), OSError(errno.ENOSPC, "full")])
def test_an_address_begins_no_line_of_its_own_in_the_log(
    rf: RequestFactory, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    unavailable(rf.get("/x%0A2030-01-01 CRITICAL forged%0D%E2%80%A8/"), error)
    (record,) = caplog.records
    assert len(record.getMessage().splitlines()) == 1
    assert r"for /x\n2030-01-01 CRITICAL forged\r" in record.getMessage()


def test_a_database_that_was_asked_wrongly_is_a_fault_of_ours(visitor: Client) -> None:
    with mock.patch(VISIBLE, side_effect=ProgrammingError):
        response = visitor.get("/")

    assert response.status_code == 500
    assert "The fault is ours." in response.content.decode()


def test_the_log_has_one_line_about_it_and_nothing_that_was_typed(
    visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    error = OperationalError("fts5: syntax error near hidden words")
    with mock.patch("leftbehind_site.search.results", side_effect=error):
        assert visitor.get("/search/?q=hidden+words").status_code == 503
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["No database for /search/: OperationalError"]
    assert "Traceback" not in caplog.text
