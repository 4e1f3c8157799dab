"""Every limit stands in one place, and who keeps it says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from appg import inspection
from leftbehind_site.common import limits
from leftbehind_site.former import LONGEST, Asked

ROOT = Path(__file__).resolve().parents[2]


def test_the_settings_and_the_checks_of_uploads_have_their_numbers_there() -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == limits.FORM_BYTES
    assert settings.DATA_UPLOAD_MAX_NUMBER_FIELDS == limits.FIELDS
    assert settings.DATA_UPLOAD_MAX_NUMBER_FILES == limits.FILES
    assert inspection.MOST_BYTES == {"document": limits.DOCUMENT_BYTES, "image": limits.IMAGE_BYTES}
    assert limits.DOCUMENT_BYTES + limits.FORM_BYTES < limits.BODY_BYTES
    assert limits.SLOW < limits.THREADS


def test_the_front_server_takes_what_the_site_takes() -> None:
    told = re.search(
        r"client_max_body_size (\d+)m;", (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    )
    assert told
    assert limits.BODY_BYTES <= int(told[1]) * 1024 * 1024 < limits.BODY_BYTES * 1.1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/" + "a" * limits.PATH_BYTES, {}, 414),
        ("/" + "é" * (limits.PATH_BYTES // 2), {}, 414),
        ("/search/?q=" + "a" * limits.QUERY_BYTES, {}, 414),
        ("/", {"cookie": "a" * (limits.COOKIE_BYTES + 1)}, 431),
    ],
    ids=["path", "bytes, not letters", "query", "cookies"],
)
def test_one_more_is_too_many(client: Client, path: str, headers: dict[str, str], status: int) -> None:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["X-Frame-Options"] == "DENY"
    assert re.fullmatch(r"The [a-z’ ]+ may have [0-9,]+ bytes\. This one has [0-9,]+\.\n", answer.text)


@pytest.mark.django_db
def test_too_many_parameters_are_refused(client: Client) -> None:
    assert client.get("/search/?" + "&".join(["q=a"] * (limits.FIELDS + 1))).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "X" * 1000])
def test_a_public_page_knows_reading_alone(client: Client, method: str) -> None:
    answer = client.generic(method, "/news/", b"a=1")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


def test_no_more_of_an_address_is_taken_apart_than_a_link_may_have() -> None:
    asked = Asked("/" + "a/" * 100_000, "b=1&" * 100_000)
    assert len(asked.path) == len(asked.query) == LONGEST
    assert len(asked.clean) <= LONGEST
    assert len(asked.parts) <= LONGEST
