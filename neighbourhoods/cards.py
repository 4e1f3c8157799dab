"""Cards: the pictures for previews of links, drawn as SVG.

A card says what the head of its page says: the name, the authority, the two ranks with their position strips,
and where in England the place lies. It rests on the same figures, and never on the clock.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.template.loader import render_to_string

from leftbehind_site.common.pictures import Part
from leftbehind_site.common.site import Site
from neighbourhoods import maps, wording
from neighbourhoods.measures import HEADLINES
from neighbourhoods.models import Neighbourhood
from neighbourhoods.profiles import Particulars

_MAP_WIDTH: Final = 372
"""How wide England is on a card, in pixels."""

_NAME_SIZE: Final = 92
"""Of the letters of the site's own name, in pixels."""

_KEY: Final = (
    "The left end is the greatest need; shaded, the most deprived tenth; tick, the median of the {listed}."
)

_WORDS: Final = (0, 60, 784, 572)
"""The part of a card that holds its name and ranks."""

_AROUND: Final = 48
"""How far the part that holds its mark reaches from the middle of it."""

_SIZES: Final = ((88, 16, 1), (72, 20, 2), (56, 26, 2), (44, 33, 3))
"""Sizes of a name: pixels, letters to the line, lines. The first that holds the name is used."""


@dataclass(frozen=True, slots=True)
class Title:
    """A name in as many lines as it needs.

    Attributes:
        size: Of the letters, in pixels.
        lines: Each line with where it stands, in pixels from the top of the first.
    """

    size: int
    lines: tuple[tuple[int, str], ...]

    @property
    def height(self) -> int:
        """From the top of the first line to the foot of the last, in pixels."""
        return self.lines[-1][0] + self.size // 4


def title(name: str) -> Title:
    """A name as large as it fits; one that fits no size ends in dots."""
    for size, letters, most in _SIZES:
        lines = textwrap.wrap(name, letters, break_long_words=False)
        if len(lines) <= most and all(len(line) <= letters for line in lines):
            return _set(size, _balanced(name, letters, len(lines)))
    size, letters, most = _SIZES[-1]
    return _set(size, textwrap.wrap(name, letters, max_lines=most, placeholder="…"))


def _balanced(name: str, letters: int, count: int) -> list[str]:
    """A name in that many lines, the longest of them as short as can be."""
    ways = (textwrap.wrap(name, width, break_long_words=False) for width in range(1, letters + 1))
    return next(lines for lines in ways if len(lines) == count)


def _set(size: int, lines: Iterable[str]) -> Title:
    return Title(size, tuple((round(size * (0.8 + 1.1 * index)), line) for index, line in enumerate(lines)))


@dataclass(frozen=True, slots=True)
class Mark:
    """A neighbourhood on the map, in pixels from its top left corner."""

    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Land:
    """England on a card.

    Attributes:
        width: In pixels.
        height: In pixels.
        regions: The data of a path for each region.
        marks: The neighbourhoods on it.
        radius: How large a mark is, in pixels.
        rim: How wide its rim is, in pixels.
    """

    width: int
    height: int
    regions: tuple[str, ...]
    marks: tuple[Mark, ...]
    radius: int
    rim: int

    @property
    def left(self) -> int:
        """How far from the card's left edge it stands."""
        return 1200 - 48 - self.width

    @property
    def top(self) -> int:
        """How far from the card's upper edge it stands."""
        return 56 + (574 - self.height) // 2


def land(
    outline: str | None, neighbourhoods: Iterable[Neighbourhood], radius: int = 12, rim: int = 3
) -> Land | None:
    """England with marks; nothing without its outline.

    Args:
        outline: The country's GeoJSON, one area for each region.
        neighbourhoods: Whom to mark.
        radius: How large a mark is, in pixels.
        rim: How wide its rim is, in pixels.
    """
    if not outline:
        return None
    country = maps.drawn_country(outline, _MAP_WIDTH, 2)
    width, height = country.frame.size
    places = (country.frame.at(maps.point_of(one)) for one in neighbourhoods)
    marks = tuple(Mark(round(across), round(down)) for across, down in places)
    return Land(width, height, country.regions, marks, radius, rim)


def neighbourhood(known: Particulars, outline: str | None, site: Site) -> str:
    """The card of a neighbourhood, as SVG.

    Args:
        known: What is known of it.
        outline: The country's GeoJSON; without it there is no map.
        site: The group's facts.
    """
    return _drawn(site, **_words(known), **_key(known), land=land(outline, [known.neighbourhood]))


def pieces(known: Particulars, outline: str | None, site: Site) -> tuple[str, list[Part]]:
    """The same card in pieces: what all cards have in common, and what is its own, see ``pictures.png``.

    Args:
        known: What is known of the neighbourhood.
        outline: The country's GeoJSON; without it there is no map.
        site: The group's facts.
    """
    ground = _drawn(site, **_key(known), land=land(outline, []))
    parts = [Part(_drawn(site, **_words(known), **_key(known)), _WORDS)]
    if marked := land(outline, [known.neighbourhood]):
        (mark,) = marked.marks
        across, down = marked.left + mark.x, marked.top + mark.y
        box = (across - _AROUND, down - _AROUND, across + _AROUND, down + _AROUND)
        parts.append(Part(_drawn(site, **_key(known), land=marked), box))
    return ground, parts


def _words(known: Particulars) -> dict[str, object]:
    """What stands on the left: the name, the authority and the two ranks."""
    return {
        "title": title(known.neighbourhood.name),
        "where": f"{known.authority.in_prose}, {known.region.name}",
        "lines": [known.line(key) for key in HEADLINES],
    }


def _key(known: Particulars) -> dict[str, object]:
    """What stands at the lower edge: how to read the strips."""
    return {"foot": _KEY.format(listed=known.listed_text)}


def whole(neighbourhoods: Iterable[Neighbourhood], outline: str | None, site: Site) -> str:
    """The card of the site, as SVG: all neighbourhoods on the map.

    Args:
        neighbourhoods: Those on the list.
        outline: The country's GeoJSON; without it there is no map.
        site: The group's facts.
    """
    listed = list(neighbourhoods)
    return _drawn(
        site,
        title=_set(_NAME_SIZE, ("The ‘left behind’", "neighbourhoods", "of England")),
        where="The record of a parliamentary group, and a directory",
        foot=f"{wording.count(len(listed), 'ward')}, each a dot on the map." if listed else "",
        land=land(outline, listed, radius=4, rim=1),
    )


def _drawn(site: Site, **shown: object) -> str:
    return render_to_string("neighbourhoods/card.svg", {"site": site, **shown})
