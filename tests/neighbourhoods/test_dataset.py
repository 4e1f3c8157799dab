"""A dataset that contradicts itself is refused, whoever made it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from leftbehind_site.common.errors import SourceError
from neighbourhoods.dataset import TABLES, Dataset, check, columns
from tests.neighbourhoods import published
from tests.neighbourhoods.published import EXPECT

Change = Callable[[Dataset], Dataset]


def altered(dataset: Dataset, **values: Any) -> Dataset:
    return dataclasses.replace(dataset, **values)


def row(table: str, at: int, **values: Any) -> Change:
    """Change some values of one row."""

    def change(dataset: Dataset) -> Dataset:
        rows = list(getattr(dataset, table))
        rows[at] = rows[at]._replace(**values)
        return altered(dataset, **{table: rows})

    return change


def figure(measure: str, **values: Any) -> Change:
    """Change the first ward's figure."""

    def change(dataset: Dataset) -> Dataset:
        at = next(at for at, figure in enumerate(dataset.figures) if figure.measure == measure)
        return row("figures", at, **values)(dataset)

    return change


def without(table: str, at: int) -> Change:
    return lambda dataset: altered(
        dataset, **{table: [row for line, row in enumerate(getattr(dataset, table)) if line != at]}
    )


def twice(table: str) -> Change:
    return lambda dataset: altered(dataset, **{table: [*getattr(dataset, table), getattr(dataset, table)[0]]})


def no_outline(code: str) -> Change:
    return lambda dataset: altered(
        dataset, boundaries={area: shape for area, shape in dataset.boundaries.items() if area != code}
    )


FAULTS: dict[str, tuple[Change, str]] = {
    "a ward is not there": (
        without("neighbourhoods", 0),
        "neighbourhoods.csv: found '3', expected 4 listed wards. If the list really has 3, say --expect 3.",
    ),
    "an authority's region is not there": (
        row("authorities", 0, region_code="E12000009"),
        "authorities.csv, line 2, column “region_code”: found 'E12000009', expected a",
    ),
    "an authority's successor is not there": (
        row("authorities", 2, successor_code="E06000099"),
        "authorities.csv, line 4, column “successor_code”: found 'E06000099', expected a",
    ),
    "a ward's authority is not there": (
        row("neighbourhoods", 1, authority_code="E06000099"),
        "neighbourhoods.csv, line 3, column “authority_code”: found 'E06000099', expected a",
    ),
    "a constituency is not there": (
        without("constituencies", 0),
        "constituency_shares.csv, line 2, column “constituency_code”: found 'E14000001', expected a",
    ),
    "a postcode's ward is not listed": (
        row("postcodes", 0, ward_code="E05000003"),
        "postcodes.csv, line 2, column “ward_code”: found 'E05000003', expected a ward_code that",
    ),
    "a figure is missing as a row": (
        without("figures", 0),
        "figures.csv, column “measure”: found '3', expected one row per listed ward for “cni” (4).",
    ),
    "a rank without a total": (
        figure("imd", out_of=None),
        "figures.csv, line 3, column “rank”: found '1', expected rank and out_of to be given together.",
    ),
    "a rank beyond its total": (
        figure("imd", rank=21),
        "figures.csv, line 3, column “rank”: found '21', expected a rank from 1 to 20.",
    ),
    "a rank on a measure that has none": (
        figure("population", rank=1, out_of=20),
        "figures.csv, line 17, column “rank”: found '1', expected a rank from 1 to 20.",
    ),
    "a score that may not be printed": (
        figure("cni", value=Decimal("176.5")),
        "figures.csv, line 2, column “value”: expected no value for “cni”, whose licence lets only ranks be",
    ),
    "a value for a class": (
        figure("town", value=Decimal(1)),
        "figures.csv, line 19, column “value”: found '1', expected a category for “town”, not a value.",
    ),
    "a class for a number": (
        figure("population", category="many"),
        "figures.csv, line 17, column “category”: found 'many', expected a value for “population”,",
    ),
    "more than a hundred per cent": (
        figure("income", value=Decimal("100.1")),
        "figures.csv, line 7, column “value”: found '100.1', expected at most 100.",
    ),
    "more than the database holds": (
        figure("population", value=Decimal(100_000_000)),
        "figures.csv, line 17, column “value”: found '100000000', expected at most 99,999,999.",
    ),
    "a listed ward that is not flagged": (
        row("outcomes", 0, flagged=False),
        "outcomes.csv, column “ward_code”: found 'E05000001', expected exactly the listed wards",
    ),
    "a flagged ward that is not listed": (
        row("outcomes", 2, flagged=True),
        "outcomes.csv, column “ward_code”: found 'E05000003', expected exactly the listed wards",
    ),
    "more listed wards within a threshold than wards": (
        row("thresholds", 0, wards=0, listed=1),
        "thresholds.csv, line 2, column “listed”: found '1', expected at most 0.",
    ),
    "a threshold that contradicts the outcomes": (
        row("thresholds", 5, wards=3),
        "thresholds.csv, line 7, column “wards, listed”: found '3, 1', expected the counts of outcomes",
    ),
    "the threshold of the rule is not there": (
        without("thresholds", 5),
        "thresholds.csv: expected a row for 10 per cent, the threshold of the rule.",
    ),
    "a ward without an outline": (
        no_outline("E05000001"),
        "boundaries: found 'none of E05000001', expected an outline of every ward and authority.",
    ),
    "an authority without an outline": (
        no_outline("E06000058"),
        "boundaries: found 'none of E06000058', expected an outline of every ward and authority.",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_refuses(fault: str) -> None:
    change, expected = FAULTS[fault]
    with pytest.raises(SourceError) as caught:
        check(change(published.small()), expect=EXPECT)
    assert str(caught.value).startswith(expected)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_row_may_come_twice(table: Any) -> None:
    with pytest.raises(SourceError) as caught:
        check(twice(table.name)(published.small()), expect=EXPECT)
    error = caught.value
    if table.name == "neighbourhoods":
        assert error.expected == "4 listed wards"
        return
    rows = getattr(published.small(), table.name)
    assert (error.file, error.line, error.expected) == (f"{table.name}.csv", len(rows) + 2, "each only once")
    assert error.column == ", ".join(table.key)
    assert error.value == ", ".join(str(getattr(rows[0], column)) for column in table.key)


def test_a_whole_dataset_passes() -> None:
    check(published.small(), expect=EXPECT)


def test_225_are_expected_unless_another_number_is_said() -> None:
    with pytest.raises(SourceError, match="found '4', expected 225 listed wards"):
        check(published.small())


def test_every_column_is_described_and_has_a_type_that_files_can_hold() -> None:
    for table in TABLES:
        assert [column.name for column in columns(table)] == list(table.row._fields)  # type: ignore[attr-defined]
        for column in columns(table):
            assert column.kind in (str, int, Decimal, bool)
            assert column.column.description.endswith(".")


def test_whether_a_column_may_be_empty_is_read_from_its_row() -> None:
    found = {(table.name, column.name): column.optional for table in TABLES for column in columns(table)}
    assert found["authorities", "successor_code"]
    assert found["figures", "value"]
    assert not found["figures", "ward_code"]
    assert not found["figures", "joint"]
