"""The links of a page: where each leads, and the places in the page that one can lead to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

_LINKS: Final = {
    **dict.fromkeys(("a", "link", "area", "use", "image"), ("href",)),
    **dict.fromkeys(("img", "source"), ("src", "srcset")),
    **dict.fromkeys(("script", "iframe", "embed", "audio", "video", "track"), ("src",)),
    **dict.fromkeys(("form",), ("action",)),
    **dict.fromkeys(("blockquote", "q", "del", "ins"), ("cite",)),
}
"""Elements with the attributes of theirs that hold addresses."""

_METAS: Final = frozenset({"og:url", "og:image", "twitter:image"})
"""Facts in the head whose content is an address."""

_STYLE_LINK: Final = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")


@dataclass(slots=True)
class Links:
    """What a page leads to, and what may be led to in it.

    Attributes:
        to: Addresses as they stand in it.
        ids: Names of places.
    """

    to: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links = Links()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.links.ids.add(given["id"])
        for name in _LINKS.get(tag, ()):
            if name in given:
                self.links.to.update(_addresses(name, given[name]))
        if tag == "meta" and (given.get("property") or given.get("name")) in _METAS:
            self.links.to.add(given.get("content", ""))
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            self.links.to.add(given.get("content", "").partition("url=")[2])


def _addresses(name: str, value: str) -> list[str]:
    if name != "srcset":
        return [value]
    return [candidate.split()[0] for candidate in value.split(",") if candidate.strip()]


def of_page(text: str) -> Links:
    """The links of an HTML page."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.links


def of_style_sheet(text: str) -> Links:
    """The links of a style sheet."""
    return Links(to={address for address in _STYLE_LINK.findall(text) if not address.startswith("data:")})


def of_feed(text: str) -> Links:
    """The links of an Atom feed or a sitemap: its own, not those of the texts that it quotes."""
    found = re.findall(r"<link\b[^>]*\bhref=\"([^\"]+)\"|<loc>([^<]+)</loc>", text)
    return Links(to={first or second for first, second in found})


def of_search(text: str) -> Links:
    """The links of what a copy searches: those of the HTML in it, wherever it stands.

    Nothing leads to a place in it: a script puts it into the search page.
    """
    return Links(to={address for words in _strings(json.loads(text)) for address in of_page(words).to})


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)
