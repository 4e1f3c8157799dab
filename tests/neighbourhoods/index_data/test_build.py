"""What the builder makes of the published files, and how it tells them apart."""

from __future__ import annotations

import copy
import gzip
import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from neighbourhoods import datapackage
from neighbourhoods.dataset import (
    AuthorityRow,
    ConstituencyShareRow,
    Dataset,
    OutcomeRow,
    PostcodeRow,
    ThresholdRow,
)
from neighbourhoods.index_data.build import build
from neighbourhoods.index_data.reading import open_published
from neighbourhoods.index_data.sources import EVIDENCE, FORMATS, find, recognise
from tests.neighbourhoods import published
from tests.neighbourhoods.published import EXPECT, LISTED, Published, lsoa, ward

pytestmark = pytest.mark.once


@pytest.fixture
def small() -> Dataset:
    return published.small()


def figure(dataset: Dataset, number: int, measure: str) -> Any:
    (row,) = (r for r in dataset.figures if (r.ward_code, r.measure) == (ward(number), measure))
    return row


# --- which file is which


def test_each_file_is_recognised_whatever_it_is_called(tmp_path: Path) -> None:
    files = Published()
    for number, sheet in enumerate(files.sheets.values()):
        sheet.name = f"{number:02}.CSV"
    for number, layer in enumerate(files.layers.values()):
        layer.name = f"{number:02}.GeoJSON"
    folder = files.write(tmp_path)
    (folder / "notes.txt").write_text("Not a file of figures.")
    (folder / "folder.csv").mkdir()
    found = find(folder, {})
    for key in FORMATS:
        assert files.file(key).name in {file.name for file in found.by_format[key]}
    assert len(found.ignored) == 2
    assert build(folder, expect=EXPECT).figures == published.small().figures


def test_the_same_file_under_two_names_counts_once(tmp_path: Path) -> None:
    files = Published()
    folder = files.write(tmp_path)
    (folder / "copy.csv.gz").write_bytes(gzip.compress(files["cni"].content()))
    assert len(find(folder, {}).by_format["cni"]) == 1


def test_of_two_formats_that_fit_the_one_with_more_columns_is_meant(tmp_path: Path) -> None:
    """An outline of an authority names its region too, and is no outline of a region."""
    folder = Published().write(tmp_path)
    known = recognise(open_published(folder / "lad19_england.geojson"))
    assert known is not None
    assert known.key == "authority-outlines"


def test_every_format_says_what_it_is_and_on_what_terms() -> None:
    for known in FORMATS.values():
        assert all((known.title, known.publisher, known.licence, known.vintage)), known.key


# --- wards and areas


def test_the_listed_wards_are_those_with_the_flag_not_those_of_the_rule(small: Dataset) -> None:
    assert [row.ward_code for row in small.neighbourhoods] == [ward(number) for number in LISTED]
    assert small.wards_compared == 20


def test_both_outcomes_are_kept_and_ranks_of_need_of_the_listed_alone(small: Dataset) -> None:
    assert small.outcomes == [
        OutcomeRow(ward(1), "Grange", "Northport", True, True, True, Decimal("79.0899"), 1, 1),
        OutcomeRow(ward(2), "St John's & Quay", "Northport", True, False, False, Decimal("71.4465"), 3, 3),
        OutcomeRow(ward(3), "Ward 3", "Northport", False, True, False, Decimal("74.8468"), 2, None),
        OutcomeRow(ward(4), "Ward 4", "Northport", False, False, True, Decimal("61.247"), 6, None),
        OutcomeRow(ward(9), "Grange", "Kingsbridge, City of", True, False, True, Decimal("64.6478"), 5, 4),
        OutcomeRow(ward(16), "Old Mill", "Oldshire", True, False, False, Decimal("68.0484"), 4, 5),
    ]


def test_how_many_wards_the_rule_would_name_with_another_threshold(small: Dataset) -> None:
    """Of twenty wards, 5 to 9 per cent are one, 10 to 14 are two, 15 are three."""
    assert [row.percent for row in small.thresholds] == list(range(5, 16))
    assert small.thresholds[0] == ThresholdRow(5, 1, 1, 1, 1)
    assert small.thresholds[5] == ThresholdRow(10, 2, 2, 2, 1)
    assert small.thresholds[10] == ThresholdRow(15, 3, 3, 3, 2)


# --- what only the evidence tells


