"""The finisher: every public address's final bytes are those of the live answer."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import brotli
import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from leftbehind_site import finishing
from leftbehind_site.enumeration import Address, Kind, addresses
from leftbehind_site.finishing import OF_THE_ANSWER, UnfitError, finish, tag
from tests.appg import items
from tests.appg.record import full_record
from tests.neighbourhoods.factory import make_release

pytestmark = pytest.mark.django_db

NEWS = Address("/news/", Kind.PAGE)


def live(client: Client, path: str, **options: Any) -> tuple[int, dict[str, str], bytes]:
    headers = {"host": "leftbehind.test", **options.pop("headers", {})}
    response = client.get(path, **{"headers": headers, "secure": True, **options})
    body = b"".join(response) if response.streaming else response.content
    response.close()
    named = ((name.lower(), value) for name, value in response.items())
    return response.status_code, {name: value for name, value in named if name not in OF_THE_ANSWER}, body


def test_finished_bytes_are_the_live_ones(client: Client) -> None:
    full_record()
    make_release(12)
    items.news(slug="moved", legacy_paths=[{"path": "/2021/06/old-news/"}])
    for address in addresses():
        finished = finish(address)
        status, headers, body = live(client, address.path)
        assert (finished.status, dict(finished.headers), finished.identity) == (status, headers, body), (
            address
        )
        if finished.gzip is not None:
            assert gzip.decompress(finished.gzip) == body
            assert len(finished.gzip) < len(body)
        if finished.brotli is not None:
            assert brotli.decompress(finished.brotli) == body
        if address.kind is Kind.PAGE:
            assert finished.gzip is not None
            assert finished.brotli is not None


def test_the_same_content_gives_the_same_bytes() -> None:
    full_record()
    make_release(3)
    assert [finish(address) for address in addresses()] == [finish(address) for address in addresses()]


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"accept": "application/json"}},
        {"headers": {"accept-language": "fr"}},
        {"headers": {"host": "www.leftbehind.test"}},
        {"headers": {"user-agent": "Other/1.0"}},
        {"headers": {"cookie": "theme=dark; csrftoken=abc"}},
    ],
)
def test_no_visitor_sees_another_page(client: Client, settings: Settings, options: dict[str, Any]) -> None:
    """What is kept is sent to everyone, so nothing in it may depend on who asks."""
    settings.ALLOWED_HOSTS = ["leftbehind.test", "www.leftbehind.test"]
    full_record()
    make_release(3)
    for address in addresses():
        if address.kind is not Kind.STATIC:
            assert live(client, address.path, **options) == live(client, address.path), address


def test_each_coding_has_a_tag_of_its_own() -> None:
    finished = finish(NEWS)
    assert finished.etag.startswith('"')
    assert len({tag(finished.etag, coding) for coding in ("", "gzip", "br")}) == 3
    items.news()
    assert finish(NEWS).etag != finished.etag


def test_the_body_that_is_still_the_same_is_not_compressed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = finish(NEWS)

    def refuse(*_arguments: Any, **_options: Any) -> bytes:
        raise AssertionError

    monkeypatch.setattr(brotli, "compress", refuse)
    assert finish(NEWS, kept=first) == first
    items.news()
    with pytest.raises(AssertionError):
        finish(NEWS, kept=first)


def answering(monkeypatch: pytest.MonkeyPatch, make: Callable[[], HttpResponse]) -> None:
    def application(_environ: dict[str, Any], start_response: Callable[..., Any]) -> HttpResponse:
        response = make()
        headers = [
            *response.items(),
            *(("Set-Cookie", one.OutputString()) for one in response.cookies.values()),
        ]
        start_response(f"{response.status_code} Said", headers)
        return response

    monkeypatch.setattr(finishing, "_application", lambda: application)


def _with_cookie() -> HttpResponse:
    response = HttpResponse("x")
    response.set_cookie("seen", "1")
    return response


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: HttpResponse(status=404), "answers 404"),
        (lambda: HttpResponse(status=500), "answers 500"),
        (lambda: HttpResponse(status=302), "answers 302"),
        (lambda: HttpResponse(headers={"Cache-Control": "private, no-store"}), "may not be kept"),
        (lambda: HttpResponse(headers={"Cache-Control": "max-age=1, no-store"}), "may not be kept"),
        (lambda: HttpResponse(headers={"Vary": "Accept-Encoding, Cookie"}), "varies"),
        (_with_cookie, "sets a cookie"),
    ],
)
def test_what_may_not_be_kept_is_refused(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[], HttpResponse], why: str
) -> None:
    answering(monkeypatch, make)
    with pytest.raises(UnfitError, match=f"/news/.*{why}"):
        finish(NEWS)


def test_an_answer_that_is_only_made_for_one_moment_is_never_an_editors(admin_client: Client) -> None:
    """A draft is a 404 here, however many editors look at it."""
    items.news(slug="a-draft", **items.DRAFT)
    draft = Address("/news/a-draft/", Kind.PAGE)
    assert admin_client.get(draft.path).status_code == 200
    with pytest.raises(UnfitError, match="answers 404"):
        finish(draft)


def test_what_compression_does_not_help_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, lambda: HttpResponse(b"\x89PNG" * 100, content_type="image/png"))
    finished = finish(NEWS)
    assert (finished.gzip, finished.brotli) == (None, None)
    answering(monkeypatch, lambda: HttpResponse(b"x", content_type="text/plain"))
    finished = finish(NEWS)
    assert (finished.gzip, finished.brotli) == (None, None)


def test_an_answer_may_say_how_old_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    when = datetime(2024, 3, 31, 12, tzinfo=UTC)
    answering(monkeypatch, lambda: HttpResponse(headers={"Last-Modified": "Sun, 31 Mar 2024 12:00:00 GMT"}))
    assert finish(NEWS).last_modified == when
    answering(monkeypatch, HttpResponse)
    assert finish(NEWS).last_modified is None


def test_behind_a_front_server_it_is_rendered_as_asked_for_by_https(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 60
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    finishing._application.cache_clear()
    try:
        assert dict(finish(NEWS).headers)["strict-transport-security"] == "max-age=60"
    finally:
        finishing._application.cache_clear()


def test_thousands_are_asked_for_over_one_connection() -> None:
    def closed_by() -> list[bool]:
        # Django has no public way to ask who listens.
        return [
            close_old_connections in signal._live_receivers(None)[0]
            for signal in (request_started, request_finished)
        ]

    assert closed_by() == [True, True]
    with finishing.one_connection():
        assert closed_by() == [False, False]
        assert finish(NEWS).status == 200
    assert closed_by() == [True, True]
