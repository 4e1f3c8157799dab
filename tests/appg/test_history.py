"""The history as an editor reads it: who, when, why, what; and the way back."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import escape

from appg.models import Correction, NewsItem, Redirect, State
from tests.desk import (
    change,
    errors_of,
    filled,
    make_editor,
    make_news,
    make_session,
    resend,
    said,
    send,
    signed_in,
)

pytestmark = pytest.mark.django_db


def history(item: Any) -> str:
    return f"/admin/appg/{item._meta.model_name}/{item.pk}/history/"


def version(item: Any, index: int) -> str:
    return f"{history(item)}{item.history.all()[index].pk}/"


@pytest.fixture
def changed(desk: Client) -> NewsItem:
    item = make_news(body="<p>One.</p><p>Two.</p>")
    done = send(
        desk,
        change(item),
        title="Other <title>",
        body="<p>One.</p><p>Three.</p>",
        sources="https://a.example/ | A source",
        sessions=[make_session().pk],
        why="The <minutes> say so",
    )
    assert done.status_code == 302
    item.refresh_from_db()
    return item


def test_it_says_who_when_why_and_what(desk: Client, changed: NewsItem, editor: User) -> None:
    page = desk.get(history(changed)).content.decode()
    assert "Ada Okafor" in page
    assert escape("The <minutes> say so") in page
    for line in ("Other <title>", "https://a.example/ | A source", "A session", "<p>Three.</p>"):
        assert f"</span>{escape(line)}</ins>" in page
    for line in ("A piece of news", "<p>Two.</p>"):
        assert f"</span>{escape(line)}</del>" in page
    assert escape("<p>One.</p>") not in page
    assert "This is how it stands" in page
    editor.delete()
    assert "Ada Okafor" in signed_in(make_editor("Grace Lee")).get(history(changed)).content.decode()


def test_an_earlier_version_shows_what_going_back_would_change(desk: Client, changed: NewsItem) -> None:
    page = desk.get(version(changed, 1)).content.decode()
    assert "Going back to it would change this" in page
    assert f"</span>{escape('<p>Two.</p>')}</ins>" in page
    standing = desk.get(version(changed, 0)).content.decode()
    assert "This is how it stands: there is nothing to bring back." in standing


def test_going_back_asks_why_and_is_a_version_itself(desk: Client, changed: NewsItem) -> None:
    address = version(changed, 1)
    assert "Say in a few words why you change this back." in errors_of(send(desk, address))
    done = send(desk, address, why="The minutes were wrong")
    assert done["Location"] == change(changed)
    assert "is back." in said(done)
    changed.refresh_from_db()
    assert (changed.title, changed.sources, list(changed.sessions.all())) == ("A piece of news", [], [])
    entry = changed.history.first()
    assert entry.history_change_reason.endswith(": The minutes were wrong")
    assert entry.editor_name == "Ada Okafor"
    assert changed.history.count() == 3


def test_going_back_can_be_a_correction(desk: Client, changed: NewsItem) -> None:
    address = version(changed, 1)
    assert "Say to the public" in errors_of(send(desk, address, why="x", is_correction="on"))
    send(desk, address, why="x", is_correction="on", correction="The change of today was wrong.")
    assert Correction.objects.get().text == "The change of today was wrong."


def test_going_back_with_a_draft_asks_for_no_correction(desk: Client) -> None:
    item = make_news(state=State.DRAFT)
    send(desk, change(item), title="Other")
    page = desk.get(version(item, 1)).content.decode()
    assert 'name="why"' in page
    assert 'name="correction"' not in page
    send(desk, version(item, 1), why="Better before")
    item.refresh_from_db()
    assert item.title == "A piece of news"


def test_going_back_to_an_old_address_is_confirmed_first(desk: Client) -> None:
    item = make_news("first")
    send(desk, change(item), slug="second", why="x", confirm_address="on")
    response = send(desk, version(item, 1), why="x")
    assert "from /news/second/ to /news/first/" in errors_of(response)
    done = resend(desk, version(item, 1), filled(response.content.decode()), confirm_address="on")
    assert done.status_code == 302
    assert dict(Redirect.objects.values_list("old_path", "new_path")) == {"/news/second/": "/news/first/"}


def test_going_back_stops_where_somebody_has_changed_it_since(desk: Client, changed: NewsItem) -> None:
    address = version(changed, 1)
    mine = filled(desk.get(address).content.decode())
    send(signed_in(make_editor("Grace Lee")), change(changed), title="Theirs", why="x")
    assert "Grace Lee changed this" in errors_of(resend(desk, address, mine, why="x"))
    changed.refresh_from_db()
    assert changed.title == "Theirs"


def test_going_back_to_what_no_longer_fits_says_why(desk: Client) -> None:
    item = make_news("first")
    send(desk, change(item), slug="second", title="Other", why="x", confirm_address="on")
    Redirect.objects.all().delete()
    make_news("first")
    response = send(desk, version(item, 1), why="x", confirm_address="on")
    assert "already exists" in errors_of(response)
    item.refresh_from_db()
    assert item.slug == "second"


def test_a_version_that_is_none_is_not_found(desk: Client, changed: NewsItem) -> None:
    other = make_news("other")
    assert desk.get(f"{history(changed)}{other.history.get().pk}/").status_code == 404


def test_a_long_history_has_pages_and_each_compares_with_the_one_before(desk: Client) -> None:
    item = make_news(state=State.DRAFT)
    for number in range(26):
        item.title = f"Title {number}"
        item.save()
    page = desk.get(history(item)).content.decode()
    assert "27 versions" in page
    assert "Title 0</del>" in page
    assert "Added" in desk.get(f"{history(item)}?p=2").content.decode()
