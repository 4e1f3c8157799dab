"""The shipped dataset, held against the publishers' own files and against what was found out about them.

The figures are worked out again here with nothing but `csv` and exact fractions.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import re
import subprocess
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from fractions import Fraction
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
import shapely

from neighbourhoods import codes, datapackage
from neighbourhoods.dataset import TABLES, Dataset
from neighbourhoods.index_data.build import build
from neighbourhoods.measures import MEASURES
from tests.waiting import PATIENCE

pytestmark = pytest.mark.once

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def shipped() -> Dataset:
    return datapackage.from_folder()


@pytest.fixture(scope="module")
def built(published_files: Path) -> tuple[Dataset, list[str]]:
    """The dataset that the published files make, and what was said on the way."""
    said: list[str] = []
    return build(published_files, notice=said.append), said


def read(folder: Path, pattern: str) -> Rows:
    """A published file, found by its name, as plain rows."""
    (path,) = folder.glob(pattern)
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    names = [name.strip() for name in next(reader)]
    return [dict(zip(names, row, strict=True)) for row in reader]


@pytest.fixture(scope="module")
def cni(published_files: Path) -> Rows:
    return read(published_files, "cni2019*.csv")


@pytest.fixture(scope="module")
def ward_of(published_files: Path) -> dict[str, str]:
    """Best-fit ward of each LSOA."""
    rows = read(published_files, "Lower_Layer*_to_Ward_*.csv")
    return {row["LSOA11CD"]: row["WD17CD"] for row in rows}


@pytest.fixture(scope="module")
def lsoas_of(published_files: Path, ward_of: dict[str, str]) -> dict[str, Rows]:
    """The rows of File 7 by best-fit ward."""
    found: dict[str, Rows] = defaultdict(list)
    for row in read(published_files, "File_7*.csv.gz"):
        found[ward_of[row["LSOA code (2011)"]]].append(row)
    return found


@pytest.fixture(scope="module")
def imd_of(lsoas_of: dict[str, Rows]) -> dict[str, Fraction]:
    """The exact average IMD score of each ward."""
    return {ward: average(rows, IMD, PEOPLE) for ward, rows in lsoas_of.items()}


IMD = "Index of Multiple Deprivation (IMD) Score"
PEOPLE = "Total population: mid 2015 (excluding prisoners)"
WORKERS = "Working age population 18-59/64: for use with Employment Deprivation Domain (excluding prisoners)"


def number(text: str) -> Fraction:
    return Fraction(text.replace(",", ""))


def average(rows: Rows, column: str, weight: str) -> Fraction:
    weights = [number(row[weight]) for row in rows]
    total = sum((number(row[column]) * w for row, w in zip(rows, weights, strict=True)), Fraction())
    return total / sum(weights, Fraction())


def ranks(values: dict[str, Fraction]) -> dict[str, int]:
    """Rank 1 for the highest value; equals share the better rank."""
    first: dict[Fraction, int] = {}
    for position, value in enumerate(sorted(values.values(), reverse=True), start=1):
        first.setdefault(value, position)
    return {ward: first[value] for ward, value in values.items()}


def figures(dataset: Dataset, measure: str) -> dict[str, Any]:
    return {row.ward_code: row for row in dataset.figures if row.measure == measure}


def near(value: Decimal | None, exact: Fraction) -> bool:
    """Whether a value is the exact one, rounded to four decimals."""
    return value is not None and abs(Fraction(value) - exact) <= Fraction(1, 20_000)


# --- the whole


def test_the_shipped_dataset_is_what_the_published_files_make_byte_for_byte(
    built: tuple[Dataset, list[str]],
) -> None:
    shipped = {path.name: path.read_bytes() for path in datapackage.DATA.iterdir()}
    made = datapackage.to_files(built[0])
    assert shipped.keys() == made.keys()
    assert [name for name in made if made[name] != shipped[name]] == []


def test_what_was_not_needed_and_where_the_list_and_the_rule_part_is_said(
    built: tuple[Dataset, list[str]],
) -> None:
    assert built[1] == [
        "Not needed: Local_Authority_District_to_Region_(December_2017)_Lookup_in_England.csv",
        "Not needed: england_outline.geojson",
        "Not needed: wards17_left_behind_bsc.geojson",
        (
            "The published list names 225 wards; the rule, recomputed, names 225; 219 are in both."
            " The published list decides."
        ),
    ]


def test_the_folder_stays_below_two_megabytes() -> None:
    assert sum(path.stat().st_size for path in datapackage.DATA.iterdir()) < 2_000_000


def problems(descriptor: Path) -> list[Any]:
    """What the standard's own library has to say about a data package."""
    script = (
        "import frictionless, json, sys; report = frictionless.validate(sys.argv[1]);"
        " print(json.dumps([len(report.tasks), report.flatten(['title', 'rowNumber', 'type', 'message'])]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(descriptor)],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    tables, found = json.loads(done.stdout)
    assert tables == len(TABLES) + len(datapackage.BOUNDARY_FILES)
    return found


def test_the_data_package_is_valid_to_the_library_of_the_standard() -> None:
    assert problems(datapackage.DATA / "datapackage.json") == []


def test_an_edited_data_package_is_not_valid_to_it(tmp_path: Path) -> None:
    for path in datapackage.DATA.iterdir():
        content = path.read_bytes()
        if path.name == "regions.csv":
            content = content.replace(b"E12000001", b"W92000004")
        (tmp_path / path.name).write_bytes(content)
    assert {kind for _, _, kind, _ in problems(tmp_path / "datapackage.json")} >= {
        "constraint-error",
        "hash-count",
        "foreign-key",
    }


# --- the list and the rule


def test_list_and_rule_name_225_each_and_219_together(shipped: Dataset) -> None:
    counts = Counter((row.flagged, row.predicted) for row in shipped.outcomes)
    assert counts == {(True, True): 219, (True, False): 6, (False, True): 6, (False, False): 4}


def flags(rows: Rows) -> set[str]:
    """The wards that a state of the index's file flags."""
    return {row["ward17_code"] for row in rows if row["Left Behind Area?"] == "TRUE"}


@pytest.fixture(scope="module")
def first_list(published_files: Path) -> set[str]:
    return flags(read(published_files / "evidence", "*206_flags.csv.gz"))


def test_they_part_at_the_very_wards_that_exact_arithmetic_names(
    shipped: Dataset, cni: Rows, imd_of: dict[str, Fraction], first_list: set[str]
) -> None:
    imd_rank = ranks(imd_of)
    assert len(imd_rank) == 7_433 - 12 + 6
    flagged = flags(cni)
    rule = {
        row["ward17_code"]
        for row in cni
        if int(row["Community Needs Index rank"]) <= 743 and imd_rank.get(row["ward17_code"], 9_999) <= 742
    }
    assert {row.ward_code for row in shipped.outcomes if row.flagged} == flagged
    assert {row.ward_code for row in shipped.outcomes if row.predicted} == rule
    assert {row.ward_code: row.imd_rank for row in shipped.outcomes} == {
        ward: imd_rank[ward] for ward in flagged | rule | first_list
    }
    assert all(near(row.imd_score, imd_of[row.ward_code]) for row in shipped.outcomes)


def test_206_wards_were_on_the_first_list_and_201_of_them_are_on_the_second(
    shipped: Dataset, first_list: set[str]
) -> None:
    assert len(first_list) == 206
    assert {row.ward_code for row in shipped.outcomes if row.first_list} == first_list
    assert all(row.first_list is not None for row in shipped.outcomes)
    assert Counter((row.flagged, row.first_list) for row in shipped.outcomes if row.flagged) == {
        (True, True): 201,
        (True, False): 24,
    }
    left = {row.ward_name: row.predicted for row in shipped.outcomes if row.first_list and not row.flagged}
    assert left == {
        "Winton": True,
        "Gooshays": False,
        "Cleadon Park": False,
        "Bridge": False,
        "Goldenhill and Sandyford": False,
    }


def test_how_many_wards_the_rule_would_name_with_another_threshold(
    shipped: Dataset, cni: Rows, imd_of: dict[str, Fraction]
) -> None:
    flagged, imd_rank = flags(cni), ranks(imd_of)
    for row in shipped.thresholds:
        need, deprivation = (math.floor(Fraction(row.percent, 100) * wards) for wards in (7_433, 7_427))
        named = {
            ward["ward17_code"]
            for ward in cni
            if int(ward["Community Needs Index rank"]) <= need
            and imd_rank.get(ward["ward17_code"], 9_999) <= deprivation
        }
        assert (row.cni_rank, row.imd_rank) == (need, deprivation)
        assert (row.wards, row.listed) == (len(named), len(named & flagged)), row.percent
    assert [row.percent for row in shipped.thresholds] == list(range(5, 16))


def test_47_of_the_225_had_lost_their_code_by_december_2019(shipped: Dataset, published_files: Path) -> None:
    """The same 47 as those whose outline had to be taken from an older layer."""
    rows = read(published_files / "evidence", "Ward_to_Local*2019*.csv.gz")
    alive = {row["WD19CD"] for row in rows}
    assert {row.ward_code: row.ward_in_2019 for row in shipped.neighbourhoods} == {
        row.ward_code: row.ward_code in alive for row in shipped.neighbourhoods
    }
    layer = json.loads((published_files / "wards17_left_behind.geojson").read_text(encoding="utf-8"))
    older = {
        feature["properties"]["wd17cd"]
        for feature in layer["features"]
        if feature["properties"]["outline_from"] == "WD13"
    }
    assert {row.ward_code for row in shipped.neighbourhoods if not row.ward_in_2019} == older
    assert len(older) == 47


def test_how_far_down_the_listed_wards_reach(shipped: Dataset) -> None:
    assert max(row.rank for row in figures(shipped, "cni").values()) == 732
    assert max(row.rank for row in figures(shipped, "imd").values()) == 795
    assert {row.out_of for row in figures(shipped, "cni").values()} == {7_433}
    assert {row.out_of for row in figures(shipped, "imd").values()} == {7_427}
    assert {row.measure: row.tenth_rank for row in shipped.references if row.measure in ("cni", "imd")} == {
        "cni": 743,
        "imd": 742,
    }


def test_twelve_wards_of_the_index_have_no_lsoa_and_so_no_average(
    cni: Rows, lsoas_of: dict[str, Rows], shipped: Dataset
) -> None:
    codes = "3230 3257 3259 6760 6764 8917 8922 9880"
    without = {row["ward17_code"] for row in cni} - set(lsoas_of)
    assert without == {
        *(f"E0500{code}" for code in codes.split()),
        "E05010102",
        "E05010187",
        "E05010593",
        "E05010599",
    }
    (reference,) = (row for row in shipped.references if row.measure == "imd")
    assert reference.wards == 7_427
    assert sum(row.wards for row in shipped.grid) == 7_433 - 12


# --- every figure of every ward


def test_the_average_deprivation_score_of_every_listed_ward(
    shipped: Dataset, imd_of: dict[str, Fraction]
) -> None:
    rank = ranks(imd_of)
    shared = Counter(rank.values())
    found = figures(shipped, "imd")
    assert len(found) == 225
    for ward, row in found.items():
        assert near(row.value, imd_of[ward]), row
        assert row.rank == rank[ward]
        assert row.joint == (shared[rank[ward]] > 1)


@pytest.mark.parametrize(
    ("measure", "column", "weight"),
    [("income", "Income Score (rate)", PEOPLE), ("employment", "Employment Score (rate)", WORKERS)],
)
def test_the_rates_of_every_listed_ward(
    measure: str, column: str, weight: str, shipped: Dataset, lsoas_of: dict[str, Rows]
) -> None:
    rates = {ward: 100 * average(rows, column, weight) for ward, rows in lsoas_of.items()}
    rank = ranks(rates)
    for ward, row in figures(shipped, measure).items():
        assert near(row.value, rates[ward]), row
        assert row.rank == rank[ward], row


@pytest.mark.parametrize(
    ("measure", "column"),
    [
        ("education", "Education, Skills and Training Decile (where 1 is most deprived 10% of LSOAs)"),
        ("health", "Health Deprivation and Disability Decile (where 1 is most deprived 10% of LSOAs)"),
        ("crime", "Crime Decile (where 1 is most deprived 10% of LSOAs)"),
        ("housing", "Barriers to Housing and Services Decile (where 1 is most deprived 10% of LSOAs)"),
        ("environment", "Living Environment Decile (where 1 is most deprived 10% of LSOAs)"),
        (
            "deprived_lsoas_share",
            "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)",
        ),
    ],
)
def test_the_shares_of_most_deprived_lsoas_of_every_listed_ward(
    measure: str, column: str, shipped: Dataset, lsoas_of: dict[str, Rows]
) -> None:
    shares = {
        ward: Fraction(100 * sum(row[column] == "1" for row in rows), len(rows))
        for ward, rows in lsoas_of.items()
    }
    rank = ranks(shares)
    shared = Counter(rank.values())
    for ward, row in figures(shipped, measure).items():
        assert near(row.value, shares[ward]), row
        assert (row.rank, row.joint) == (rank[ward], shared[rank[ward]] > 1), row
    (reference,) = (row for row in shipped.references if row.measure == measure)
    everywhere = sorted(shares.values(), reverse=True)
    assert reference.wards == len(everywhere) == 7_427
    assert near(reference.median, everywhere[3_713])
    assert near(reference.tenth_value, everywhere[741])


def test_the_counts_of_every_listed_ward(
    shipped: Dataset, lsoas_of: dict[str, Rows], published_files: Path
) -> None:
    people = {row["lsoa"]: number(row["pop"]) for row in read(published_files, "lsoa11_population*.csv")}
    decile = "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)"
    for ward, row in figures(shipped, "population").items():
        assert row.value == sum(people[lsoa["LSOA code (2011)"]] for lsoa in lsoas_of[ward])
    for ward, row in figures(shipped, "lsoas").items():
        assert row.value == len(lsoas_of[ward])
    for ward, row in figures(shipped, "deprived_lsoas").items():
        assert row.value == sum(lsoa[decile] == "1" for lsoa in lsoas_of[ward])


def test_the_classes_of_every_listed_ward(
    shipped: Dataset, lsoas_of: dict[str, Rows], published_files: Path
) -> None:
    people = {row["lsoa"]: number(row["pop"]) for row in read(published_files, "lsoa11_population*.csv")}
    rural = {row["LSOA11CD"]: row["RUC11"] for row in read(published_files, "Rural_Urban*.csv.gz")}
    towns = {row["LSOA11CD"]: row["TCITY15NM"] for row in read(published_files, "*_to_Major_Towns*.csv.gz")}
    for measure, lookup, absent in (
        ("rural_urban", rural, ""),
        ("town", towns, "None: outside the major towns and cities"),
    ):
        for ward, row in figures(shipped, measure).items():
            residents: Counter[str] = Counter()
            for lsoa in lsoas_of[ward]:
                code = lsoa["LSOA code (2011)"]
                residents[lookup[code]] += int(people[code])
            most = max(residents.values())
            assert row.category in {name or absent for name, count in residents.items() if count == most}


def test_the_published_ranks_of_every_listed_ward(shipped: Dataset, cni: Rows) -> None:
    columns = {
        "cni": "Community Needs Index rank",
        "cni_civic_assets": "Civic Assets rank",
        "cni_connectedness": "Connectedness rank",
        "cni_engagement": "Engaged community rank",
    }
    published = {row["ward17_code"]: row for row in cni}
    for measure, column in columns.items():
        repeats = Counter(row[column] for row in cni)
        for ward, row in figures(shipped, measure).items():
            assert str(row.rank) == published[ward][column]
            assert row.joint == (repeats[published[ward][column]] > 1)


def test_each_ward_has_each_measure_and_nothing_is_missing(shipped: Dataset) -> None:
    assert Counter(row.measure for row in shipped.figures) == {measure.key: 225 for measure in MEASURES}
    assert [
        row
        for row in shipped.figures
        if row.value is None and row.category is None and not row.measure.startswith("cni")
    ] == []


def test_the_225_together(shipped: Dataset, lsoas_of: dict[str, Rows]) -> None:
    listed = [row for ward in shipped.neighbourhoods for row in lsoas_of[ward.ward_code]]
    assert len(listed) == sum(row.value for row in figures(shipped, "lsoas").values()) == 1_468
    assert sum(row.value for row in figures(shipped, "population").values()) == 2_386_368
    income = 100 * average(listed, "Income Score (rate)", PEOPLE)
    assert f"{float(income):.2f}" == "26.75"
    assert sum(number(row[PEOPLE]) for row in listed) == 2_334_856


# --- areas


def test_the_listed_wards_carry_their_published_names_and_three_names_occur_twice(
    shipped: Dataset, cni: Rows
) -> None:
    published = {row["ward17_code"]: row["ward17_name"] for row in cni}
    assert all(ward.ward_name == published[ward.ward_code] for ward in shipped.neighbourhoods)
    names = Counter(ward.ward_name for ward in shipped.neighbourhoods)
    assert {name: count for name, count in names.items() if count > 1} == {
        "Grange": 2,
        "Northwood": 2,
        "Norton South": 2,
    }


def test_they_lie_in_82_authorities_two_of_which_replaced_others(shipped: Dataset) -> None:
    assert len({ward.authority_code for ward in shipped.neighbourhoods}) == 82
    names = {row.authority_code: row.authority_name for row in shipped.authorities}
    assert {
        (ward.ward_name, names[ward.authority_2017_code], names[ward.authority_code])
        for ward in shipped.neighbourhoods
        if ward.authority_2017_code != ward.authority_code
    } == {
        ("Boscombe West", "Bournemouth", "Bournemouth, Christchurch and Poole"),
        ("Littlemoor", "Weymouth and Portland", "Dorset"),
    }
    assert {row.authority_name: row.successor_code for row in shipped.authorities if row.successor_code} == {
        "Bournemouth": "E06000058",
        "Weymouth and Portland": "E06000059",
    }


def test_some_lie_in_several_constituencies(shipped: Dataset) -> None:
    drawn = {row.constituency_code: row.drawn for row in shipped.constituencies}
    touched = Counter((row.ward_code, drawn[row.constituency_code]) for row in shipped.constituency_shares)
    assert {ward for ward, _ in touched} == {ward.ward_code for ward in shipped.neighbourhoods}
    several = {year: [n for (_, y), n in touched.items() if y == year and n > 1] for year in (2010, 2024)}
    assert len(several[2010]) == 10
    assert set(several[2010]) == {2, 3}
    assert len(several[2024]) == 46


def test_one_constituency_of_each_drawing_is_a_wards_main_one_and_has_the_largest_share(
    shipped: Dataset,
) -> None:
    drawn = {row.constituency_code: row.drawn for row in shipped.constituencies}
    by_ward: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for row in shipped.constituency_shares:
        by_ward[row.ward_code, drawn[row.constituency_code]].append(row)
    assert len(by_ward) == 450
    for rows in by_ward.values():
        (main,) = (row for row in rows if row.main)
        known = [row.share for row in rows if row.share is not None]
        assert sum(known) <= Decimal("1.0002")
        assert not known or main.share == max(known)


def test_the_constituencies_of_2010_are_those_of_the_official_lookup(
    shipped: Dataset, published_files: Path
) -> None:
    drawn = {row.constituency_code: row.drawn for row in shipped.constituencies}
    listed = {ward.ward_code for ward in shipped.neighbourhoods}
    official = read(published_files, "Ward_to_Westminster*.csv")
    assert {
        (row.ward_code, row.constituency_code)
        for row in shipped.constituency_shares
        if drawn[row.constituency_code] == 2010
    } == {(row["WD17CD"], row["PCON17CD"]) for row in official if row["WD17CD"] in listed}


def test_each_postcode_is_live_and_in_an_lsoa_of_its_ward(
    shipped: Dataset, published_files: Path, ward_of: dict[str, str]
) -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for path in (*published_files.glob("postcodes_*.csv.gz"), *published_files.glob("NSPL_*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            cells = itemgetter(*map(next(rows).index, ("pcds", "doterm", "lsoa11")))
            for postcode, terminated, lsoa in map(cells, rows):
                if lsoa and not terminated:
                    places[postcode].add(ward_of[lsoa])
    listed = {ward.ward_code for ward in shipped.neighbourhoods}
    assert {row.postcode: {row.ward_code} for row in shipped.postcodes} == {
        postcode: wards for postcode, wards in places.items() if wards <= listed and len(wards) == 1
    }


def test_every_area_has_an_outline_and_every_ward_a_point_inside_its_own(shipped: Dataset) -> None:
    assert set(shipped.boundaries) == (
        {ward.ward_code for ward in shipped.neighbourhoods}
        | {ward.authority_code for ward in shipped.neighbourhoods}
        | {region.region_code for region in shipped.regions}
        | {codes.ENGLAND}
    )
    assert len(shipped.regions) == len(shipped.boundaries[codes.ENGLAND]["geometries"]) == 9
    outlines = {code: shapely.geometry.shape(dict(outline)) for code, outline in shipped.boundaries.items()}
    assert all(outline.is_valid and not outline.is_empty for outline in outlines.values())
    for ward in shipped.neighbourhoods:
        point = shapely.Point(float(ward.longitude), float(ward.latitude))
        assert outlines[ward.ward_code].buffer(0.0002).contains(point)


# --- what may not be shipped


def test_no_score_of_the_community_needs_index_is_shipped(cni: Rows, shipped: Dataset) -> None:
    names = [column for column in cni[0] if column.endswith(" score")]
    assert len(names) == 4
    exact = {row["ward17_code"]: [Decimal(row[column]) for column in names] for row in cni}
    # To six decimals a score is like no other number; to fewer, it could be anything.
    every = [score for scores in exact.values() for score in scores]
    long = {f"{score:.6f}" for score in every} | {f"{score:.12f}"[:-6] for score in every}
    assert len(long) > 10_000
    for path in datapackage.DATA.iterdir():
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
        assert not long & {found[: found.index(".") + 7] for found in re.findall(r"\d+\.\d{6,}", text)}
    # As rounded as figures are, it is told by its ward; but 0 and 100 are nobody's property.
    for row in shipped.figures:
        for score in exact[row.ward_code]:
            assert row.value is None or score % 100 == 0 or abs(row.value - score) > Decimal("0.0001"), row


def test_of_the_community_needs_index_figures_hold_ranks_alone(shipped: Dataset) -> None:
    for row in shipped.figures:
        assert row.value is None or not row.measure.startswith("cni")
    for reference in shipped.references:
        if reference.measure.startswith("cni"):
            assert (reference.median, reference.listed_median, reference.tenth_value) == (None, None, None)


def test_no_rank_of_an_unlisted_ward_is_shipped(shipped: Dataset) -> None:
    listed = {ward.ward_code for ward in shipped.neighbourhoods}
    assert {row.ward_code for row in shipped.figures} == listed
    assert [row for row in shipped.outcomes if row.ward_code not in listed and row.cni_rank is not None] == []
    assert all(row.cni_rank for row in shipped.outcomes if row.flagged)
