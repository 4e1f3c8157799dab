"""The history of what editors change: every version with who, when and why.

A version is written once for a whole change, relations included, and names its editor in words, so that it
still says who when the account is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models
from django.dispatch import receiver
from simple_history.models import HistoricalRecords
from simple_history.signals import pre_create_historical_record


class Entry(models.Model):
    """What a version keeps besides the values: its editor's name."""

    editor_name = models.CharField(max_length=150, blank=True, editable=False)

    class Meta:
        abstract = True


class _Records(HistoricalRecords):  # type: ignore[misc]  # (a library without types)
    """The library's records, reachable from the model they belong to."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            bases=(Entry,), history_change_reason_field=models.TextField(blank=True, null=True), **options
        )

    def finalize(self, sender: Any, **kwargs: Any) -> None:
        """Leave a way from the model to its records."""
        super().finalize(sender, **kwargs)
        if self.cls is sender:
            sender.version_records = self


def records(**options: Any) -> Any:
    """The history of a model; give it as ``history``."""
    return _Records(**options)


@receiver(pre_create_historical_record)
def name_editor(history_instance: Any, history_user: Any, **_kwargs: Any) -> None:
    """Write down who made the change, as long as the account can still tell."""
    if history_user is not None:
        history_instance.editor_name = history_user.get_full_name() or history_user.get_username()


@contextmanager
def one_version(item: Any, *, by: Any, why: str) -> Iterator[None]:
    """Save an item and its relations within this, and its history gets one version of all of it.

    Args:
        item: The item that is saved.
        by: The account that changes it.
        why: The reason that the history shows.
    """
    kind = "+" if item._state.adding else "~"  # noqa: SLF001  (Django's documented way)
    item.skip_history_when_saving = True
    try:
        yield
    finally:
        del item.skip_history_when_saving
    write_version(item, by=by, why=why, kind=kind)


def write_version(item: Any, *, by: Any, why: str, kind: str = "~") -> None:
    """Write the item as it stands into its history."""
    item._history_user = by  # noqa: SLF001  (the library's documented way)
    item._change_reason = why  # noqa: SLF001
    item.version_records.create_historical_record(item, kind)


def latest_version(item: Any) -> str:
    """The number of the item's latest version; empty where it has none."""
    number = type(item).history.filter(**{item._meta.pk.attname: item.pk}).order_by("history_id").last()
    return str(number.history_id) if number and item.pk else ""
