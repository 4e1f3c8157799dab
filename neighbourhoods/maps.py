"""Boundaries → SVG: the maps that stand on the pages, drawn for each of them on the server.

One projection and one set of classes (``map-…`` in the stylesheet) for all of them: land in a pale tone,
borders as hairlines, listed neighbourhoods in brick. Coordinates are whole units in relative steps, which
keeps a map to a kilobyte or two, and a map is made of lines and letters alone, so it is as sharp enlarged as
it is small.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from neighbourhoods import codes
from neighbourhoods.models import Boundary, Neighbourhood
from neighbourhoods.towns import TOWNS, Town

Point = tuple[float, float]
Geometry = Mapping[str, Any]

_EARTH: Final = 6371.0
"""Mean radius of the earth in kilometres."""

_MERIDIAN: Final = math.radians(-2)
"""The meridian in the middle of England, which the National Grid is laid along too."""

_WIDTH: Final = 360
"""How wide a map's drawing is, in units; about a unit to the pixel."""

_TALLEST: Final = 420
_SHORTEST: Final = 220
"""How tall it is at most and at least."""

_MARGIN: Final = 0.04
"""What is left free on each side, as a share of what is shown."""

_SMALL: Final = 100
"""How wide the map is that only shows where in England a place lies."""

_LETTER: Final = 8.0
"""About how wide a letter of a map is, in units; on the safe side."""

_LINE: Final = 18
"""How tall a line of a map's letters is, in units."""

_AROUND: Final = 6
"""How many times as wide as the ward its surroundings are, where its authority is too large to be shown."""

_LEAST: Final = 12.0
"""The narrowest surroundings, in kilometres."""

_DOTTED: Final = 24
"""A ward whose area is smaller than this across and down, in units of the drawing, gets a dot as well."""


def project(longitude: float, latitude: float) -> Point:
    """Degrees → kilometres east of the middle meridian and north of the equator.

    The transverse Mercator projection of the sphere (Snyder, *Map Projections: A Working Manual*, 1987,
    equations 8-1 and 8-3): true to shape, and over England to size within a thousandth or two.
    """
    away, up = math.radians(longitude) - _MERIDIAN, math.radians(latitude)
    east = math.atanh(math.cos(up) * math.sin(away))
    return _EARTH * east, _EARTH * math.atan2(math.tan(up), math.cos(away))


def _outlines(areas: Iterable[str]) -> dict[str, str]:
    """GeoJSON by code, of those areas whose outline there is; one query."""
    return dict(Boundary.objects.filter(code__in=set(areas)).values_list("code", "geometry"))


