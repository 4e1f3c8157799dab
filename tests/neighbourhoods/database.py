"""What lies in the database, whole."""

from __future__ import annotations

from typing import Any

from django.db import connection, models

from neighbourhoods.loading import STORES
from neighbourhoods.models import Release

OURS: tuple[type[models.Model], ...] = (Release, *(store.model for store in STORES))
"""The tables that a load may touch."""


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in an order that does not depend on the database."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = sorted((tuple(row) for row in cursor.fetchall()), key=repr)
    return found


def versions() -> dict[str, list[tuple[Any, ...]]]:
    """Where each row lies on PostgreSQL: a row that is written anew, even with the same values, moves."""
    found = {}
    with connection.cursor() as cursor:
        for model in OURS:
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT ctid::text, xmin::text FROM {table}")
            found[model._meta.db_table] = sorted(cursor.fetchall())
    return found


def writes() -> int:
    """How many rows this connection has written to SQLite so far."""
    connection.ensure_connection()
    return int(connection.connection.total_changes)
