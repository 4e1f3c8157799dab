"""How a file is asked for and answered: address, media type, name, entity tag, and what leads nowhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appg.models import SiteSettings
from leftbehind_site.sitemap import page_paths
from neighbourhoods.files import addresses, package
from neighbourhoods.files.formats import FORMATS
from tests.conftest import HtmlChecker
from tests.neighbourhoods.factory import code, make_release

pytestmark = pytest.mark.django_db

PLACE = f"/neighbourhoods/{code(0)}/three-corners"
AUTHORITY = "/neighbourhoods/authorities/E06000010/kingston-upon-hull-city-of"
CONSTITUENCY = "/neighbourhoods/constituencies/E14000003/south-west"
REGION = "/neighbourhoods/regions/north-east"
RANKING = "/neighbourhoods/rankings/cni-civic-assets"
DIRECTORY = "/data/neighbourhoods"
STEMS = {
    PLACE: f"left-behind-neighbourhood-{code(0)}-three-corners",
    AUTHORITY: "left-behind-neighbourhoods-E06000010-kingston-upon-hull-city-of",
    CONSTITUENCY: "left-behind-neighbourhoods-E14000003-south-west",
    REGION: "left-behind-neighbourhoods-north-east",
    RANKING: "left-behind-neighbourhoods-ranking-cni-civic-assets",
    DIRECTORY: "left-behind-neighbourhoods",
}
TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "geojson": "application/geo+json",
}


@pytest.fixture(autouse=True)
def _release() -> None:
    make_release()


@pytest.mark.parametrize("extension", TYPES)
@pytest.mark.parametrize("stem", STEMS)
def test_a_file_has_its_type_its_name_and_its_tag(client: Client, stem: str, extension: str) -> None:
    response = client.get(f"{stem}.{extension}")

    assert response.status_code == 200
    assert response["Content-Type"] == TYPES[extension]
    how = "inline" if "json" in extension else "attachment"
    assert response["Content-Disposition"] == f'{how}; filename="{STEMS[stem]}.{extension}"'
    assert re.fullmatch(r'"[0-9a-f]{32}"', response["ETag"])
    assert response["Cache-Control"] == "public, max-age=3600"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in response
    assert not response.has_header("Last-Modified")


@pytest.mark.parametrize("extension", TYPES)
def test_the_same_figures_are_the_same_bytes_and_are_sent_once(client: Client, extension: str) -> None:
    first = client.get(f"{PLACE}.{extension}")
    again = client.get(f"{PLACE}.{extension}")
    assert (first.content, first["ETag"]) == (again.content, again["ETag"])

    kept = client.get(f"{PLACE}.{extension}", headers={"if-none-match": first["ETag"]})
    assert kept.status_code == 304
    assert kept.content == b""
    assert kept["ETag"] == first["ETag"]
    assert client.get(f"{PLACE}.{extension}", headers={"if-none-match": '"other"'}).status_code == 200

    head = client.head(f"{PLACE}.{extension}")
    assert head.status_code == 200
    assert head.content == b""
    assert (head["ETag"], head["Content-Type"]) == (first["ETag"], first["Content-Type"])
    assert head["Content-Length"] == str(len(first.content))


def test_another_notice_is_another_file(client: Client) -> None:
    before = client.get(f"{PLACE}.csv")["ETag"], client.get(f"{DIRECTORY}.csv")["ETag"]
    SiteSettings.objects.update_or_create(pk=1, defaults={"notice": "Kept for the record."})
    after = client.get(f"{PLACE}.csv"), client.get(f"{DIRECTORY}.csv")

    for old, new in zip(before, after, strict=True):
        assert old != new["ETag"]
        assert "Kept for the record. The group was active from June 2020 to March 2024." in new.text


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        (f"/neighbourhoods/{code(0)}.csv", f"{PLACE}.csv"),
        (f"/neighbourhoods/{code(0).lower()}/three-corners.csv", f"{PLACE}.csv"),
        (f"/neighbourhoods/{code(0)}/wrong.xlsx", f"{PLACE}.xlsx"),
        (f"/neighbourhoods/{code(0)}/.json", f"{PLACE}.json"),
        (f"/neighbourhoods/{code(0)}/Three-Corners.GeoJSON", f"{PLACE}.geojson"),
        (f"/neighbourhoods/{code(0)}/three-corners.csv/", f"{PLACE}.csv"),
        (f"/neighbourhoods/{code(0)}/a.b.csv", f"{PLACE}.csv"),
        (f"/neighbourhoods/{code(0)}/%00%FF.csv", f"{PLACE}.csv"),
        ("/neighbourhoods/authorities/E06000010.csv", f"{AUTHORITY}.csv"),
        ("/neighbourhoods/authorities/e06000010/hull.json", f"{AUTHORITY}.json"),
        (
            "/neighbourhoods/authorities/E07000053/weymouth-and-portland.csv",
            "/neighbourhoods/authorities/E06000059/dorset.csv",
        ),
        ("/neighbourhoods/constituencies/e14000003.xlsx", f"{CONSTITUENCY}.xlsx"),
        ("/neighbourhoods/regions/North-East.csv", f"{REGION}.csv"),
        ("/neighbourhoods/regions/north-east.csv/", f"{REGION}.csv"),
        ("/neighbourhoods/rankings/cni_civic_assets.CSV", f"{RANKING}.csv"),
        ("/data/neighbourhoods.CSV", f"{DIRECTORY}.csv"),
        ("/data/neighbourhoods.json/", f"{DIRECTORY}.json"),
        ("/data/DataPackage.json", "/data/datapackage.json"),
        ("/data/tables/figures.csv/", "/data/tables/figures.csv"),
    ],
)
def test_other_spellings_lead_to_the_file_in_one_step(client: Client, written: str, canonical: str) -> None:
    response = client.get(f"{written}?a=%0A")

    assert response.status_code == 301
    assert response["Location"] == f"{canonical}?a=%0A"


@pytest.mark.parametrize(
    ("path", "offered"),
    [
        (f"{PLACE}.pdf", f"{PLACE}.csv"),
        (f"{PLACE}.ods", f"{PLACE}.xlsx"),
        (f"{AUTHORITY}.ods", f"{AUTHORITY}.xlsx"),
        (f"{REGION}.xml", f"{REGION}.json"),
        (f"{CONSTITUENCY}.kml", f"{CONSTITUENCY}.geojson"),
        (f"{RANKING}.txt", f"{RANKING}.csv"),
        (f"{DIRECTORY}.zip", f"{DIRECTORY}.geojson"),
    ],
)
def test_a_format_that_is_not_there_is_answered_with_those_that_are(
    client: Client, path: str, offered: str
) -> None:
    response = client.get(path)

    assert response.status_code == 404
    assert f'<a href="{offered}">' in response.text
    assert "There is no file of this kind" in response.text
    assert '<meta name="robots" content="noindex">' in response.text


@pytest.mark.parametrize(
    "path",
    [
        "/neighbourhoods/E05999999/grange.csv",
        "/neighbourhoods/E05999999.csv",
        "/neighbourhoods/nowhere.csv",
        "/neighbourhoods/%00.csv",
        f"/neighbourhoods/{'x' * 10_000}.csv",
        "/neighbourhoods/authorities/E06999999.csv",
        "/neighbourhoods/authorities/%00/x.json",
        "/neighbourhoods/constituencies/E14999999/x.csv",
        "/neighbourhoods/regions/nowhere.csv",
        "/neighbourhoods/rankings/nothing.csv",
        "/neighbourhoods/rankings/town.csv",
        "/data/nothing",
        "/data/tables/",
        "/data/tables/nothing.csv",
        "/data/../datapackage.json",
        "/data/%00",
    ],
)
def test_a_file_of_nothing_is_a_page_that_helps(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 404
    assert "no longer updated" in response.text


def test_a_file_under_another_code_leads_to_places_of_that_name(client: Client) -> None:
    assert (
        f'href="/neighbourhoods/{code(5)}/grange/"' in client.get("/neighbourhoods/E05999999/grange.csv").text
    )


@pytest.mark.parametrize("path", [f"{PLACE}.csv", f"{DIRECTORY}.json", "/data/datapackage.json", "/data/"])
def test_files_are_only_read(client: Client, path: str) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        response = client.generic(method, path)
        assert response.status_code == 405
        assert response["Allow"] == "GET, HEAD"


def test_before_anything_is_loaded_there_is_nothing_to_take(client: Client) -> None:
    from neighbourhoods.models import Release

    Release.objects.update(state=Release.State.SUPERSEDED)
    for path in (f"{RANKING}.csv", f"{REGION}.json", f"{DIRECTORY}.csv", "/data/datapackage.json"):
        assert client.get(path).status_code == 404
    assert "No figures have been loaded into the directory yet." in client.get("/data/").text


def test_a_neighbourhood_that_left_the_list_keeps_its_files(client: Client) -> None:
    path = f"/neighbourhoods/{code(11)}/ward-0011.json"
    assert client.get(path).json()["neighbourhoods"][0]["on_present_list"] is True
    make_release(3, title="Smaller")
    found = client.get(path).json()

    assert found["neighbourhoods"][0]["on_present_list"] is False
    assert found["release"]["title"] == "Made-up release"
    assert path not in set(addresses.paths())


def test_an_area_whose_wards_left_the_list_has_files_without_rows(client: Client) -> None:
    make_release(3, title="Smaller")
    stem = "/neighbourhoods/authorities/E06000059/dorset"

    assert client.get(f"{stem}.json").json()["neighbourhoods"] == []
    found = client.get(f"{stem}.geojson").json()
    assert found["features"] == []
    assert "bbox" not in found
    assert client.get(f"{stem}.csv").text.count("\n") == 1
    assert client.get(f"{stem}.xlsx").status_code == 200
    assert "Take these figures away" not in client.get(f"{stem}/").text


# --- how they are found


def test_every_page_of_figures_offers_its_files(client: Client) -> None:
    for path in page_paths():
        if not path.startswith("/neighbourhoods/") or path in {
            "/neighbourhoods/rankings/",
            "/neighbourhoods/compare/",
            "/neighbourhoods/method/",
        }:
            continue
        html = client.get(path).text
        for file_format in FORMATS:
            file = addresses.file_path(path, file_format)
            plain = file_format.media_type.partition(";")[0]
            assert f'<link rel="alternate" type="{plain}" href="{file}"' in html, path
            assert f'<a href="{file}" type="{plain}">{file_format.label}</a>' in html, path


def test_all_files_are_enumerated_once_and_are_there(client: Client) -> None:
    paths = list(addresses.paths())

    assert len(paths) == len(set(paths))
    assert {f"{stem}.{extension}" for stem in STEMS for extension in TYPES} <= set(paths)
    assert "/data/datapackage.json" in paths
    for path in paths:
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("count", [12, 600])
def test_files_ask_little_of_any_number_of_neighbourhoods(client: Client, count: int) -> None:
    make_release(count, title="Large")
    asked: dict[str, int] = {}
    for stem in STEMS:
        for extension in TYPES:
            package.directory_files.cache_clear()
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"{stem}.{extension}").status_code == 200
            asked[f"{stem}.{extension}"] = len(queries)

    assert max(asked.values()) <= 8
    assert asked[f"{PLACE}.csv"] == 5
    assert asked[f"{PLACE}.geojson"] == 6
    assert asked[f"{REGION}.csv"] == 7
    assert asked[f"{DIRECTORY}.xlsx"] == 7


def test_an_area_without_a_listed_ward_asks_for_no_outline(client: Client) -> None:
    make_release(1, title="Small")
    with CaptureQueriesContext(connection) as queries:
        found = client.get("/neighbourhoods/regions/london.geojson").json()
    assert found["features"] == []
    assert not [query["sql"] for query in queries if "boundary" in query["sql"]]


# --- the page of data


def test_the_page_of_data_says_what_everything_is(client: Client) -> None:
    from neighbourhoods.dataset import TABLES, columns
    from neighbourhoods.measures import MEASURES, SOURCES

    html = client.get("/data/").text
    for measure in MEASURES:
        assert f'id="measure-{measure.slug}"' in html
        assert f"<code>{measure.key}</code>" in html
        assert f"Describes {measure.period}." in html
    for source in SOURCES.values():
        assert f"<cite>{source.title}</cite>. {source.credit}, {source.year}." in html
    for table in TABLES:
        for column in columns(table):
            assert f"<code>{column.name}</code>" in html
    for name in addresses.package_names():
        if name.endswith((".json", ".zip", ".csv", ".gz")):
            assert f'href="/data/{name}"' in html, name
    assert re.search(r'class="num">\d+ KB<', html)


def test_the_page_of_data_asks_no_more_than_other_pages(client: Client) -> None:
    package.directory_files.cache_clear()
    with CaptureQueriesContext(connection) as queries:
        client.get("/data/")
    assert len(queries) <= 8
    with CaptureQueriesContext(connection) as queries:
        client.get("/data/")
    assert len(queries) == 2


def test_the_pages_of_files_are_valid_html(client: Client, html_checker: HtmlChecker) -> None:
    paths = ["/data/", f"{PLACE}.pdf", f"{PLACE}/"]
    messages: list[Any] = html_checker({path: client.get(path).text for path in paths})
    assert [str(message) for message in messages] == []
