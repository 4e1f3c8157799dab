"""The front server's settings say the same as the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

ROOT = Path(__file__).resolve().parents[3]
CONFIG = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")


@pytest.mark.django_db
def test_it_adds_the_headers_of_every_page(client: Client) -> None:
    response = client.get("/news/", secure=True, headers={"host": "leftbehind.test"})
    sent = {name: value for name, value in response.items() if name not in {"Content-Type", "Content-Length"}}
    added = dict(re.findall(r'add_header (\S+) "?([^";]+)"?;', CONFIG))
    (transport,) = re.findall(r'https "(max-age[^"]*)"', CONFIG)
    assert added.pop("Strict-Transport-Security") == "$transport_security"
    assert {**added, "Strict-Transport-Security": transport} == sent


def test_it_remembers_no_file_and_answers_plain_requests_only() -> None:
    settings = re.sub(r"#.*", "", CONFIG)
    assert "open_file_cache" not in settings
    assert '"$request_method|$args|$cookie_sessionid"' in settings
    assert "/published/current/sites/$scheme_seen-$host" in settings
