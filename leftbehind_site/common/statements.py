"""Queries whose SQL is written once in a process, and asked again and again with other values.

Writing the SQL of a query with its joins and sub-queries takes Django ten times as long as SQLite takes to
answer it, and the same few queries stand behind every address. Only the writing is spared: the database is
asked each time, so an answer is never old, and the rows become the same objects as ever.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

_Row = TypeVar("_Row")

_Value = str | int | datetime

_MARKS: Final[dict[type, Callable[[int], Any]]] = {
    str: lambda number: f"\N{OBJECT REPLACEMENT CHARACTER}{number}",
    int: lambda number: 1_987_654_300 + number,
    datetime: lambda number: datetime(1970, 1, 1, 1, 1, number, 987_654, tzinfo=UTC),
}
"""What stands in the SQL for a value that is not known yet; no query has such values of its own."""


class Statement(Generic[_Row]):
    """A query that is the same each time but for some values.

    The values must stand in its conditions just as they are given. What decides which conditions there are
    makes another query, and so another statement.

    Args:
        query: Makes the query of its values.
        kinds: The type of each of them.
    """

    def __init__(self, query: Callable[..., QuerySet[Any, _Row]], *kinds: type[_Value]) -> None:
        self._query = query
        self._marks = tuple(_MARKS[kind](number) for number, kind in enumerate(kinds))
        # By kind of database: whatever is connected to, one kind reads the same SQL.
        self._written: dict[str, tuple[QuerySet[Any, _Row], SQLCompiler, str, tuple[Any, ...]]] = {}

    def rows(self, *values: _Value) -> list[_Row]:
        """Ask with these values; one query."""
        connection = connections[DEFAULT_DB_ALIAS]
        if connection.vendor not in self._written:
            query = self._query(*self._marks)
            writer = query.query.get_compiler(DEFAULT_DB_ALIAS)
            self._written[connection.vendor] = (query, writer, *writer.as_sql())
        query, writer, sql, parameters = self._written[connection.vendor]
        given = dict(zip(map(_adapted, self._marks), map(_adapted, values), strict=True))
        # The writer of the SQL also reads the rows. It belongs to a connection, and so to a thread: this
        # copy is for now only, and finds the SQL written.
        asking = copy.copy(writer)
        asking.connection = connection
        written = sql, tuple(given.get(one, one) for one in parameters)
        asking.as_sql = lambda *_, **__: written  # type: ignore[method-assign]
        found = query.all()
        found.query.get_compiler = lambda *_, **__: asking  # type: ignore[method-assign]
        return list(found)

    def first(self, *values: _Value) -> _Row | None:
        """The first row with these values; one query, which should fetch no more than it needs."""
        return next(iter(self.rows(*values)), None)


def _adapted(value: _Value) -> Any:
    """A value as the database's driver is given it."""
    if isinstance(value, datetime):
        return connections[DEFAULT_DB_ALIAS].ops.adapt_datetimefield_value(value)
    return value
