"""The host names of the former site: every address of theirs leads to the same page here, in one step."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from leftbehind_site.environment import FORMER_HOSTS, Environment
from tests.appg import items

pytestmark = pytest.mark.django_db

WWW, BARE = FORMER_HOSTS
SITE = "https://leftbehind.test"
PUBLIC = {"SECRET_KEY": "q7Fh2_Zk9-Wm4Xc8Vb1Nd6Lp3Rt5Ys0Gj-Ua7Ei2Qo9Kw4Mz8Bx1Tv6Cf3Hn", "SITE_URL": SITE}


@pytest.mark.parametrize("host", [*FORMER_HOSTS, WWW.upper(), f"{BARE}:443", f"{BARE}."])
@pytest.mark.parametrize(
    ("address", "to"),
    [
        ("/", "/"),
        ("/news/", "/news/"),
        ("/news", "/news/"),
        ("/news/?utm_source=mail&a=b", "/news/?a=b"),
        ("/?p=1433", "/news/a-piece-of-news/"),
        ("/news/a-piece-of", "/news/a-piece-of-news/"),
        ("/session/a-session/", "/evidence/a-session/"),
        ("/feed", "/feed/"),
        ("/category/news/", "/news/"),
        ("/nowhere/?a=b", "/nowhere/?a=b"),
        ("/?p=99", "/?p=99"),
        ("/static/css/site.css", "/static/css/site.css"),
        ("/%E2%80%98x%E2%80%99", "/%E2%80%98x%E2%80%99"),
    ],
)  # fmt: skip
def test_every_address_there_leads_here_in_one_step(client: Client, host: str, address: str, to: str) -> None:
    items.news(slug="a-piece-of-news", legacy_paths=[{"path": "/?p=1433"}])
    items.session(slug="a-session")
    for secure in (True, False):
        response = client.get(address, headers={"host": host}, secure=secure)
        assert response.status_code == 301
        assert response["Location"] == f"{SITE}{to}"
        assert not response.cookies


def test_https_is_no_second_step(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for headers in ({}, {"x-forwarded-proto": "http"}):
        response = client.get("/news", headers={"host": WWW, **headers})
        assert response["Location"] == f"{SITE}/news/"


@pytest.mark.parametrize(
    "host",
    ["evil.test", f"{WWW}.evil.test", f"x.{BARE}", f"evil.test@{WWW}", f"{WWW}/evil.test", f"x{WWW}"],
)
def test_no_other_host_is_sent_on(client: Client, host: str) -> None:
    assert client.get("/news/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("path", ["//evil.test/", "/\\evil.test", "/@evil.test", "/.evil.test"])
def test_nobody_is_sent_elsewhere(client: Client, path: str) -> None:
    response = client.generic("GET", "/", PATH_INFO=path, headers={"host": WWW})
    assert response.status_code == 301
    assert response["Location"].startswith(f"{SITE}/")


def test_only_reading_is_sent_on(client: Client) -> None:
    assert client.post("/news/", headers={"host": WWW}).status_code == 400
    assert client.head("/news/", headers={"host": WWW}).status_code == 301


def test_the_names_come_from_the_environment_without_the_sites_own() -> None:
    assert Environment.read(PUBLIC).hosts_sent_on == set(FORMER_HOSTS)
    chosen = Environment.read({**PUBLIC, "FORMER_HOSTS": "old.test, leftbehind.test"})
    assert chosen.hosts_sent_on == {"old.test"}
    back = Environment.read({**PUBLIC, "SITE_URL": f"https://{WWW}"})
    assert back.hosts_sent_on == {BARE}
