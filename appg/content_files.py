"""An item as a text file: front matter that says what it is, then its text.

The same item always gives the same bytes, and a file read and written again is the same file, so that the
record can be kept, compared and corrected outside the database.

Every scalar of the front matter is text; YAML's guesses about dates, numbers and "no" are switched off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import yaml
from django.db import models

from appg.fields import LinesField, Part, RichTextField
from appg.models import ARCHIVED_AT, CONTENT_MODELS, Item, Person, State, Term
from leftbehind_site.common.errors import SourceError

CONTENT: Final = Path(__file__).parent / "content"
"""Where the content that ships with the project lies."""

FENCE: Final = "---\n"
STATE_KEYS: Final = ("state", "publish_at", "withdrawn_reason")
"""Keys that every kind may have; left out for an item that is simply part of the archive."""


@dataclass(frozen=True)
class ContentFile:
    """One file, read but not yet compared with the database.

    Attributes:
        model: What kind of item it is.
        name: Folder and file name, for messages.
        text: The whole file.
        values: Front matter by key: text, or a list of texts or of mappings.
        lines: The line of the file on which each key stands.
        body: What follows the front matter.
    """

    model: type[Item]
    name: str
    text: str = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)
    lines: Mapping[str, int] = field(repr=False)
    body: str = field(repr=False)

    @property
    def slug(self) -> str:
        """The item's slug, which is also the file's name."""
        return str(self.values["slug"])

    def problem(self, key: str, expected: str, value: object = None) -> SourceError:
        """What to say of a key that is not as it must be."""
        return SourceError(self.name, expected, self.lines.get(key, 1), key, value)


def digest_of(text: str) -> str:
    """SHA-256 of a content file's text."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_folder(folder: Path = CONTENT) -> list[ContentFile]:
    """Read every content file of a folder.

    Returns:
        The files by kind, in an order in which no item refers to a later kind, then by name.

    Raises:
        SourceError: If a file is not as it must be, or the folder holds none.
    """
    files = [
        read_file(path, model)
        for name, model in CONTENT_MODELS.items()
        for path in sorted((folder / name).glob("*.md"))
    ]
    if not files:
        raise SourceError(str(folder), f"content files in {', '.join(CONTENT_MODELS)}", value="none")
    return files


def read_file(path: Path, model: type[Item]) -> ContentFile:
    """Read one content file.

    Raises:
        SourceError: Naming file, line and key, and what was expected.
    """
    name = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(name, "a readable text file in UTF-8", value=error) from error
    front, fence, body = text.removeprefix(FENCE).partition(f"\n{FENCE}")
    if not text.startswith(FENCE) or not fence:
        raise SourceError(name, "front matter between two lines of ---", 1, value=text[:20])
    values, lines = _front_matter(name, front)
    file = ContentFile(model, name, text, values, lines, body)
    _check_keys(file)
    if values.get("slug") != path.stem:
        raise file.problem("slug", f"the file's own name, {path.stem}", values.get("slug", ""))
    return file


def _front_matter(name: str, front: str) -> tuple[dict[str, Any], dict[str, int]]:
    """Keys, values and the line of each key; line 1 of the file is the first fence."""
    try:
        node = yaml.compose(front, Loader=yaml.BaseLoader)
        values = yaml.load(front, Loader=yaml.BaseLoader)  # noqa: S506  (it makes text, lists and mappings only)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 2
        raise SourceError(name, "well-formed YAML", line, value=getattr(error, "problem", error)) from error
    if not isinstance(node, yaml.MappingNode) or not isinstance(values, dict):
        raise SourceError(name, "keys with values", 2, value=front[:40])
    lines = {}
    for key, _ in node.value:
        if key.value in lines:
            raise SourceError(name, "each key only once", key.start_mark.line + 2, key.value)
        lines[key.value] = key.start_mark.line + 2
    return values, lines


def _check_keys(file: ContentFile) -> None:
    known = (*file.model.content_keys, *STATE_KEYS)
    for key in file.values:
        if key not in known:
            raise file.problem(key, f"one of {', '.join(known)}", key)
    for key in ("title", "slug"):
        if not file.values.get(key):
            raise file.problem(key, "a value")
    for key, value in file.values.items():
        _check_shape(file, key, value)


def _check_shape(file: ContentFile, key: str, value: Any) -> None:
    """Refuse text where a list belongs, and the reverse."""
    wanted = shape_of(file.model, key)
    if wanted == "text" and not isinstance(value, str):
        raise file.problem(key, "text", value)
    if wanted == "list" and not (isinstance(value, list) and all(isinstance(entry, str) for entry in value)):
        raise file.problem(key, "a list of texts, each on a line that begins with “- ”", value)
    if wanted == "entries" and not (
        isinstance(value, list)
        and all(
            isinstance(entry, dict) and all(isinstance(part, str) for part in entry.values())
            for entry in value
        )
    ):
        raise file.problem(key, "a list of entries with named parts", value)


def shape_of(model: type[Item], key: str) -> str:
    """How a key is written: "text", "list" (of texts) or "entries" (with named parts)."""
    if key == "terms":
        return "entries"
    found = model._meta.get_field(key)
    if isinstance(found, models.ManyToManyField):
        return "list"
    if isinstance(found, LinesField):
        return "list" if len(found.parts) == 1 else "entries"
    return "text"


# Writing ----------------------------------------------------------------------------------------------


