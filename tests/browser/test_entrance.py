"""The entrance of the desk in a browser: a second factor set up and used, and what a guesser sees."""

from __future__ import annotations

import os
import time
from base64 import b32decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.utils import timezone
from django_otp.oath import TOTP
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from appg.models import SiteSettings
from tests.desk import make_editor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a-long-password"
WIDTHS = (1280, 360)


def look_at(page: Page, name: str) -> None:
    """Check that nothing sticks out at either width, and the accessibility rules; PICTURES=DIR keeps it."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} at {width}"
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    problems = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found.response["violations"]]
    assert problems == [], name


def log_in(page: Page, site: str, code: str = "", password: str = PASSWORD) -> None:
    page.goto(f"{site}/admin/login/?next=/admin/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(password)
    page.get_by_label("Code").fill(code)
    page.keyboard.press("Enter")


def phone(secret: str) -> str:
    """What a phone shows that has been given a secret."""
    totp = TOTP(b32decode(secret.replace(" ", "")))
    totp.time = time.time()
    return f"{totp.token():06d}"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands still: a code is checked in the half minute in which it was read."""
    with time_machine.travel(timezone.now(), tick=False) as standing:
        yield standing


def test_an_editor_comes_in_with_a_second_factor(
    page: Page,
    browser: Browser,
    live_server: LiveServer,
    settings: Any,
    clock: time_machine.Traveller,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    make_editor()
    SiteSettings.objects.get_or_create(pk=SiteSettings.ONLY_KEY)
    page.goto(f"{live_server.url}/admin/")
    look_at(page, "log-in")

    # Without one, nothing but setting one up.
    log_in(page, live_server.url)
    expect(page.get_by_role("heading", name="Set up your second factor")).to_be_visible()
    page.goto(f"{live_server.url}/admin/appg/newsitem/")
    expect(page.get_by_text("the desk opens when that is done")).to_be_visible()
    look_at(page, "set-up")
    secret = page.locator(".desk-secret").inner_text()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Code that the phone shows").fill(phone(secret))
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", name="Your backup codes")).to_be_visible()
    look_at(page, "backup-codes")
    backup = page.locator(".desk-codes code").first.inner_text()
    page.get_by_role("link", name="on to the desk").click()
    expect(page.get_by_role("heading", name="What would you like to change?")).to_be_visible()
    look_at(page, "desk")
    page.get_by_role("link", name="Second factor").click()
    expect(page.get_by_text("You have 10 backup codes left.")).to_be_visible()
    look_at(page, "change")

    # Another day.
    page.get_by_role("button", name="Log out").click()
    log_in(page, live_server.url)
    expect(page.get_by_text("That did not work.")).to_be_visible()
    look_at(page, "failed")
    # A later code: each is good for once.
    clock.shift(60)
    log_in(page, live_server.url, phone(secret))
    expect(page.get_by_role("heading", name="What would you like to change?")).to_be_visible()

    # And elsewhere, without the phone.
    context = browser.new_context()
    other = context.new_page()
    log_in(other, live_server.url, backup)
    expect(other.get_by_role("heading", name="What would you like to change?")).to_be_visible()
    context.close()
    assert User.objects.get().last_login is not None


def test_a_guesser_is_told_to_wait(page: Page, live_server: LiveServer) -> None:
    make_editor()
    for _ in range(4):
        log_in(page, live_server.url, password="a guess")
        expect(page.get_by_text("That did not work.")).to_be_visible()
    log_in(page, live_server.url, password="a guess")
    expect(page.get_by_role("heading", name="Too many attempts")).to_be_visible()
    expect(page.get_by_text("Try again at")).to_be_visible()
    look_at(page, "locked-out")
    # The right one has to wait too.
    log_in(page, live_server.url)
    expect(page.get_by_role("heading", name="Too many attempts")).to_be_visible()
