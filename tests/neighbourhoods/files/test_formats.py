"""What is true of each format by itself, whatever figures it holds."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from neighbourhoods.files import csv_file, geojson_file, tables
from neighbourhoods.files.contents import READING
from neighbourhoods.files.formats import FORMATS
from neighbourhoods.measures import MEASURES, ORDERED
from neighbourhoods.models import Boundary, Neighbourhood
from tests.neighbourhoods.factory import MISSING, code, make_release

pytestmark = pytest.mark.django_db

NOTICE = (
    "This is the archived website of the group. It is no longer updated. The group was active from June 2020"
    " to March 2024."
)
SQUARE = {"type": "Polygon", "coordinates": [[[-1.5, 54], [-1.4, 54], [-1.4, 54.1], [-1.5, 54]]]}
TWO = {
    "type": "MultiPolygon",
    "coordinates": [SQUARE["coordinates"], [[[-2, 53], [-1.9, 53], [-1.9, 53.1], [-2, 53]]]],
}


@pytest.fixture(autouse=True)
def _release() -> None:
    make_release()
    Boundary.objects.create(code=code(0), geometry=json.dumps(SQUARE))
    Boundary.objects.create(code=code(1), geometry=json.dumps(TWO))


def place(client: Client, index: int, extension: str) -> bytes:
    page = Neighbourhood.objects.get(code=code(index)).get_absolute_url()
    return client.get(f"{page.rstrip('/')}.{extension}").content


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("extension", [file_format.extension for file_format in FORMATS])
@pytest.mark.parametrize("stem", ["/data/neighbourhoods", "/neighbourhoods/rankings/cni"])
def test_every_file_says_where_it_comes_from(client: Client, stem: str, extension: str) -> None:
    content = client.get(f"{stem}.{extension}").content
    if extension == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = book.read("xl/sharedStrings.xml")
    text = content.decode()

    assert NOTICE in text
    assert "Community Needs Index 2019" in text
    assert "OCSI and Local Trust" in text
    assert "2019" in text
    assert "No open licence; ranks of the listed wards only, with credit" in text
    assert "Made-up release" in text
    if "rankings" in stem:
        assert "Rural Urban Classification" not in text
    else:
        assert "2013 to 2020" in text or '"year":2013' in text.replace(" ", "")
        assert "Open Government Licence v3.0" in text
        assert "Contains OS data © Crown copyright and database right" in text


# --- CSV


def test_csv_begins_with_the_mark_and_ends_lines_as_the_standard_has_it(client: Client) -> None:
    content = place(client, 0, "csv")

    assert content.startswith(b"\xef\xbb\xbfmeasure,")
    assert content.count(b"\r\n") == content.count(b"\n") == 1 + len(MEASURES)
    assert content.endswith(b"\r\n")


def test_each_row_of_a_csv_knows_its_codes_and_its_page(client: Client) -> None:
    for row in rows(client.get("/data/neighbourhoods.csv").content):
        assert row["ward_code"].startswith("E05")
        assert row["authority_code"].startswith("E0")
        assert row["page"].startswith(f"https://leftbehind.test/neighbourhoods/{row['ward_code']}/")


def test_missing_is_an_empty_cell_and_null_and_nought_is_not(client: Client) -> None:
    lacking = {row["measure"]: row for row in rows(place(client, MISSING, "csv"))}
    assert lacking["income"]["value"] == lacking["income"]["rank"] == lacking["income"]["rank_joint"] == ""
    assert lacking["town"]["category"] == ""
    nought = {row["measure"]: row for row in rows(place(client, 11, "csv"))}
    assert nought["deprived_lsoas"]["value"] == "0"

    (tree,) = json.loads(place(client, MISSING, "json"))["neighbourhoods"]
    assert tree["figures"]["income"]["value"] is None
    assert tree["figures"]["population"]["place"] is None
    (tree,) = json.loads(place(client, 11, "json"))["neighbourhoods"]
    assert tree["figures"]["deprived_lsoas"]["value"] == 0

    sheet = openpyxl.load_workbook(io.BytesIO(place(client, MISSING, "xlsx")))["Figures"]
    cells = {row[0].value: row for row in sheet.iter_rows(min_row=2)}
    assert cells["income"][3].value is None


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_is_a_formula(client: Client, sign: str) -> None:
    evil = f'{sign}HYPERLINK("https://evil.test")'
    Neighbourhood.objects.filter(code=code(1)).update(name=evil)

    found = {row["ward_code"]: row for row in rows(client.get("/data/neighbourhoods.csv").content)}
    assert found[code(1)]["ward_name"] == f"'{evil}"
    assert float(found[code(1)]["longitude"]) == -1.5
    assert found[code(2)]["ward_name"] == "Ward 0002"
    book = openpyxl.load_workbook(io.BytesIO(client.get("/data/neighbourhoods.xlsx").content))
    cells = {row[0].value: row[1] for row in book["Neighbourhoods"].iter_rows(min_row=2)}
    assert cells[code(1)].data_type == "s"
    assert str(cells[code(1)].value).endswith(evil[1:])


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_no_cell_ever_begins_like_a_formula_and_none_loses_its_text(text: str) -> None:
    cell = csv_file.cell(text)

    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell.endswith(text)
    assert len(cell) <= len(text) + 1


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (-5, "-5"),
        (Decimal("-1.50"), "-1.50"),
        (0, "0"),
        ("", ""),
    ],
)
def test_values_as_cells(value: Any, cell: str) -> None:
    assert csv_file.cell(value) == cell


# --- XLSX


def test_a_workbook_explains_itself(client: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(place(client, 0, "xlsx")))

    assert book.sheetnames == ["Cover", "Contents", "Figures", "Measures", "Columns", "Notes"]
    assert book["Cover"]["B2"].value == f"Three Corners, Hartlepool ({code(0)})"
    cover = {str(row[1].value): row[2] for row in book["Cover"].iter_rows(min_row=6)}
    assert (
        cover["Page"].hyperlink.target == f"https://leftbehind.test/neighbourhoods/{code(0)}/three-corners/"
    )
    links = {row[1].value: row[1].hyperlink.location for row in book["Contents"].iter_rows(min_row=5)}
    assert links == {name: f"'{name}'!A1" for name in book.sheetnames if name != "Contents"}
    notes = " ".join(str(row[1].value) for row in book["Notes"].iter_rows())
    assert all(sentence in notes for sentence in READING)
    assert str(book.properties.created) == "2024-03-31 00:00:00"


def test_tables_keep_their_heads_in_view_and_filter(client: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get("/data/neighbourhoods.xlsx").content))
    for name in ("Neighbourhoods", "Measures", "Columns"):
        sheet = book[name]
        assert str(sheet.freeze_panes) in {"C2", "B2"}
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet["A1"].font.bold
        assert all(sheet.column_dimensions[letter].width >= 9 for letter in ("A", "B"))


def test_numbers_are_numbers_and_every_column_is_explained(client: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get("/data/neighbourhoods.xlsx").content))
    sheet = book["Neighbourhoods"]
    titles = [cell.value for cell in sheet[1]]
    assert len(titles) == len(set(titles))
    assert [row[0].value for row in book["Columns"].iter_rows(min_row=2)] == titles
    first = dict(zip(titles, sheet[2], strict=True))
    assert first["Community need: rank"].data_type == "n"
    assert first["Deprivation: rank shared"].data_type == "b"
    assert first["Longitude"].value == -1.5
    assert first["Population"].number_format == "#,##0"
    assert first["Income: %"].number_format == "#,##0.0"
    assert first["Page"].hyperlink.target.startswith("https://leftbehind.test/")


# --- JSON and GeoJSON


def test_json_has_one_shape_for_one_and_for_all(client: Client) -> None:
    one = json.loads(place(client, 0, "json"))
    whole = client.get("/data/neighbourhoods.json").json()
    ranking = client.get("/neighbourhoods/rankings/imd.json").json()

    assert set(one) == set(whole) == set(ranking)
    assert one["title"] == f"Three Corners, Hartlepool ({code(0)})"
    assert one["page"] == f"https://leftbehind.test/neighbourhoods/{code(0)}/three-corners/"
    here = next(found for found in whole["neighbourhoods"] if found["ward_code"] == code(0))
    (alone,) = one["neighbourhoods"]
    assert alone.keys() == here.keys()
    assert alone["figures"]["imd"].pop("sentence").startswith("Three Corners ranks")
    assert alone["figures"]["imd"] == here["figures"]["imd"]
    assert set(ranking["neighbourhoods"][0]["figures"]) == {"imd"}
    assert [(c["code"], c["share"], c["main"]) for c in alone["constituencies"]][-2:] == [
        ("E14001001", 0.6, True),
        ("E14001002", 0.4, False),
    ]
    (measure,) = ranking["measures"]
    assert measure["direction"] == "Rank 1 is the greatest need, and so is the highest value."
    assert measure["made_by"] == "Our calculation from LSOA figures"
    assert (measure["listed_median"], measure["listed_with_data"]) == (25.5, 12)


def test_what_the_first_place_is_depends_on_whether_the_figure_is_a_count() -> None:
    (long,) = (reader.column for reader in tables.FIGURE if reader.column.name == "place")
    assert long.description.endswith("; 1 is the greatest need, or of a count the largest.")
    for measure in ORDERED:
        wide = {reader.column.name: reader.column for reader in tables.figure_columns(measure)}
        first = "the greatest need" if measure.ranked else "the largest"
        assert wide[f"{measure.key}_place"].description.endswith(f"; 1 is {first}.")


def test_geojson_has_a_box_around_all_and_around_each(client: Client) -> None:
    found = client.get("/neighbourhoods/regions/north-east.geojson").json()
    by_code = {feature["id"]: feature for feature in found["features"]}

    assert found["type"] == "FeatureCollection"
    assert "crs" not in found
    assert by_code[code(0)]["geometry"] == SQUARE
    assert by_code[code(0)]["bbox"] == [-1.5, 54, -1.4, 54.1]
    assert by_code[code(1)]["bbox"] == [-2, 53, -1.4, 54.1]
    assert found["bbox"] == [-2, 53, -1.4, 54.1]
    assert by_code[code(3)]["geometry"] is None
    assert "bbox" not in by_code[code(3)]
    assert all(not isinstance(value, list | dict) for value in by_code[code(0)]["properties"].values())


def test_a_collection_without_outlines_has_no_box(client: Client) -> None:
    Boundary.objects.all().delete()
    assert "bbox" not in client.get("/data/neighbourhoods.geojson").json()
    assert list(geojson_file._positions([[1.0, 2.0], [3.0, 4.0]])) == [(1.0, 2.0), (3.0, 4.0)]
