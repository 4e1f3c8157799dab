"""Outlines: read from GeoJSON, checked, and simplified for the web.

Areas that border each other are simplified together, as one coverage, so that no slivers open between them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from leftbehind_site.common.errors import SourceError
from neighbourhoods import codes
from neighbourhoods.index_data.formats import OTHER_NATIONS
from neighbourhoods.index_data.reading import PublishedFile

DECIMALS: Final = 4
"""Decimal places of a degree that are kept: about 10 metres."""

COUNTRY_TOLERANCE: Final = 0.03
"""How far a line of the map of the whole country may stray, in degrees."""

COUNTRY_SMALLEST: Final = 0.01
"""The smallest part of a region on the map of the whole country, in square degrees; a third of Wight."""

ENGLAND: Final = shapely.box(-7, 49, 2, 56)
"""Degrees of longitude and latitude that hold all of England, and no outline in metres."""


@dataclass(frozen=True, slots=True)
class BoundaryFormat:
    """A layer of outlines that the load knows.

    Attributes:
        key: Its name: the role of a file, and the option that names one.
        title: What it is, for a reader.
        publisher: Who publishes it.
        licence: On what terms.
        vintage: The moment it describes.
        code: The property that holds the area's code.
        pattern: What an English area's code looks like.
        properties: Properties whose presence tells the layer from every other.
        tolerance: How far a simplified line may stray, in degrees.
        coverage: Whether the layer tiles its ground, and so is simplified as a whole.
    """

    key: str
    title: str
    publisher: str
    licence: str
    vintage: str
    code: str
    pattern: str
    properties: frozenset[str]
    tolerance: float
    coverage: bool


_OGL: Final = "Open Government Licence v3.0"

BOUNDARY_FORMATS: Final = (
    BoundaryFormat(
        "ward-outlines",
        "Outlines of the listed wards",
        "Office for National Statistics; Ordnance Survey",
        f"{_OGL}; 47 outlines by way of a CC BY 4.0 repository (Martin Chorley)",
        "equivalent to December 2017",
        "wd17cd",
        codes.WARD,
        frozenset({"wd17cd", "outline_from"}),
        tolerance=0.0003,
        coverage=False,
    ),
    BoundaryFormat(
        "authority-outlines",
        "Outlines of local authority districts",
        "Office for National Statistics; Ordnance Survey",
        _OGL,
        "April 2019",
        "lad19cd",
        codes.AUTHORITY,
        frozenset({"lad19cd", "rgn19cd"}),
        tolerance=0.002,
        coverage=True,
    ),
    BoundaryFormat(
        "region-outlines",
        "Outlines of the regions of England",
        "Office for National Statistics; Ordnance Survey",
        _OGL,
        "2019",
        "rgn19cd",
        codes.REGION,
        frozenset({"rgn19cd"}),
        tolerance=0.01,
        coverage=True,
    ),
)


def properties(file: PublishedFile) -> frozenset[str]:
    """The property names of a GeoJSON file's first feature; none if it is not one."""
    try:
        return frozenset(json.loads(file.text)["features"][0]["properties"])
    except (ValueError, LookupError, TypeError):
        return frozenset()


def read_outlines(file: PublishedFile, layer: BoundaryFormat) -> dict[str, BaseGeometry]:
    """The outlines of a layer's English areas.

    Returns:
        Area code → valid polygon or multipolygon, WGS 84, degrees.

    Raises:
        SourceError: If a feature has no code of its own, or its geometry is not an area in England.
    """
    outlines: dict[str, BaseGeometry] = {}
    for number, feature in enumerate(json.loads(file.text)["features"], start=1):

        def refused(expected: str, found: object, number: int = number) -> SourceError:
            return SourceError(file.name, f"feature {number} to have {expected}", None, layer.code, found)

        try:
            code, geometry = str(feature["properties"][layer.code]), feature["geometry"]
        except (LookupError, TypeError) as error:
            raise refused("a code and a geometry", "none") from error
        if re.fullmatch(OTHER_NATIONS, code):
            continue
        if not re.match(layer.pattern, code, re.ASCII):
            raise refused(f"an official code ({layer.pattern})", code)
        if code in outlines:
            raise refused("a code of its own", code)
        try:
            outline = shapely.make_valid(shape(geometry))
        except (LookupError, TypeError, AttributeError, ValueError, shapely.errors.ShapelyError) as error:
            raise refused(f"the geometry of an area ({code})", error) from error
        if outline.geom_type not in {"Polygon", "MultiPolygon"} or outline.is_empty:
            raise refused(f"the geometry of an area ({code})", outline.geom_type)
        if not ENGLAND.contains(outline):
            raise refused(f"an outline in England, in degrees ({code})", outline.bounds)
        outlines[code] = outline
    return outlines


