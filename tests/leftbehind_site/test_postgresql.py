"""Whoever wants a connection to a server that is known to be away is told soon."""

from __future__ import annotations

import logging

import psycopg
import pytest

from leftbehind_site.logs import Seldom
from leftbehind_site.postgresql import base


def test_one_at_a_time_looks_whether_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "PAUSE", 3600)
    reach = base.Reach()
    reach.missed(psycopg.OperationalError("gone"))
    assert reach.away
    assert reach.look()
    # Another one need not look as well, and after a look nobody for a while.
    assert not reach.look()
    reach.end()
    assert not reach.look()
    reach.found()
    assert not reach.away


def test_going_and_coming_back_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    reach = base.Reach()
    for _ in range(3):
        reach.missed(psycopg.OperationalError("gone\n"))
    for _ in range(3):
        reach.found()
    assert [record.getMessage() for record in caplog.records] == [
        "The database cannot be reached: gone",
        "The database is back",
    ]


def test_what_is_said_over_and_over_is_written_once_a_minute() -> None:
    seldom = Seldom()
    record = logging.LogRecord("psycopg.pool", logging.WARNING, "", 0, "error connecting", None, None)
    record.created = 1000.0
    assert seldom.filter(record)
    record.created = 1059.0
    assert not seldom.filter(record)
    record.created = 1061.0
    assert seldom.filter(record)
