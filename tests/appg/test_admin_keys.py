"""The editing desk is asked for rows by keys that can be none."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db

NO_KEYS = ("abc", "1.5", "9" * 40)
"""A word, a part of a number, a number too large for any database."""


@pytest.mark.parametrize("key", NO_KEYS)
def test_a_field_says_that_it_is_no_choice(desk: Client, key: str) -> None:
    for kind, field in (("session", "publications"), ("chapter", "publication")):
        response = desk.post(reverse(f"admin:appg_{kind}_add"), {"title": "A title", field: [key]})
        assert response.status_code == HTTPStatus.OK
        assert field in response.context["adminform"].form.errors


@pytest.mark.parametrize("key", [*NO_KEYS, ""])
def test_nothing_is_done_with_such_rows(desk: Client, key: str) -> None:
    answer = {"action": "publish_drafts", "_selected_action": ["1", key], "index": "0"}
    response = desk.post(reverse("admin:appg_newsitem_changelist"), answer)
    assert response.status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("key", NO_KEYS)
@pytest.mark.parametrize(
    ("view", "status"),
    [
        # To the desk, where it is said that there is none.
        ("change", HTTPStatus.FOUND),
        ("delete", HTTPStatus.FOUND),
        ("history", HTTPStatus.NOT_FOUND),
    ],
)
def test_an_address_with_one_leads_to_no_row(desk: Client, view: str, status: HTTPStatus, key: str) -> None:
    response = desk.get(reverse(f"admin:appg_newsitem_{view}", args=[key]))
    assert response.status_code == status


@pytest.mark.parametrize("key", NO_KEYS)
def test_a_list_that_is_limited_to_one_is_no_fault(desk: Client, key: str) -> None:
    """PostgreSQL can look for a number that is too large to be in any row."""
    response = desk.get(reverse("admin:appg_newsitem_changelist"), {"id__in": key})
    if response.status_code == HTTPStatus.FOUND:
        assert response["Location"].endswith("?e=1")
    else:
        assert (connection.vendor, key) == ("postgresql", NO_KEYS[-1])
        assert response.status_code == HTTPStatus.OK
