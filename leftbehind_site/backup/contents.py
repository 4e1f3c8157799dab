"""What a back-up holds of the database, and the one moment that all of it is of."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.apps import apps
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

LEFT_OUT: Final[Mapping[str, str]] = {
    "sessions": "whoever was signed in shall not be by means of a copy",
    "leftbehind_site.change": "counts the writes to one database; each goes on with its own count",
    "axes": "failed attempts to sign in, with visitors’ addresses; they are of use for a few hours",
}
"""Apps and models that are not backed up, and why. Everything else is, whichever app brings it."""


def label(model: type[models.Model]) -> str:
    """A model's name, with its app's."""
    return model._meta.label_lower


def is_left_out(model: type[models.Model]) -> bool:
    """Whether a model's rows are not backed up."""
    return model._meta.app_label in LEFT_OUT or label(model) in LEFT_OUT


def tables() -> dict[str, type[models.Model]]:
    """The models whose rows are backed up, by name, in order; those between two others included."""
    found = {
        label(model): model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and not is_left_out(model)
    }
    return dict(sorted(found.items()))


def every(model: type[models.Model]) -> models.QuerySet[Any]:
    """Every row of a table, whatever the model's managers would leave out."""
    return models.QuerySet(model).order_by("pk")


def strangers() -> list[str]:
    """The tables of the database that no model of this version stands for, and so are not backed up."""
    ours = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    ours.add(MigrationRecorder.Migration._meta.db_table)
    return sorted(set(connection.introspection.table_names()) - ours)


@contextlib.contextmanager
def one_moment() -> Iterator[None]:
    """Everything that is read within is of one moment, however long it takes and whoever writes meanwhile.

    Nobody waits: neither this for writers, nor they for this.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
            yield
        return
    # Not by ``atomic``, which takes the right to write, for all that it would only read.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            # The moment is that of the first look.
            cursor.execute("SELECT count(*) FROM sqlite_master")
            cursor.fetchone()
            yield
        finally:
            cursor.execute("ROLLBACK")


# --- the numbers that were given


def positions(models_: Mapping[str, type[models.Model]]) -> dict[str, int]:
    """The last number that each table has given to a row, whether or not the row is still there.

    A number that was given once is part of an address, and must not be given again.
    """
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        for name, model in models_.items():
            if not isinstance(model._meta.pk, models.AutoField):
                continue
            if connection.vendor == "postgresql":
                if sequence := _sequence(cursor, model):
                    cursor.execute(
                        f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"  # noqa: S608 - a name that the database gave
                    )
                    found[name] = int(cursor.fetchone()[0])
            else:
                cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
                row = cursor.fetchone()
                found[name] = int(row[0]) if row else 0
    return found


def advance(wanted: Mapping[str, int], models_: Mapping[str, type[models.Model]]) -> None:
    """Let each table's next number come after all that were given; no table goes back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for name, here in positions(models_).items():
                top = every(models_[name]).order_by().aggregate(top=models.Max("pk"))["top"] or 0
                position = max(here, top, wanted.get(name, 0))
                if position:
                    cursor.execute("SELECT setval(%s, %s)", [_sequence(cursor, models_[name]), position])
            return
        # SQLite follows the rows by itself.
        for name, here in positions(models_).items():
            if wanted.get(name, 0) > here:
                table = models_[name]._meta.db_table
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute(
                    "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, wanted[name]]
                )


def _sequence(cursor: Any, model: type[models.Model]) -> str:
    """The name of what gives a table's numbers on PostgreSQL, as a statement takes it."""
    table = connection.ops.quote_name(model._meta.db_table)
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, model._meta.pk.column])
    return str(cursor.fetchone()[0] or "")