def test_whether_the_first_list_named_a_ward_is_told_of_every_ward_that_is_named(small: Dataset) -> None:
    named = {row.ward_code for row in small.outcomes if row.first_list}
    assert named == {ward(number) for number in published.FIRST_LISTED}
    assert all(row.first_list is not None for row in small.outcomes)


def test_whether_a_wards_code_outlived_2017_is_told(small: Dataset) -> None:
    assert [row.ward_in_2019 for row in small.neighbourhoods] == [True, True, True, False]


def test_without_the_evidence_nothing_is_known_and_nothing_is_denied() -> None:
    files = Published()
    del files.sheets["first-list"], files.sheets["ward-2019"]
    made = files.build()
    assert {row.first_list for row in made.outcomes} == {None}
    assert {row.ward_in_2019 for row in made.neighbourhoods} == {None}
    assert [row.ward_code for row in made.outcomes] == [ward(number) for number in (1, 2, 3, 9, 16)]
    assert {row.role for row in made.sources} == set(FORMATS) - {"first-list", "ward-2019"}


def test_the_first_list_may_be_named_where_no_folder_tells_the_two_apart(tmp_path: Path) -> None:
    files = Published()
    files["first-list"].place = ""
    folder = files.write(tmp_path)
    first, cni = folder / files["first-list"].path, folder / files["cni"].path
    for named in ({"first-list": first}, {"first-list": first, "cni": cni}):
        assert build(folder, named, expect=EXPECT).outcomes == published.small().outcomes


def test_other_files_of_the_evidence_are_passed_over_without_a_word(tmp_path: Path) -> None:
    folder = Published().write(tmp_path)
    (folder / EVIDENCE / "population.csv").write_bytes(Published()["population"].content())
    (folder / EVIDENCE / "outlines.geojson").write_bytes(Published().layers["ward-outlines"].content())
    found = find(folder, {})
    assert len(found.by_format["population"]) == len(found.by_format["ward-outlines"]) == 1
    assert len(found.ignored) == 2


def test_an_abolished_authority_points_at_the_one_that_replaced_it(small: Dataset) -> None:
    assert small.authorities == [
        AuthorityRow("E06000001", "Northport", "E12000001", None),
        AuthorityRow("E06000058", "Newshire", "E12000002", None),
        AuthorityRow("E07000001", "Oldshire", "E12000002", "E06000058"),
        AuthorityRow("E08000001", "Kingsbridge, City of", "E12000002", None),
    ]
    row = small.neighbourhoods[-1]
    assert (row.authority_2017_code, row.authority_code) == ("E07000001", "E06000058")


def test_the_index_may_name_the_authority_of_2019() -> None:
    files = Published()
    for row in files["cni"].rows:
        row[2] = published.SUCCESSORS.get(row[2], (row[2],))[0]
    assert files.build().authorities == published.small().authorities


def test_a_ward_lies_in_each_constituency_with_its_share(small: Dataset) -> None:
    assert [row for row in small.constituency_shares if row.ward_code in (ward(2), ward(9))] == [
        ConstituencyShareRow(ward(2), "E14000001", Decimal("0.75"), True),
        ConstituencyShareRow(ward(2), "E14000002", Decimal("0.25"), False),
        ConstituencyShareRow(ward(2), "E14001001", Decimal(1), True),
        ConstituencyShareRow(ward(9), "E14000003", Decimal(1), True),
        ConstituencyShareRow(ward(9), "E14001001", Decimal("0.75"), True),
        ConstituencyShareRow(ward(9), "E14001002", Decimal("0.25"), False),
    ]


def test_postcodes_that_give_constituencies_of_2024_tell_nothing_about_2010() -> None:
    files = Published()
    sheet = files["postcodes"]
    for row in sheet.rows:
        row[sheet.at("pcon")] = "E14001001"
    files.sheets.pop("postcodes, again")
    shares = {(row.ward_code, row.constituency_code): row for row in files.build().constituency_shares}
    assert shares[ward(2), "E14000001"].share is None
    assert shares[ward(2), "E14000002"].share is None
    assert [shares[ward(2), code].main for code in ("E14000001", "E14000002")] == [True, False]
    assert shares[ward(2), "E14001001"].share == 1


def test_a_newer_postcode_file_leaves_what_an_older_one_tells_of_2010() -> None:
    files = Published()
    older, newer = files["postcodes"], copy.deepcopy(files["postcodes"])
    newer.name = f"A newer {older.name}"
    for row in newer.rows:
        row[newer.at("pcon")] = "E14001001"
    files.sheets["postcodes, newer"] = newer
    assert files.build().constituency_shares == published.small().constituency_shares


