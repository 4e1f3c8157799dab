"""A dataset goes into a folder of plain files and comes out of it the same."""

from __future__ import annotations

import csv
import dataclasses
import gzip
import hashlib
import io
import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leftbehind_site.common.errors import SourceError
from neighbourhoods import datapackage
from neighbourhoods.dataset import TABLES, Dataset, RegionRow
from neighbourhoods.measures import MEASURES
from tests.neighbourhoods import published


@pytest.fixture
def small() -> Dataset:
    return published.small()


@pytest.fixture
def folder(small: Dataset, tmp_path: Path) -> Path:
    datapackage.write_folder(small, tmp_path)
    return tmp_path


def altered(dataset: Dataset, **values: Any) -> Dataset:
    return dataclasses.replace(dataset, **values)


def same(one: Dataset, other: Dataset) -> bool:
    """Whether two datasets hold the same, be it in lists or tuples."""
    return datapackage.to_files(one) == datapackage.to_files(other) and all(
        list(getattr(one, table.name)) == list(getattr(other, table.name)) for table in TABLES
    )


# --- out and in


def test_what_is_written_is_read_back_the_same(small: Dataset, folder: Path) -> None:
    back = datapackage.from_folder(folder)
    assert same(back, small)
    assert back.boundaries == small.boundaries
    assert (back.title, back.geography, back.wards_compared) == (
        small.title,
        small.geography,
        small.wards_compared,
    )


def test_the_shipped_dataset_goes_out_as_it_came_in() -> None:
    files = datapackage.to_files(datapackage.from_folder())
    for name, content in files.items():
        assert content == (datapackage.DATA / name).read_bytes(), name


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30),
    share=st.decimals("0.0001", 1, places=4),
    missing=st.booleans(),
)
def test_any_name_and_any_share_survive(name: str, share: Decimal, missing: bool, tmp_path: Path) -> None:
    before = published.small()
    shares = [before.constituency_shares[0]._replace(share=None if missing else share)]
    changed = altered(
        before,
        regions=[RegionRow("E12000001", name), before.regions[1]],
        constituency_shares=[*shares, *before.constituency_shares[1:]],
    )
    datapackage.write_folder(changed, tmp_path)
    assert same(datapackage.from_folder(tmp_path), changed)


def test_missing_is_an_empty_cell_and_nought_is_not(small: Dataset, folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO((folder / "figures.csv").read_text(encoding="utf-8"))))
    cells = {(row["ward_code"], row["measure"]): row for row in rows}
    assert cells["E05000016", "employment"]["value"] == ""
    assert cells["E05000016", "employment"]["rank"] == ""
    assert cells["E05000016", "education"]["value"] == "0"
    back = {(row.ward_code, row.measure): row for row in datapackage.from_folder(folder).figures}
    assert back["E05000016", "employment"].value is None
    assert back["E05000016", "education"].value == 0
    assert len(back) == len(small.figures)


# --- writing


def test_writing_again_touches_nothing(small: Dataset, folder: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert datapackage.write_folder(small, folder) == []
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_only_what_differs_is_written_and_the_descriptor_last(small: Dataset, folder: Path) -> None:
    renamed = altered(small, regions=[small.regions[0], RegionRow("E12000002", "The North West")])
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert datapackage.write_folder(renamed, folder) == ["regions.csv", "datapackage.json"]
    after = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"regions.csv", "datapackage.json"}


def test_a_folder_is_made_where_there_is_none(small: Dataset, tmp_path: Path) -> None:
    written = datapackage.write_folder(small, tmp_path / "new" / "data")
    assert sorted(written) == sorted(path.name for path in (tmp_path / "new" / "data").iterdir())
    assert written[-1] == "datapackage.json"


