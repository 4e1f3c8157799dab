"""What the desk's log tells, and what it never does."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from appg.models import NewsItem, State, Upload
from leftbehind_site.desk import second_factor
from tests.desk import filled, later, make_editor, make_news, png, send, signed_in
from tests.leftbehind_site.desk.conftest import PASSWORD, SECOND_FACTOR, Lines, attempt, code

pytestmark = pytest.mark.django_db

Committing = Any
"""The plugin's fixture, which does what is to be done when a transaction is committed."""


def test_coming_and_going(with_phone: User, lines: Lines) -> None:
    codes = second_factor.make_codes(with_phone)
    client = Client()
    for _ in range(2):
        attempt(name="my password, typed here", password="hunter22", token="654321")
    attempt(password="hunter22", token="654321")
    attempt(token="654321" if code() != "654321" else "123456")
    attempt(client, token=codes[0])
    client.post("/admin/logout/")
    here = "127.0.0.1"
    assert lines.facts() == [
        ("log-in failed", "(unknown)", here, "", "name or password"),
        ("log-in failed", "(unknown)", here, "", "name or password"),
        ("log-in failed", "ada", here, "", "name or password"),
        ("log-in failed", "ada", here, "", "code"),
        ("log-in", "ada", here, "", "backup code"),
        ("log-out", "ada", here, "", "done"),
    ]
    for secret in ("hunter22", "654321", "typed here", PASSWORD, codes[0]):
        assert secret not in lines.text()
    assert {one.levelname for one in lines.records} == {"WARNING", "INFO"}


@pytest.mark.usefixtures("editor")
def test_a_lock_out_is_told_once(lines: Lines) -> None:
    for _ in range(7):
        attempt(password="wrong", REMOTE_ADDR="192.0.2.1")
    assert lines.events().count("lock-out") == 1
    assert ("lock-out", "ada", "192.0.2.1", "", "locked out") in lines.facts()
    assert [outcome for *_, outcome in lines.facts() if outcome == "locked out"] == ["locked out"] * 3


def test_the_second_factor(editor: User, lines: Lines) -> None:
    client = Client()
    attempt(client)
    client.get(SECOND_FACTOR)
    key = client.session["second_factor_key"]
    client.post(SECOND_FACTOR, {"password": PASSWORD, "token": code(key=key)})
    codes = second_factor.make_codes(editor)
    client.post(SECOND_FACTOR, {"password": PASSWORD, "token": codes[0], "_codes": "x"})
    codes = second_factor.make_codes(editor)
    client.post(SECOND_FACTOR, {"password": PASSWORD, "token": codes[0], "_remove": "x"})
    attempt(client)
    client.get(SECOND_FACTOR)
    key = client.session["second_factor_key"]
    client.post(SECOND_FACTOR, {"password": PASSWORD, "token": code(1, key=key)})
    call_command("reset_second_factor", "ada")
    told = [fact for fact in lines.facts() if not fact[0].startswith("log-")]
    assert [(event, account) for event, account, *_ in told] == [
        ("second factor set up", "ada"),
        ("backup codes made", "ada"),
        ("second factor removed", "ada"),
        ("second factor set up", "ada"),
        ("second factor reset", ""),
    ]
    assert told[-1][3] == f"auth.user {editor.pk} ada"
    assert key not in lines.text()


@pytest.fixture
def superuser() -> Client:
    return signed_in(User.objects.create_superuser("root", password=PASSWORD))


def test_accounts_and_permissions(
    superuser: Client, lines: Lines, django_capture_on_commit_callbacks: Committing
) -> None:
    group = Group.objects.get_or_create(name="Secretariat")[0]
    permission = Permission.objects.get(codename="view_newsitem")
    new = {"usable_password": "true", "password1": "a-longer-password", "password2": "a-longer-password"}
    lines.records.clear()
    with django_capture_on_commit_callbacks(execute=True):
        done = superuser.post("/admin/auth/user/add/", {"username": "bea", **new})
    assert done.status_code == 302
    bea = User.objects.get(username="bea")
    address = f"/admin/auth/user/{bea.pk}/"
    data = filled(superuser.get(f"{address}change/").content.decode())
    changes = {"is_staff": "on", "groups": [group.pk], "user_permissions": [permission.pk]}
    with django_capture_on_commit_callbacks(execute=True):
        assert superuser.post(f"{address}change/", {**data, **changes}).status_code == 302
        superuser.post(f"{address}password/", {**new, "set-password": "x"})
    with django_capture_on_commit_callbacks(execute=True):
        bea.refresh_from_db()
        bea.groups.clear()
        group.permissions.remove(permission)
        superuser.post(f"{address}delete/", {"post": "yes"})
    who = f"auth.user {bea.pk} bea"
    told = [(event, account, about, outcome) for event, account, _, about, outcome in lines.facts()]
    assert told[:5] == [
        ("account created", "root", who, "is_active"),
        ("account changed", "root", who, "is_staff: False → True"),
        ("permissions changed", "root", who, "groups added: Secretariat"),
        ("permissions changed", "root", who, "permissions added: view_newsitem"),
        ("password changed", "root", who, "done"),
    ]
    assert ("permissions changed", "", who, "groups all removed") in told
    assert (
        "permissions changed",
        "",
        f"auth.group {group.pk} Secretariat",
        "permissions removed: view_newsitem",
    ) in told
    assert ("account deleted", "root", who, "done") in told
    assert "a-longer-password" not in lines.text()


