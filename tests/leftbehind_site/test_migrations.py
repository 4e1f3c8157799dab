"""Migrations do not hold up who reads: what takes long is named, and who cannot get a lock gives up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import psycopg
import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models.fields import NOT_PROVIDED

from tests.leftbehind_site.conftest import Hosted

pytestmark = pytest.mark.once

OURS: Final = ("leftbehind_site", "neighbourhoods", "appg")

_QUICK: Final = (
    *(migrations.CreateModel, migrations.DeleteModel, migrations.RemoveField, migrations.RenameField),
    *(migrations.RenameModel, migrations.RemoveIndex, migrations.RenameIndex, migrations.RemoveConstraint),
    *(migrations.AlterModelOptions, migrations.AlterModelManagers, migrations.SeparateDatabaseAndState),
    *(AddIndexConcurrently, AddConstraintNotValid, ValidateConstraint),
)
"""Only change the catalogue, or let others read and write meanwhile."""

_BEFORE_THE_SITE_WAS_PUBLIC: Final = "from before the site was public; at most a few thousand rows"

LOOKED_AT: Final = {
    ("appg", "0002_site_settings_row"): "one row",
    ("appg", "0004_editing_desk"): _BEFORE_THE_SITE_WAS_PUBLIC,
    ("appg", "0005_secretariat"): "a group and its permissions",
    ("appg", "0006_days_of_the_record"): "a check in Python, which no database knows of",
    ("appg", "0007_end_of_a_term"): "terms of office; some thirty rows",
    ("appg", "0008_first_addresses"): "redirects of items that have moved; a few hundred rows at most",
    ("neighbourhoods", "0002_grid_in_release"): _BEFORE_THE_SITE_WAS_PUBLIC,
    ("neighbourhoods", "0003_lists_and_thresholds"): _BEFORE_THE_SITE_WAS_PUBLIC,
    ("neighbourhoods", "0005_measures_by_register"): "choices, which no database knows of",
    ("neighbourhoods", "0006_place_of_counts"): "a help text, which no database knows of",
}
"""Migrations that may take a table from its readers for longer than a moment, and why that is right."""


def slow(migration: migrations.Migration) -> list[str]:
    """The operations of a migration that could lock or rewrite a table that is in use."""
    new: set[str] = set()
    found = []
    for operation in migration.operations:
        if isinstance(operation, migrations.CreateModel):
            new.add(operation.name.lower())
        model = str(getattr(operation, "model_name", getattr(operation, "name", ""))).lower()
        if model not in new and not isinstance(operation, _QUICK) and not _is_quick_field(operation):
            found.append(operation.describe())
    return found


def _is_quick_field(operation: Operation) -> bool:
    """Whether it is a column that is added to the catalogue alone: empty, or everywhere the same."""
    if not isinstance(operation, migrations.AddField):
        return False
    field = operation.field
    if field.many_to_many:
        return True
    indexed = field.unique or getattr(field, "db_index", False) or field.is_relation or field.primary_key
    constant = field.db_default is NOT_PROVIDED or isinstance(field.db_default, str | int)
    return not indexed and constant and (field.null or not callable(field.default))


def ours() -> Iterator[tuple[tuple[str, str], migrations.Migration]]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in OURS:
            yield (app, name), migration


def test_what_could_lock_a_table_for_long_has_been_looked_at() -> None:
    """An index is added concurrently, a constraint not valid at first; or a reason stands above."""
    found = {key: slow(migration) for key, migration in ours()}
    assert {key: names for key, names in found.items() if names and key not in LOOKED_AT} == {}
    assert [key for key in LOOKED_AT if not found.get(key)] == []


def migration_of(*operations: Operation) -> migrations.Migration:
    return type("Migration", (migrations.Migration,), {"operations": operations})("a_migration", "appg")


NEW = migrations.CreateModel("Thing", [("id", models.BigAutoField(primary_key=True))])
INDEX = models.Index(fields=["title"], name="a_name")
CHECK = models.CheckConstraint(condition=models.Q(title=""), name="a_name")


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddIndex("page", INDEX),
        migrations.AddConstraint("page", CHECK),
        migrations.AlterField("page", "title", models.TextField()),
        migrations.AddField("page", "more", models.TextField(db_index=True, default="")),
        migrations.AddField("page", "more", models.ForeignKey("appg.Page", models.CASCADE)),
        migrations.AddField("page", "more", models.JSONField(default=dict)),
        migrations.RunSQL("SELECT 1"),
        migrations.RunPython(migrations.RunPython.noop),
    ],
    ids=lambda operation: operation.describe(),
)
def test_such_an_operation_is_named(operation: Operation) -> None:
    assert slow(migration_of(operation)) == [operation.describe()]


@pytest.mark.parametrize(
    "operations",
    [
        [NEW, migrations.AddIndex("thing", INDEX)],
        [migrations.AddField("page", "more", models.TextField(default=""))],
        [migrations.AddField("page", "more", models.TextField(null=True))],
        [AddIndexConcurrently("page", INDEX)],
        [AddConstraintNotValid("page", CHECK), ValidateConstraint("page", "a_name")],
    ],
)
def test_such_ones_hold_up_nobody(operations: list[Operation]) -> None:
    assert slow(migration_of(*operations)) == []


def test_a_migration_that_cannot_get_a_lock_gives_up_and_changes_nothing(hosted: Hosted) -> None:
    applied = "SELECT app, name FROM django_migrations ORDER BY 1, 2"
    with psycopg.connect(hosted.owner) as other:
        before = other.execute(applied).fetchall()
        # The last step of the record alone is taken back, which is the one that waits.
        other.execute("LOCK TABLE appg_redirect IN SHARE ROW EXCLUSIVE MODE")
        done = hosted.run(hosted.owner, "manage.py", "migrate", "appg", "0007")
        assert other.execute(applied).fetchall() == before
    assert done.returncode == 1
    assert "Gave up, because somebody else holds a table that has to be changed: " in done.stderr
    assert "lock timeout" in done.stderr
    assert "This step has changed nothing." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_migration_with_nothing_to_do_waits_for_nobody(hosted: Hosted) -> None:
    """Whoever writes, such as a load, holds no lock that the triggers' making would wait for."""
    with psycopg.connect(hosted.owner) as other:
        other.execute("LOCK TABLE appg_page, neighbourhoods_release IN SHARE ROW EXCLUSIVE MODE")
        done = hosted.run(hosted.owner, "manage.py", "migrate", "--no-input")
    assert (done.returncode, done.stderr) == (0, "")
