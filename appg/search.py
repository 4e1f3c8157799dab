"""The record by its words: full-text search with SQLite's FTS5, whichever database keeps the record.

The index is made for each search, in memory, out of the items that are public at that moment. The record is
small (some 180 items; see docs/decisions/0012), so that takes about ten milliseconds, and nothing has to be
kept in step with what editors do.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import CharField, DateField, F, IntegerField, JSONField, TextField, Value
from django.db.models.functions import Coalesce
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from appg import wording
from appg.html import plain
from appg.models import (
    Chapter,
    Coverage,
    DatedItem,
    GlossaryTerm,
    Item,
    NewsItem,
    Page,
    Person,
    Publication,
    Question,
    Session,
)
from leftbehind_site.common import spelling
from leftbehind_site.common.words import fold

_LINES: Final[dict[type[Item], str]] = {Session: "theme", NewsItem: "author", Coverage: "outlet"}
"""A field of a kind that its items are found by too."""

_LISTS: Final[dict[type[Item], tuple[str, ...]]] = {
    Session: ("speakers", "documents", "reading"),
    NewsItem: (),
    Publication: ("authors", "partners", "key_figures"),
    Chapter: (),
    Page: (),
    Question: (),
    GlossaryTerm: ("also",),
    Person: ("also_styled",),
    Coverage: (),
}
"""The kinds that can be found, each with the fields of lines that its items are found by too."""

_MOST_LISTS: Final = 3
_UNSAID: Final = frozenset({"url", "type", "pages"})
"""Parts of a line that nobody looks for by their words."""

_BY_NAME: Final = {str(model._meta.model_name): model for model in _LISTS}
_KINDS: Final[dict[type[Item], str]] = {
    Chapter: "Chapter of the final report",
    Page: "Page",
    Question: "Question and answer",
    GlossaryTerm: "Glossary",
    Person: "Officer",
    Coverage: "Press coverage",
}
"""What an item of a kind without kinds of its own is called."""

_WEIGHTS: Final[dict[type[Item], float]] = {Coverage: 0.5}
"""How much an item counts against others; what others wrote about the group comes after what it did."""

NOISE: Final = frozenset(
    {
        *("a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "had", "has", "have", "in", "is"),
        *("it", "its", "of", "on", "or", "s", "that", "the", "their", "this", "to", "was", "were", "what"),
        *("when", "where", "which", "who", "why", "will", "with"),
    }
)
"""Words that most items hold; they count only where nothing else was typed."""

_LETTERS: Final = re.compile(r"[^\W\d_]+")
_Text = tuple[int, str, str, str]
"""An item's number, title, text and lines."""

_MOST_WORDS: Final = 32
_EXCERPT: Final = 32
"""Words of an excerpt; of lines half as many."""
_OPEN, _CLOSE = "\x02", "\x03"
_INDEX: Final = """
    CREATE VIRTUAL TABLE record
    USING fts5(title, text, lines, weight UNINDEXED, tokenize='porter unicode61 remove_diacritics 2')
"""
_KNOWN: Final = "SELECT 1 FROM record WHERE record MATCH ? LIMIT 1"
_ASK: Final = """
    SELECT
        rowid,
        highlight(record, 0, char(2), char(3)),
        CASE WHEN length(text) < 250 THEN highlight(record, 1, char(2), char(3))
             ELSE snippet(record, 1, char(2), char(3), '…', ?) END,
        snippet(record, 2, char(2), char(3), '…', ?)
    FROM record WHERE record MATCH ? ORDER BY bm25(record, 8, 1, 2) * weight, rowid
"""
"""A word in the title weighs as much as eight in the text; items that fit equally well keep their order."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that holds the words.

    Attributes:
        item: The item; only what a result shows is filled in.
        excerpt: Words of it around those that were looked for, these marked.
    """

    item: Any
    excerpt: SafeString

    @property
    def kind(self) -> str:
        """What the item is."""
        return _KINDS.get(type(self.item)) or wording.kind(self.item)

    @property
    def when(self) -> str:
        """Its date in words, where its kind has one."""
        return self.item.when if isinstance(self.item, DatedItem) else ""


