"""GeoJSON: RFC 7946. WGS 84, longitude first, outer rings anticlockwise, a box around everything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from neighbourhoods.files.contents import Contents, records

Position = tuple[float, float]
Box = list[float]


def write(contents: Contents) -> bytes:
    """A feature collection, with what JSON says before the figures as foreign members (section 6.1).

    Properties are flat, under the names of the CSV columns: geographic programs make a column of each, and a
    text of anything nested. A neighbourhood without an outline is a feature without a place (section 3.2).
    """
    features = [
        _feature(properties, contents.outlines.get(properties["ward_code"]))
        for properties in records(contents.wide)
    ]
    boxes = [feature["bbox"] for feature in features if "bbox" in feature]
    collection = {
        "type": "FeatureCollection",
        **({"bbox": _around(_corners(boxes))} if boxes else {}),
        **contents.header,
    }
    head = json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    return f'{head[:-1]},"features":[\n{lines}\n]}}\n'.encode()


def _feature(properties: dict[str, Any], outline: str | None) -> dict[str, Any]:
    geometry = json.loads(outline) if outline else None
    return {
        "type": "Feature",
        "id": properties["ward_code"],
        **({"bbox": _around(_positions(geometry["coordinates"]))} if geometry else {}),
        "geometry": geometry,
        "properties": properties,
    }


def _positions(coordinates: list[Any]) -> Iterator[Position]:
    """The positions of a geometry, however deep they lie."""
    if isinstance(coordinates[0], list):
        for part in coordinates:
            yield from _positions(part)
    else:
        yield coordinates[0], coordinates[1]


def _corners(boxes: Iterable[Box]) -> Iterator[Position]:
    for west, south, east, north in boxes:
        yield west, south
        yield east, north


def _around(positions: Iterable[Position]) -> Box:
    """The box around positions: west, south, east, north (section 5)."""
    longitudes, latitudes = zip(*positions, strict=True)
    return [min(longitudes), min(latitudes), max(longitudes), max(latitudes)]
