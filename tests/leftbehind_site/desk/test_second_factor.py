"""The second factor: set up, asked for, lost, and made compulsory."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import checks
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from leftbehind_site.desk import second_factor
from tests.appg import items
from tests.desk import signed_in
from tests.leftbehind_site.desk.conftest import (
    PASSWORD,
    SECOND_FACTOR,
    attempt,
    code,
    is_in,
)

pytestmark = pytest.mark.django_db


def secret_on(page: str) -> str:
    """The key that the page gives, as a phone understands what is typed."""
    from base64 import b32decode

    found = re.search(r'class="desk-secret">([^<]+)<', page)
    assert found
    return b32decode(found[1].replace(" ", "")).hex()


def set_up(client: Client, **given: str) -> Any:
    key = secret_on(client.get(SECOND_FACTOR).content.decode())
    data = {"password": PASSWORD, "token": code(key=key), **given}
    return client.post(SECOND_FACTOR, data), key


@pytest.mark.usefixtures("editor")
def test_it_is_set_up_and_then_asked_for() -> None:
    client, elsewhere, backup, again = (Client() for _ in range(4))
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        attempt(client)
        attempt(elsewhere)
        page = client.get(SECOND_FACTOR).content.decode()
        assert "<svg" in page
        assert secret_on(page) == secret_on(client.get(SECOND_FACTOR).content.decode())
        done, key = set_up(client)
        assert "no-store" in done["Cache-Control"]
        codes = re.findall(r"<li><code>(\w{8})</code></li>", done.content.decode())
        assert len(set(codes)) == 10
        # Here it is proved; elsewhere it has to be.
        assert is_in(client)
        assert not is_in(elsewhere)
        assert "That did not work." in attempt(elsewhere).content.decode()
        assert "That did not work." in attempt(elsewhere, token=code(key=key)).content.decode(), "used once"
        clock.move_to(now + timedelta(minutes=1))
        attempt(elsewhere, token=code(key=key))
        assert is_in(elsewhere)
        # Another day, without the phone.
        attempt(backup, token=f" {codes[0].upper()} ")
        assert is_in(backup)
        attempt(again, token=codes[0])
        assert not is_in(again), "a backup code is good once"
        assert "You have 9 backup codes left." in backup.get(SECOND_FACTOR).content.decode()


@pytest.mark.parametrize(
    "given", [{"password": "wrong"}, {"token": "000000"}, {"token": ""}, {"token": "x" * 99}]
)
def test_nothing_is_set_up_without_proof(editor: User, given: dict[str, str]) -> None:
    client = Client()
    attempt(client)
    done, _ = set_up(client, **given)
    assert done.status_code == 200
    assert not second_factor.is_set_up(editor)
    assert is_in(client)


def test_changing_it_takes_password_and_code(with_phone: User) -> None:
    client = Client()
    attempt(client, token=code())
    assert is_in(client)
    old = second_factor.make_codes(with_phone)
    for given in ({"password": PASSWORD, "token": "000000"}, {"password": "wrong", "token": code(1)}):
        for button in ("_codes", "_remove"):
            page = client.post(SECOND_FACTOR, {**given, button: "x"}).content.decode()
            assert "That did not work." in page
    assert StaticToken.objects.count() == 10
    call_command("unlock", "--account", "ada")

    done = client.post(SECOND_FACTOR, {"password": PASSWORD, "token": old[0], "_codes": "x"})
    new = re.findall(r"<li><code>(\w{8})</code></li>", done.content.decode())
    assert len(new) == 10
    assert not set(new) & set(old)
    done = client.post(SECOND_FACTOR, {"password": PASSWORD, "token": new[3], "_remove": "x"})
    assert done.status_code == 302
    assert not second_factor.is_set_up(with_phone)
    assert not StaticToken.objects.exists()
    assert "<svg" in client.get(SECOND_FACTOR).content.decode()


@pytest.mark.usefixtures("with_phone")
def test_it_is_nobody_elses() -> None:
    other = User.objects.create_superuser("bea", password=PASSWORD)
    client = Client()
    attempt(client, "bea", token=code())
    assert is_in(client), "who has none is let in, whatever the code"
    assert "Set up your second factor" in client.get(SECOND_FACTOR).content.decode()
    for table in ("otp_totp/totpdevice", "otp_static/staticdevice", "axes/accessattempt"):
        assert client.get(f"/admin/{table}/").status_code == 404
    assert not TOTPDevice.objects.filter(user=other).exists()


def test_guessing_soon_finds_no_ear(with_phone: User) -> None:
    """After a wrong code even the right one is refused for a moment, and then ever longer."""
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        assert second_factor.verify(with_phone, "000000" if code() != "000000" else "111111") is None
        assert second_factor.verify(with_phone, code()) is None
        clock.move_to(now + timedelta(seconds=5))
        assert second_factor.verify(with_phone, code()) is not None


# --- compulsory


@pytest.fixture
def required(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.mark.usefixtures("required")
def test_who_has_none_is_led_to_it_before_anything_else(editor: User) -> None:
    draft = items.news(**items.DRAFT)
    client = Client()
    assert attempt(client)["Location"] == "/admin/"
    for path in ("/admin/", "/admin/appg/newsitem/", "/admin/password_change/", "/admin/autocomplete/"):
        response = client.get(path)
        assert (response.status_code, response.get("Location")) == (302, SECOND_FACTOR), path
    assert client.post("/admin/appg/newsitem/add/", {"title": "x"})["Location"] == SECOND_FACTOR
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert "This site asks every editor" in client.get(SECOND_FACTOR).content.decode()
    done, _ = set_up(client)
    assert "Your backup codes" in done.content.decode()
    assert is_in(client)
    assert client.get(draft.get_absolute_url()).status_code == 200
    assert second_factor.is_set_up(editor)


@pytest.mark.usefixtures("required")
def test_who_has_none_can_leave(editor: User) -> None:
    client = signed_in(editor)
    assert client.post("/admin/logout/").status_code == 200
    assert client.get("/admin/")["Location"].startswith("/admin/login/")


def test_a_draft_is_not_shown_without_the_code(with_phone: User) -> None:
    draft = items.news(**items.DRAFT)
    client = signed_in(with_phone)
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert "needs your code as well" in client.get("/admin/login/").content.decode()


def test_the_deployment_check_warns_where_it_is_optional(settings: Any) -> None:
    def warned() -> bool:
        found = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
        return "leftbehind_site.W001" in {one.id for one in found}

    assert warned()
    settings.SECOND_FACTOR_REQUIRED = True
    assert not warned()