class _Dumper(
    yaml.emitter.Emitter,
    yaml.serializer.Serializer,
    yaml.representer.SafeRepresenter,
    yaml.resolver.BaseResolver,
):
    """Writes text as it is, unquoted where YAML can bear it, and indents lists under their key."""

    def __init__(self, stream: Any, **_options: Any) -> None:
        yaml.emitter.Emitter.__init__(self, stream, width=10**6, allow_unicode=True, indent=2)
        yaml.serializer.Serializer.__init__(self)
        yaml.representer.SafeRepresenter.__init__(self, default_flow_style=False, sort_keys=False)
        yaml.resolver.BaseResolver.__init__(self)

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow=flow, indentless=False)


def write(item: Item, *, public: bool = False) -> str:
    """An item as its content file.

    Args:
        item: The item.
        public: Whether to name only those other items that the public sees, and of a withdrawn item none.
    """
    values = {key: value for key, value in _values(item, public=public) if value not in ("", [], None)}
    front = yaml.dump(values, Dumper=_Dumper)
    body = getattr(item, "body", "")
    return f"{FENCE}{front}{FENCE}{body}"


def _values(item: Item, *, public: bool) -> Iterator[tuple[str, Any]]:
    for key in item.content_keys:
        yield key, _value(item, key, public=public)
    if item.state != State.PUBLISHED or item.publish_at != ARCHIVED_AT:
        yield "state", item.state
        yield "publish_at", item.publish_at.isoformat() if item.publish_at else ""
        yield "withdrawn_reason", item.withdrawn_reason


def _value(item: Item, key: str, *, public: bool) -> Any:
    """A field's value as front matter holds it."""
    if key == "terms":
        assert isinstance(item, Person)  # noqa: S101  (for mypy: nothing else has terms)
        return [] if public and item.is_withdrawn else [_term(term) for term in item.terms.order_by("id")]
    found = item._meta.get_field(key)
    if found.is_relation:
        return _references(item, found, public=public)
    value = getattr(item, key)
    if isinstance(found, LinesField):
        return _entries(value, found.parts)
    if key == "placed" and item.date and len(item.date) == len("2020-09-22"):  # type: ignore[attr-defined]
        return ""
    return "" if value is None else str(value)


def _references(item: Item, found: Any, *, public: bool) -> list[str] | str:
    """What other items an item names."""
    if isinstance(found, models.ForeignKey):
        other = getattr(item, found.name)
        return "" if public and not other.is_public else reference_of(other)
    if public and item.is_withdrawn:
        return []
    others = getattr(item, found.name).all()
    return sorted(reference_of(one) for one in others if not public or getattr(one, "is_public", True))


def _entries(value: Sequence[Mapping[str, str]], parts: Sequence[Part]) -> list[Any]:
    if len(parts) == 1:
        return [entry[parts[0].name] for entry in value]
    return [{part.name: entry[part.name] for part in parts if entry.get(part.name)} for entry in value]


def _term(term: Term) -> dict[str, str]:
    written = {}
    for key in term.content_keys:
        value = getattr(term, key)
        if value not in ("", False, None):
            written[key] = "true" if value is True else str(value)
    return written


def reference_of(other: models.Model) -> str:
    """How an item is named by another one: by its slug, a neighbourhood by its code."""
    return str(getattr(other, "slug", other.pk) if isinstance(other, Item) else other.pk)


# From values to fields --------------------------------------------------------------------------------


def field_values(file: ContentFile) -> dict[str, Any]:
    """The file's values for the fields that are not references, defaults for keys left out.

    Raises:
        SourceError: If a value cannot be read as its field needs it.
    """
    values: dict[str, Any] = {}
    for key in file.model.content_keys:
        if key == "terms":
            continue
        found = file.model._meta.get_field(key)
        if isinstance(found, models.Field) and not found.is_relation:
            values[key] = _read(file, key, found)
    if any(isinstance(found, RichTextField) for found in file.model._meta.fields):
        values["body"] = file.body
    elif file.body.strip():
        raise SourceError(file.name, "no text after the front matter", value=file.body[:40])
    values["state"] = file.values.get("state", State.PUBLISHED)
    values["withdrawn_reason"] = file.values.get("withdrawn_reason", "")
    values["publish_at"] = _moment(file)
    return values


def _read(file: ContentFile, key: str, found: models.Field[Any, Any]) -> Any:
    raw = file.values.get(key)
    if isinstance(found, LinesField):
        entries = raw or []
        name = found.parts[0].name
        return [{name: text} for text in entries] if len(found.parts) == 1 else list(entries)
    if raw in (None, ""):
        return found.get_default() if not found.null else None
    try:
        return found.to_python(raw)
    except Exception as error:
        raise file.problem(key, "; ".join(getattr(error, "messages", [str(error)])), raw) from error


def _moment(file: ContentFile) -> datetime | None:
    if file.values.get("state") == State.DRAFT and not file.values.get("publish_at"):
        return None
    text = file.values.get("publish_at")
    if not text:
        return ARCHIVED_AT
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901  (only to fall into the refusal below)
    if moment.tzinfo is None:
        raise file.problem("publish_at", "a time such as 2024-03-31T00:00:00+00:00", text)
    return moment


def term_values(file: ContentFile) -> list[dict[str, Any]]:
    """The terms of a person's file as field values."""
    terms = []
    for entry in file.values.get("terms", []):
        unknown = set(entry) - set(Term.content_keys)
        if unknown:
            raise file.problem("terms", f"only {', '.join(Term.content_keys)}", ", ".join(sorted(unknown)))
        values: dict[str, Any] = {key: entry.get(key, "") for key in Term.content_keys}
        if values["uncertain"] not in ("", "true"):
            raise file.problem("terms", "uncertain: true, or no such key", values["uncertain"])
        values["uncertain"] = values["uncertain"] == "true"
        terms.append(values)
    return terms
