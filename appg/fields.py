"""The three kinds of field that items are made of: a date as well as it is known, lines, rich text."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse_lazy
from django_prose_editor.fields import ProseEditorField

from appg.html import clean

SEPARATOR: Final = " | "
"""What stands between the parts of a line."""

FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2100, 12, 31)
"""Between these lies every date of the record: a page of a year has one of four digits, a drawing ends."""

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True, order=True, slots=True)
class PartialDate:
    """A date of which the year, the month or the day is known.

    Attributes:
        year: Four digits.
        month: 1 to 12, or 0 where only the year is known.
        day: 1 to 31, or 0 where only the month is known.
    """

    year: int
    month: int = 0
    day: int = 0

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read 2020, 2020-09 or 2020-09-22.

        Raises:
            ValueError: If it is none of them, no such day exists, or it is of no year between 1900 and 2100.
        """
        match = _PARTIAL.fullmatch(text)
        if not match:
            raise ValueError("a date such as 2020-09-22, 2020-09 or 2020")
        year, month, day = (int(part or 0) for part in match.groups())
        try:
            date(year, month or 1, day or 1)
        except ValueError:
            raise ValueError("a date that exists") from None
        if (match[2] and not month) or (match[3] and not day):
            raise ValueError("a date that exists")
        if not FIRST_DAY.year <= year <= LAST_DAY.year:
            raise ValueError(f"a year between {FIRST_DAY.year} and {LAST_DAY.year}")
        return cls(year, month, day)

    @property
    def begin(self) -> date:
        """The first day that it may mean."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def end(self) -> date:
        """The last day that it may mean."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    @property
    def whole(self) -> date | None:
        """The day, where it is known."""
        return date(self.year, self.month, self.day) if self.month and self.day else None

    def __str__(self) -> str:
        """As a reader expects it: 22 September 2020, September 2020, 2020."""
        parts = [str(self.day) if self.day else "", calendar.month_name[self.month], str(self.year)]
        return " ".join(part for part in parts if part)

    @property
    def machine(self) -> str:
        """As a time element's datetime attribute expects it."""
        return "-".join([f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part)])


def check_partial_date(text: str) -> None:
    """Refuse what is no date.

    Raises:
        ValidationError: With what was expected.
    """
    try:
        PartialDate.parse(text)
    except ValueError as error:
        raise ValidationError(f"“{text}” is not right here: write {error}.") from None


def check_day(day: date) -> None:
    """Refuse a day that lies outside the years of a partial date.

    Raises:
        ValidationError: With what was expected.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(f"Write a day between {FIRST_DAY.year} and {LAST_DAY.year}.")


class PartialDateField(models.CharField):  # type: ignore[type-arg]
    """A date as well as it is known, kept as 2020-09-22, 2020-09 or 2020.

    They sort as text does: a year before its months, a month before its days.
    """

    default_validators = [check_partial_date]  # noqa: RUF012  (as the class it extends has it)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 10)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> Any:  # type: ignore[override]
        """A line of text that says what was expected, however long the wrong text is."""
        message = "Write a date such as 2020-09-22, 2020-09 or 2020."
        return super().formfield(**{"error_messages": {"max_length": message}, **kwargs})


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a line.

    Attributes:
        name: Its key.
        required: Whether it may not be left empty.
        address: Whether it must be a web address.
    """

    name: str
    required: bool = False
    address: bool = False


def parse_lines(text: str, parts: Sequence[Part]) -> list[dict[str, str]]:
    """Lines as an editor writes them: one entry a line, its parts with a bar between them.

    Args:
        text: What was written.
        parts: What each line may hold, in order; later parts may be left out.

    Raises:
        ValidationError: Naming the line, what is wrong and what was expected.
    """
    entries = []
    expected = SEPARATOR.join(part.name for part in parts)
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > len(parts):
            raise ValidationError(
                f"Line {number} has {len(cells)} parts, at most {len(parts)} were expected: {expected}."
            )
        entry = {part.name: cell for part, cell in zip(parts, cells, strict=False) if cell}
        check_entry(entry, parts, f"Line {number}")
        entries.append(entry)
    return entries


