"""Whoever edits the record, for the tests of the editing desk."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.desk import make_editor, signed_in


@pytest.fixture
def editor(db: None) -> User:  # noqa: ARG001  (the database)
    """A member of the Secretariat group."""
    return make_editor()


@pytest.fixture
def desk(editor: User) -> Client:
    """The browser in which that editor has logged in."""
    return signed_in(editor)
