"""Whom to tell about a weakness (RFC 9116)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from appg.models import SiteSettings
from leftbehind_site.enumeration import addresses
from leftbehind_site.security_txt import CONTACT, EXPIRES, POLICY
from tests.conftest import ROOT

ADDRESS = "/.well-known/security.txt"

pytestmark = pytest.mark.django_db


def fields(client: Client) -> dict[str, list[str]]:
    """What the file says, by field."""
    found: dict[str, list[str]] = {}
    for line in client.get(ADDRESS).text.splitlines():
        name, value = line.split(": ", 1)
        found.setdefault(name, []).append(value)
    return found


def test_it_says_what_the_standard_asks_for(client: Client) -> None:
    response = client.get(ADDRESS)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.text.endswith("\n")
    assert fields(client) == {
        "Contact": ["https://leftbehind.test/contact/"],
        "Expires": [EXPIRES.strftime("%Y-%m-%dT%H:%M:%SZ")],
        "Preferred-Languages": ["en"],
        "Canonical": [f"https://leftbehind.test{ADDRESS}"],
        "Policy": ["https://leftbehind.test/security/"],
    }


def test_an_address_to_write_to_comes_first_where_somebody_reads_it(client: Client) -> None:
    SiteSettings.objects.update_or_create(pk=1, defaults={"contact_email": "archive@example.org"})
    assert fields(client)["Contact"] == ["mailto:archive@example.org", "https://leftbehind.test/contact/"]


def test_it_holds_for_two_months_yet_and_no_longer_than_a_year() -> None:
    """See whether contact and policy still hold, then set ``EXPIRES`` anew (docs/operations.md)."""
    left = EXPIRES - datetime.now(UTC)
    assert timedelta(days=60) < left < timedelta(days=366)


def test_the_pages_it_names_are_part_of_the_record() -> None:
    for address in (CONTACT, POLICY):
        assert (ROOT / "appg" / "content" / "pages" / f"{address.strip('/')}.md").is_file()


def test_it_is_published_and_exported() -> None:
    assert ADDRESS in {address.path for address in addresses()}


def test_only_reading_is_answered(client: Client) -> None:
    assert client.head(ADDRESS).status_code == 200
    assert client.post(ADDRESS).status_code == 405
