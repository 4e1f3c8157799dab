"""Outlines are read whatever their form, and simplified without gaps."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import mapping, shape

from neighbourhoods.index_data.boundaries import (
    BOUNDARY_FORMATS,
    country,
    holding,
    inside,
    read_outlines,
    simplify,
)
from neighbourhoods.index_data.reading import PublishedFile
from tests.neighbourhoods.published import Published, square

pytestmark = pytest.mark.once

LAYERS = {layer.key: layer for layer in BOUNDARY_FORMATS}
WARDS, AUTHORITIES = LAYERS["ward-outlines"], LAYERS["authority-outlines"]


def file(*areas: tuple[str, dict[str, Any]], code: str = "wd17cd") -> PublishedFile:
    features = [{"type": "Feature", "properties": {code: name}, "geometry": area} for name, area in areas]
    return PublishedFile("areas.geojson", json.dumps({"features": features}), "0" * 64)


def test_outlines_of_other_nations_are_left_out() -> None:
    layer = Published().layers["authority-outlines"]
    text = json.dumps(layer.collection)
    assert "W06000001" in text
    found = read_outlines(PublishedFile(layer.name, text, "0" * 64), AUTHORITIES)
    assert set(found) == {"E06000001", "E08000001", "E06000058"}


def test_a_ring_that_crosses_itself_is_mended() -> None:
    bow = {"type": "Polygon", "coordinates": [[[-2, 53], [-1, 54], [-1, 53], [-2, 54], [-2, 53]]]}
    found = read_outlines(file(("E05000001", bow)), WARDS)["E05000001"]
    assert found.is_valid
    assert found.geom_type == "MultiPolygon"


def test_areas_may_have_parts_and_holes() -> None:
    ring = shapely.box(-2, 53, -1, 54).difference(shapely.box(-1.8, 53.2, -1.2, 53.8))
    parts = mapping(ring.union(shapely.box(0, 53, 0.1, 53.1)))
    (simple,) = simplify(read_outlines(file(("E05000001", parts)), WARDS), WARDS).values()
    assert simple["type"] == "MultiPolygon"
    assert [len(part) for part in simple["coordinates"]] == [2, 1]


def test_outer_rings_run_against_the_clock_and_holes_with_it() -> None:
    ring = shapely.box(-2, 53, -1, 54, ccw=False).difference(shapely.box(-1.8, 53.2, -1.2, 53.8))
    (simple,) = simplify(read_outlines(file(("E05000001", mapping(ring))), WARDS), WARDS).values()
    outer, hole = (shapely.LinearRing(part) for part in simple["coordinates"])
    assert outer.is_ccw
    assert not hole.is_ccw


def test_an_authority_holds_its_wards_and_keeps_its_own_holes() -> None:
    own = shapely.box(-2, 53, -1, 54).difference(shapely.box(-1.8, 53.2, -1.6, 53.4))
    # One ward reaches out and back, which closes off a gap; another reaches into the hole.
    hook = shapely.box(-1.1, 53.5, -0.8, 53.9).difference(shapely.box(-1, 53.6, -0.9, 53.8))
    into_the_hole = shapely.box(-1.9, 53.3, -1.7, 53.5)
    held = shape(holding(mapping(own), [mapping(hook), mapping(into_the_hole)]))
    assert held.covers(hook)
    assert held.covers(into_the_hole)
    assert held.contains(shapely.Point(-0.95, 53.7)), "the gap is filled"
    assert not held.contains(shapely.Point(-1.65, 53.25)), "the hole is still there"
    assert held.area == pytest.approx(1 - 0.04 + 0.08 + 0.01)


def test_an_authority_whose_wards_lie_inside_stays_as_it_is() -> None:
    own = mapping(shapely.box(-2, 53, -1, 54))
    assert shape(holding(own, [mapping(shapely.box(-1.9, 53.1, -1.8, 53.2))])).equals(shape(own))


def test_coordinates_keep_four_decimals() -> None:
    area = square(-1.23456789, 53.98765432, 0.1)
    (simple,) = simplify(read_outlines(file(("E05000001", area)), WARDS), WARDS).values()
    for west, north in simple["coordinates"][0]:
        assert (round(west, 4), round(north, 4)) == (west, north)


def test_an_area_too_small_for_the_grid_keeps_its_shape() -> None:
    tiny = square(-1.000012, 53.000012, 0.00002)
    (simple,) = simplify(read_outlines(file(("E05000001", tiny)), WARDS), WARDS).values()
    assert simple["type"] == "Polygon"
    assert len(simple["coordinates"][0]) == 5


@settings(max_examples=40)
@given(wobble=st.lists(st.floats(-0.002, 0.002), min_size=9, max_size=9))
def test_neighbours_share_their_border_after_it_was_simplified(wobble: list[float]) -> None:
    """However crooked the border: no gap opens, and nothing overlaps."""
    border = [(-1 + shift, 53 + step / 10) for step, shift in enumerate([0.0, *wobble, 0.0])]
    west = shapely.Polygon([(-2, 53), *border, (-2, 54)])
    east = shapely.Polygon([(0, 54), (0, 53), *border])
    outlines = read_outlines(
        file(("E06000001", mapping(west)), ("E06000002", mapping(east)), code="lad19cd"), AUTHORITIES
    )
    simple = [shape(area) for area in simplify(outlines, AUTHORITIES).values()]
    assert simple[0].intersection(simple[1]).area == pytest.approx(0, abs=1e-9)
    together = shapely.union_all(simple)
    assert isinstance(together, shapely.Polygon)
    assert len(together.interiors) == 0
    assert together.area == pytest.approx(2, abs=0.001)


@pytest.mark.parametrize(
    "ring",
    [
        [[-2, 53], [-1, 53], [-1, 54], [-2, 54], [-2, 53]],
        [[-2, 53], [-1, 53], [-1, 54], [-1.01, 54], [-1.01, 53.01], [-2, 53.01], [-2, 53]],
    ],
)
def test_the_point_of_an_area_lies_inside_it(ring: list[list[float]]) -> None:
    area = {"type": "Polygon", "coordinates": [ring]}
    assert shape(area).contains(shapely.Point(*inside(area)))


def test_the_country_is_its_regions_in_order_without_islets() -> None:
    south = shapely.MultiPolygon([shapely.box(-2, 51, 0, 52), shapely.box(1, 51, 1.01, 51.01)])
    north = shapely.box(-2, 52, 0, 53)
    found = country({"E12000009": south, "E12000001": north})

    assert found["type"] == "GeometryCollection"
    assert [shape(area).equals(north) for area in found["geometries"]] == [True, False]
    assert [area["type"] for area in found["geometries"]] == ["Polygon", "Polygon"]


def test_a_region_of_islets_alone_stays_on_the_map() -> None:
    (islet,) = country({"E12000001": shapely.box(1, 51, 1.05, 51.05)})["geometries"]

    assert islet["type"] == "Polygon"
