"""Page and files give the same figures, as the readers of each format find them."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Mapping
from typing import Any

import openpyxl
import pandas as pd
import pytest
from django.test import Client

from neighbourhoods import listings, profiles, rankings
from neighbourhoods.files import addresses, tables
from neighbourhoods.files.formats import FORMATS
from neighbourhoods.measures import BY_KEY, MEASURES, ORDERED
from neighbourhoods.models import Figure, Neighbourhood
from tests.neighbourhoods.files.conftest import taken

FIGURE = [reader.column.name for reader in tables.FIGURE]
Figures = dict[tuple[str, str], Any]
"""What a file gives, by measure and by the name of the figure's part."""


def _value(found: Any) -> Any:
    """What a reader made of a cell, with the one kind of missing and the one kind of number."""
    if found is None or found == "" or (isinstance(found, float) and pd.isna(found)):
        return None
    if isinstance(found, str) and found.lower() in ("true", "false"):
        return found.lower() == "true"
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else found


def of_csv(content: bytes) -> Figures:
    frame = pd.read_csv(io.BytesIO(content), dtype={"rank_joint": object, "place_joint": object})
    return {(row["measure"], name): _value(row[name]) for row in frame.to_dict("records") for name in FIGURE}


def of_xlsx(content: bytes) -> Figures:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    rows = book["Figures"].iter_rows(values_only=True)
    titles = list(next(rows))
    at = {reader.column.name: titles.index(reader.column.title) for reader in tables.FIGURE}
    return {(row[0], name): _value(row[at[name]]) for row in rows for name in FIGURE}


def of_json(content: bytes) -> Figures:
    (place,) = json.loads(content)["neighbourhoods"]
    return {(key, name): _value(figure[name]) for key, figure in place["figures"].items() for name in FIGURE}


def of_geojson(content: bytes) -> Figures:
    (feature,) = json.loads(content)["features"]
    found = feature["properties"]
    figures: Figures = {}
    for measure in MEASURES:
        category = measure.key in ("rural_urban", "town")
        figures |= {
            (measure.key, "value"): None if category else _value(found.get(measure.key)),
            (measure.key, "category"): _value(found.get(measure.key)) if category else None,
            **{
                (measure.key, name): _value(found.get(f"{measure.key}_{name}"))
                for name in ("rank", "rank_joint", "rank_out_of", "place", "place_joint")
            },
        }
    return figures


def of_database() -> Mapping[str, Figures]:
    """The figures as they were loaded, with no selector between."""
    places: dict[str, Figures] = {}
    for row in Figure.objects.all():
        places.setdefault(row.neighbourhood_id, {}).update(
            {
                (row.measure, "value"): _value(None if row.value is None else float(row.value)),
                (row.measure, "category"): row.category or None,
                (row.measure, "rank"): _value(row.rank),
                (row.measure, "rank_joint"): None if row.rank is None else row.joint,
                (row.measure, "rank_out_of"): _value(row.out_of),
                (row.measure, "place"): _value(row.place),
                (row.measure, "place_joint"): None if row.place is None else row.joint_place,
                (row.measure, "place_out_of"): None if row.place is None else 225.0,
            }
        )
    return places


READERS = {"csv": of_csv, "xlsx": of_xlsx, "json": of_json, "geojson": of_geojson}


def test_all_formats_of_all_225_give_the_figures_that_were_loaded(reader: Client) -> None:
    loaded = of_database()
    neighbourhoods = list(Neighbourhood.objects.listed())
    assert len(neighbourhoods) == 225

    for place in neighbourhoods:
        for file_format in FORMATS:
            path = addresses.file_path(place.get_absolute_url(), file_format)
            found = READERS[file_format.extension](taken(reader, path))
            wanted = loaded[place.code]
            assert found == {part: wanted[part] for part in found}, path
            assert {key for key, _ in found} == set(BY_KEY), path