@dataclass(frozen=True, slots=True)
class Found:
    """What the record holds for a search.

    Attributes:
        titled: Items whose title is just what was typed.
        others: The others that hold the words, the closest first.
        readings: What was typed wrongly, with what was taken for it.
        some: Whether the items hold only some of the words, since none holds all.
    """

    titled: tuple[Hit, ...] = ()
    others: tuple[Hit, ...] = ()
    readings: tuple[tuple[str, str], ...] = ()
    some: bool = False

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.titled or self.others)

    @property
    def hits(self) -> tuple[Hit, ...]:
        """All of them in order."""
        return (*self.titled, *self.others)

    @property
    def certain(self) -> bool:
        """Whether there is something with all the words just as they were typed."""
        return bool(self) and not self.readings and not self.some


class Index:
    """The public items of one moment, ready to be searched; to be closed."""

    def __init__(self, items: Sequence[Any], texts: Sequence[_Text]) -> None:
        self.items, self._texts = items, texts
        self._titles = [fold(item.title) for item in items]
        self._database = sqlite3.connect(":memory:")
        self._database.execute(_INDEX)
        weights = (_WEIGHTS.get(type(item), 1) for item in items)
        self._database.executemany(
            "INSERT INTO record (rowid, title, text, lines, weight) VALUES (?, ?, ?, ?, ?)",
            ((*text, weight) for text, weight in zip(texts, weights, strict=True)),
        )

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def listed(self) -> list[tuple[Hit, str, str]]:
        """All items in their order, each with the words of its title and those of its text and lines, folded.

        In the place of an excerpt stands the beginning of the text.
        """
        return [
            (
                Hit(item, conditional_escape(Truncator(text or lines).words(_EXCERPT))),
                fold(title),
                " ".join(sorted(set(fold(f"{text} {lines}").split()) - NOISE)),
            )
            for item, (_, title, text, lines) in zip(self.items, self._texts, strict=True)
        ]

    def find(
        self, typed: str, *, meant: Mapping[str, str] | None = None, forgiving: bool = True, some: bool = True
    ) -> Found:
        """The items that hold the words that were typed.

        Args:
            typed: Any words.
            meant: What to take for words that no item holds, if something else knows better.
            forgiving: Whether to take the nearest known word for one that no item holds.
            some: Whether to be content with items that hold some of the words where none holds all.
        """
        words = fold(typed).split()[:_MOST_WORDS]
        words = [word for word in words if word not in NOISE] or words
        if not words:
            return Found()
        readings: dict[str, str] = {}
        for word in dict.fromkeys(words):
            if not self._database.execute(_KNOWN, (_expression([word], ""),)).fetchone():
                near = (meant or {}).get(word) or (self._nearest(word) if forgiving else "")
                readings |= {word: near} if near else {}
        words = [readings.get(word, word) for word in words]
        found = self._ask(words)
        some = some and not found and len(words) > 1
        if some:
            found = self._ask(words, "OR")
        titled = [number for number, title in enumerate(self._titles) if title == fold(typed)]
        return Found(
            tuple(Hit(self.items[number], found.get(number, SafeString())) for number in titled),
            tuple(Hit(self.items[number], found[number]) for number in found if number not in titled),
            tuple(readings.items()) if found else (),
            some and bool(found),
        )

    def _ask(self, words: Sequence[str], operator: str = "AND") -> dict[int, SafeString]:
        """The numbers of the items that hold the words, the closest first, with their excerpts."""
        rows = self._database.execute(_ASK, (_EXCERPT, _EXCERPT // 2, _expression(words, operator)))
        return {number: _excerpt(*parts) for number, *parts in rows}

    def _nearest(self, word: str) -> str:
        """The word that was most likely meant, the commonest of the nearest; empty where none is near."""
        slips = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
        if not slips:
            return ""
        texts = (part.casefold() for _, *parts in self._texts for part in parts)
        known = Counter(other for text in texts for other in _LETTERS.findall(text))
        near = [
            (edits, -often, other)
            for other, often in known.items()
            if len(other) > slips + 1 and (edits := spelling.edits(word, other, slips)) <= slips
        ]
        return min(near)[-1] if near else ""


def index() -> Index:
    """The public items, to be searched; one query."""
    return Index(*_public())


def _expression(words: Sequence[str], operator: str) -> str:
    """Words in the language of FTS5; each is quoted, so that none can be anything but a word."""
    return f" {operator} ".join('("saint" OR "st")' if word == "saint" else f'"{word}"' for word in words)


def _excerpt(title: str, text: str, lines: str) -> SafeString:
    """The part of an item that shows best why it was found, what was looked for within ``mark``."""
    excerpt = lines if not text or (_OPEN in lines and _OPEN not in title + text) else text
    parts = enumerate(re.split(f"[{_OPEN}{_CLOSE}]", excerpt))
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", part) if number % 2 else part,) for number, part in parts)
    )


# --- the items and their words

_SHARED: Final = ("slug", "title", "state", "publish_at", "withdrawn_reason")
_SOME: Final[dict[str, Any]] = {
    "folder": Value("", CharField()),
    "kind": Value("", CharField()),
    "date": Value("", CharField()),
    "date_text": Value("", CharField()),
    "placed": Value(None, DateField()),
    "number": Value(0, IntegerField()),
    "inquiry_number": Value(0, IntegerField()),
    "summary": Value("", TextField()),
    "body": Value("", TextField()),
}
"""Fields that only some kinds have, with what stands in the others' columns."""


def _public() -> tuple[list[Any], list[_Text]]:
    """The public items, the latest first, and their words; one query."""
    first, *rest = (_rows(model) for model in _LISTS)
    read = [_item(*row) for row in first.union(*rest, all=True)]
    read.sort(key=lambda one: (-_day(one[0]), one[0]._meta.model_name, one[0].slug))
    items = [item for item, *_ in read]
    return items, [(number, item.title, text, lines) for number, (item, text, lines) in enumerate(read)]


def _day(item: Any) -> int:
    """Where an item stands in time; nothing is as old as an item without a date."""
    placed = getattr(item, "placed", None)
    return int(placed.toordinal()) if placed else 0


def _rows(model: type[Item]) -> Any:
    """What a kind's public items are called and found by, in columns that can be joined."""
    fields = {found.name for found in model._meta.get_fields()}
    columns: dict[str, Any] = {"row_name": Value(model._meta.model_name, CharField())}
    for name, empty in _SOME.items():
        held = Coalesce(name, empty) if isinstance(empty.output_field, IntegerField) else F(name)
        columns[f"row_{name}"] = held if name in fields else empty
    columns["row_line"] = F(_LINES[model]) if model in _LINES else Value("", CharField())
    for number in range(_MOST_LISTS):
        lists = _LISTS[model]
        columns[f"row_list_{number}"] = F(lists[number]) if number < len(lists) else Value([], JSONField())
    return model.objects.public().order_by().annotate(**columns).values_list(*_SHARED, *columns)


def _item(*row: Any) -> tuple[Any, str, str]:
    """A row as an item, filled in as far as a result shows it, with its text and its lines.

    Of a withdrawn item only the title is left.
    """
    shared, (name, *others) = row[: len(_SHARED)], row[len(_SHARED) :]
    some, (line, *lists) = dict(zip(_SOME, others, strict=False)), others[len(_SOME) :]
    summary, body = some.pop("summary"), some.pop("body")
    model = _BY_NAME[name]
    fields = {found.name for found in model._meta.get_fields()}
    item = model(**dict(zip(_SHARED, shared, strict=True)))
    for key, value in some.items():
        if key in fields:
            setattr(item, key, value or None if key.endswith("number") else value)
    if item.is_withdrawn:
        return item, "", ""
    said = [part for entry in (e for entries in lists for e in entries) for part in _said(entry)]
    text = " ".join(part for part in (summary, plain(body)) if part)
    return item, text, " · ".join(part for part in (line, *said) if part)


def _said(entry: Mapping[str, str]) -> list[str]:
    """The parts of a line that it may be found by."""
    return [value for part, value in entry.items() if value and part not in _UNSAID]
