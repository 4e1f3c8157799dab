"""Which state of the site's content is the present one: what is kept elsewhere compares itself with this.

Triggers in the database count every write to a public table in the same transaction, whoever makes it and in
whatever way: a form, a load in bulk, a statement by hand. They are put in place after each migration, so that
no table can be forgotten. Each write adds a random amount: a database that was brought back from a copy never
arrives at a number that stood for other content.

Content also changes when a scheduled item's hour comes, and with the code and its settings.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from appg.models import CONTENT_MODELS, State
from leftbehind_site.models import Change

APPS: Final = ("neighbourhoods", "appg")
"""The apps whose tables pages are made of."""

_TABLE: Final = Change._meta.db_table

_ONE_TABLE_SQLITE: Final = """
CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} ON {table} BEGIN
    INSERT INTO {counter} ("key", "number") VALUES (0, 1 + (random() & 1048575))
    ON CONFLICT ("key") DO UPDATE SET "number" = "number" + 1 + (random() & 1048575);
END"""

_FUNCTION_POSTGRESQL: Final = """
CREATE OR REPLACE FUNCTION {counter}_count() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO {counter} ("key", "number")
    VALUES (pg_current_xact_id()::text::bigint, 1 + (random() * 1048575)::bigint)
    ON CONFLICT ("key") DO UPDATE SET "number" = {counter}."number" + 1 + (random() * 1048575)::bigint;
    RETURN NULL;
END $$"""

_ONE_TABLE_POSTGRESQL: Final = """
CREATE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {counter}_count()"""

_SOURCES: Final = (".py", ".html", ".css", ".js", ".json", ".svg", ".txt")


def tables() -> list[str]:
    """The tables that are watched: all of the public apps, those between two others included."""
    found = {
        model._meta.db_table
        for label in APPS
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return sorted(found)


def watch_tables() -> None:
    """Put the triggers in place; those that are there stay. A new database begins at a number of its own."""
    Change.objects.get_or_create(key=0, defaults={"number": secrets.randbelow(2**48)})
    with connection.cursor() as cursor:
        for statement in _statements():
            cursor.execute(statement)


def _statements() -> Iterator[str]:
    quote = connection.ops.quote_name
    there = set()
    if connection.vendor == "postgresql":
        yield _FUNCTION_POSTGRESQL.format(counter=_TABLE)
        there = _triggers()
    for table in tables():
        if connection.vendor == "postgresql":
            name = f"{table}_count"[-60:]
            if (table, name) not in there:
                yield _ONE_TABLE_POSTGRESQL.format(name=quote(name), table=quote(table), counter=_TABLE)
        else:
            for event in ("INSERT", "UPDATE", "DELETE"):
                name = quote(f"{table}_{event.lower()}_count")
                yield _ONE_TABLE_SQLITE.format(name=name, event=event, table=quote(table), counter=_TABLE)


def _triggers() -> set[tuple[str, str]]:
    """Table and name of each trigger on PostgreSQL. Making one waits for whoever writes to its table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal")
        return {(table, name) for table, name in cursor.fetchall()}


@cache
def code() -> str:
    """A digest of everything but the database that pages are made of: code, templates, settings."""
    root = Path(settings.BASE_DIR)
    files = {"requirements.txt": root / "requirements.txt"}
    files["staticfiles.json"] = Path(settings.STATIC_ROOT) / "staticfiles.json"
    for name in ("leftbehind_site", *APPS, "templates"):
        files.update({str(file.relative_to(root)): file for file in _sources(root / name)})
    digest = hashlib.sha256(
        repr((settings.SITE_URL, settings.ALLOWED_HOSTS, settings.DEBUG, settings.ADMIN_PATH)).encode()
    )
    for name, file in sorted(files.items()):
        if file.is_file():
            digest.update(name.encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _sources(folder: Path) -> Iterator[Path]:
    """The files in a folder and those below it that pages may be made of."""
    for where, _, names in os.walk(folder):
        yield from (Path(where, name) for name in names if name.endswith(_SOURCES))


class Generation:
    """The present state of the content, asked for again and again at the price of one small query.

    Attributes:
        next_hour: When a scheduled item becomes public, unless something is written before; or never.
    """

    def __init__(self) -> None:
        self._changes = -1
        self._passed: datetime | None = None
        self.next_hour: datetime | None = None

    def token(self) -> str:
        """A name for the present state; another state has another.

        What is read from the database afterwards is at least as new as the state that the name stands for.

        Raises:
            django.db.Error: If the database cannot be asked.
        """
        changes = int(Change.objects.aggregate(total=Sum("number"))["total"] or 0)
        now = timezone.now()
        come = self.next_hour is not None and self.next_hour <= now
        # A clock that was wrong and is put back: what became public too early is not public any more.
        gone_back = self._passed is not None and self._passed > now
        if changes != self._changes or come or gone_back:
            self._passed, self.next_hour = _hours(now)
            self._changes = changes
        passed = int(self._passed.timestamp() * 1_000_000) if self._passed else 0
        return f"{changes}-{passed}-{code()}"


def _hours(now: datetime) -> tuple[datetime | None, datetime | None]:
    """When an item last became public, and when the next one will."""
    first, *others = (
        model._default_manager.exclude(state=State.DRAFT).order_by().values_list("publish_at")
        for model in CONTENT_MODELS.values()
    )
    # One question for all: each worker asks it before it can answer. There are no more hours than items.
    hours = [hour for (hour,) in first.union(*others)]
    return (
        max((hour for hour in hours if hour <= now), default=None),
        min((hour for hour in hours if hour > now), default=None),
    )
