"""What HTML an item may hold, and the one form in which it is kept.

Every body passes through ``clean``, whoever hands it in: the editor in the browser, a content file, a
script. It keeps headings from h2, paragraphs, lists, links, quotations, tables and images with alternative
text; all else goes, attributes and styles included. The result has one block per line, so that the content
files and the differences between versions can be read.
"""

from __future__ import annotations

import re
from typing import Final

import nh3

_BLOCK_TAGS = (
    *("p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption"),
)
TAGS: Final = frozenset({*_BLOCK_TAGS, "a", "strong", "em", "sub", "sup", "br", "img"})
ATTRIBUTES: Final = {
    "a": {"href"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "img": {"src", "alt", "width", "height"},
}
SCHEMES: Final = frozenset({"https", "http", "mailto"})

_SAME = {"b": "strong", "i": "em", "h1": "h2", "h5": "h4", "h6": "h4"}
"""Elements that mean the same as one we keep."""

_MOST_ROUNDS: Final = 20

_BLOCKS = "|".join(_BLOCK_TAGS)
_CONTAINERS = "ul|ol|blockquote|table|thead|tbody|tr|figure"
_RENAMED = re.compile(rf"(</?)({'|'.join(_SAME)})(?=[\s>/])", re.IGNORECASE)
_AROUND_BLOCKS = re.compile(rf"\s*(</?(?:{_BLOCKS})(?:\s[^>]*)?>)\s*")
_LONE_PARAGRAPH = re.compile(r"<(li|td|th)([^>]*)><p>((?:(?!</?p[ >]).)*)</p></\1>", re.DOTALL)
_EMPTY = re.compile(r"<(p|h2|h3|h4|li|blockquote|figure|figcaption|strong|em|sub|sup)>(?:\s|<br>)*</\1>")
_LEADS_NOWHERE = re.compile(r"<a(?: href=\"(?:#_[^\"]*)?\")?>((?:(?!</?a[ >]).)*)</a>", re.DOTALL)
"""A link without an address, or to a mark that Word sets for itself."""

_SPANS_ONE = re.compile(r" (?:col|row)span=\"1?\"")
_IMAGE_WITHOUT_TEXT = re.compile(r"<img(?![^>]*\salt=\"[^\"]*[^\"\s][^\"]*\")[^>]*>")
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0]+")


def clean(html: str) -> str:
    """HTML as it may be stored and shown.

    Args:
        html: Whatever was handed in.

    Returns:
        Harmless, well-formed HTML, one block per line, ending in a line end; empty text for nothing.
        Cleaning it again changes nothing. Of what does not come to rest only the text is left.
    """
    text = html
    for _ in range(_MOST_ROUNDS):
        before, text = text, _clean_once(text)
        if text == before:
            break
    else:
        text = nh3.clean(text, tags=set())
    return text


def _clean_once(html: str) -> str:
    """One round: what is taken out may leave something behind that the next one takes out."""
    renamed = _RENAMED.sub(lambda match: match[1] + _SAME[match[2].lower()], html)
    safe = nh3.clean(
        renamed,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        link_rel="noopener",
        strip_comments=True,
    )
    safe = safe.replace(' rel="noopener"', "")
    safe = _SPANS_ONE.sub("", _IMAGE_WITHOUT_TEXT.sub("", safe))
    text = _SPACES.sub(" ", safe.replace("&nbsp;", " ")).strip()
    before = None
    while before != text:
        before = text
        text = _AROUND_BLOCKS.sub(r"\1", text)
        text = _LEADS_NOWHERE.sub(r"\1", _EMPTY.sub("", _LONE_PARAGRAPH.sub(r"<\1\2>\3</\1>", text)))
    text = re.sub(rf"(</(?:{_BLOCKS})>|<(?:{_CONTAINERS})(?:\s[^>]*)?>)", r"\1\n", text)
    text = text.strip()
    return text + "\n" if text else ""


def plain(html: str) -> str:
    """The text of cleaned HTML, for a feed's summary or a search."""
    text = nh3.clean(html.replace("\n", " ").replace("<br>", " "), tags=set())
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, character)
    return _SPACES.sub(" ", text).strip()
