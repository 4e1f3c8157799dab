"""The editing desk at another address than everybody's."""

from __future__ import annotations

import importlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from django.test import Client
from django.urls import URLResolver, clear_url_caches, get_resolver, reverse

from leftbehind_site import urls
from leftbehind_site.environment import PROJECT_ROOT, RESERVED_SEGMENTS
from tests.appg import items
from tests.desk import make_editor, make_news, signed_in
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db

ELSEWHERE = "editing-desk"


def _read_again() -> None:
    importlib.reload(urls)
    clear_url_caches()


@pytest.fixture
def elsewhere(settings: Any) -> Iterator[None]:
    """The site as it is with another ADMIN_PATH."""
    settings.ADMIN_PATH = ELSEWHERE
    _read_again()
    yield
    settings.ADMIN_PATH = "admin"
    _read_again()


@pytest.mark.usefixtures("elsewhere")
def test_the_desk_is_there_and_nowhere_else(client: Client) -> None:
    assert reverse("admin:index") == f"/{ELSEWHERE}/"
    item = make_news()
    desk = signed_in(make_editor())
    for path in ("", "appg/newsitem/", f"appg/newsitem/{item.pk}/change/", "second-factor/"):
        page = desk.get(f"/{ELSEWHERE}/{path}")
        assert page.status_code == 200, path
        assert '"/admin/' not in page.content.decode(), path
    assert client.get(f"/{ELSEWHERE}/")["Location"].startswith(f"/{ELSEWHERE}/login/")
    for path in ("/admin/", "/admin/login/", "/admin", "/admin/appg/newsitem/1/change/"):
        for visitor in (client, desk):
            response = visitor.get(path)
            assert response.status_code == 404, path
            assert "Location" not in response


@pytest.mark.usefixtures("elsewhere")
def test_an_unknown_address_is_one_like_any_other(client: Client) -> None:
    def page(path: str) -> str:
        return client.get(path).content.decode().replace(path, "PATH").replace(path.strip("/"), "WORD")

    assert page("/admin/") == page("/nodesk/")


@pytest.mark.usefixtures("elsewhere")
def test_nothing_public_names_it(client: Client) -> None:
    news = make_news()
    for path in ("/", "/robots.txt", "/sitemap.xml", "/nowhere/", news.get_absolute_url(), "/404.html"):
        assert ELSEWHERE not in client.get(path).content.decode(), path
    assert "Disallow:\n" in client.get("/robots.txt").content.decode()
    assert "admin" not in client.get("/robots.txt").content.decode()


def test_it_cannot_hide_the_sites_own_pages() -> None:
    first = set()
    for entry in get_resolver().url_patterns:
        route = str(entry.pattern)
        if isinstance(entry, URLResolver) and not route:
            first |= {str(one.pattern).partition("/")[0] for one in entry.url_patterns}
        else:
            first.add(route.partition("/")[0])
    words = {word for word in first if word.replace("-", "").isalnum()}
    words |= {path.stem for path in (PROJECT_ROOT / "appg" / "content" / "pages").glob("*.md")}
    # Written as regular expressions: /n/<code> and the citations beside the items.
    words |= {"n", "static", "publication", "news", "evidence", "session", "report"}
    assert words - {"admin"} == RESERVED_SEGMENTS


def test_a_page_of_the_record_that_it_would_hide_is_named(settings: Any) -> None:
    items.page(slug="our-own-page")
    items.news(slug="a-piece", legacy_paths=[{"path": "/Partners/old"}])

    def hidden() -> list[str]:
        found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
        return [one.msg for one in found if one.id == "leftbehind_site.E001"]

    assert hidden() == []
    settings.ADMIN_PATH = "our-own-page"
    assert hidden() == ["The editing desk at /our-own-page/ hides /our-own-page/, an address of the record."]
    settings.ADMIN_PATH = "partners"
    assert hidden() == ["The editing desk at /partners/ hides /Partners/old, an address of the record."]


@pytest.mark.parametrize(
    ("variable", "file", "address"),
    [("", "", "admin"), ("", "ADMIN_PATH=hidden\n", "hidden"), ("here", "ADMIN_PATH=hidden\n", "here")],
)
def test_make_run_names_it(tmp_path: Path, variable: str, file: str, address: str) -> None:
    text = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    (recipe,) = [line for line in text.splitlines() if line.startswith("ADMIN_PATH_NOW = ")]
    (tmp_path / "Makefile").write_text(f"{recipe}\nsay:\n\t@$(ADMIN_PATH_NOW)\n", encoding="utf-8")
    (tmp_path / ".env").write_text(f"SECRET_KEY=x\n{file}", encoding="utf-8")
    done = subprocess.run(
        ["make", "--no-print-directory", "say"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "ADMIN_PATH": variable},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert done.stdout == f"{address}\n"
