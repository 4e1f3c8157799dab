"""What the public sees of the record, walked through every list, page, feed, and block."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from appg.models import ARCHIVED_AT, State
from tests.appg import items

pytestmark = pytest.mark.django_db

LISTS = (
    *(
        "/",
        "/officers/",
        "/sessions/",
        "/inquiry-into-levelling-up/",
        "/news/",
        "/news/2021/",
        "/publications/",
    ),
    *("/faqs/", "/glossary/", "/press-coverage/", "/corrections/"),
)
FEEDS = ("/feed/", "/news/feed/", "/sessions/feed/", "/publications/feed/", "/corrections/feed/")

HIDDEN = "Hidden words"
"""What no answer to the public may hold."""


@dataclass
class Record:
    """Items in one state, of every kind, tied to public ones in every way that items can be tied.

    Attributes:
        items: By kind.
        around: The addresses of the public pages that know of them.
    """

    items: dict[str, Any] = field(default_factory=dict)
    around: list[str] = field(default_factory=list)


def record_with(text: str = HIDDEN, **state: Any) -> Record:
    """A record whose items in a state say certain words wherever they may."""
    place = items.neighbourhood()
    made: dict[str, Any] = {}
    for kind, maker in items.MAKERS.items():
        values: dict[str, Any] = {"title": f"Title of the {kind}", "slug": f"slug-of-{kind}", **state}
        if kind in {"session", "news", "publication", "chapter", "page", "question", "person"}:
            values["body"] = f"<p>{text}</p>"
        if kind in {"session", "news", "publication", "chapter", "page", "word"}:
            values["summary"] = text
        if kind in {"session", "news", "publication"}:
            values["neighbourhoods"] = [place]
        if kind == "session":
            values |= {
                "kind": "inquiry",
                "theme": text,
                "speakers": [{"name": text}],
                "reading": [{"title": text}],
            }
        made[kind] = maker(**values)
    public_publication = items.publication(slug="public-publication", neighbourhoods=[place])
    public_session = items.session(
        slug="public-session", publications=[made["publication"]], body="<p>Title of the word.</p>"
    )
    public_news = items.news(
        slug="public-news", sessions=[made["session"]], publications=[made["publication"]]
    )
    made["session"].publications.set([public_publication])
    made["news"].sessions.set([public_session])
    made["news"].publications.set([public_publication])
    made["chapter"].publication = public_publication
    made["chapter"].save()
    chapter = items.chapter(publication=public_publication, order=1)
    of_hidden = items.chapter(publication=made["publication"], order=1)
    items.event(about=made["news"].get_absolute_url(), title="A public event")
    page = items.page(slug="about")
    around = [one.get_absolute_url() for one in (public_publication, public_session, public_news)]
    around += [one.get_absolute_url() for one in (chapter, of_hidden, page, place)]
    return Record(made, around)


def ask(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.text


def hidden_states() -> list[Any]:
    return [
        pytest.param(items.DRAFT, id="draft"),
        pytest.param({**items.DRAFT, "publish_at": ARCHIVED_AT}, id="draft that was public once"),
        pytest.param(items.future(), id="scheduled"),
        pytest.param({**items.future(), **items.WITHDRAWN}, id="withdrawn before its time"),
    ]


@pytest.mark.parametrize("state", hidden_states())
def test_what_is_not_public_is_nowhere(client: Client, state: dict[str, Any]) -> None:
    record = record_with(**state)
    for path in (*LISTS, *FEEDS, "/sitemap.xml", *record.around):
        text = ask(client, path)
        assert HIDDEN not in text, path
        for kind, item in record.items.items():
            if kind == "publication" and "/report/" in path:
                continue  # a chapter names its report, without a way there
            assert f'"{item.get_absolute_url()}"' not in text, (path, kind)
            assert f">{item.title}<" not in text, (path, kind)
            assert f"https://leftbehind.test{item.get_absolute_url()}<" not in text, (path, kind)


@pytest.mark.parametrize("kind", items.PAGED)
@pytest.mark.parametrize("state", hidden_states())
def test_what_is_not_public_has_no_page(client: Client, kind: str, state: dict[str, Any]) -> None:
    item = items.MAKERS[kind](**state)
    response = client.get(item.get_absolute_url())
    assert response.status_code == 404
    assert item.title not in response.text
    assert not response.has_header("Vary")


@pytest.mark.parametrize("kind", items.PAGED)
def test_a_withdrawn_item_keeps_its_page_with_the_reason_for_its_text(client: Client, kind: str) -> None:
    record = record_with(**items.WITHDRAWN)
    text = ask(client, record.items[kind].get_absolute_url())
    assert "has been withdrawn" in text
    assert "The figures were wrong." in text
    assert HIDDEN not in text
    assert f"Title of the {kind}" in text


def test_lists_and_feeds_say_that_a_withdrawn_item_is_withdrawn(client: Client) -> None:
    record = record_with(**items.WITHDRAWN)
    for path in (*LISTS, *FEEDS, *record.around):
        assert HIDDEN not in ask(client, path), path
    for path, kind in (
        ("/sessions/", "session"),
        ("/inquiry-into-levelling-up/", "session"),
        ("/news/", "news"),
        ("/news/2021/", "news"),
        ("/publications/", "publication"),
        ("/faqs/", "question"),
        ("/glossary/", "word"),
        ("/press-coverage/", "coverage"),
        ("/officers/", "person"),
        ("/", "event"),
        ("/feed/", "session"),
        ("/news/feed/", "news"),
        ("/sessions/feed/", "session"),
        ("/publications/feed/", "publication"),
    ):
        text = ask(client, path)
        assert f"Title of the {kind}" in text, (path, kind)
        assert "withdrawn" in text.lower(), path
    assert "https://leftbehind.test/news/slug-of-news/" in ask(client, "/sitemap.xml")


def test_a_withdrawn_item_is_recommended_nowhere(client: Client) -> None:
    record = record_with(**items.WITHDRAWN)
    for path in record.around:
        text = ask(client, path)
        for kind in ("session", "news", "publication", "page"):
            if kind == "publication" and "/report/" in path:
                continue
            assert f"Title of the {kind}<" not in text, (path, kind)
    assert 'class="term"' not in ask(client, "/evidence/public-session/")
    home = ask(client, "/")
    assert "Title of the publication" not in home


def test_withdrawn_coverage_no_longer_leads_away(client: Client) -> None:
    items.coverage(title="A wrong piece", **items.WITHDRAWN)
    text = ask(client, "/press-coverage/")
    assert "https://www.example.org/piece" not in text
    assert "The figures were wrong." in text


def test_public_items_are_everywhere_they_belong(client: Client) -> None:
    record = record_with("Plain words")
    for path in LISTS[1:-1]:
        ask(client, path)
    for kind, paths in {
        "session": ["/sessions/", "/inquiry-into-levelling-up/", "/news/public-news/"],
        "news": ["/news/", "/news/2021/", "/evidence/public-session/", "/publication/public-publication/"],
        "publication": ["/", "/publications/", "/evidence/public-session/", "/news/public-news/"],
        "chapter": ["/publication/public-publication/"],
        "page": ["/about/"],
        "question": ["/faqs/"],
        "word": ["/glossary/", "/evidence/public-session/"],
        "coverage": ["/press-coverage/"],
        "event": ["/"],
        "person": ["/officers/"],
    }.items():
        for path in paths:
            assert f"Title of the {kind}" in ask(client, path), (kind, path)
    for kind in items.PAGED:
        address = record.items[kind].get_absolute_url()
        assert "Plain words" in ask(client, address), kind
        assert f"https://leftbehind.test{address}<" in ask(client, "/sitemap.xml"), kind
    text = ask(client, record.around[-1])
    for kind in ("session", "news", "publication"):
        assert f"Title of the {kind}" in text, kind


# --- editors


@pytest.fixture
def editor(client: Client) -> Client:
    """A client signed in as an editor who may view every kind of item."""
    user = User.objects.create_user("editor", password="secret", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="appg"))
    client.force_login(user)
    return client


@pytest.mark.parametrize("kind", items.PAGED)
@pytest.mark.parametrize("state", hidden_states())
def test_an_editor_sees_what_is_not_public_at_its_address(
    editor: Client, kind: str, state: dict[str, Any]
) -> None:
    item = items.MAKERS[kind](**state)
    response = editor.get(item.get_absolute_url())
    assert response.status_code == 200
    assert "Preview." in response.text
    assert item.title in response.text
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in response.text
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("person", "/officers/"),
        ("question", "/faqs/"),
        ("word", "/glossary/"),
        ("coverage", "/press-coverage/"),
        ("event", "/"),
    ],
)
@pytest.mark.parametrize("state", hidden_states())
def test_an_editor_asks_for_what_is_not_public_where_it_stands_with_others(
    editor: Client, kind: str, path: str, state: dict[str, Any]
) -> None:
    item = items.MAKERS[kind](title="Not for all", **state)
    assert item.get_absolute_url().partition("#")[0] == path
    asked = editor.get(path, {"preview": "1"})
    assert "Not for all" in asked.text
    assert "Preview." in asked.text
    assert asked["Cache-Control"] == "private, no-store"
    assert asked["X-Robots-Tag"] == "noindex"
    plain = editor.get(path)
    assert "Not for all" not in plain.text
    assert not plain.has_header("Vary")
    assert "Not for all" not in Client().get(path, {"preview": "1"}).text


def test_an_editor_previews_the_page_of_the_inquiry(editor: Client) -> None:
    items.page(slug="inquiry-into-levelling-up", body="<p>Not yet.</p>", **items.DRAFT)
    response = editor.get("/inquiry-into-levelling-up/")
    assert "Not yet." in response.text
    assert response["Cache-Control"] == "private, no-store"
    assert "Not yet." not in Client().get("/inquiry-into-levelling-up/").text


def test_an_editor_sees_public_pages_as_the_public_does(editor: Client) -> None:
    item = items.news()
    response = editor.get(item.get_absolute_url())
    assert response.text == Client().get(item.get_absolute_url()).text
    assert not response.has_header("Vary")
    assert not response.has_header("X-Robots-Tag")


@pytest.mark.parametrize(
    ("may_view", "is_staff", "is_active"), [(False, True, True), (True, False, True), (True, True, False)]
)
def test_others_who_are_signed_in_see_no_draft(
    client: Client, may_view: bool, is_staff: bool, is_active: bool
) -> None:
    user = User.objects.create_user("reader", is_staff=is_staff)
    if may_view:
        user.user_permissions.set(Permission.objects.filter(codename="view_newsitem"))
    client.force_login(user)
    User.objects.filter(pk=user.pk).update(is_active=is_active)
    item = items.news(**items.DRAFT)
    assert client.get(item.get_absolute_url()).status_code == 404


def test_the_right_to_view_one_kind_is_none_to_view_another(client: Client) -> None:
    user = User.objects.create_user("editor", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_newsitem"))
    client.force_login(user)
    assert client.get(items.news(**items.DRAFT).get_absolute_url()).status_code == 200
    assert client.get(items.session(**items.DRAFT).get_absolute_url()).status_code == 404


def test_a_cookie_that_is_no_session_shows_nothing(client: Client) -> None:
    client.cookies["sessionid"] = "m" * 32
    item = items.news(**items.DRAFT)
    assert client.get(item.get_absolute_url()).status_code == 404
    client.cookies["sessionid"] = "m" * 32
    response = client.get(items.news().get_absolute_url())
    assert response.status_code == 200
    assert not response.has_header("Vary")


def test_the_state_of_a_scheduled_item_follows_the_clock(client: Client) -> None:
    item = items.news(**items.future())
    assert client.get(item.get_absolute_url()).status_code == 404
    item.publish_at = ARCHIVED_AT
    item.save()
    assert item.state == State.PUBLISHED
    assert client.get(item.get_absolute_url()).status_code == 200
