"""The shipped record, for the modules that read it as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Client]:  # noqa: ARG001
    """A reader of the site with the shipped directory and record, loaded once for all tests here."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_neighbourhoods", verbosity=0)
        call_command("load_appg_content", verbosity=0)
        yield Client()
        transaction.set_rollback(True)
