"""What every answer carries to protect its reader, whoever gives it and whatever it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from leftbehind_site import enumeration, health
from leftbehind_site import urls as site_urls
from leftbehind_site.common import headers
from leftbehind_site.common.headers import DESK, FRAMED, PAGE, READ, SEARCHING, written
from leftbehind_site.enumeration import Kind
from neighbourhoods.files.addresses import paths as file_paths
from neighbourhoods.models import Postcode
from tests.appg import items
from tests.appg.record import full_record
from tests.desk import make_editor, png, signed_in
from tests.leftbehind_site import observatory
from tests.neighbourhoods.factory import code, make_release

pytestmark = pytest.mark.django_db

HSTS = "max-age=31536000"
INLINE = re.compile(
    r"""<style|\sstyle=|\son[a-z]+=["']|<script(?![^>]*(?:src=|application/ld\+json))[^>]*>"""
)
"""Styles, handlers and scripts that are written into a page."""

FOR_EVERYONE = frozenset({Kind.FILE, Kind.CARD, Kind.ICON, Kind.MEDIA, Kind.EMBED})
"""Kinds whose answers pages of other sites may show or read."""


def _forbidden(_request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def _fault(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault on purpose")


urlpatterns = [path("forbidden/", _forbidden), path("fault/", _fault), *site_urls.urlpatterns]
handler400, handler403 = site_urls.handler400, site_urls.handler403
handler404, handler500 = site_urls.handler404, site_urls.handler500


class Visitor(Client):
    """Comes by https."""

    def generic(self, *arguments: Any, **options: Any) -> Any:
        return super().generic(*arguments, **{**options, "secure": True})


@pytest.fixture
def visitor(settings: Settings) -> Client:
    """A visitor who sees an error page instead of the exception."""
    settings.ROOT_URLCONF = __name__
    return Visitor(raise_request_exception=False, headers={"host": "leftbehind.test"})


@pytest.fixture
def content(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something of every kind."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(enumeration, "file_paths", lambda: list(file_paths())[:4])
    full_record()
    make_release(3)
    Postcode.objects.create(postcode="TS24 0XT", neighbourhood_id=code(0))
    items.news(title="Moved", slug="moved", legacy_paths=[{"path": "/2021/06/Old-News"}])
    items.upload("a.png", png(), "image/png", width=4, height=3, alternative_text="A hall")


def protecting(response: Any) -> dict[str, str]:
    """The headers of an answer that are for protection."""
    return {name.lower(): value for name, value in response.items() if name.lower() in headers.NAMES}


def expected(policy: dict[str, Any] = PAGE, **others: str | None) -> dict[str, str]:
    """What an answer has to carry; the others by name with _ for -, nothing for a missing one."""
    values = {name.lower(): value for name, value in headers.CONSTANT.items()}
    values |= {"content-security-policy": written(policy), "strict-transport-security": HSTS}
    values |= {name.replace("_", "-"): value or "" for name, value in others.items()}
    return {name: value for name, value in values.items() if value}


OPEN: dict[str, Any] = {"cross_origin_resource_policy": "cross-origin", "access_control_allow_origin": "*"}


@pytest.mark.usefixtures("content")
def test_every_kind_of_address(visitor: Client) -> None:
    """All pages, three of each other kind; no page has anything inline that its policy would keep from it."""
    seen: dict[Kind, int] = {}
    for address in enumeration.addresses():
        seen[address.kind] = seen.get(address.kind, 0) + 1
        embedded = address.path.endswith("/embed/")
        if address.kind is not Kind.PAGE and seen[address.kind] > 3:
            continue
        wanted = expected()
        if embedded:
            wanted = expected(FRAMED, x_frame_options=None, cross_origin_resource_policy="cross-origin")
        elif address.path == "/search/":
            wanted = expected(SEARCHING, referrer_policy="no-referrer")
        elif address.kind is Kind.MEDIA:
            wanted = expected(READ, **OPEN)
        elif address.kind in FOR_EVERYONE:
            wanted = expected(**OPEN)
        response = visitor.get(address.path)
        if response["Content-Type"].startswith("text/html"):
            assert INLINE.findall(response.text) == [], address
        response.close()
        assert protecting(response) == wanted, address
    assert set(seen) == set(Kind)


ERRORS = {
    "/forbidden/": 403,
    "/nowhere/": 404,
    "/neighbourhoods/E05999999/nowhere/": 404,
    "/files/99/nowhere.pdf": 404,
    "/static/nowhere.css": 404,
    "/wp-admin/": 410,
    "/fault/": 500,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("address", "status"), ERRORS.items())
def test_errors(visitor: Client, address: str, status: int) -> None:
    response = visitor.get(address)
    assert response.status_code == status
    assert protecting(response) == expected()


def test_other_methods(visitor: Client) -> None:
    response = visitor.post("/news/")
    assert response.status_code == 405
    assert protecting(response) == expected()


def test_a_form_from_elsewhere(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    stranger = Visitor(enforce_csrf_checks=True, headers={"host": "leftbehind.test"})
    response = stranger.post("/admin/login/", {"username": "x"})
    assert response.status_code == 403
    assert "This form could not be accepted" in response.text
    assert "Django" not in response.text
    policy = protecting(response).pop("content-security-policy")
    assert {**protecting(response), "content-security-policy": written(PAGE)} == expected()
    assert "unsafe" not in policy


def test_a_host_that_is_not_ours(visitor: Client) -> None:
    response = visitor.get("/news/", headers={"host": "evil.test"})
    assert response.status_code == 400
    # Before it knows its host, Django does not say that it insists on https there.
    assert protecting(response) | {"strict-transport-security": HSTS} == expected()


def test_a_service_that_is_down(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError

    monkeypatch.setitem(health.PARTS, "database", fail)
    response = visitor.get("/healthz")
    assert response.status_code == 503
    assert protecting(response) == expected()


@pytest.mark.usefixtures("content")
def test_redirects(visitor: Client, settings: Settings) -> None:
    for address in ("/2021/06/Old-News/", f"/n/{code(0)}", "/news"):
        response = visitor.get(address)
        assert response.status_code == 301, address
        assert protecting(response) == expected(), address
    settings.SECURE_SSL_REDIRECT = True
    by_http = Client(headers={"host": "leftbehind.test"}).get("/news/")
    assert by_http.status_code == 301
    assert protecting(by_http) == expected(strict_transport_security=None)
    settings.FORMER_HOSTS = frozenset({"www.former.test"})
    from_there = visitor.get("/news/", headers={"host": "www.former.test"})
    assert from_there.status_code == 301
    # Whether that name stays with this site is not this site's to say.
    assert protecting(from_there) == expected(strict_transport_security=None)


def test_an_answer_that_is_still_good(visitor: Client) -> None:
    make_release(1)
    address = f"/neighbourhoods/{code(0)}/three-corners.json"
    etag = visitor.get(address)["ETag"]
    response = visitor.get(address, headers={"if-none-match": etag})
    assert response.status_code == 304
    assert protecting(response) == expected(**OPEN)


def test_the_desk_has_a_policy_of_its_own(visitor: Client) -> None:
    for response in (
        visitor.get("/admin/login/"),
        signed_in(make_editor()).get(
            "/admin/appg/newsitem/add/", secure=True, headers={"host": "leftbehind.test"}
        ),
    ):
        assert response.status_code == 200
        policy = dict(part.partition(" ")[::2] for part in response["Content-Security-Policy"].split("; "))
        script, digest = policy.pop("script-src").split()
        assert script == "'self'"
        assert digest.startswith("'sha256-")
        others = {name: " ".join(sources) for name, sources in DESK.items() if name != "script-src"}
        assert policy == {**others, "upgrade-insecure-requests": ""}
        assert {**protecting(response), "content-security-policy": written(PAGE)} == expected()


def test_no_policy_lets_a_page_write_or_evaluate_code() -> None:
    for policy in (PAGE, SEARCHING, FRAMED, READ, DESK):
        assert "unsafe" not in written(policy)
        assert "*" not in str(policy.get("script-src"))
        assert policy["default-src"] == ["'none'"]


def test_a_policy_is_written_the_same_each_time() -> None:
    """Also in another process, where Python's sets have another order."""
    assert written(PAGE) == (
        "base-uri 'self'; default-src 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self';"
        " script-src 'self'; style-src 'self'; upgrade-insecure-requests"
    )


# --- the Observatory's rules


@pytest.mark.usefixtures("content")
def test_the_observatory_gives_its_best_grade(visitor: Client) -> None:
    """Home, a neighbourhood, the editors' door; and the card that others frame, which loses ten points."""
    grades = {}
    for address in (
        "/",
        f"/neighbourhoods/{code(0)}/three-corners/",
        "/admin/login/",
        f"/neighbourhoods/{code(0)}/three-corners/embed/",
    ):
        response = visitor.get(address)
        assert response.status_code == 200, address
        for cookie in response.cookies.values():
            # Which they are wherever there is https; the settings of tests say otherwise.
            cookie["secure"] = True
        grades[address] = observatory.grade(response)
    home, place, desk, card = grades.values()
    assert (home, place) == ((130, "A+"), (130, "A+"))
    assert desk == (135, "A+")
    # Its answer is for other origins: without the bonus for one that is not.
    assert card == (120, "A+")


def test_the_observatory_s_rules_see_what_is_wrong() -> None:
    bare = HttpResponse("<p>")
    assert observatory.grade(bare) == (30, "D")
    loose = HttpResponse("<script src='//x.test/a.js'></script>")
    loose["Content-Security-Policy"] = "script-src 'unsafe-inline'"
    loose["Strict-Transport-Security"] = "max-age=60"
    loose["X-Content-Type-Options"] = "nosniff"
    loose["X-Frame-Options"] = "DENY"
    loose["Referrer-Policy"] = "unsafe-url"
    loose["Cross-Origin-Resource-Policy"] = "anything"
    loose.set_cookie("sessionid", "x")
    marks = observatory.marks(loose)
    assert marks == {
        "content-security-policy": -20,
        "cookies": -30,
        "cross-origin-resource-sharing": 0,
        "cross-origin-resource-policy": -5,
        "referrer-policy": -5,
        "strict-transport-security": -10,
        "subresource-integrity": -50,
        "x-content-type-options": 0,
        "x-frame-options": 0,
    }
    assert observatory.grade(loose) == (0, "F")
