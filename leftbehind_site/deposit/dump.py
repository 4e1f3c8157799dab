"""The public part of the database as lines of JSON, which any database can be filled with.

Each line is a row in the form of Django's fixtures, so that ``loaddata`` reads it. What the public does not
see is left out: drafts and what is scheduled, the texts of what was withdrawn, the history of versions,
accounts, and who made what. Pages made of the rest are the same pages.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.core import serializers
from django.db import models

from appg.addresses import addresses
from appg.models import Chapter, Item, Publication, Redirect, State, Term, Upload
from leftbehind_site.common import rows
from leftbehind_site.generation import APPS

ACCOUNTS: Final = frozenset({"made_by", "uploaded_by", "loaded_by"})
"""Fields that name an account."""

NAMES: Final = frozenset({"loaded_by_name"})
"""Fields that name a person of the staff, in words."""

STANDING: Final = frozenset(
    {
        *("id", "title", "slug", "state", "publish_at", "withdrawn_reason", "legacy_paths"),
        *("date", "date_text", "date_note", "placed", "kind", "folder", "number", "inquiry_number", "order"),
        *("author", "authors", "publication", "outlet", "about"),
    }
)
"""What stays of a withdrawn item: its name, its place in the lists, and why it was withdrawn."""

NAMED: Final = STANDING - {"slug", "legacy_paths", "withdrawn_reason", "authors"}
"""What a public chapter tells of its report where that is not public."""


def write(path: Path) -> datetime:
    """Write the dump: a line of JSON for each row, those that others refer to before these.

    Returns:
        The latest moment in it. What is scheduled is not in it.
    """
    latest = datetime(1970, 1, 1, tzinfo=UTC)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for model in _models():
            for row in _rows(model):
                written = _written(row)
                moments = (value for value in written["fields"].values() if isinstance(value, datetime))
                latest = max((latest, *moments))
                file.write(rows.line(written))
    return latest


def _models() -> list[type[models.Model]]:
    """The models of the public apps without their histories, each after those that it refers to."""
    every = (model for label in APPS for model in apps.get_app_config(label).get_models())
    found = [model for model in every if not hasattr(model, "history_id")]
    return list(serializers.sort_dependencies([(None, found)], allow_cycles=True))


def public_part(item: Item) -> Item:
    """An item with no more in it than the public sees; another object, not to be saved."""
    if item.is_withdrawn:
        return _reduced(item, STANDING)
    return item


def _reduced(item: Item, kept: Collection[str]) -> Item:
    """An item with only some of its fields, the others empty."""
    reduced = copy.copy(item)
    for field in item._meta.concrete_fields:
        if field.name not in kept:
            setattr(reduced, field.attname, field.get_default())
    return reduced


def _rows(model: type[models.Model]) -> Iterator[models.Model]:
    """The rows of a model that are in a deposit, with no more in them than the public sees."""
    every = model._default_manager.order_by("pk")
    if issubclass(model, Item):
        yield from map(public_part, model._default_manager.public().order_by("pk"))
    if model is Publication:
        told = Chapter.objects.public().values("publication")
        for report in Publication.objects.filter(pk__in=told).exclude(pk__in=Publication.objects.public()):
            named = _reduced(report, NAMED)
            named.slug, named.state = f"not-public-{report.pk}", State.DRAFT
            yield named
    elif model is Term:
        people = Term._meta.get_field("person").related_model
        yield from every.filter(person__in=people._default_manager.standing())  # type: ignore[union-attr]
    elif model is Redirect:
        book = addresses()
        yield from (one for one in Redirect.objects.order_by("pk") if book.now(one.new_path))
    elif model is Upload:
        for upload in Upload.objects.order_by("pk"):
            if upload.withdrawn_reason:
                upload.title = upload.caption = ""
                upload.alternative_text = "Withdrawn" if upload.is_image else ""
            yield upload
    elif not issubclass(model, Item):
        yield from every.iterator(chunk_size=2000)


def _written(row: models.Model) -> dict[str, Any]:
    """A row as a fixture has it."""
    written = rows.written(row, natural=True)
    fields = written["fields"]
    for name in ACCOUNTS & fields.keys():
        fields[name] = None
    for name in NAMES & fields.keys():
        fields[name] = ""
    for field in row._meta.many_to_many:
        if field.name in fields:
            fields[field.name] = _public_among(row, field.name)
    return written


def _public_among(row: models.Model, name: str) -> list[Any]:
    """The keys of what a row refers to, as far as it is public."""
    if isinstance(row, Item) and (row.is_withdrawn or not row.is_public):
        return []
    others = getattr(row, name).all()
    if issubclass(others.model, Item):
        others = others.public()
    return sorted(others.values_list("pk", flat=True))
