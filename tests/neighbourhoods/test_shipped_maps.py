"""The maps of the shipped figures: complete, true to the outlines, light, and legible."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import shapely
from django.core.management import call_command
from django.db import transaction
from shapely.geometry import shape

from neighbourhoods import codes, maps
from neighbourhoods.maps import Box
from neighbourhoods.models import Boundary, Neighbourhood
from neighbourhoods.profiles import find_neighbourhood
from tests.neighbourhoods.test_maps import everyone, points


@pytest.fixture(scope="module", autouse=True)
def shipped(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:  # noqa: ARG001
    """The shipped figures, loaded once for the module and taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_neighbourhoods", verbosity=0)
        yield
        transaction.set_rollback(True)


def test_england_has_a_named_link_for_each_of_the_225_and_nine_regions() -> None:
    svg = maps.england(everyone())

    assert svg.count('<path class="map-land"') == 9
    links = re.findall(r'<a href="([^"]+)"><title>([^<]+)</title><circle', svg)
    assert len(links) == len(set(links)) == 225
    assert len({name for _, name in links}) == 225
    assert {path for path, _ in links} == {each.get_absolute_url() for each in everyone()}
    assert len(gzip.compress(svg.encode(), 9)) < 7_000


def test_a_mark_lies_in_the_region_it_belongs_to() -> None:
    country = json.loads(Boundary.objects.get(code=codes.ENGLAND).geometry)["geometries"]
    for each in everyone():
        number = int(each.authority.region_id[-1]) - 1
        place = shapely.Point(float(each.longitude), float(each.latitude))
        assert shape(country[number]).distance(place) < 0.1, each


def test_no_neighbourhood_lies_outside_its_own_authority() -> None:
    outlines = {row.code: shape(json.loads(row.geometry)) for row in Boundary.objects.all()}
    for each in everyone():
        outside = outlines[each.code].difference(outlines[each.authority_id])
        assert outside.area < 0.01 * outlines[each.code].area, each


def test_names_on_maps_cover_no_mark_and_each_other_nowhere() -> None:
    svg = maps.england(everyone())
    marks = [(int(x), int(y)) for x, y in re.findall(r'<circle cx="(\d+)" cy="(\d+)" r="4"', svg)]
    names = re.findall(r'<text x="(\d+)" y="(\d+)"([^>]*)>([^<]+)<', svg)
    boxes = []
    for x, y, anchor, name in names:
        long = len(name) * 8
        left = int(x) - (long if "end" in anchor else long / 2 if "middle" in anchor else 0)
        boxes.append(Box(left, int(y) - 14, left + long, int(y) + 4))

    assert len(boxes) >= 3
    assert not [name for name, box in zip(names, boxes, strict=True) for x, y in marks if _inside(box, x, y)]
    assert not any(one.meets(other) for one, other in pairwise(sorted(boxes, key=lambda box: box.low)))


def _inside(box: Box, x: int, y: int) -> bool:
    return box.left < x < box.right and box.low < y < box.high


def test_every_ward_is_seen_on_its_own_map_and_the_map_is_light() -> None:
    for each in everyone():
        found = find_neighbourhood(each.code)
        assert found is not None
        others = [other for other in everyone_in(each.authority_id) if other.code != each.code]
        where = maps.surroundings(found, others)
        assert where is not None
        (path,) = re.findall(r'class="map-this" d="([^"]+)"', where.svg)
        box = maps.extent(points(path.split("z")[0] + "z"))
        assert max(box.width, box.height) >= 20, each
        assert 4 <= where.kilometres <= 100, each
        assert len(gzip.compress(f"{where.svg}{where.locator}".encode(), 9)) < 2_500, each
        assert where.locator.count("<circle") == 1


def everyone_in(authority: str) -> list[Neighbourhood]:
    return [each for each in everyone() if each.authority_id == authority]


def test_a_region_shows_its_authorities_and_marks() -> None:
    places = [each for each in everyone() if each.authority.region_id == "E12000007"]
    svg = maps.region("E12000007", places)

    assert svg.count("<title>") == len(places) > 0
    assert '<path class="map-area"' in svg
    assert "London" in svg


def test_an_authority_shows_the_area_of_each_neighbourhood() -> None:
    places = everyone_in("E06000047")
    svg = maps.authority("E06000047", places)

    assert len(re.findall(r"<title>[^<]+</title><path", svg)) == len(places) == 16


def test_drawing_a_page_takes_no_time_worth_naming() -> None:
    """Counted, not timed: England is parsed once, however many pages show it."""
    maps.drawn_country.cache_clear()
    for each in everyone()[:5]:
        found = find_neighbourhood(each.code)
        assert found is not None
        maps.surroundings(found, [])

    assert maps.drawn_country.cache_info().misses == 1
