"""Outlines: read from GeoJSON, checked, and simplified for the web.

Areas that border each other are simplified together, as one coverage, so that no slivers open between them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from neighbourhoods.errors import SourceError
from neighbourhoods.index_data.reading import PublishedFile

DECIMALS: Final = 4
"""Decimal places of a degree that are kept: about 10 metres."""


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
    """The outlines of a layer.

    Returns:
        Area code → valid polygon or multipolygon, WGS 84, degrees.

    Raises:
        SourceError: If a feature has no code, a code occurs twice, or a geometry is not an area.
    """
    outlines: dict[str, BaseGeometry] = {}
    try:
        features = json.loads(file.text)["features"]
    except (ValueError, LookupError, TypeError) as error:
        raise SourceError(file.name, "a GeoJSON feature collection", value=error) from error
    for number, feature in enumerate(features, start=1):
        code = (feature.get("properties") or {}).get(layer.code)
        if not code or code in outlines:
            raise SourceError(
                file.name, f"feature {number} to have a “{layer.code}” of its own", value=code or "none"
            )
        try:
            outline = shapely.make_valid(shape(feature["geometry"]))
        except (KeyError, TypeError, AttributeError, ValueError, shapely.errors.ShapelyError) as error:
            raise SourceError(
                file.name, f"feature {number} ({code}) to have an area's geometry", value=error
            ) from error
        if outline.geom_type not in {"Polygon", "MultiPolygon"} or outline.is_empty:
            raise SourceError(file.name, f"feature {number} ({code}) to be an area", value=outline.geom_type)
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
