"""Which errors mean that a disk is full."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError
from django.test import RequestFactory

from leftbehind_site.room import is_no_room
from leftbehind_site.views import server_error


def caused(error: Exception) -> OperationalError:
    """The error as Django hands it on."""
    raised = OperationalError(str(error))
    raised.__cause__ = error
    return raised


def of_sqlite(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("a message")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (caused(of_sqlite(sqlite3.SQLITE_FULL)), True),
        (caused(of_sqlite(sqlite3.SQLITE_BUSY)), False),
        (caused(psycopg.errors.DiskFull("no space")), True),
        (caused(psycopg.errors.DeadlockDetected("deadlock")), False),
        (ValueError(), False),
        (None, False),
    ],
)
def test_which_errors_mean_it(error: BaseException | None, full: bool) -> None:
    assert is_no_room(error) is full


def test_the_page_says_that_nothing_was_saved() -> None:
    request = RequestFactory().get("/")
    assert server_error(request).status_code == 500
    try:
        Path("/dev/full").write_bytes(b"x")
    except OSError:
        response = server_error(request)
    else:
        pytest.fail("the device that is always full took something")
    assert response.status_code == 503
    assert response["Retry-After"] == "300"
    assert "nothing was changed" in response.content.decode()