def simplify(outlines: Mapping[str, BaseGeometry], layer: BoundaryFormat) -> dict[str, dict[str, Any]]:
    """Outlines made light enough for a page.

    Args:
        outlines: Area code → outline, in degrees.
        layer: Says how far a line may stray.

    Returns:
        Area code → GeoJSON geometry with coordinates rounded to ``DECIMALS`` places.
    """
    areas = np.array(list(outlines.values()), dtype=object)
    if layer.coverage:
        simple = shapely.coverage_simplify(areas, layer.tolerance)
    else:
        simple = shapely.simplify(areas, layer.tolerance, preserve_topology=True)
    gridded = shapely.set_precision(simple, 10.0**-DECIMALS)
    return {
        code: _rounded(mapping(_areas_only(area if not area.is_empty else outlines[code])))
        for code, area in zip(outlines, gridded, strict=True)
    }


def holding(area: Mapping[str, Any], wards: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """An authority's outline, widened where the finer outlines of its wards would stick out of it.

    The published outlines of authorities are coarser than those of wards, and on a map no ward may lie
    outside its own authority. A gap that this closes off is filled.

    Args:
        area: The authority as a GeoJSON geometry, in degrees.
        wards: Its wards, likewise.

    Returns:
        A GeoJSON geometry with coordinates rounded to ``DECIMALS`` places.
    """
    own = shape(dict(area))
    joined = shapely.union_all([own, *(shape(dict(ward)) for ward in wards)])
    filled = shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(joined)])
    holes = [
        shapely.Polygon(ring).difference(joined) for part in shapely.get_parts(own) for ring in part.interiors
    ]
    whole = shapely.set_precision(filled.difference(shapely.union_all(holes)), 10.0**-DECIMALS)
    return _rounded(mapping(_areas_only(whole)))


def country(regions: Mapping[str, BaseGeometry]) -> dict[str, Any]:
    """The whole country for small maps: all regions, simplified together, without their islets.

    Args:
        regions: Region code → outline, in degrees.

    Returns:
        A GeoJSON geometry collection with one area for each region, in the order of their codes.
    """
    coarse = shapely.coverage_simplify(
        np.array([regions[code] for code in sorted(regions)], dtype=object), COUNTRY_TOLERANCE
    )
    areas = []
    for region in shapely.set_precision(coarse, 10.0**-DECIMALS):
        parts = [part for part in shapely.get_parts(region) if part.area >= COUNTRY_SMALLEST]
        areas.append(_rounded(mapping(_areas_only(shapely.MultiPolygon(parts) if parts else region))))
    return {"type": "GeometryCollection", "geometries": areas}


def inside(geometry: Mapping[str, Any]) -> tuple[float, float]:
    """Longitude and latitude, in degrees, of a point that lies inside an outline."""
    point = shape(dict(geometry)).representative_point()
    return point.x, point.y


def _areas_only(area: BaseGeometry) -> BaseGeometry:
    """The polygons of a geometry in a fixed order, largest first, wound as RFC 7946 asks."""
    polygons = [part for part in shapely.get_parts(area) if part.geom_type == "Polygon"]
    polygons.sort(key=lambda part: (-part.area, part.bounds))
    wound = [shapely.geometry.polygon.orient(part.normalize(), sign=1.0) for part in polygons]
    return wound[0] if len(wound) == 1 else shapely.MultiPolygon(wound)


def _rounded(geometry: Mapping[str, Any]) -> dict[str, Any]:
    def rounded(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [rounded(part) for part in value]
        return round(float(value), DECIMALS)

    return {"type": geometry["type"], "coordinates": rounded(geometry["coordinates"])}
