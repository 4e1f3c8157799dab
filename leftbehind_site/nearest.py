"""What comes closest to an address that nobody knows, by the words in it."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from django.urls import reverse

from appg.addresses import public_items
from appg.models import CONTENT_MODELS, Coverage, TimelineEvent
from leftbehind_site.common import spelling
from neighbourhoods.models import Neighbourhood, Release

MOST: Final = 5
"""How many are offered."""

_MOST_WORDS: Final = 12
_LONGEST_WORD: Final = 40
_LONGEST_PATH: Final = 500
"""Bounds on what is looked at: an address may be as long as the server lets it be."""

_SAME: Final = 84
"""From how much alike (of 100) two words count as one, misspelled."""

_SHORTEST: Final = 4
"""A word of fewer letters has to be written as it is."""

_SHARE_OF_BEST: Final = 0.45
"""How much of the best one's weight another has to have to be offered beside it."""

_NO_WORDS: Final = frozenset(
    (
        *("a", "an", "and", "at", "by", "for", "from", "in", "is", "it", "of", "on", "or", "the", "to"),
        *("with", "wp", "content", "uploads", "index", "page", "p", "s", "php", "htm", "html", "pdf"),
    )
)
"""Words that say nothing about what was looked for."""

_FOLDERS_OF_FILES: Final = re.compile(r"\A/+wp-content/uploads/(?:[0-9]+/)*")
"""Where the former site's files lay, by year and month."""

_LISTS: Final = (
    ("All news", "appg:news"),
    ("All publications", "appg:publications"),
    ("All sessions", "appg:sessions"),
    ("The inquiry into levelling up", "appg:inquiry"),
    ("The officers of the group", "appg:officers"),
    ("Frequently asked questions", "appg:questions"),
    ("Glossary", "appg:glossary"),
    ("Press coverage", "appg:coverage"),
    ("Corrections", "appg:corrections"),
    ("The directory of neighbourhoods", "neighbourhoods:directory"),
    ("Rankings of the neighbourhoods", "neighbourhoods:rankings"),
)
"""Pages that show many items."""

_KINDS: Final = {
    "person": "officer of the group",
    "question": "question",
    "glossaryterm": "glossary",
    "page": "about this site",
    "newsitem": "news",
    "chapter": "chapter of the final report",
}
"""Kinds of item as a reader knows them, where it is not their name."""

_OFFERED: Final = {
    str(model._meta.model_name): model
    for model in CONTENT_MODELS.values()
    if model not in {Coverage, TimelineEvent}
}
"""Items that have a page, or an entry of their own on one."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """Something that may have been meant: its title, its address, what it is."""

    title: str
    path: str
    kind: str = ""


def words_of(path: str) -> list[str]:
    """The words of an address that say what was looked for, in their order, each once.

    Args:
        path: The path, decoded or not; only its beginning counts.
    """
    text = _FOLDERS_OF_FILES.sub("", unquote(path[:_LONGEST_PATH]).lower().replace("’", ""))
    found = re.findall(r"[^\W_]+", text)
    words = (word[:_LONGEST_WORD] for word in found if word not in _NO_WORDS)
    return list(dict.fromkeys(words))[:_MOST_WORDS]


def nearest(path: str, fitting: Sequence[str] = ()) -> list[Nearest]:
    """What comes closest to an address, the closest first; two queries.

    A word weighs the more the fewer titles have it.

    Args:
        path: The path, decoded.
        fitting: Paths of items that are known to fit; they come first.
    """
    known = {one.path: one for one in _everything()}
    first = [known[one] for one in fitting if one in known]
    ranked = _ranked(words_of(path), list(known.values()))
    return list(dict.fromkeys([*first, *ranked]))[:MOST]


def _ranked(words: list[str], known: list[Nearest]) -> list[Nearest]:
    """Those that share words with an address, by the weight of the words."""
    places: dict[str, set[int]] = defaultdict(set)
    for number, one in enumerate(known):
        for word in (*words_of(one.title), *words_of(one.path)):
            places[word].add(number)
    weights: dict[int, float] = defaultdict(float)
    for word in words:
        best: dict[int, float] = defaultdict(float)
        for other, likeness in _alike(word, places):
            for number in places[other]:
                weight = math.log1p(len(known) / len(places[other])) * likeness
                best[number] = max(best[number], weight)
        for number, weight in best.items():
            weights[number] += weight
    least = max(weights.values(), default=0) * _SHARE_OF_BEST
    order = sorted(weights, key=lambda number: (-weights[number], len(known[number].title), number))
    return [known[number] for number in order if weights[number] >= least]


def _alike(word: str, vocabulary: Iterable[str]) -> list[tuple[str, float]]:
    """The known words that a word may be, each with how much alike they are, 1 for the same."""
    if word in vocabulary:
        return [(word, 1.0)]
    if len(word) < _SHORTEST:
        return []
    found = spelling.alike(word, list(vocabulary), least=_SAME, most=MOST)
    cut_off = [(other, _SAME / 100) for other in vocabulary if other.startswith(word) and other != word]
    return [*found, *cut_off]


def _everything() -> list[Nearest]:
    """All that may be offered: public items, listed neighbourhoods, lists."""
    items = [
        Nearest(title, item.get_absolute_url(), _KINDS.get(name, name))
        for item, name, title in public_items(_OFFERED)
    ]
    places = Neighbourhood.objects.filter(release__state=Release.State.CURRENT).select_related("authority")
    return [
        *items,
        *(
            Nearest(f"{place.name}, {place.authority.name}", place.get_absolute_url(), "neighbourhood")
            for place in places
        ),
        *(Nearest(title, reverse(name)) for title, name in _LISTS),
    ]
