"""Logging in: one answer and one work for every failure, sessions that end, cookies that stay here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leftbehind_site.desk import second_factor
from tests.desk import filled, make_editor, make_news
from tests.leftbehind_site.desk.conftest import PASSWORD, attempt, code, is_in, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Each time that a password is hashed."""
    runs: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: Any, password: str, salt: str) -> str:
        runs.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return runs  # type: ignore[return-value]


def everybody() -> dict[str, tuple[str, str, str]]:
    """Name, password and code of attempts that fail, by why they do."""
    make_editor()
    phone = make_editor("Bea Phone")
    key = second_factor.new_key()
    assert second_factor.set_up(phone, key, code(key=key))
    User.objects.create_user("gone", password=PASSWORD, is_staff=True, is_active=False)
    User.objects.create_user("reader", password=PASSWORD)
    User.objects.create_user("unusable", is_staff=True)
    return {
        "no such account": ("nobody", PASSWORD, "123456"),
        "wrong password": ("ada", "wrong", "123456"),
        "wrong password, no code": ("bea", "wrong", ""),
        "no code": ("bea", PASSWORD, ""),
        "wrong code": ("bea", PASSWORD, "000000" if code(key=key) != "000000" else "111111"),
        "wrong backup code": ("bea", PASSWORD, "abcdefgh"),
        "not active": ("gone", PASSWORD, ""),
        "not of the staff": ("reader", PASSWORD, ""),
        "no password": ("unusable", PASSWORD, ""),
    }


def test_every_failure_has_one_answer_and_one_work(hashed: list[str]) -> None:
    answers, work = {}, {}
    for number, (why, (name, password, token)) in enumerate(everybody().items()):
        hashed.clear()
        response = attempt(name=name, password=password, token=token, REMOTE_ADDR=f"192.0.2.{number}")
        assert response.status_code == 200, why
        assert "sessionid" not in response.cookies, why
        answers[why] = said(response).replace(f' value="{name}"', "").replace(f' value="{token}"', "")
        work[why] = len(hashed)
    assert len(set(answers.values())) == 1
    assert "That did not work." in answers["no such account"]
    assert set(work.values()) == {1}, work


def test_a_locked_account_has_one_answer_and_the_same_work(hashed: list[str]) -> None:
    cases = everybody()
    with time_machine.travel(timezone.now().replace(second=10, microsecond=0), tick=False):
        answers, work = {}, {}
        for number, (why, (name, password, token)) in enumerate(cases.items()):
            for turn in range(5):
                attempt(name=name, password=f"wrong {number}", REMOTE_ADDR=f"198.51.{number}.{turn}")
            hashed.clear()
            response = attempt(name=name, password=password, token=token, REMOTE_ADDR=f"192.0.2.{number}")
            assert response.status_code == 429, why
            answers[why] = (said(response), response["Retry-After"])
            work[why] = len(hashed)
    assert len(set(answers.values())) == 1
    assert set(work.values()) == {1}, work


def test_a_locked_address_learns_nothing_and_costs_nothing(hashed: list[str]) -> None:
    for turn in range(20):
        attempt(name=f"somebody {turn}", password="wrong", REMOTE_ADDR="192.0.2.1")
    make_editor()
    hashed.clear()
    assert attempt(name="ada", REMOTE_ADDR="192.0.2.1").status_code == 429
    assert attempt(name="nobody", REMOTE_ADDR="192.0.2.1").status_code == 429
    assert hashed == []


@pytest.mark.usefixtures("with_phone")
@pytest.mark.parametrize(
    ("name", "password", "token"),
    [
        ("x" * 5000, "y" * 5000, ""),
        ("a\x00b", "c\x00d", "\x00"),
        ("\ud7ff\U0001f600", "\ufffe", "١٢٣٤٥٦"),
        ("", "", ""),
        ("ada", "a-long-password", "9" * 5000),
        ("ada", "a-long-password", "1 2-3"),
    ],
)
def test_whatever_is_typed_is_no_fault(name: str, password: str, token: str) -> None:
    typed_nowhere = "\0" in name
    assert attempt(name=name, password=password, token=token).status_code == (400 if typed_nowhere else 200)


@pytest.mark.usefixtures("editor")
def test_the_session_gets_a_new_key_at_log_in() -> None:
    client = Client()
    session = client.session
    session["planted"] = "x"
    session.save()
    planted = session.session_key or ""
    client.cookies["sessionid"] = planted
    attempt(client)
    assert is_in(client)
    assert client.cookies["sessionid"].value != planted
    assert not Session.objects.filter(session_key=planted).exists()


@pytest.mark.usefixtures("editor")
def test_a_session_ends_an_hour_after_the_last_page_of_the_desk() -> None:
    news, client, begin = make_news(), Client(), timezone.now()
    with time_machine.travel(begin, tick=False) as clock:
        attempt(client)
        clock.move_to(begin + timedelta(minutes=50))
        assert is_in(client)
        clock.move_to(begin + timedelta(minutes=100))
        assert is_in(client)
        # A page for the public renews nothing, and sets no cookie.
        clock.move_to(begin + timedelta(minutes=150))
        response = client.get(news.get_absolute_url())
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        clock.move_to(begin + timedelta(minutes=161))
        assert not is_in(client)
        attempt(client)
        assert is_in(client)
        assert Session.objects.count() == 1


@pytest.mark.usefixtures("editor")
def test_the_cookie_ends_with_the_browser_and_is_not_for_scripts() -> None:
    client = Client()
    response = attempt(client)
    for name in ("sessionid", "csrftoken"):
        cookie = response.cookies[name]
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]
    assert not response.cookies["sessionid"]["max-age"]
    assert not response.cookies["sessionid"]["expires"]


@pytest.mark.usefixtures("editor")
def test_by_https_the_cookies_belong_to_this_host_alone(settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    client = Client()
    response = attempt(client, secure=True)
    for name in ("__Host-sessionid", "__Host-csrftoken"):
        cookie = response.cookies[name]
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", ""), name
    assert client.get("/admin/", secure=True).status_code == 200


@pytest.mark.usefixtures("editor")
def test_a_new_password_ends_the_other_sessions() -> None:
    here, elsewhere = Client(), Client()
    attempt(here)
    attempt(elsewhere)
    address = "/admin/password_change/"
    new = "another-long-one"
    data = {
        **filled(here.get(address).content.decode()),
        "old_password": PASSWORD,
        "new_password1": new,
        "new_password2": new,
    }
    assert here.post(address, data).status_code == 302
    assert is_in(here)
    assert not is_in(elsewhere)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", "at least 12"),
        ("ada.okafor@example", "too similar"),
        ("918273645546", "entirely numeric"),
        ("administrator", "too common"),
    ],
)
def test_passwords_that_are_not_taken(editor: User, password: str, why: str) -> None:
    editor.email = "ada.okafor@example.org"
    with pytest.raises(ValidationError) as caught:
        validate_password(password, editor)
    assert why in " ".join(caught.value.messages)


@pytest.mark.usefixtures("editor")
def test_public_pages_ask_nothing_of_who_you_are(client: Client) -> None:
    news = make_news()
    client.get(news.get_absolute_url())
    other = Client()
    attempt(other)
    with CaptureQueriesContext(connection) as asked:
        response = client.get(news.get_absolute_url())
    assert not response.cookies
    with CaptureQueriesContext(connection) as as_editor:
        assert other.get(news.get_absolute_url()).content == response.content
    for query in (*asked, *as_editor):
        assert not any(part in query["sql"] for part in ("auth_user", "django_session", "otp_", "axes_"))
