"""What somebody typed into a search box: read with care, and folded to what spellings have in common."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

LONGEST: Final = 300
"""Characters that a search may have: as many as the longest title."""

_APOSTROPHES: Final = dict.fromkeys(map(ord, "'`\u2018\u2019\u02bc\u02b9\u00b4\u2032\uff07"))
"""Typed, typographic, modifying, primes, accents that stand alone, wide."""

_SAME: Final = {"st": "saint"}
_AND: Final = re.compile("[&+]")
_MARKS: Final = re.compile(r"[\W_]+")
_FORMAT: Final = "Cf"
"""Characters without a shape, such as marks of direction, which come along with a copied text."""


class UnreadableError(ValueError):
    """A search that cannot be answered.

    Attributes:
        status: Of the answer.
        sentence: Why, for the reader; it repeats nothing of what was sent.
    """

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def read(values: Sequence[str]) -> str:
    """The words of a request, on one line.

    Args:
        values: What the request gives for the parameter; of several the last one that is not empty counts, as
            it does everywhere on the site.

    Raises:
        UnreadableError: Where they are too long, or are no text.
    """
    text = next((value for value in reversed(values) if value.strip()), "")
    if len(text) > LONGEST:
        raise UnreadableError(
            HTTPStatus.REQUEST_URI_TOO_LONG,
            f"A search may have {LONGEST} characters. This one has {len(text):,}.",
        )
    line = " ".join(text.split())
    if any(_is_no_text(character) for character in line):
        raise UnreadableError(
            HTTPStatus.BAD_REQUEST,
            "The search holds characters that are no text, so it cannot be read.",
        )
    return "".join(character for character in line if unicodedata.category(character) != _FORMAT).strip()


def _is_no_text(character: str) -> bool:
    """Whether it is a control, half a character, never assigned, or the trace of bytes in no encoding."""
    point = ord(character)
    return (
        unicodedata.category(character) in ("Cc", "Cs")
        or character == "\N{REPLACEMENT CHARACTER}"
        or point & 0xFFFE == 0xFFFE
        or 0xFDD0 <= point <= 0xFDEF
    )


def fold(text: str) -> str:
    """A text without what people spell in several ways.

    Case, accents, apostrophes, hyphens and other marks, ``&`` for "and", "St" for "Saint".

    Returns:
        Words of letters and digits, with one space between them.
    """
    flat = text.casefold().translate(_APOSTROPHES)
    if not flat.isascii():
        parts = unicodedata.normalize("NFKD", flat).translate(_APOSTROPHES)
        flat = "".join(character for character in parts if unicodedata.category(character) != "Mn")
    return " ".join(_SAME.get(word, word) for word in _MARKS.sub(" ", _AND.sub(" and ", flat)).split())