def test_postcodes_are_live_and_in_the_listed_wards_and_placed_alike_by_all_files(small: Dataset) -> None:
    assert small.postcodes == [
        PostcodeRow("KB16 1AA", ward(16)),
        PostcodeRow("KB1A 1AA", ward(9)),
        PostcodeRow("NP1 1AA", ward(1)),
        PostcodeRow("NP1 1AB", ward(1)),
        PostcodeRow("NP2 1AA", ward(2)),
        PostcodeRow("NP2 1AB", ward(2)),
        PostcodeRow("NP2 1AD", ward(2)),
        PostcodeRow("NP2 2AA", ward(2)),
    ]


# --- figures


def test_every_listed_ward_has_a_row_for_every_measure(small: Dataset) -> None:
    assert len(small.figures) == len(LISTED) * 18


def test_a_figure_that_cannot_be_worked_out_is_missing_and_never_nought(small: Dataset) -> None:
    row = figure(small, published.WITHOUT_WORKERS, "employment")
    assert (row.value, row.rank, row.joint, row.out_of) == (None, None, False, None)
    (reference,) = (r for r in small.references if r.measure == "employment")
    assert (reference.wards, reference.listed) == (19, 3)
    assert figure(small, 1, "employment").out_of == 19


def test_where_nobody_knows_a_rate_there_is_no_median_either() -> None:
    files = Published()
    sheet = files["iod"]
    for row in sheet.rows:
        row[-1] = "0"
    (reference,) = (r for r in files.build().references if r.measure == "employment")
    assert (reference.wards, reference.listed, reference.tenth_rank) == (0, 0, None)
    assert (reference.median, reference.listed_median, reference.tenth_value) == (None, None, None)
    assert reference.listed_median_rank is None


def test_wards_that_the_community_needs_index_leaves_out_are_ranked_on_deprivation(small: Dataset) -> None:
    assert {figure(small, number, "imd").out_of for number in LISTED} == {20}
    assert {figure(small, number, "cni").out_of for number in LISTED} == {20}
    (reference,) = (r for r in small.references if r.measure == "imd")
    assert reference.wards == 20


def test_the_weights_are_the_residents_of_2015() -> None:
    files = Published()
    people = files["iod"].at("Total population: mid 2015 (excluding prisoners)")
    for row in files["iod"].rows:
        if row[0] == lsoa(9, 1):
            row[people] = "1,000,000"
    before = figure(published.small(), 9, "imd").value
    after = figure(files.build(), 9, "imd").value
    score = Decimal(files["iod"].get(files["iod"].line(**{"LSOA code (2011)": lsoa(9, 1)}), _SCORE))
    assert abs(after - score) < Decimal("0.01") < abs(before - score)


_SCORE = "Index of Multiple Deprivation (IMD) Score"


def test_scores_of_the_community_needs_index_go_nowhere(small: Dataset) -> None:
    scores = {row[at][:8] for row in Published()["cni"].rows for at in (4, 6, 8, 10)}
    for name, content in datapackage.to_files(small).items():
        text = (gzip.decompress(content) if name.endswith(".gz") else content).decode()
        assert not [score for score in scores if score in text], name


def test_the_grid_counts_every_ward_with_both_ranks(small: Dataset) -> None:
    assert sum(row.wards for row in small.grid) == 19


def test_the_order_of_rows_in_the_files_makes_no_difference(small: Dataset) -> None:
    files = Published()
    for sheet in files.sheets.values():
        sheet.rows.reverse()
    backwards = files.build()
    for name in (
        "authorities",
        "constituency_shares",
        "figures",
        "references",
        "grid",
        "outcomes",
        "thresholds",
        "postcodes",
    ):
        assert getattr(backwards, name) == getattr(small, name), name


def test_each_source_is_named_with_its_checksum_and_rows(small: Dataset) -> None:
    files = Published()
    rows = {(row.role, row.file_name): row for row in small.sources}
    assert len(rows) == len(FORMATS) + 1
    assert rows["cni", files["cni"].name].rows == 20
    assert rows["ward-outlines", "wards17_left_behind.geojson"].rows == 20
    assert (
        rows["iod", files["iod"].name].sha256
        == hashlib.sha256(gzip.decompress(files["iod"].content())).hexdigest()
    )