def test_every_figure_on_a_page_is_in_its_file(reader: Client) -> None:
    for place in Neighbourhood.objects.listed()[:225:15]:
        page = html.unescape(re.sub(r"<[^>]+>", "", reader.get(place.get_absolute_url()).text))
        path = addresses.file_path(place.get_absolute_url(), FORMATS[0])
        frame = pd.read_csv(io.BytesIO(taken(reader, path)))
        for sentence in frame["sentence"]:
            assert sentence in page
        profile = profiles.profile(profiles.find_neighbourhood(place.code) or place)
        assert list(frame["sentence"]) == [line.sentence for line in profile.lines]


@pytest.mark.parametrize("measure", ORDERED, ids=lambda measure: measure.key)
def test_a_ranking_and_its_file_have_one_order(reader: Client, measure: Any) -> None:
    frame = pd.read_csv(io.BytesIO(taken(reader, f"/neighbourhoods/rankings/{measure.slug}.csv")))
    rows = rankings.ranking(measure).rows

    assert list(frame["ward_code"]) == [row.neighbourhood.code for row in rows]
    assert list(frame[f"{measure.key}_place"]) == [row.line.facts.place for row in rows]


def test_the_parts_are_parts_of_the_whole(reader: Client) -> None:
    whole = pd.read_csv(io.BytesIO(taken(reader, "/data/neighbourhoods.csv"))).set_index("ward_code")
    assert len(whole) == 225
    seen: set[str] = set()
    for area in listings.regions():
        part = pd.read_csv(io.BytesIO(taken(reader, f"{area.get_absolute_url().rstrip('/')}.csv")))
        part = part.set_index("ward_code")
        assert (part["region_name"] == area.name).all()
        pd.testing.assert_frame_equal(part, whole.loc[part.index], check_dtype=False)
        seen |= set(part.index)
    assert seen == set(whole.index)


def test_the_whole_directory_is_the_same_in_all_formats(reader: Client) -> None:
    table = pd.read_csv(io.BytesIO(taken(reader, "/data/neighbourhoods.csv"))).set_index("ward_code")
    book = openpyxl.load_workbook(io.BytesIO(taken(reader, "/data/neighbourhoods.xlsx")), read_only=True)
    rows = book["Neighbourhoods"].iter_rows(values_only=True)
    titles = list(next(rows))
    sheet = {row[0]: dict(zip(titles, row, strict=True)) for row in rows}
    tree = {
        place["ward_code"]: place
        for place in json.loads(taken(reader, "/data/neighbourhoods.json"))["neighbourhoods"]
    }
    features = {
        f["id"]: f["properties"]
        for f in json.loads(taken(reader, "/data/neighbourhoods.geojson"))["features"]
    }

    assert set(table.index) == set(sheet) == set(tree) == set(features)
    columns = [reader_.column for measure in MEASURES for reader_ in tables.figure_columns(measure)]
    for code in table.index:
        for column in columns:
            wanted = _value(table.at[code, column.name])
            assert _value(features[code][column.name]) == wanted
            assert _value(sheet[code][column.title]) == wanted
        for key, figure in tree[code]["figures"].items():
            value = figure["category"] if figure["category"] is not None else figure["value"]
            assert _value(value) == _value(features[code].get(key))
            assert _value(figure["rank"]) == _value(features[code].get(f"{key}_rank"))


def test_no_score_of_the_community_needs_index_is_in_any_file(reader: Client) -> None:
    withheld = [measure.key for measure in MEASURES if not measure.value_published]
    assert len(withheld) == 4
    columns = pd.read_csv(io.BytesIO(taken(reader, "/data/neighbourhoods.csv"))).columns
    for place in json.loads(taken(reader, "/data/neighbourhoods.json"))["neighbourhoods"]:
        for key in withheld:
            assert place["figures"][key]["value"] is None
    for key in withheld:
        assert key not in columns
        assert f"{key}_rank" in columns