class Box(NamedTuple):
    """A rectangle on the projected ground, in kilometres, or on a drawing, in units."""

    left: float
    low: float
    right: float
    high: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From low to high."""
        return self.high - self.low

    @property
    def middle(self) -> Point:
        """Its centre."""
        return (self.left + self.right) / 2, (self.low + self.high) / 2

    def meets(self, other: Box) -> bool:
        """Whether the two share any ground."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.low < other.high
            and other.low < self.high
        )

    def holds(self, other: Box) -> bool:
        """Whether the other lies wholly inside."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.low <= other.low
            and other.high <= self.high
        )


Rings = tuple[tuple[Point, ...], ...]


def rings(geometry: Geometry) -> Rings:
    """The rings of a GeoJSON geometry, projected, in kilometres."""
    if geometry["type"] == "GeometryCollection":
        return tuple(ring for part in geometry["geometries"] for ring in rings(part))
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return tuple(tuple(project(*point[:2]) for point in ring) for polygon in polygons for ring in polygon)


def extent(points: Iterable[Point]) -> Box:
    """The smallest box around points."""
    across, up = zip(*points, strict=True)
    return Box(min(across), min(up), max(across), max(up))


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the ground that a map shows, and how large it is drawn.

    Attributes:
        ground: What is shown, in kilometres.
        scale: Units of the drawing to the kilometre.
    """

    ground: Box
    scale: float

    @classmethod
    def around(
        cls, shown: Box, width: int = _WIDTH, shortest: int = _SHORTEST, tallest: int = _TALLEST
    ) -> Frame:
        """The frame that holds a box with a margin, as wide as a map is and neither too tall nor too flat."""
        wide = max(shown.width, 0.5) * (1 + 2 * _MARGIN)
        high = max(shown.height, 0.5) * (1 + 2 * _MARGIN)
        scale = min(width / wide, tallest / high)
        high = max(high, shortest / scale)
        across, up = shown.middle
        half_wide, half_high = width / scale / 2, high / 2
        return cls(Box(across - half_wide, up - half_high, across + half_wide, up + half_high), scale)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the drawing in units."""
        return round(self.ground.width * self.scale), round(self.ground.height * self.scale)

    def at(self, point: Point) -> Point:
        """Where a point of the ground is on the drawing, from the top left corner."""
        return (point[0] - self.ground.left) * self.scale, (self.ground.high - point[1]) * self.scale

    def path(self, outline: Rings, *, step: float = 1.0) -> str:
        """An outline as the data of a path.

        Args:
            outline: Its rings; those outside the frame are left out.
            step: How far a point must lie from the one before to be kept, in units.
        """
        return "".join(
            _path(_thinned((self.at(point) for point in ring), step))
            for ring in outline
            if extent(ring).meets(self.ground)
        )


def _thinned(points: Iterable[Point], step: float) -> list[tuple[int, int]]:
    """A ring in whole units without the points that lie too close to the one before."""
    kept: list[tuple[int, int]] = []
    for across, down in points:
        point = round(across), round(down)
        if not kept or max(abs(point[0] - kept[-1][0]), abs(point[1] - kept[-1][1])) >= step:
            kept.append(point)
    return kept


def _path(points: Sequence[tuple[int, int]]) -> str:
    """A closed ring as a path in relative steps; nothing where it is too small to be seen."""
    if len(points) < 4:
        return ""
    (across, down), *others = points[:-1]
    steps = [f"M{across}{down: d}l"]
    for to_across, to_down in others:
        steps.append(f"{to_across - across: d}{to_down - down: d}")
        across, down = to_across, to_down
    return "".join(steps).replace("l ", "l") + "z"


def _svg(kind: str, frame: Frame, inner: str, label: str = "") -> SafeString:
    """A drawing of a frame: a picture with a name, or decoration where the words beside it say the same."""
    width, height = frame.size
    role = f'role="group" aria-label="{escape(label)}"' if label else 'aria-hidden="true" focusable="false"'
    # Names are escaped where they go in; the rest are numbers of our own making.
    return mark_safe(f'<svg class="map {kind}" viewBox="0 0 {width} {height}" {role}>{inner}</svg>')  # noqa: S308


# --- names on maps


def _label(town: Town, frame: Frame, taken: list[Box]) -> str:
    """A town with its name on the first side where there is room; nothing where there is none."""
    across, down = frame.at(_projected(town))
    width, height = frame.size
    dot, long = _around((across, down), 3), len(town.name) * _LETTER
    if not Box(4, 4, width - 4, height - 4).holds(dot) or any(dot.meets(other) for other in taken):
        return ""
    for x, y, anchor, left in (
        (across + 7, down, "", across + 7),
        (across - 7, down, ' text-anchor="end"', across - 7 - long),
        (across, down - 13, ' text-anchor="middle"', across - long / 2),
        (across, down + 13, ' text-anchor="middle"', across - long / 2),
    ):
        box = Box(left, y - _LINE / 2, left + long, y + _LINE / 2)
        if Box(2, 2, width - 2, height - 2).holds(box) and not any(box.meets(other) for other in taken):
            taken += (box, dot)
            return (
                f'<circle class="map-town" cx="{across:.0f}" cy="{down:.0f}" r="2"/>'
                f'<text x="{x:.0f}" y="{y + 5:.0f}"{anchor}>{escape(town.name)}</text>'
            )
    return ""


def _labels(towns: Iterable[Town], frame: Frame, taken: list[Box], most: int) -> str:
    """The first towns that have room in the frame; names never cover each other or what is taken."""
    found: list[str] = []
    for town in towns:
        if len(found) < most and (label := _label(town, frame, taken)):
            found.append(label)
    return "".join(found)


def _nearest(point: Point) -> list[Town]:
    """All towns, those nearest a point of the ground first."""
    return sorted(TOWNS, key=lambda town: math.dist(point, _projected(town)))


@cache
def _projected(town: Town) -> Point:
    return project(town.longitude, town.latitude)


def _around(point: Point, reach: float) -> Box:
    return Box(point[0] - reach, point[1] - reach, point[0] + reach, point[1] + reach)


# --- marks


def point_of(neighbourhood: Neighbourhood) -> Point:
    """Where a neighbourhood lies on the projected ground, in kilometres."""
    return project(float(neighbourhood.longitude), float(neighbourhood.latitude))


def _links(shapes: Iterable[tuple[Neighbourhood, str]]) -> str:
    """Marks that lead to their neighbourhoods, in the order of lists: by region, authority and name.

    A name that occurs more than once is told apart by its authority.
    """
    marks = sorted(shapes, key=lambda mark: (*_area(mark[0]), mark[0].name, mark[0].code))
    often = Counter(neighbourhood.name for neighbourhood, _ in marks)
    return (
        f'<g class="map-marks">{"".join(_link(mark, shape, often[mark.name]) for mark, shape in marks)}</g>'
    )


def _area(neighbourhood: Neighbourhood) -> tuple[str, str]:
    return neighbourhood.authority.region_id, neighbourhood.authority.name


def _link(neighbourhood: Neighbourhood, shape: str, often: int) -> str:
    name = neighbourhood.name if often == 1 else f"{neighbourhood.name}, {neighbourhood.authority.in_prose}"
    return f'<a href="{neighbourhood.get_absolute_url()}"><title>{escape(name)}</title>{shape}</a>'


def _dots(neighbourhoods: Iterable[Neighbourhood], frame: Frame, radius: int) -> str:
    """A linked dot for each neighbourhood."""
    places = ((each, frame.at(point_of(each))) for each in neighbourhoods)
    return _links((each, f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius}"/>') for each, (x, y) in places)


# --- England


@dataclass(frozen=True, slots=True)
class Country:
    """England, drawn at one size: the frame, and a path for each region."""

    frame: Frame
    regions: tuple[str, ...]


@lru_cache(maxsize=8)
def drawn_country(outline: str, width: int, step: float) -> Country:
    """England at a size. The same text gives the same drawing, so it is kept rather than drawn each time."""
    parts = [rings(part) for part in json.loads(outline)["geometries"]]
    ground = extent(point for part in parts for point in _points(part))
    frame = Frame.around(ground, width, shortest=0, tallest=2 * width)
    return Country(frame, tuple(frame.path(part, step=step) for part in parts))


def england(neighbourhoods: Iterable[Neighbourhood]) -> SafeString:
    """The map of England with a linked mark for each neighbourhood; one query.

    Args:
        neighbourhoods: Whom to mark, with their authorities fetched along.

    Returns:
        The drawing; nothing where the country's outline is not there.
    """
    outlines = _outlines([codes.ENGLAND])
    if not outlines:
        return SafeString()
    country = drawn_country(outlines[codes.ENGLAND], _WIDTH, 2)
    land = "".join(f'<path class="map-land" d="{region}"/>' for region in country.regions)
    places = list(neighbourhoods)
    names = _labels(
        TOWNS, country.frame, [_around(country.frame.at(point_of(each)), 3) for each in places], 6
    )
    dots = _dots(places, country.frame, 4)
    return _svg(
        "map-country", country.frame, f"{land}{dots}{names}", "Map of England with the neighbourhoods"
    )


def _locator(outline: str, at: Point) -> SafeString:
    """A small England with one mark."""
    country = drawn_country(outline, _SMALL, 2)
    across, down = country.frame.at(at)
    land = f'<path class="map-land" d="{"".join(country.regions)}"/>'
    dot = f'<circle class="map-this" cx="{across:.0f}" cy="{down:.0f}" r="5"/>'
    return _svg("map-locator", country.frame, land + dot)


# --- areas


def region(code: str, neighbourhoods: Sequence[Neighbourhood]) -> SafeString:
    """The map of a region: its land, the authorities that have a listed neighbourhood, a linked mark each.

    One query.

    Args:
        code: The region's.
        neighbourhoods: Its listed ones, with their authorities fetched along.

    Returns:
        The drawing; nothing where the region's outline is not there.
    """
    outlines = _outlines([code, *(neighbourhood.authority_id for neighbourhood in neighbourhoods)])
    if code not in outlines:
        return SafeString()
    land = rings(json.loads(outlines[code]))
    frame = Frame.around(extent(_points(land)))
    drawn = f'<path class="map-land" d="{frame.path(land, step=2)}"/>'
    holders = sorted(set(outlines) - {code})
    areas = "".join(frame.path(rings(json.loads(outlines[holder])), step=2) for holder in holders)
    if areas:
        drawn += f'<path class="map-area" d="{areas}"/>'
    taken = [_around(frame.at(point_of(neighbourhood)), 5) for neighbourhood in neighbourhoods]
    names = _labels(TOWNS, frame, taken, 4)
    dots = _dots(neighbourhoods, frame, 5)
    return _svg("map-region", frame, drawn + dots + names, "Map of the region with its neighbourhoods")


def authority(code: str, neighbourhoods: Sequence[Neighbourhood]) -> SafeString:
    """The map of an authority with the area of each of its listed neighbourhoods, linked; one query.

    Args:
        code: The authority's.
        neighbourhoods: Its listed ones.

    Returns:
        The drawing; nothing where the authority's outline is not there.
    """
    outlines = _outlines([code, *(neighbourhood.code for neighbourhood in neighbourhoods)])
    if code not in outlines:
        return SafeString()
    land = rings(json.loads(outlines[code]))
    frame = Frame.around(extent(_points(land)))
    drawn = f'<path class="map-area" d="{frame.path(land, step=2)}"/>'
    marks, taken = [], []
    for neighbourhood in neighbourhoods:
        shape, box = _ward(outlines.get(neighbourhood.code), neighbourhood, frame)
        marks.append((neighbourhood, shape))
        taken.append(box)
    names = _labels(_nearest(frame.ground.middle), frame, taken, 3)
    return _svg(
        "map-authority",
        frame,
        drawn + _links(marks) + names,
        "Map of the authority with its neighbourhoods",
    )


def _ward(outline: str | None, neighbourhood: Neighbourhood, frame: Frame) -> tuple[str, Box]:
    """A ward's area, with a dot where that would be too small to be seen, and the room it takes."""
    across, down = frame.at(point_of(neighbourhood))
    shape, box = "", _around((across, down), 5)
    if outline is not None:
        land = rings(json.loads(outline))
        if path := frame.path(land):
            shape = f'<path d="{path}"/>'
            left, high, right, low = extent(frame.at(point) for point in _points(land))
            box = Box(min(box.left, left), min(box.low, high), max(box.right, right), max(box.high, low))
    if box.width < _DOTTED and box.height < _DOTTED:
        shape += f'<circle cx="{across:.0f}" cy="{down:.0f}" r="5"/>'
    return shape, box