def check_entry(entry: dict[str, str], parts: Sequence[Part], where: str) -> None:
    """Refuse an entry that lacks a part or holds a wrong one.

    Raises:
        ValidationError: Naming where, what is wrong and what was expected.
    """
    known = {part.name for part in parts}
    for name in entry:
        if name not in known:
            raise ValidationError(f"{where}: “{name}” is not known; expected {', '.join(sorted(known))}.")
    for part in parts:
        value = entry.get(part.name, "")
        if part.required and not value:
            raise ValidationError(f"{where} lacks its {part.name}.")
        if value and part.address and not re.match(r"https?://[^\s/]+\S*$|/\S*$", value):
            raise ValidationError(
                f"{where}: “{value}” is not a web address; expected one beginning with https:// or /."
            )
        if "|" in value or "\n" in value:
            raise ValidationError(f"{where}: a {part.name} may not hold a bar or a line end.")


def write_lines(entries: Sequence[dict[str, str]], parts: Sequence[Part]) -> str:
    """Entries as an editor sees them: the reverse of ``parse_lines``."""
    lines = []
    for entry in entries:
        cells = [entry.get(part.name, "") for part in parts]
        while len(cells) > 1 and not cells[-1]:
            cells.pop()
        lines.append(SEPARATOR.join(cells))
    return "\n".join(lines)


class LinesFormField(forms.CharField):
    """A text area with one entry a line."""

    widget = forms.Textarea

    def __init__(self, *, parts: Sequence[Part] = (), **kwargs: Any) -> None:
        self.parts = parts
        kwargs.pop("encoder", None)
        kwargs.pop("decoder", None)
        super().__init__(**kwargs)
        self.widget.attrs["rows"] = 4
        self.widget.attrs.setdefault("class", "vLargeTextField desk-lines")

    def prepare_value(self, value: Any) -> Any:
        """Entries as lines; what an editor just wrote stays as it was."""
        return write_lines(value, self.parts) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Lines as entries."""
        return parse_lines(super().to_python(value) or "", self.parts)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the entries differ; the spelling of the lines does not matter."""
        try:
            return bool((initial or []) != self.to_python(data))
        except ValidationError:
            return True


class LinesField(models.JSONField):
    """A short list of entries with named parts, edited as lines and kept as JSON.

    Lists of speakers, documents or sources live on the item itself, so that its history, its differences
    and its undoing cover them.
    """

    def __init__(self, *args: Any, parts: Sequence[Part] = (), **kwargs: Any) -> None:
        self.parts = tuple(parts)
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> Any:  # type: ignore[override]
        """The text area."""
        kwargs.pop("widget", None)
        return super().formfield(**{"form_class": LinesFormField, "parts": self.parts, **kwargs})

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Refuse what the form would have refused."""
        super().validate(value, model_instance)
        if not isinstance(value, list):
            raise ValidationError("A list was expected.")
        for number, entry in enumerate(value, start=1):
            if not isinstance(entry, dict):
                raise ValidationError(f"Entry {number}: its parts by name were expected.")
            check_entry(entry, self.parts, f"Entry {number}")


class RichTextField(ProseEditorField):  # type: ignore[misc]
    """An item's text: edited with a rich text editor, cleaned before it is stored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("blank", True)
        kwargs["sanitize"] = clean
        kwargs["extensions"] = {
            "Heading": {"levels": [2, 3, 4]},
            "Bold": True,
            "Italic": True,
            "BulletList": True,
            "OrderedList": True,
            "ListItem": True,
            "HardBreak": True,
            "Subscript": True,
            "Superscript": True,
            "Blockquote": True,
            "Link": {"protocols": ["https", "http", "mailto"], "enableTarget": False},
            "Table": True,
            "TableRow": True,
            "TableHeader": True,
            "TableCell": True,
            "Figure": {"pickerUrl": reverse_lazy("admin:appg_upload_pick")},
            "Image": True,
            "Caption": True,
            "HTML": True,
        }
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Keep the editor's configuration out of migrations: the database does not depend on it."""
        name, _, args, kwargs = super().deconstruct()
        for key in ("config", "extensions", "preset", "sanitize"):
            kwargs.pop(key, None)
        return name, "django.db.models.TextField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Clean the text whoever set it: a form's own cleaning is not the only way in."""
        value = clean(getattr(model_instance, self.attname) or "")
        setattr(model_instance, self.attname, value)
        return super().pre_save(model_instance, add)
