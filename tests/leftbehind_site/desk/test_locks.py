"""Locking out who guesses: by account, by address, and for a while."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth.models import User
from django.core.management import call_command
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from leftbehind_site.deposit import dump
from leftbehind_site.desk import locks
from leftbehind_site.generation import APPS, tables
from tests.leftbehind_site.desk.conftest import PASSWORD, attempt, code, is_in

pytestmark = pytest.mark.django_db

HERE, THERE = "192.0.2.1", "198.51.100.7"


def fail(times: int, name: str = "ada", **extra: Any) -> list[int]:
    return [attempt(name=name, password="wrong", **extra).status_code for _ in range(times)]


@pytest.mark.usefixtures("editor")
def test_an_account_is_locked_wherever_the_guesses_come_from() -> None:
    statuses = [fail(1, REMOTE_ADDR=f"192.0.2.{number}")[0] for number in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    client = Client()
    assert attempt(client, REMOTE_ADDR=THERE).status_code == 429
    assert not is_in(client)
    # Others are not.
    User.objects.create_superuser("bea", password=PASSWORD)
    attempt(client, "bea", REMOTE_ADDR=THERE)
    assert is_in(client)


@pytest.mark.usefixtures("editor")
def test_whoever_keeps_the_site_is_told_how_many_are_locked_out() -> None:
    """By the same rule as the desk’s, wherever the failures come from, and no longer than it holds."""
    assert locks.locked() == (0, 0)
    for number in range(5):
        fail(1, REMOTE_ADDR=f"192.0.2.{number}")
    assert locks.locked() == (1, 0)
    for number in range(20):
        fail(1, name=f"somebody {number}", REMOTE_ADDR=THERE)
    assert locks.locked() == (1, 1)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert locks.locked() == (0, 0)


@pytest.mark.usefixtures("editor")
def test_an_address_is_locked_whomever_the_guesses_are_for() -> None:
    statuses = [fail(1, name=f"somebody {number}", REMOTE_ADDR=HERE)[0] for number in range(20)]
    assert statuses == [200] * 19 + [429]
    client = Client()
    assert attempt(client, REMOTE_ADDR=HERE).status_code == 429
    attempt(client, REMOTE_ADDR=THERE)
    assert is_in(client)


@pytest.mark.usefixtures("editor")
def test_another_browser_is_no_other_visitor() -> None:
    browsers = [{"user-agent": f"Browser {number}"} for number in range(5)]
    assert [fail(1, headers=one)[0] for one in browsers] == [200, 200, 200, 200, 429]


@pytest.mark.usefixtures("with_phone")
def test_wrong_codes_count() -> None:
    wrong = "000000" if code() != "000000" else "111111"
    statuses = [attempt(token=wrong).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]


@pytest.mark.usefixtures("editor")
def test_wrong_proofs_inside_count_too() -> None:
    client = Client()
    attempt(client)
    given = {"password": "wrong", "token": "123456"}
    statuses = [client.post("/admin/second-factor/", given).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]


@pytest.mark.usefixtures("editor")
def test_the_page_says_when_to_try_again() -> None:
    begin = timezone.now().replace(hour=11, minute=0, second=20, microsecond=0, month=1)
    with time_machine.travel(begin, tick=False) as clock:
        fail(4)
        clock.move_to(begin + timedelta(minutes=5))
        response = attempt(password="wrong")
        assert response.status_code == 429
        # The last of the five counts for a quarter of an hour; the four before it no longer need to.
        # The page names the next whole minute.
        assert response["Retry-After"] == "941"
        page = response.content.decode()
        assert "11:21</time>" in page
        assert "ada" not in page
        assert "no-store" in response["Cache-Control"]
        wait = int(response["Retry-After"])
        assert attempt(password=PASSWORD).status_code == 429
        clock.move_to(begin + timedelta(minutes=5, seconds=wait))
        client = Client()
        attempt(client)
        assert is_in(client)


@pytest.mark.usefixtures("editor")
def test_trying_while_locked_makes_it_no_longer() -> None:
    begin = timezone.now()
    with time_machine.travel(begin, tick=False) as clock:
        fail(5)
        clock.move_to(begin + timedelta(minutes=14))
        assert fail(3) == [429, 429, 429]
        clock.move_to(begin + timedelta(minutes=15, seconds=1))
        client = Client()
        attempt(client)
        assert is_in(client)


@pytest.mark.usefixtures("editor")
def test_success_forgets_the_failures() -> None:
    fail(4)
    attempt()
    assert not AccessAttempt.objects.exists()
    assert fail(4) == [200] * 4


@pytest.mark.usefixtures("editor")
def test_little_is_kept_and_not_for_long() -> None:
    begin = timezone.now()
    with time_machine.travel(begin, tick=False) as clock:
        for name in ("ada", "a secret typed here", "x" * 3000):
            attempt(name=name, password="hunter22", token="654321", headers={"user-agent": "Mosaic"})
        attempt(password="hunter22", token="654321", headers={"user-agent": "Mosaic"})
        kept = list(AccessAttempt.objects.values())
        assert len(kept) == 3
        for row in kept:
            assert re.fullmatch("[0-9a-f]{64}", row.pop("username"))
            assert row.pop("ip_address") == "127.0.0.1"
            assert {name for name, value in row.items() if value} == {
                *("id", "attempt_time", "failures_since_start")
            }
        clock.move_to(begin + timedelta(minutes=16))
        attempt(name="anybody else", password="wrong")
        assert AccessAttempt.objects.count() == 1
        clock.move_to(begin + timedelta(minutes=32))
        call_command("unlock", "--expired")
        assert not AccessAttempt.objects.exists()
    assert not AccessLog.objects.exists()
    assert not AccessFailureLog.objects.exists()


def test_a_deposit_and_the_published_pages_know_nothing_of_it() -> None:
    assert {model._meta.app_label for model in dump._models()} == set(APPS)
    assert not any(name.startswith(("axes_", "otp_", "auth_")) for name in tables())


# --- whose address it is


@pytest.mark.parametrize(
    ("trusted", "remote", "forwarded", "address"),
    [
        (False, HERE, "", HERE),
        (False, HERE, "203.0.113.9", HERE),
        (True, HERE, "", HERE),
        (True, HERE, "203.0.113.9", "203.0.113.9"),
        (True, HERE, "10.0.0.1, 127.0.0.1,203.0.113.9", "203.0.113.9"),
        (True, HERE, "203.0.113.9, nonsense", HERE),
        (True, HERE, "203.0.113.9, ", HERE),
        (True, HERE, "2001:db8::1", "2001:db8::1"),
        (True, HERE, "[2001:db8::1]", "2001:db8::1"),
        (True, HERE, "::ffff:203.0.113.9", "203.0.113.9"),
        (False, "", "", ""),
        (False, "unix:", "", ""),
        (True, "fe80::1%eth0", "", "fe80::1"),
    ],
)
def test_whose_address_it_is(settings: Any, trusted: bool, remote: str, forwarded: str, address: str) -> None:
    settings.TRUST_PROXY_HEADERS = trusted
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": remote, **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {})}
    assert locks.address_of(request) == address


@pytest.mark.usefixtures("editor")
@pytest.mark.parametrize("forged", ["10.0.0.{}", "10.0.0.{}, 172.16.0.1"])
def test_nobody_escapes_by_a_forged_address(settings: Any, forged: str) -> None:
    settings.TRUST_PROXY_HEADERS = True
    statuses = [
        fail(
            1,
            name=f"somebody {number}",
            REMOTE_ADDR="127.0.0.1",
            headers={"x-forwarded-for": f"{forged.format(number)}, {THERE}", "x-real-ip": f"10.1.1.{number}"},
        )[0]
        for number in range(20)
    ]
    assert statuses == [200] * 19 + [429]
    # Nor is anybody else locked out by it.
    client = Client()
    attempt(client, REMOTE_ADDR="127.0.0.1", headers={"x-forwarded-for": f"{forged.format(1)}, {HERE}"})
    assert is_in(client)


@pytest.mark.usefixtures("editor")
def test_one_subscribers_many_addresses_are_one() -> None:
    statuses = [
        fail(1, name=f"somebody {number}", REMOTE_ADDR=f"2001:db8:0:1::{number:x}")[0] for number in range(20)
    ]
    assert statuses == [200] * 19 + [429]
    assert fail(1, name="x", REMOTE_ADDR="2001:db8:0:2::1") == [200]


@pytest.mark.usefixtures("editor")
def test_where_no_address_is_known_failures_count_together() -> None:
    statuses = [fail(1, name=f"somebody {number}", REMOTE_ADDR="unix:")[0] for number in range(20)]
    assert statuses == [200] * 19 + [429]
