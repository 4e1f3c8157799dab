"""What editors do to the record: change it, publish it, correct it, go back to an earlier version.

Each of these is one function, one transaction and one version in the item's history. The rules are here too:
what was public stays public, and no published correction is removed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.signals import pre_delete
from django.dispatch import Signal, receiver
from django.urls import NoReverseMatch, resolve
from django.utils import timezone
from django.utils.timezone import localtime

from appg.fields import LinesField, write_lines
from appg.models import Correction, Item, Page, Redirect, State, Term, Upload
from appg.records import one_version, write_version

LABELS: Final = {
    "slug": "last part of the address",
    "publish_at": "public from",
    "withdrawn_reason": "reason for withdrawing",
    "date_text": "date in words",
    "date_note": "about the date",
    "placed": "place in lists",
    "body": "text",
    "legacy_paths": "addresses on the old site",
    "inquiry_number": "number in the inquiry",
    "also_styled": "other forms of the name",
    "also": "other spellings",
    "about": "our page about it",
    "url": "web address",
}
"""What the forms and the history call a field, where its own name would mean little to an editor."""

undone = Signal()
"""Sent when an earlier version is back, with ``item`` and ``by``, the account that did it."""

PUBLIC_AGAIN: Final = (
    "The public has seen this item, so it cannot go back to being a draft. Withdraw it instead."
)
UNPUBLISHED: Final = "The public sees this item already, so this time cannot lie in the future."


def check_state(before: Item | None, after: Item) -> None:
    """Refuse a change that would make a public item vanish.

    Args:
        before: The item as the database has it; nothing for a new one.
        after: The item as it would be saved.

    Raises:
        ValidationError: By field.
    """
    if before is None or not before.is_public or after.is_public:
        return
    if after.state == State.DRAFT:
        raise ValidationError({"state": PUBLIC_AGAIN})
    if after.publish_at is not None:
        raise ValidationError({"publish_at": UNPUBLISHED})


def address_of(item: Any) -> str:
    """The item's address; empty where none can be made of it yet."""
    try:
        return str(item.get_absolute_url())
    except NoReverseMatch:
        return ""


def address_change(before: Item | None, after: Item) -> tuple[str, str] | None:
    """The old and the new address, where saving would move a page that the public knows."""
    if before is None or not before.is_public or not before.address_differs(after):
        return None
    return address_of(before), address_of(after)


def address_taken(item: Item) -> str:
    """Whose address the item would take, in words; empty if it is free."""
    address = address_of(item)
    if not address or "#" in address:
        return ""
    match = resolve(address)
    shows = isinstance(item, Page) and match.view_name in item.views
    if not shows and match.kwargs.get("slug") != item.slug:
        return "it is a page that the site makes itself"
    before = item.stored()
    stands = address_of(before) if before is not None else ""
    if before is not None and before.is_public and stands == address:
        # It takes nothing: a redirect of its own address leads nobody away.
        return ""
    others = (found.new_path for found in Redirect.at(address) if found.new_path != stands)
    return next((f"it leads to {path}" for path in others), "")


def ever_public(item: Item) -> bool:
    """Whether the public has ever seen the item."""
    if item.is_public:
        return True
    until = timezone.now()
    for entry in type(item).history.filter(id=item.pk).order_by("-history_date", "-history_id"):  # type: ignore[attr-defined]
        if entry.state != State.DRAFT and entry.publish_at is not None and entry.publish_at <= until:
            return True
        until = entry.history_date
    return False


@transaction.atomic
def publish(item: Item, *, by: Any, why: str = "") -> None:
    """Let the public see a draft from now on.

    What is published is the draft as it stands, whatever somebody else has saved since it was read.

    Raises:
        ValidationError: If something that a public item needs is missing, or it is no draft any more.
    """
    try:
        item.refresh_from_db(from_queryset=type(item)._default_manager.select_for_update())
    except models.ObjectDoesNotExist:
        raise ValidationError("Somebody has deleted it in the meantime.") from None
    if item.state != State.DRAFT:
        raise ValidationError("Somebody has changed it in the meantime: it is no draft any more.")
    item.state, item.publish_at = State.PUBLISHED, None
    item.full_clean()
    with one_version(item, by=by, why=why):
        item.save()


def correct(item: Item, text: str, *, by: Any) -> Correction:
    """Publish what was wrong with a public item and what is right."""
    return Correction.objects.create(
        content_type=ContentType.objects.get_for_model(item),
        object_id=item.pk,
        title=item.title,
        path=item.get_absolute_url(),
        text=text,
        made_by=by,
    )


def version_of(entry: Any) -> Any:
    """What an earlier version would be if it were brought back now.

    A public item stays public: of a version from before its publication only the content comes back.

    Args:
        entry: The version, out of an item's history.

    Returns:
        The item with the version's values; nothing is saved.
    """
    item = entry.instance
    item._state.adding = False  # noqa: SLF001  (Django's documented way)
    if isinstance(item, Item):
        before = item.stored()
        if before is not None and before.is_public and not item.is_public:
            item.state, item.publish_at = before.state, before.publish_at
            item.withdrawn_reason = before.withdrawn_reason
    return item


