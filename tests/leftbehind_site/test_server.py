"""What every answer carries, whoever gives it, and who is refused."""

from __future__ import annotations

import importlib
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

# An error page reads the archive notice.
pytestmark = pytest.mark.django_db


def test_the_wsgi_application_answers() -> None:
    application = importlib.import_module("leftbehind_site.wsgi").application
    said: list[str] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:  # noqa: ARG001
        said.append(status)

    request = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/robots.txt",
        "SERVER_NAME": "leftbehind.test",
        "SERVER_PORT": "80",
        "wsgi.input": BytesIO(),
        "wsgi.url_scheme": "http",
    }
    response = application(request, start_response)
    body = b"".join(response)
    response.close()
    assert said == ["200 OK"]
    assert body.startswith(b"User-agent")


def test_protecting_headers(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_public_site_sends_visitors_to_https(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = client.get("/robots.txt", headers={"host": "leftbehind.test"})
    assert response.status_code == 301
    assert response["Location"] == "https://leftbehind.test/robots.txt"
    secure = client.get("/robots.txt", secure=True)
    assert secure.status_code == 200
    assert secure["Strict-Transport-Security"] == "max-age=31536000"


def test_a_health_check_from_inside_needs_no_https(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code in (200, 503)


@pytest.mark.parametrize("host", ["evil.test", "leftbehind.test.evil.test", "127.0.0.1", ""])
def test_another_host_name_is_refused(client: Client, host: str) -> None:
    assert client.get("/robots.txt", headers={"host": host}).status_code == 400


def test_a_forged_header_does_not_make_a_request_secure(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/robots.txt", headers={"x-forwarded-proto": "https"}).status_code == 301


def test_a_public_answer_asks_the_database_for_no_visitor(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = client.get("/robots.txt")
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_editors_sign_in_at_the_admin(client: Client) -> None:
    response = client.get("/admin/")
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


def test_language_and_place() -> None:
    assert django_settings.LANGUAGE_CODE == "en-gb"
    assert django_settings.TIME_ZONE == "Europe/London"
    assert django_settings.USE_TZ is True
