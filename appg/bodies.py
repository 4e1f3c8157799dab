"""An item's text as a page shows it: words from the glossary marked where they first occur, tables framed.

Bodies are stored clean (see ``appg.html``), so what is read here is well-formed. It is still taken apart by a
parser rather than by patterns, because a word inside a link, a heading or an attribute must stay as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import Final

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from appg.models import GlossaryTerm

_UNTOUCHED: Final = frozenset({"a", "h2", "h3", "h4", "caption", "th"})
"""Elements whose words are not marked: they are links already, or headings."""

_LOWEST: Final = 6
_IN_BRACKETS = re.compile(r"\s*\(([^()]+)\)\s*$")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the glossary.

    Attributes:
        slug: Where the glossary explains it.
        spellings: How running text may write it.
    """

    slug: str
    spellings: tuple[str, ...]


def spellings_of(title: str, also: Iterable[str]) -> tuple[str, ...]:
    """The ways to write a word: its title, without what stands in brackets, that itself, and those given."""
    bare = _IN_BRACKETS.sub("", title)
    inside = _IN_BRACKETS.search(title)
    return tuple(dict.fromkeys(filter(None, (title, bare, inside[1] if inside else "", *also))))


def glossary() -> tuple[Word, ...]:
    """The words that the public glossary explains; one query."""
    rows = GlossaryTerm.objects.standing().order_by("slug").values_list("slug", "title", "also")
    return tuple(
        Word(slug, spellings_of(title, (entry["name"] for entry in also))) for slug, title, also in rows
    )


def _pattern(spelling: str) -> str:
    """The expression that finds a spelling.

    An abbreviation or a name with capitals inside is written one way only ("IMD", "Big Local"). Other words
    may begin with a capital at the head of a sentence, whichever way the glossary writes them.
    """
    first, rest = spelling[0], spelling[1:]
    words = r"\s+".join(re.escape(word) for word in rest.split(" "))
    if rest == rest.lower() and first.isalpha():
        return f"[{first.lower()}{first.upper()}]{words}"
    return re.escape(first) + words


@dataclass(slots=True)
class Marker:
    """Shows the bodies of one page; each word is marked once, in whichever of them it occurs first.

    Attributes:
        words: What the glossary explains.
        marked: The slugs of those marked so far.
    """

    words: tuple[Word, ...]
    marked: set[str] = field(default_factory=set)
    _tables: int = 0
    _by_spelling: dict[str, str] = field(default_factory=dict, init=False)
    _any: re.Pattern[str] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        spellings = sorted(
            ((spelling, word.slug) for word in self.words for spelling in word.spellings),
            key=lambda pair: (-len(pair[0]), pair),
        )
        for spelling, slug in spellings:
            self._by_spelling.setdefault(_folded(spelling), slug)
        if spellings:
            # The longest first, so that "Community Wealth Fund Alliance" is not taken for the fund.
            choices = "|".join(_pattern(spelling) for spelling, _ in spellings)
            self._any = re.compile(rf"(?<![\w-])(?:{choices})(?![\w-])")

    def show(self, html: str, *, below: int = 1) -> SafeString:
        """A body for a page.

        Args:
            html: Clean HTML, as it is stored.
            below: The level of the heading under which the body stands; its own, from h2, follow on.
        """
        writer = _Writer(self, shift=below - 1)
        writer.feed(html)
        writer.close()
        return mark_safe("".join(writer.parts))  # noqa: S308  (stored clean; only links of ours are added)

    def mark(self, text: str) -> str:
        """Text as HTML, with a link at each word that has not been marked before."""
        if self._any is None:
            return escape(text, quote=False)
        done, parts = 0, []
        for match in self._any.finditer(text):
            slug = self._by_spelling[_folded(match[0])]
            if slug in self.marked:
                continue
            self.marked.add(slug)
            link = f'<a class="term" href="{reverse("appg:glossary")}#{slug}">{escape(match[0])}</a>'
            parts += [escape(text[done : match.start()], quote=False), link]
            done = match.end()
        return "".join([*parts, escape(text[done:], quote=False)])

    def next_table(self) -> int:
        """The number of the next table on the page: each frame that scrolls has a name of its own."""
        self._tables += 1
        return self._tables


def _folded(text: str) -> str:
    """A spelling without regard to case and line ends, as the key it is looked up by."""
    return " ".join(text.casefold().split())


class _Writer(HTMLParser):
    """Writes what it reads, but for the words, the headings' level and the frames of tables."""

    def __init__(self, marker: Marker, shift: int) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._marker = marker
        self._shift = shift
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        written = self.get_starttag_text() or ""
        if tag in _UNTOUCHED:
            self._inside.append(tag)
        if tag == "table":
            name = f"Table {self._marker.next_table()}"
            self.parts.append(f'<div class="scroll" role="region" aria-label="{name}" tabindex="0">')
        self.parts.append(written.replace(f"<{tag}", f"<{self._level(tag)}", 1))

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()
        self.parts.append(f"</{self._level(tag)}>")
        if tag == "table":
            self.parts.append("</div>")

    def handle_data(self, data: str) -> None:
        self.parts.append(escape(data, quote=False) if self._inside else self._marker.mark(data))

    def _level(self, tag: str) -> str:
        """A heading's element at its place on the page."""
        if self._shift and len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            return f"h{min(int(tag[1]) + self._shift, _LOWEST)}"
        return tag
