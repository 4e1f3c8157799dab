"""The generation: every write to what the public sees gives another one, whoever makes it and however."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from appg.models import GlossaryTerm, NewsItem, Publication, SiteSettings
from leftbehind_site import generation
from leftbehind_site.generation import Generation, tables
from leftbehind_site.models import Change
from neighbourhoods.models import Neighbourhood, Region
from tests.appg import items
from tests.neighbourhoods.factory import make_release

pytestmark = pytest.mark.django_db


def now() -> str:
    return Generation().token()


def test_every_table_of_the_public_apps_is_watched() -> None:
    assert {"neighbourhoods_figure", "appg_newsitem", "appg_publication_neighbourhoods"} <= set(tables())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgrelid::regclass::text, tgtype FROM pg_trigger"
                " WHERE NOT tgisinternal AND tgenabled = 'O'"
            )
            # After the statement (0), insert (4), delete (8), update (16), truncate (32).
            watched = {(table, kind) for table, kind in cursor.fetchall()}
            assert watched == {(table, 4 | 8 | 16 | 32) for table in tables()}
        else:
            cursor.execute("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
            assert set(cursor.fetchall()) == {
                (table, f"{table}_{event}_count")
                for table in tables()
                for event in ("insert", "update", "delete")
            }
    models = {model for label in generation.APPS for model in apps.get_app_config(label).get_models()}
    assert {model._meta.db_table for model in models} <= set(tables())


def _by_hand() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE appg_newsitem SET title = 'By hand'")


WRITES: dict[str, Callable[[], Any]] = {
    "saved": items.news,
    "changed in bulk": lambda: NewsItem.objects.update(title="Another"),
    "added in bulk": lambda: Region.objects.bulk_create([Region(code="E12000008", name="South East")]),
    "added in bulk where there is room": lambda: Region.objects.bulk_create(
        [Region(code="E12000008", name="South East")], ignore_conflicts=True
    ),
    "added in bulk over others": lambda: Region.objects.bulk_create(
        [Region(code="E12000009", name="The South West")],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name"],
    ),
    "deleted": lambda: NewsItem.objects.all().delete(),
    "related": lambda: Publication.objects.get().neighbourhoods.set(Neighbourhood.objects.all()),
    "written by hand": _by_hand,
    "loaded": lambda: call_command("load_neighbourhoods", verbosity=0),
    "set for the whole site": lambda: SiteSettings.objects.update(notice="Closed."),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_write_gives_another_generation(write: Callable[[], Any]) -> None:
    make_release(12)
    items.news()
    items.publication()
    before = now()
    assert now() == before
    write()
    assert now() != before


def test_what_is_undone_changes_nothing() -> None:
    before = now()
    with transaction.atomic():
        items.news()
        transaction.set_rollback(True)
    assert now() == before


def test_what_the_public_never_sees_changes_nothing(admin_user: Any) -> None:
    before = now()
    admin_user.first_name = "Ada"
    admin_user.save()
    assert now() == before


def test_two_histories_never_meet_in_one_number() -> None:
    """A database brought back from a copy and changed in another way is another generation."""
    seen = set()
    for _ in range(3):
        with transaction.atomic():
            items.news()
            seen.add(now())
            transaction.set_rollback(True)
    assert len(seen) == 3


def test_an_hour_that_comes_gives_another_generation() -> None:
    hour = timezone.now().replace(microsecond=0) + timedelta(hours=1)
    items.news(publish_at=hour)
    items.news(state="draft", publish_at=hour - timedelta(minutes=1))
    items.publication(publish_at=hour + timedelta(hours=1))
    kept = Generation()
    before = kept.token()
    assert kept.next_hour == hour
    with time_machine.travel(hour - timedelta(seconds=1), tick=False):
        assert kept.token() == before == now()
    with time_machine.travel(hour, tick=False):
        after = kept.token()
        assert after == now() != before
        assert kept.next_hour == hour + timedelta(hours=1)
    with time_machine.travel(hour + timedelta(days=1), tick=False):
        assert kept.token() == now() != after
        assert kept.next_hour is None


def test_a_clock_that_is_put_back_gives_the_former_generation() -> None:
    hour = timezone.now().replace(microsecond=0) + timedelta(hours=1)
    items.news(publish_at=hour)
    kept = Generation()
    before = kept.token()
    with time_machine.travel(hour + timedelta(days=365), tick=False):
        assert kept.token() == now() != before
    assert kept.token() == now() == before
    assert kept.next_hour == hour


def test_code_and_settings_belong_to_it(settings: Any, tmp_path: Path) -> None:
    before = generation.code()
    settings.SITE_URL = "https://another.test"
    generation.code.cache_clear()
    assert generation.code() != before
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "staticfiles.json").write_text(json.dumps({"paths": {}}))
    generation.code.cache_clear()
    first = generation.code()
    (tmp_path / "staticfiles.json").write_text(json.dumps({"paths": {"css/site.css": "css/site.1.css"}}))
    generation.code.cache_clear()
    assert generation.code() != first
    generation.code.cache_clear()


def test_a_table_that_was_made_anew_is_watched_after_the_migration() -> None:
    """SQLite makes a table anew for many a change, and its triggers are lost."""
    items.word()
    where = " ON appg_glossaryterm" if connection.vendor == "postgresql" else ""
    names = ["count"] if where else ["insert_count", "update_count", "delete_count"]
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP TRIGGER appg_glossaryterm_{name}{where}")
    before = now()
    GlossaryTerm.objects.update(title="Unnoticed")
    assert now() == before
    call_command("migrate", verbosity=0)
    GlossaryTerm.objects.update(title="Noticed")
    assert now() != before


def test_a_new_database_begins_at_a_number_of_its_own() -> None:
    Change.objects.all().delete()
    generation.watch_tables()
    first = now()
    Change.objects.all().delete()
    generation.watch_tables()
    assert now() != first
    generation.watch_tables()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="On SQLite one writes at a time")
@pytest.mark.django_db(transaction=True)
def test_writers_do_not_wait_for_each_other() -> None:
    """A load that takes seconds holds nobody up; and the number changes with each commit, in any order."""
    items.news()
    made = items.publication()
    parameters = connection.get_connection_params()
    address = {key: parameters[key] for key in ("dbname", "user", "host", "port") if key in parameters}
    before = now()
    with psycopg.connect(**address) as slow:
        slow.execute("UPDATE appg_newsitem SET title = 'Slow'")
        slow.execute("UPDATE appg_newsitem SET title = 'Slower'")
        with psycopg.connect(**address, options="-c lock_timeout=2s") as quick:
            quick.execute("UPDATE appg_publication SET title = 'Quick' WHERE id = %s", [made.pk])
        between = now()
        assert between != before
    assert now() not in {before, between}