# --- one neighbourhood


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a neighbourhood lies: its boundary in its surroundings, and its place in England.

    Attributes:
        svg: The ward's boundary, its authority and the other listed neighbourhoods near by.
        locator: England with one mark; empty where its outline is not there.
        kilometres: How wide the ground of the map is.
        whole: Whether the map shows the whole authority.
        others: How many other listed neighbourhoods of the authority the map shows.
    """

    svg: SafeString
    locator: SafeString
    kilometres: int
    whole: bool
    others: int


def surroundings(neighbourhood: Neighbourhood, others: Iterable[Neighbourhood]) -> Surroundings | None:
    """The maps of a neighbourhood; none where its outline is not there.

    Args:
        neighbourhood: The ward, fetched ``with_outlines``.
        others: The other listed neighbourhoods of its authority.
    """
    names = ("ward_outline", "authority_outline", "country_outline")
    ward, area, country = (getattr(neighbourhood, name, None) for name in names)
    if ward is None or area is None:
        return None
    ground, land = rings(json.loads(ward)), rings(json.loads(area))
    near, whole = _ground(extent(_points(ground)), extent(_points(land)))
    frame = Frame.around(near)
    shown = [place for each in others if frame.ground.holds(_around(place := point_of(each), 0))]
    dots = "".join('<circle cx="{:.0f}" cy="{:.0f}" r="4"/>'.format(*frame.at(place)) for place in shown)
    left, low, right, high = extent(frame.at(point) for point in _points(ground))
    taken = [Box(left, low, right, high), *(_around(frame.at(place), 5) for place in shown)]
    svg = _svg(
        "map-ward",
        frame,
        f'<path class="map-area" d="{frame.path(land, step=2)}"/>'
        f'<path class="map-this" d="{frame.path(ground)}"/>'
        + (f'<g class="map-others">{dots}</g>' if dots else "")
        + _labels(_nearest(frame.ground.middle), frame, taken, 3),
    )
    return Surroundings(
        svg=svg,
        locator=_locator(country, point_of(neighbourhood)) if country else SafeString(),
        kilometres=round(frame.ground.width),
        whole=whole,
        others=len(shown),
    )


def _points(outline: Rings) -> Iterator[Point]:
    return (point for ring in outline for point in ring)


def _ground(ward: Box, area: Box) -> tuple[Box, bool]:
    """What to show around a ward: the whole authority, or so much of it that the ward keeps its shape."""
    reach = max(_AROUND * max(ward.width, ward.height), _LEAST)
    if max(area.width, area.height) <= 1.5 * reach:
        return area, True
    return _around(ward.middle, reach / 2), False
