"""What the tests of the whole site share."""

from __future__ import annotations

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper


@pytest.fixture(autouse=True)
def one_connection(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is finished in a test stays in its transaction, as one that a client asks for.

    A live server has connections of its own, and has to give them back.
    """
    if "live_server" not in request.fixturenames:
        monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", lambda _connection: None)
