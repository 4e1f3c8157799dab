"""Maps: true to the ground, light, linked, and silent where an outline is missing."""

from __future__ import annotations

import json
import re

import pytest
import shapely
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from neighbourhoods import codes, maps
from neighbourhoods.maps import Box, Frame
from neighbourhoods.models import Boundary, Neighbourhood
from neighbourhoods.profiles import find_neighbourhood
from neighbourhoods.towns import TOWNS
from tests.neighbourhoods.factory import code, make_release


def points(path: str) -> list[tuple[int, int]]:
    """The corners of a path of one ring in whole units, absolute."""
    start, steps = re.fullmatch(r"M([-\d ]+)l([-\d ]+)z", path).groups()  # type: ignore[union-attr]
    numbers = [int(number) for number in re.findall(r"-?\d+", start + " " + steps)]
    corners = [(numbers[0], numbers[1])]
    for across, down in zip(numbers[2::2], numbers[3::2], strict=True):
        corners.append((corners[-1][0] + across, corners[-1][1] + down))
    return corners


def square(west: float, south: float, size: float) -> str:
    ring = [
        [west, south],
        [west + size, south],
        [west + size, south + size],
        [west, south + size],
        [west, south],
    ]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


# --- the projection and the frame


@pytest.mark.parametrize(
    ("here", "there", "kilometres"),
    [
        # Along meridians and parallels of the sphere: a degree of latitude is 111.19 km.
        ((-2, 50), (-2, 51), 111.19),
        ((-5, 50), (-4.9, 50), 7.147),
        ((1.5, 52.6), (1.6, 52.6), 6.754),
    ],
)
def test_distances_on_a_map_are_those_on_the_ground(
    here: tuple[float, float], there: tuple[float, float], kilometres: float
) -> None:
    (east, north), (to_east, to_north) = maps.project(*here), maps.project(*there)

    assert ((to_east - east) ** 2 + (to_north - north) ** 2) ** 0.5 == pytest.approx(kilometres, rel=0.002)


@given(west=st.floats(-400, 400), south=st.floats(5000, 6000), wide=st.floats(0, 600), high=st.floats(0, 600))
def test_a_frame_holds_what_it_shows_and_is_neither_flat_nor_tall(
    west: float, south: float, wide: float, high: float
) -> None:
    shown = Box(west, south, west + wide, south + high)
    frame = Frame.around(shown)
    width, height = frame.size

    assert frame.ground.holds(shown)
    assert width == 360
    assert 220 <= height <= 420


def test_north_is_up_and_east_is_right() -> None:
    frame = Frame.around(Box(0, 0, 10, 10))

    assert frame.at((10, 5))[0] > frame.at((0, 5))[0]
    assert frame.at((5, 10))[1] < frame.at((5, 0))[1]


def test_a_path_is_the_outline_to_the_unit() -> None:
    outline = maps.rings(json.loads(square(-1, 53, 0.1)))
    frame = Frame.around(maps.extent(outline[0]))
    drawn = shapely.Polygon(points(frame.path(outline)))

    assert drawn.hausdorff_distance(shapely.Polygon(map(frame.at, outline[0]))) < 1


def test_what_is_outside_the_frame_or_too_small_is_not_drawn() -> None:
    frame = Frame.around(Box(0, 5800, 10, 5810))
    outside = maps.rings(json.loads(square(1, 52, 0.1)))
    speck = ((1.0, 5801.0), (1.001, 5801.0), (1.001, 5801.001), (1.0, 5801.0))

    assert frame.path(outside) == ""
    assert frame.path((speck,)) == ""


def test_parts_and_collections_are_taken_apart() -> None:
    part = json.loads(square(-1, 53, 0.1))
    many = {"type": "MultiPolygon", "coordinates": [part["coordinates"]] * 2}

    assert len(maps.rings(many)) == 2
    assert len(maps.rings({"type": "GeometryCollection", "geometries": [part, many]})) == 3


def everyone() -> list[Neighbourhood]:
    return list(Neighbourhood.objects.listed().with_areas())


# --- without outlines, and with awkward names


@pytest.mark.django_db
def test_without_outlines_there_are_no_maps_and_the_pages_stand(client: Client) -> None:
    make_release()
    found = find_neighbourhood(code(0))
    assert found is not None

    assert maps.england([found]) == ""
    assert maps.region("E12000001", [found]) == ""
    assert maps.authority("E06000001", [found]) == ""
    assert maps.surroundings(found, []) is None
    assert client.get(found.get_absolute_url()).status_code == 200
    assert 'id="where"' not in client.get(found.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_names_are_harmless_and_repeated_ones_are_told_apart() -> None:
    make_release()
    Boundary.objects.create(
        code=codes.ENGLAND,
        geometry=json.dumps({"type": "GeometryCollection", "geometries": [json.loads(square(-3, 51, 4))]}),
    )
    svg = maps.england(everyone())

    assert "<b>" not in svg
    assert "Above&lt;b&gt;Below" in svg
    assert "<title>Grange, " in svg
    assert "<title>Three Corners</title>" in svg


@pytest.mark.django_db
def test_a_ward_without_outline_in_an_authority_is_a_dot() -> None:
    make_release()
    Boundary.objects.create(code="E06000001", geometry=square(-2, 54, 1))
    Boundary.objects.create(code=code(0), geometry=square(-1.6, 54.4, 0.2))
    svg = maps.authority("E06000001", [each for each in everyone() if each.authority_id == "E06000001"])

    assert len(re.findall("</title><path", svg)) == 1
    assert len(re.findall("</title><circle", svg)) == svg.count("<title>") - 1 > 0


@pytest.mark.django_db
def test_a_large_authority_is_shown_in_part_and_the_words_say_so(client: Client) -> None:
    make_release()
    Boundary.objects.create(code="E06000001", geometry=square(-3, 53, 2))
    Boundary.objects.create(code=code(0), geometry=square(-1.51, 54.49, 0.02))
    html = client.get(Neighbourhood.objects.get(code=code(0)).get_absolute_url()).content.decode()
    words = " ".join(re.sub(r"<[^>]+>", " ", html).split())

    assert "Three Corners (filled) in the part of Hartlepool around it; the map is about" in words
    assert "other listed neighbourhoods of the authority near by" in words


def test_towns_lie_in_england_and_are_named_once() -> None:
    names = [town.name for town in TOWNS]

    assert len(names) == len(set(names))
    assert all(-6 < town.longitude < 2 and 49.9 < town.latitude < 55.8 for town in TOWNS)