@transaction.atomic
def undo(entry: Any, *, by: Any, why: str, correction: str = "") -> Any:
    """Bring an earlier version back, as a new version.

    Args:
        entry: The version, out of an item's history.
        by: The account that does it.
        why: The reason that the history shows.
        correction: What the public is told, if it is told something.

    Returns:
        The item.

    Raises:
        ValidationError: If the version no longer fits, such as when its address belongs to another item.
    """
    item = version_of(entry)
    item.full_clean()
    reason = f"Back to the version of {moment(entry.history_date)}: {why}"
    with one_version(item, by=by, why=reason):
        item.save()
        for name, kept in related_of(entry):
            getattr(item, name).set(kept)
    if isinstance(item, Term):
        write_version(item.person, by=by, why=f"{item.get_office_display()}: {reason[0].lower()}{reason[1:]}")
    if correction:
        correct(item, correction, by=by)
    undone.send(type(item), item=item, by=by)
    return item


def related_of(entry: Any) -> Iterator[tuple[str, list[Any]]]:
    """The relations of a version by field, as far as what they lead to still exists."""
    for found in entry._history_m2m_fields:  # noqa: SLF001  (the library keeps them there)
        keys = getattr(entry, found.name).values_list(f"{found.m2m_reverse_field_name()}_id", flat=True)
        yield found.name, list(found.related_model._default_manager.filter(pk__in=keys))


def moment(when: Any) -> str:
    """A time as an editor reads it: 3 May 2026, 14:05."""
    local = localtime(when)
    return f"{local.day} {local:%B %Y, %H:%M}"


# Differences --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed in one field, as lines.

    Attributes:
        label: The field as the form calls it.
        removed: Lines that are no longer there.
        added: Lines that are new.
    """

    label: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


def differences(newer: Any, older: Any) -> list[Difference]:
    """What changed between two versions of an item, in the order of its fields."""
    found = newer.diff_against(older, foreign_keys_are_objs=True).changes
    model = newer.instance_type
    order = [field.name for field in (*model._meta.fields, *model._meta.many_to_many)]
    shown = []
    for change in sorted(found, key=lambda change: order.index(change.field)):
        field = model._meta.get_field(change.field)
        old, new = (_lines(field, _related(field, value)) for value in (change.old, change.new))
        shown.append(_difference(field, old, new))
    return shown


def _related(field: Any, value: Any) -> Any:
    """A value of a version: where it is the rows of a relation, the items that they lead to."""
    if not isinstance(field, models.ManyToManyField):
        return value
    return [row[field.m2m_reverse_field_name()] for row in value]


def would_change(entry: Any) -> list[Difference]:
    """What bringing a version back would change in the item as it stands."""
    item = version_of(entry)
    values = {field.name: _value(item, field.name) for field in entry.tracked_fields if field.editable}
    standing = type(item)._default_manager.filter(pk=item.pk).first()
    return both_versions(type(item), standing, {**values, **dict(related_of(entry))})


def both_versions(model: type[models.Model], standing: Any, values: Mapping[str, Any]) -> list[Difference]:
    """In what an item as it stands differs from what it would be with other values.

    Args:
        model: The kind of item.
        standing: The item as the database has it; nothing where it is gone.
        values: Values of its fields by name; of a relation the items that it leads to.

    Returns:
        For each field that differs the lines that only the item has, and those that only the values have.
    """
    shown = []
    for field in (*model._meta.fields, *model._meta.many_to_many):
        if field.name not in values:
            continue
        theirs = [] if standing is None else _lines(field, _value(standing, field.name))
        mine = _lines(field, values[field.name])
        if theirs != mine:
            shown.append(_difference(field, theirs, mine))
    return shown


def _value(item: Any, name: str) -> Any:
    """A field's value, of a relation the items; what it leads to may be gone."""
    try:
        found = getattr(item, name)
    except models.ObjectDoesNotExist:
        return "(no longer there)"
    return found.all() if isinstance(found, models.Manager) else found


def _difference(field: Any, old: Sequence[str], new: Sequence[str]) -> Difference:
    removed: list[str] = []
    added: list[str] = []
    for operation, old_from, old_to, new_from, new_to in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if operation != "equal":
            removed += old[old_from:old_to]
            added += new[new_from:new_to]
    label = LABELS.get(field.name, str(field.verbose_name))
    return Difference(label[0].upper() + label[1:], tuple(removed), tuple(added))


def _lines(field: Any, value: Any) -> list[str]:
    """A value as an editor reads it, line by line."""
    lines: list[str] = []
    if isinstance(field, models.ManyToManyField):
        lines = sorted(str(other) for other in value)
    elif isinstance(field, LinesField):
        lines = write_lines(value or [], field.parts).splitlines()
    elif isinstance(field, models.BooleanField):
        lines = ["yes" if value else "no"]
    elif isinstance(field, models.DateTimeField) and value:
        lines = [moment(value)]
    elif field.choices:
        lines = [str(dict(field.flatchoices).get(value, value))]
    elif value is not None:
        lines = str(value).splitlines()
    return [line for line in lines if line]


# What no way of deleting may take along ------------------------------------------------------------------


@receiver(pre_delete)
def keep_what_stays(sender: type[models.Model], instance: models.Model, **_kwargs: Any) -> None:
    """Refuse to delete a correction or a file; the admin refuses it of any item that was public, too."""
    if issubclass(sender, Correction):
        raise models.ProtectedError("A published correction stays.", {instance})
    if issubclass(sender, Upload):
        raise models.ProtectedError("A file's address stays: withdraw the file instead.", {instance})
