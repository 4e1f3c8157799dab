"""The files in the hands of the programs that people open them with."""

from __future__ import annotations

import gc
import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frictionless
import pandas as pd
import pyogrio
import pytest
from django.test import Client
from shapely.geometry import shape

from neighbourhoods import datapackage, stored
from neighbourhoods.files import addresses, package
from neighbourhoods.measures import MEASURES
from neighbourhoods.models import Release
from tests.needs import require
from tests.neighbourhoods.files.conftest import taken
from tests.waiting import PATIENCE

PLACE = "/neighbourhoods/E05001585/grange"


# --- the Data Package


@pytest.fixture(scope="module")
def copied(reader: Client, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of data as a static copy holds it."""
    folder = tmp_path_factory.mktemp("copy")
    for path in addresses.paths():
        if path.startswith("/data/"):
            file = folder / path.removeprefix("/data/")
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(taken(reader, path))
    return folder


def opened(folder: Path) -> Any:
    """A Data Package as the validator opens it."""
    return frictionless.Package.from_descriptor(str(folder / "datapackage.json"))


def test_the_frictionless_validator_finds_nothing_wrong_with_a_static_copy(copied: Path) -> None:
    # It forgets to close the compressed file.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        report = opened(copied).validate()
        gc.collect()

    assert report.flatten(["rowNumber", "fieldName", "type", "message"]) == []
    assert report.valid
    assert {task.name for task in report.tasks} >= {"directory", "figures", "neighbourhoods"}


def test_the_validator_reads_the_directory_as_the_schema_says(copied: Path) -> None:
    rows = opened(copied).get_resource("directory").read_rows()

    assert len(rows) == 225
    assert all(isinstance(row["cni_rank"], int) and isinstance(row["on_present_list"], bool) for row in rows)
    assert all(float(row["longitude"]) < 2 for row in rows)


def test_the_descriptor_names_each_file_with_its_size_and_checksum(copied: Path) -> None:
    descriptor = json.loads((copied / "datapackage.json").read_text(encoding="utf-8"))

    for resource in descriptor["resources"]:
        content = (copied / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert descriptor["archive_notice"].startswith("This is the archived website of the group.")
    assert descriptor["licenses"][0]["name"] == "OGL-UK-3.0"
    for resource in descriptor["resources"]:
        for field in resource.get("schema", {}).get("fields", []):
            assert field["description"]


def test_the_archive_holds_the_same_bytes_without_a_time(copied: Path) -> None:
    with zipfile.ZipFile(copied / addresses.ARCHIVE) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names == sorted(names)
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert archive.read(entry) == (copied / entry.filename).read_bytes()
    assert {name.partition("/")[0] for name in names} == {
        "datapackage.json",
        "neighbourhoods.csv",
        "neighbourhoods.geojson",
        "tables",
    }


def test_the_tables_are_the_bytes_of_the_shipped_dataset(copied: Path, release: Release) -> None:
    for name in datapackage.file_names():
        assert (copied / "tables" / name).read_bytes() == (datapackage.DATA / name).read_bytes(), name
    assert datapackage.fingerprint(stored.dataset(release)) == release.fingerprint


def test_making_all_of_it_again_makes_the_same_bytes(copied: Path, release: Release) -> None:
    package.files.cache_clear()
    package.directory_files.cache_clear()
    notice = json.loads((copied / "datapackage.json").read_text(encoding="utf-8"))["archive_notice"]
    edition = package.edition(release, notice)

    for name, content in {**package.files(edition)}.items():
        assert content == (copied / name).read_bytes(), name
    for extension, content in package.directory_files(edition).items():
        assert content == (copied / f"neighbourhoods.{extension}").read_bytes(), extension


# --- pandas


def test_pandas_reads_numbers_as_numbers_and_missing_as_missing(reader: Client) -> None:
    frame = pd.read_csv(io.BytesIO(taken(reader, "/data/neighbourhoods.csv")))

    assert frame.shape[0] == 225
    assert frame.columns[0] == "ward_code"
    for measure in MEASURES:
        if measure.ranked:
            assert pd.api.types.is_integer_dtype(frame[f"{measure.key}_rank"])
            assert pd.api.types.is_bool_dtype(frame[f"{measure.key}_rank_joint"])
    assert pd.api.types.is_float_dtype(frame["imd"])
    assert frame["longitude"].min() < 0
    assert frame["population"].sum() == 2_386_368
    sheet = pd.read_excel(io.BytesIO(taken(reader, "/data/neighbourhoods.xlsx")), sheet_name="Neighbourhoods")
    assert sheet["Population"].sum() == 2_386_368


# --- a geographic program


def test_gdal_reads_every_outline_with_its_figures(reader: Client, tmp_path: Path) -> None:
    file = tmp_path / "neighbourhoods.geojson"
    file.write_bytes(taken(reader, "/data/neighbourhoods.geojson"))
    meta, _, geometry, _ = pyogrio.raw.read(file)
    info = pyogrio.read_info(file)
    table = pd.read_csv(io.BytesIO(taken(reader, "/data/neighbourhoods.csv")))

    assert info["crs"] == "EPSG:4326"
    assert info["features"] == len(geometry) == 225
    assert all(outline is not None for outline in geometry)
    assert {"ward_code", "cni_rank", "imd", "population", "page"} <= set(meta["fields"])
    west, south, east, north = info["total_bounds"]
    assert -7 < west < east < 2
    assert 49 < south < north < 56
    assert set(table["ward_code"]) == {
        feature["id"] for feature in json.loads(file.read_text(encoding="utf-8"))["features"]
    }


def test_outer_rings_turn_against_the_clock_and_inner_ones_with_it(reader: Client) -> None:
    for feature in json.loads(taken(reader, "/data/neighbourhoods.geojson"))["features"]:
        outline = shape(feature["geometry"])
        assert outline.is_valid, feature["id"]
        assert list(outline.bounds) == feature["bbox"]
        for polygon in getattr(outline, "geoms", [outline]):
            assert polygon.exterior.is_ccw
            assert not any(ring.is_ccw for ring in polygon.interiors)


# --- LibreOffice


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, bytes]], Path]:
    """A function that opens files in LibreOffice and saves each again as CSV, all in one start of it."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    require(program, "Opening files in LibreOffice: it is not on this machine (libreoffice-calc-nogui)")

    def convert(files: dict[str, bytes]) -> Path:
        folder = tmp_path_factory.mktemp("libreoffice")
        for name, content in files.items():
            (folder / name).write_bytes(content)
        # Comma, double quotes, UTF-8, from the first line; every sheet into a file of its own.
        saving = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
        subprocess.run(
            [
                str(program),
                "--headless",
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                "--infilter=CSV:44,34,76,1,,0,false,true",
                *("--convert-to", saving, "--outdir", str(folder / "out")),
                *(str(folder / name) for name in files),
            ],
            check=True,
            capture_output=True,
            timeout=PATIENCE,
            env={**os.environ, "HOME": str(folder)},
        )
        return folder / "out"

    return convert


def test_libreoffice_opens_table_and_workbook_and_finds_the_same_figures(
    reader: Client, converted: Callable[[dict[str, bytes]], Path]
) -> None:
    files = {
        "table.csv": taken(reader, f"{PLACE}.csv"),
        "book.xlsx": taken(reader, f"{PLACE}.xlsx"),
    }
    folder = converted(files)
    names = sorted(path.name for path in folder.iterdir())
    assert {
        f"book-{name}.csv" for name in ("Cover", "Contents", "Figures", "Measures", "Columns", "Notes")
    } <= set(names)
    wanted = pd.read_csv(io.BytesIO(files["table.csv"]))
    (opened,) = (pd.read_csv(folder / name) for name in names if name.startswith("table"))
    figures = pd.read_csv(folder / "book-Figures.csv")

    assert list(opened.columns) == list(wanted.columns)
    for column, title in (
        ("value", "Value"),
        ("rank", "Rank"),
        ("rank_out_of", "Wards ranked"),
        ("place", "Place"),
    ):
        pd.testing.assert_series_equal(opened[column], wanted[column], check_names=False, check_dtype=False)
        shown = pd.to_numeric(figures[title].astype(str).str.replace(",", ""), errors="coerce")
        pd.testing.assert_series_equal(shown, wanted[column], check_names=False, check_dtype=False)
    assert list(opened["sentence"]) == list(wanted["sentence"])
    assert list(figures["In a sentence"]) == list(wanted["sentence"])
    assert "no longer updated" in (folder / "book-Cover.csv").read_text(encoding="utf-8")


def test_compressed_tables_open(reader: Client) -> None:
    lines = gzip.decompress(taken(reader, "/data/tables/postcodes.csv.gz")).decode().splitlines()
    assert lines[0] == "postcode,ward_code"