def test_a_log_in_and_a_new_hash_are_no_changes(
    editor: User, lines: Lines, settings: Any, django_capture_on_commit_callbacks: Committing
) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    User.objects.filter(pk=editor.pk).update(password=make_password(PASSWORD, hasher="md5"))
    with django_capture_on_commit_callbacks(execute=True):
        attempt()
    editor.refresh_from_db()
    assert editor.password.startswith("scrypt")
    assert lines.events() == ["log-in"]


def test_the_record(
    settings: Any, tmp_path: Any, lines: Lines, django_capture_on_commit_callbacks: Committing
) -> None:
    settings.MEDIA_ROOT = tmp_path
    editor = make_editor()
    desk = signed_in(editor)
    lines.records.clear()

    def told(act: Any) -> list[tuple[str, str, str]]:
        lines.records.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act()
        assert all(fact[1:3] == ("ada", "127.0.0.1") for fact in lines.facts())
        return [(event, about, outcome) for event, _, _, about, outcome in lines.facts()]

    add = "/admin/appg/newsitem/add/"
    (made,) = told(
        lambda: send(
            desk, add, title="A secret title", slug="it", kind="news", body="<p>x</p>", state="draft"
        )
    )
    item = NewsItem.objects.get()
    name = f"appg.newsitem {item.pk}"
    address = f"/admin/appg/newsitem/{item.pk}/change/"
    assert made == ("created", name, "draft")
    assert told(lambda: send(desk, address, body="<p>y</p>")) == [("changed", name, "draft")]
    assert told(lambda: send(desk, address, button="_preview", body="<p>never</p>")) == []
    assert told(lambda: send(desk, address, state="published")) == [("published", name, "published")]
    correction = {"why": "It was wrong", "is_correction": "on", "correction": "It was wrong."}
    events = told(lambda: send(desk, address, body="<p>z</p>", **correction))
    assert sorted(event for event, *_ in events) == ["changed", "correction"]
    version = f"/admin/appg/newsitem/{item.pk}/history/{item.history.last().pk}/"
    events = told(lambda: send(desk, version, why="The other was right"))
    assert sorted(event for event, *_ in events) == ["changed", "undone"]
    withdrawn = {"state": "withdrawn", "withdrawn_reason": "Not ours", "why": "Not ours"}
    assert told(lambda: send(desk, address, **withdrawn)) == [("withdrawn", name, "withdrawn")]

    draft = make_news("draft", state=State.DRAFT)
    told_of = f"appg.newsitem {draft.pk}"
    there = f"/admin/appg/newsitem/{draft.pk}/"
    hour = timezone.localtime(later())
    soon = {"state": "published", "publish_at_0": f"{hour:%Y-%m-%d}", "publish_at_1": f"{hour:%H:%M}"}
    assert told(lambda: send(desk, f"{there}change/", **soon)) == [("published", told_of, "scheduled")]
    assert told(lambda: desk.post(f"{there}delete/", {"post": "yes"})) == [("deleted", told_of, "scheduled")]

    from django.core.files.uploadedfile import SimpleUploadedFile

    picture = SimpleUploadedFile("a.png", png(), "image/png")
    data = {**filled(desk.get("/admin/appg/upload/add/").content.decode()), "title": "P"}
    data |= {"alternative_text": "Words", "file": picture}
    (uploaded,) = told(lambda: desk.post("/admin/appg/upload/add/", data))
    upload = Upload.objects.get()
    assert uploaded == ("uploaded", f"appg.upload {upload.pk}", "done")
    off = {"withdrawn_reason": "Not ours", "why": "Not ours"}
    events = told(lambda: send(desk, f"/admin/appg/upload/{upload.pk}/change/", **off))
    assert events == [("withdrawn", f"appg.upload {upload.pk}", "done")]
    assert "secret" not in lines.text()


def test_what_a_command_loads_is_not_told(
    lines: Lines, django_capture_on_commit_callbacks: Committing
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        make_news()
    assert lines.records == []


def test_a_line_is_one_line(lines: Lines, django_capture_on_commit_callbacks: Committing) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        Group.objects.create(name="Two\nevent=log-in account=root")
    assert "\n" not in lines.text()


def test_it_is_written_whatever_the_level_of_the_site(settings: Any) -> None:
    assert settings.LOGGING["root"]["level"] == "WARNING"
    assert settings.LOGGING["loggers"]["leftbehind.desk"]["level"] == "INFO"