def test_a_writing_that_was_cut_short_is_recognised(
    small: Dataset, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = altered(small, regions=[small.regions[0], RegionRow("E12000002", "Elsewhere")])
    replace = Path.replace

    def cut_short(path: Path, target: Path) -> Path:
        if target.name == "datapackage.json":
            raise KeyboardInterrupt
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", cut_short)
    with pytest.raises(KeyboardInterrupt):
        datapackage.write_folder(changed, folder)
    monkeypatch.undo()
    with pytest.raises(
        SourceError, match=r"^regions\.csv: found 'sha256:.* The dataset was half-written or edited"
    ):
        datapackage.from_folder(folder)
    datapackage.write_folder(changed, folder)
    assert same(datapackage.from_folder(folder), changed)


def test_the_files_hold_no_time_and_no_name_of_the_machine(small: Dataset) -> None:
    packed = datapackage.to_files(small)["postcodes.csv.gz"]
    assert packed[4:8] == bytes(4)
    assert packed[3] == 0


# --- the fingerprint


def test_the_fingerprint_is_the_same_for_the_same_data(small: Dataset, folder: Path) -> None:
    assert datapackage.fingerprint(datapackage.from_folder(folder)) == datapackage.fingerprint(small)
    assert datapackage.fingerprint(published.Published().build()) == datapackage.fingerprint(small)


def test_the_fingerprint_does_not_depend_on_how_well_gzip_packs(
    small: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = datapackage.fingerprint(small)
    compress = gzip.compress
    monkeypatch.setattr(gzip, "compress", lambda content, *_args, **_options: compress(content, 1, mtime=7))
    assert datapackage.to_files(small)["postcodes.csv.gz"][4:8] != bytes(4)
    assert datapackage.fingerprint(small) == before


@pytest.mark.parametrize(
    "change", ["title", "geography", "wards_compared", "boundaries", *(t.name for t in TABLES)]
)
def test_the_fingerprint_differs_when_anything_does(change: str, small: Dataset) -> None:
    value: Any = getattr(small, change)
    other: Any = {
        "title": "Another",
        "geography": "Another",
        "wards_compared": 21,
        "boundaries": {**small.boundaries, "E05000001": small.boundaries["E05000002"]},
    }.get(change, list(value)[:-1] if isinstance(value, list) else None)
    changed = altered(small, **{change: other})
    assert datapackage.fingerprint(changed) != datapackage.fingerprint(small)


# --- the descriptor


def test_the_descriptor_explains_every_measure_and_every_column(folder: Path) -> None:
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert [measure["key"] for measure in descriptor["measures"]] == [measure.key for measure in MEASURES]
    for resource in descriptor["resources"]:
        content = (folder / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        for field in resource.get("schema", {}).get("fields", []):
            assert field["description"]
    credited = " ".join(descriptor["attributions"])
    assert "Community Needs Index 2019, OCSI and Local Trust." in credited
    assert "Open Government Licence" in credited


# --- what is refused


def edited(name: str, change: Callable[[str], str]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        path = folder / name
        if name.endswith(".gz"):
            text = gzip.decompress(path.read_bytes()).decode()
            path.write_bytes(gzip.compress(change(text).encode(), mtime=0))
        else:
            path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")

    return edit


def cell(name: str, line: int, column: str, value: str) -> Callable[[Path], None]:
    def change(text: str) -> str:
        rows = list(csv.reader(io.StringIO(text)))
        rows[line - 1][rows[0].index(column)] = value
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        return out.getvalue()

    return edited(name, change)


def described(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def edit(text: str) -> str:
        descriptor = json.loads(text)
        change(descriptor)
        return json.dumps(descriptor)

    return edited("datapackage.json", edit)


def rehashed(name: str, change: Callable[[str], str]) -> Callable[[Path], None]:
    """An edit whose checksum was put right, so that the content itself is judged."""

    def edit(folder: Path) -> None:
        edited(name, change)(folder)
        checksum = hashlib.sha256((folder / name).read_bytes()).hexdigest()

        def put_right(descriptor: dict[str, Any]) -> None:
            for resource in descriptor["resources"]:
                if resource["path"] == name:
                    resource["hash"] = f"sha256:{checksum}"

        described(put_right)(folder)

    return edit


def folder_for_file(folder: Path) -> None:
    (folder / "grid.csv").unlink()
    (folder / "grid.csv").mkdir()


def cut_short(folder: Path) -> None:
    path = folder / "postcodes.csv.gz"
    path.write_bytes(path.read_bytes()[:-9])


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no descriptor": (
        lambda folder: (folder / "datapackage.json").unlink(),
        "datapackage.json: expected the file",
    ),
    "no table": (
        lambda folder: (folder / "figures.csv").unlink(),
        "figures.csv: expected the file to lie in",
    ),
    "no outlines": (
        lambda folder: (folder / "wards.geojson").unlink(),
        "wards.geojson: expected the file to lie",
    ),
    "a folder in place of a table": (folder_for_file, "grid.csv: found "),
    "a descriptor that is not JSON": (
        edited("datapackage.json", lambda text: text[:-3]),
        "datapackage.json: found ",
    ),
    "a descriptor that is a list": (
        edited("datapackage.json", lambda _: "[]"),
        "datapackage.json: found '[]', expected a JSON object.",
    ),
    "a descriptor without a title": (
        described(lambda descriptor: descriptor.pop("title")),
        "datapackage.json: found \"'title'\", expected the keys title, geography and wards_compared.",
    ),
    "a count that is none": (
        described(lambda descriptor: descriptor.update(wards_compared="many")),
        "datapackage.json: found ",
    ),
    "a descriptor without resources": (
        described(lambda descriptor: descriptor.pop("resources")),
        "datapackage.json: found \"'resources'\", expected resources, each with its path and hash.",
    ),
    "resources that are nothing": (
        described(lambda descriptor: descriptor.update(resources=None)),
        "datapackage.json: found \"'NoneType' object is not iterable\"",
    ),
    "a table that the descriptor does not name": (
        described(lambda descriptor: descriptor["resources"].pop(0)),
        "regions.csv: found 'sha256:",
    ),
    "a figure edited by hand": (
        cell("figures.csv", 3, "value", "80.1"),
        "figures.csv: found 'sha256:",
    ),
    "outlines edited by hand": (
        edited("wards.geojson", lambda text: text.replace("-2.9", "-2.8")),
        "wards.geojson: found 'sha256:",
    ),
    "a table cut short": (
        edited("regions.csv", lambda text: text[: -len("North West\n")]),
        "regions.csv, line 3, column “region_name”: found '', expected a value.",
    ),
    "a gzip file cut short": (cut_short, "postcodes.csv.gz: found 'Compressed file ended before"),
    "bytes that are no text": (
        lambda folder: (folder / "regions.csv").write_bytes(b"region_code,region_name\n\xff"),
        "regions.csv: found \"'utf-8' codec can't decode byte 0xff",
    ),
    "an empty table": (
        edited("regions.csv", lambda _: ""),
        "regions.csv, line 1: found '', expected the header region_code,region_name.",
    ),
    "columns in another order": (
        edited(
            "regions.csv", lambda text: text.replace("region_code,region_name", "region_name,region_code")
        ),
        "regions.csv, line 1: found 'region_name,region_code', expected the header region_code,region_name.",
    ),
    "a byte-order mark": (
        edited("regions.csv", lambda text: "\ufeff" + text),
        "regions.csv, line 1: found '\\ufeffregion_code,region_name', expected the header",
    ),
    "a cell too many": (
        edited("regions.csv", lambda text: text.replace("North East", "North East,x")),
        "regions.csv, line 2: found '3', expected 2 cells.",
    ),
    "a blank line": (
        edited("regions.csv", lambda text: text + "\n"),
        "regions.csv, line 4: found '0', expected 2 cells.",
    ),
    "a quote that never ends": (
        edited("regions.csv", lambda text: text.replace("North West", '"North West')),
        "regions.csv, line 3: found 'unexpected end of data', expected a well-formed CSV file.",
    ),
    "a code of another kind": (
        cell("regions.csv", 2, "region_code", "W92000004"),
        "regions.csv, line 2, column “region_code”: found 'W92000004', expected a match of ^E12\\d{6}$.",
    ),
    "a code with a line end": (
        cell("regions.csv", 2, "region_code", "E12000001\n"),
        "regions.csv, line 3, column “region_code”: found 'E12000001\\n', expected a match of",
    ),
    "a code in digits of another script": (
        cell("regions.csv", 2, "region_code", "E1200000٣"),
        "regions.csv, line 2, column “region_code”: found 'E1200000٣', expected a match of",
    ),
    "a name that is missing": (
        cell("regions.csv", 3, "region_name", ""),
        "regions.csv, line 3, column “region_name”: found '', expected a value.",
    ),
    "a measure that nobody registered": (
        cell("figures.csv", 2, "measure", "happiness"),
        "figures.csv, line 2, column “measure”: found 'happiness', expected one of cni, imd, ",
    ),
    "a drawing of another year": (
        cell("constituencies.csv", 2, "drawn", "1997"),
        "constituencies.csv, line 2, column “drawn”: found '1997', expected one of 2010, 2024.",
    ),
    "a rank of nought": (
        cell("figures.csv", 2, "rank", "0"),
        "figures.csv, line 2, column “rank”: found '0', expected 1 or more.",
    ),
    "half a rank": (
        cell("figures.csv", 2, "rank", "1.5"),
        "figures.csv, line 2, column “rank”: found '1.5', expected a whole number.",
    ),
    "a value that is a word": (
        cell("figures.csv", 3, "value", "many"),
        "figures.csv, line 3, column “value”: found 'many', expected a number.",
    ),
    "a value that is not a number": (
        cell("figures.csv", 3, "value", "NaN"),
        "figures.csv, line 3, column “value”: found 'NaN', expected a number.",
    ),
    "a value without end": (
        cell("figures.csv", 3, "value", "Infinity"),
        "figures.csv, line 3, column “value”: found 'Infinity', expected a number.",
    ),
    "a negative value": (
        cell("figures.csv", 3, "value", "-1"),
        "figures.csv, line 3, column “value”: found '-1', expected 0 or more.",
    ),
    "a share of more than the whole": (
        cell("constituency_shares.csv", 2, "share", "1.1"),
        "constituency_shares.csv, line 2, column “share”: found '1.1', expected 1 or less.",
    ),
    "a place in the sea": (
        cell("neighbourhoods.csv", 2, "longitude", "-8"),
        "neighbourhoods.csv, line 2, column “longitude”: found '-8', expected -7 or more.",
    ),
    "neither true nor false": (
        cell("figures.csv", 2, "joint", "yes"),
        "figures.csv, line 2, column “joint”: found 'yes', expected true or false.",
    ),
    "a postcode without its space": (
        cell("postcodes.csv.gz", 2, "postcode", "KB161AA"),
        "postcodes.csv.gz, line 2, column “postcode”: found 'KB161AA', expected a match of",
    ),
    "outlines without codes": (
        rehashed("wards.geojson", lambda text: text.replace('"code"', '"name"')),
        "wards.geojson: found \"'code'\", expected GeoJSON features with a code.",
    ),
    "outlines without features": (
        rehashed("wards.geojson", lambda _: '{"features": null}'),
        "wards.geojson: found \"'NoneType' object is not iterable\", expected GeoJSON features with a code.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_refuses(fault: str, folder: Path) -> None:
    break_it, expected = FAULTS[fault]
    break_it(folder)
    with pytest.raises(SourceError) as caught:
        datapackage.from_folder(folder)
    assert str(caught.value).startswith(expected)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^datapackage\.json: expected the file to lie in "):
        datapackage.from_folder(tmp_path / "nowhere")


def test_further_files_in_the_folder_do_no_harm(small: Dataset, folder: Path) -> None:
    shutil.copy(folder / "regions.csv", folder / "notes.csv")
    assert same(datapackage.from_folder(folder), small)
