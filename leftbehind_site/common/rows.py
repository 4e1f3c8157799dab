"""The rows of the database outside of it: as lines of text, and into whichever database is at hand.

A line is a row in the form of Django's fixtures, as JSON. Deposits hold the public part of the rows, back-ups
all of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models


def written(
    row: models.Model, *, natural: bool = False, fields: Collection[str] | None = None
) -> dict[str, Any]:
    """A row as a fixture has it.

    Args:
        row: The row.
        natural: Whether what it refers to is named by what it is, where that is possible, not by its number.
        fields: Which of its fields; all of them by default.
    """
    found: dict[str, Any] = serializers.serialize(
        "python", [row], use_natural_foreign_keys=natural, fields=fields
    )[0]
    return found


def line(row: Mapping[str, Any]) -> str:
    """A written row as a line of text."""
    # Django's own encoder leaves out the microseconds, by which rows may be in order.
    fields = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row["fields"].items()
    }
    return (
        json.dumps({**row, "fields": fields}, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)
        + "\n"
    )


def values(model: type[models.Model], row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What the database is given for a row that was written with all fields of its table.

    Args:
        model: The table's model.
        row: As ``written`` returns it; what it refers to is named by number.

    Returns:
        A value for each column, in the order of the model's fields.

    Raises:
        KeyError: If a field is missing.
        ValueError: If a value is none that its field can hold.
        ValidationError: Likewise.
    """
    found = []
    for field in model._meta.concrete_fields:
        value = row["pk"] if field.primary_key else row["fields"][field.name]
        if not isinstance(field, models.JSONField):
            value = (field.target_field if isinstance(field, models.ForeignKey) else field).to_python(value)
        found.append(field.get_db_prep_save(value, connection))
    return tuple(found)


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows the fastest way each database has: COPY on PostgreSQL, a prepared statement on SQLite.

    Args:
        model: The table's model.
        names: Of the fields that the rows have values for; that of a reference ends in ``_id``.
        rows: Their values, as the database takes them.

    Raises:
        DatabaseError: If the database does not take one.
    """
    quote = connection.ops.quote_name
    column_of = {field.attname: field.column for field in model._meta.concrete_fields}
    table, columns = quote(model._meta.db_table), ", ".join(quote(column_of[name]) for name in names)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Django does not do so by itself for what only PostgreSQL's driver has.
            statement = f"COPY {table} ({columns}) FROM STDIN"
            with connection.wrap_database_errors, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(names))
            statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - names of the models
            cursor.executemany(statement, list(rows))
