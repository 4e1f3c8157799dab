"""The shipped directory, for the modules that take all of it away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from neighbourhoods.models import Release


@pytest.fixture(scope="module")
def reader(django_db_setup: None, django_db_blocker: Any) -> Iterator[Client]:  # noqa: ARG001
    """A reader of the site with the shipped directory, loaded once for all tests of a module."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_neighbourhoods", verbosity=0)
        yield Client()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def release(reader: Client) -> Release:  # noqa: ARG001
    """The release in force."""
    found = Release.objects.current()
    assert found is not None
    return found


def taken(client: Client, path: str) -> bytes:
    """The file at an address."""
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content
