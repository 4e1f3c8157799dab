"""An editor, the entrance as a browser uses it, and the lines of the desk's log."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import TOTP

from leftbehind_site.desk import second_factor
from tests.desk import make_editor

LOG_IN = "/admin/login/"
SECOND_FACTOR = "/admin/second-factor/"
PASSWORD = "a-long-password"
KEY = "3132333435363738393031323334353637383930"


def attempt(
    client: Client | None = None,
    name: str = "ada",
    password: str = PASSWORD,
    token: str = "",
    **extra: Any,
) -> Any:
    """Send the form, from an address of one's choice (``REMOTE_ADDR``)."""
    data = {"username": name, "password": password, "token": token}
    return (client or Client()).post(f"{LOG_IN}?next=/admin/", data, **extra)


def is_in(client: Client) -> bool:
    """Whether the desk is open."""
    return client.get("/admin/").status_code == 200


def code(later: int = 0, key: str = KEY) -> str:
    """What the phone shows, now or some half minutes later."""
    totp = TOTP(bytes.fromhex(key))
    totp.time = time.time() + 30 * later
    return f"{totp.token():06d}"


def said(response: Any) -> str:
    """An answer without what differs at each: the token against forgery."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())


@pytest.fixture
def editor(db: None) -> User:  # noqa: ARG001
    return make_editor()


@pytest.fixture
def with_phone(editor: User) -> User:
    """An editor whose phone has a secret; no code of it has been used."""
    device = second_factor.set_up(editor, KEY, code())
    assert device is not None
    device.last_t = -1
    device.save()
    return editor


class Lines(logging.Handler):
    """The records of the desk's log, as facts."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def facts(self) -> list[tuple[str, str, str, str, str]]:
        names = ("event", "account", "address", "object", "outcome")
        return [tuple(getattr(one, name) for name in names) for one in self.records]

    def events(self) -> list[str]:
        return [event for event, *_ in self.facts()]

    def text(self) -> str:
        return "\n".join(one.getMessage() for one in self.records)


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, logger = Lines(), logging.getLogger("leftbehind.desk")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)
