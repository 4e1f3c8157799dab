"""Content files → database and back.

An item that an editor has changed since it was loaded is the editor's: a load keeps it and says so, unless it
is told to overwrite.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from appg import content_files, editing
from appg.content_files import ContentFile
from appg.models import CONTENT_MODELS, Item, Person, Term
from appg.records import one_version
from leftbehind_site.common.errors import SourceError

REASON = "Loaded from the content files"


class Outcome(StrEnum):
    """What a load does with an item."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    KEPT = "kept: changed by an editor since it was loaded"
    OVERWRITTEN = "overwritten: an editor's later change is replaced"


@dataclass(frozen=True, slots=True)
class Loaded:
    """One item of a load.

    Attributes:
        file: Its content file.
        outcome: What was done, or would be.
        difference: Lines of a unified difference from the database to the file; empty where there is none.
    """

    file: ContentFile
    outcome: Outcome
    difference: tuple[str, ...] = ()


def load(
    files: Sequence[ContentFile],
    *,
    dry_run: bool = False,
    overwrite: bool = False,
    progress: Callable[[Sequence[ContentFile]], Iterable[ContentFile]] = iter,
) -> list[Loaded]:
    """Bring the items that content files describe into the database, all or none.

    Args:
        files: In an order in which no item refers to a later one.
        dry_run: Work out what would happen and write nothing.
        overwrite: Replace what editors have changed since.
        progress: Wraps the files as they are handled.

    Returns:
        What was done with each, in the same order.

    Raises:
        SourceError: At the first file that does not fit; nothing is written then.
    """
    with transaction.atomic():
        done = [_load_one(file, overwrite=overwrite) for file in progress(files)]
        if dry_run:
            transaction.set_rollback(True)
    return done


def dump(folder: Path) -> list[str]:
    """Write every item as its content file, touching only the files that differ.

    Files of items that no longer exist are left alone; they are the caller's to judge.

    Returns:
        The names of the files that were written.
    """
    written = []
    for name, model in CONTENT_MODELS.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for item in model._default_manager.order_by("slug"):
            path = folder / name / f"{item.slug}.md"
            text = content_files.write(item)
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                beside = path.with_suffix(".new")
                beside.write_text(text, encoding="utf-8")
                beside.replace(path)
                written.append(f"{name}/{path.name}")
    return written


def _load_one(file: ContentFile, *, overwrite: bool) -> Loaded:
    """Write an item and compare what that changed, since a file by hand may be spelt in another way."""
    item = file.model._default_manager.filter(slug=file.slug).first()
    if item is None:
        _write(file, file.model())
        return Loaded(file, Outcome.NEW)
    stored = content_files.write(item)
    if stored == file.text:
        return Loaded(file, Outcome.SAME)
    edited = content_files.digest_of(stored) != item.seed_digest
    kept = edited and not overwrite
    before = transaction.savepoint()
    written = _write(file, item, stays=not kept)
    difference = tuple(
        difflib.unified_diff(stored.splitlines(), written.splitlines(), "database", file.name, "", "", 0, "")
    )
    if not difference or kept:
        transaction.savepoint_rollback(before)
        return Loaded(file, Outcome.KEPT if difference else Outcome.SAME, difference)
    return Loaded(file, Outcome.OVERWRITTEN if edited else Outcome.CHANGED, difference)


def _write(file: ContentFile, item: Item, *, stays: bool = True) -> str:
    """Give an item the file's values, references included, and prove that they fit.

    Args:
        file: The content file.
        item: The item as it is stored, or a new one.
        stays: Whether what is written is to stay, and so has to hold the desk's rules too.

    Returns:
        The item as its content file, as it stands in the database now.
    """
    for name, value in content_files.field_values(file).items():
        setattr(item, name, value)
    many: dict[str, list[models.Model]] = {}
    for key in file.model.content_keys:
        found = None if key == "terms" else file.model._meta.get_field(key)
        if isinstance(found, models.ManyToManyField):
            many[key] = [_referred(file, key, found, name) for name in file.values.get(key, [])]
        elif isinstance(found, models.ForeignKey):
            setattr(item, key, _referred(file, key, found, file.values.get(key, "")))
    _prove(file, item)
    if stays:
        _hold_rules(file, item)
    with one_version(item, by=None, why=REASON):
        item.save()
        for key, others in many.items():
            getattr(item, key).set(others)
    if isinstance(item, Person):
        _write_terms(file, item)
    written = content_files.write(item)
    # An editor's later change is told by this; it is no part of the item's history.
    file.model._default_manager.filter(pk=item.pk).update(seed_digest=content_files.digest_of(written))
    return written


def _referred(file: ContentFile, key: str, found: Any, name: str) -> models.Model:
    """The item or neighbourhood that a reference names."""
    other = found.related_model
    by = "slug" if issubclass(other, Item) else "pk"
    referred: models.Model | None = other._default_manager.filter(**{by: name}).first()
    if referred is None:
        raise file.problem(key, f"the {by if by == 'slug' else 'code'} of a {other._meta.verbose_name}", name)
    return referred


def _write_terms(file: ContentFile, person: Person) -> None:
    """A person's terms in the order of the file; those that have not changed are left alone."""
    wanted = content_files.term_values(file)
    standing = list(person.terms.order_by("id"))
    for index, values in enumerate(wanted):
        term = standing[index] if index < len(standing) else Term(person=person)
        if term.pk and all(getattr(term, key) == value for key, value in values.items()):
            continue
        for key, value in values.items():
            setattr(term, key, value)
        _prove(file, term)
        with one_version(term, by=None, why=REASON):
            term.save()
    for term in standing[len(wanted) :]:
        term.delete()


def _prove(file: ContentFile, item: models.Model) -> None:
    """Refuse what a form would have refused, naming the key."""
    try:
        item.full_clean()
    except ValidationError as error:
        raise _refused(file, item, error) from error


def _hold_rules(file: ContentFile, item: Item) -> None:
    """Refuse what the desk refuses too: to take what is public from the public, or an address from a page."""
    try:
        editing.check_state(item.stored(), item)
    except ValidationError as error:
        raise _refused(file, item, error) from error
    if taken := editing.address_taken(item):
        raise file.problem("slug", f"an address that is free; {editing.address_of(item)} is not: {taken}")


def _refused(file: ContentFile, item: models.Model, error: ValidationError) -> SourceError:
    """What to say of the first thing that does not fit."""
    key, messages = next(iter(error.message_dict.items()))
    line_key = key if key in file.lines else "terms" if isinstance(item, Term) else key
    return file.problem(line_key, "; ".join(messages).rstrip("."), getattr(item, key, None))
