"""The dataset: everything the directory knows, as typed rows, and its checks.

A dataset is what ``index_data`` builds from the published files, what ``datapackage`` keeps as a folder of
plain files, and what ``loading`` writes into the database. It knows neither pandas nor the database.

Each table's rows are one named tuple, whose annotations are the table's schema: the data package's
``datapackage.json``, the reader's checks and the documentation come from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Final, NamedTuple, get_args, get_type_hints

from leftbehind_site.common.errors import SourceError
from neighbourhoods import codes
from neighbourhoods.measures import BY_KEY, Unit

EXPECTED_NEIGHBOURHOODS: Final = 225
"""How many wards the published list names (APPG for 'left behind' neighbourhoods, 2020)."""

MOST: Final = 99_999_999
"""The greatest value that a figure may have, which is the most that its column in the database holds."""

LEAST_SHARE: Final = 0.0001
"""The least share of a ward that a constituency may have: the least that four decimal places hold."""

THRESHOLD: Final = 10
"""The per cent of wards that the rule counts as the most deprived (APPG for 'left behind' neighbourhoods)."""

GRID_SIZE: Final = 25
"""Cells along each side of the grid of wards by community need rank and deprivation rank."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds, beyond its type.

    Attributes:
        description: For the data dictionary, with the unit.
        pattern: Regular expression that every value matches.
        minimum: Least value.
        maximum: Greatest value.
        one_of: The only values allowed.
    """

    description: str
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    one_of: tuple[str, ...] | None = None


class RegionRow(NamedTuple):
    """An English region."""

    region_code: Annotated[str, Column("ONS code of the region.", pattern=codes.REGION)]
    region_name: Annotated[str, Column("Name of the region.")]


class AuthorityRow(NamedTuple):
    """A local authority district of December 2017 or April 2019."""

    authority_code: Annotated[str, Column("ONS code of the district.", pattern=codes.AUTHORITY)]
    authority_name: Annotated[str, Column("Name of the district.")]
    region_code: Annotated[str, Column("ONS code of its region.", pattern=codes.REGION)]
    successor_code: Annotated[
        str | None,
        Column(
            "ONS code of the district of April 2019 that replaced it; empty while it stands.",
            pattern=codes.AUTHORITY,
        ),
    ]


class ConstituencyRow(NamedTuple):
    """A constituency of the United Kingdom Parliament."""

    constituency_code: Annotated[str, Column("ONS code.", pattern=codes.CONSTITUENCY)]
    constituency_name: Annotated[str, Column("Name of the constituency.")]
    drawn: Annotated[
        int,
        Column(
            "Year of the general election at which its boundaries came into use.", one_of=("2010", "2024")
        ),
    ]


class NeighbourhoodRow(NamedTuple):
    """A ward on the published list."""

    ward_code: Annotated[str, Column("ONS code of the ward, December 2017.", pattern=codes.WARD)]
    ward_name: Annotated[str, Column("Name of the ward; not unique.")]
    authority_2017_code: Annotated[str, Column("Its district of December 2017.", pattern=codes.AUTHORITY)]
    authority_code: Annotated[str, Column("Its district of April 2019.", pattern=codes.AUTHORITY)]
    longitude: Annotated[
        Decimal, Column("Of a point inside the ward, degrees, WGS 84.", minimum=-7, maximum=2)
    ]
    latitude: Annotated[
        Decimal, Column("Of a point inside the ward, degrees, WGS 84.", minimum=49, maximum=56)
    ]
    ward_in_2019: Annotated[
        bool | None,
        Column("Whether the ward’s code was still in use in December 2019; empty where it is not known."),
    ]


class ConstituencyShareRow(NamedTuple):
    """A constituency that a listed ward lies in."""

    ward_code: Annotated[str, Column("ONS code of the ward.", pattern=codes.WARD)]
    constituency_code: Annotated[str, Column("ONS code of the constituency.", pattern=codes.CONSTITUENCY)]
    share: Annotated[
        Decimal | None,
        Column(
            "Share of the ward's live postcodes, above 0 and up to 1; empty where unknown.",
            minimum=LEAST_SHARE,
            maximum=1,
        ),
    ]
    main: Annotated[bool, Column("Whether it holds the largest part of the ward.")]


class FigureRow(NamedTuple):
    """A listed ward's value and rank on one measure."""

    ward_code: Annotated[str, Column("ONS code of the ward.", pattern=codes.WARD)]
    measure: Annotated[
        str, Column("Key of the measure; see “measures” in datapackage.json.", one_of=tuple(BY_KEY))
    ]
    value: Annotated[
        Decimal | None, Column("The value in the measure's unit; empty where missing or withheld.", minimum=0)
    ]
    category: Annotated[str | None, Column("The class, where the measure is one; empty where missing.")]
    rank: Annotated[int | None, Column("Rank among all wards; 1 is the greatest need.", minimum=1)]
    joint: Annotated[bool, Column("Whether another ward of England has the same rank.")]
    out_of: Annotated[int | None, Column("How many wards are ranked.", minimum=1)]


class ReferenceRow(NamedTuple):
    """What a measure looks like across all wards and across the listed ones."""

    measure: Annotated[str, Column("Key of the measure.", one_of=tuple(BY_KEY))]
    wards: Annotated[int, Column("Wards of England with data.", minimum=0)]
    median: Annotated[
        Decimal | None, Column("Median value of all wards with data; empty where withheld.", minimum=0)
    ]
    listed: Annotated[int, Column("Listed wards with data.", minimum=0)]
    listed_median: Annotated[
        Decimal | None, Column("Median value of the listed wards; empty where withheld.", minimum=0)
    ]
    listed_median_rank: Annotated[Decimal | None, Column("Median rank of the listed wards.", minimum=1)]
    tenth_rank: Annotated[
        int | None, Column("The last rank within the most deprived tenth of wards.", minimum=1)
    ]
    tenth_value: Annotated[Decimal | None, Column("The value at that rank; empty where withheld.", minimum=0)]


class GridRow(NamedTuple):
    """How many wards lie in one cell of community need rank by deprivation rank."""

    cni_cell: Annotated[
        int,
        Column("Cell along community need; 0 is the greatest need.", minimum=0, maximum=GRID_SIZE - 1),
    ]
    imd_cell: Annotated[
        int, Column("Cell along deprivation; 0 is the greatest need.", minimum=0, maximum=GRID_SIZE - 1)
    ]
    wards: Annotated[int, Column("Wards of England in the cell.", minimum=1)]


class OutcomeRow(NamedTuple):
    """What the two published lists and the recomputed rule say of a ward that any of them names."""

    ward_code: Annotated[str, Column("ONS code of the ward.", pattern=codes.WARD)]
    ward_name: Annotated[str, Column("Name of the ward.")]
    authority_name: Annotated[str, Column("Its district of December 2017.")]
    flagged: Annotated[bool, Column("Whether the published list names it.")]
    predicted: Annotated[
        bool, Column("Whether it is among the most deprived tenth on both indices, as recomputed.")
    ]
    first_list: Annotated[
        bool | None,
        Column("Whether the first list, of September 2019, named it; empty where that list is not known."),
    ]
    imd_score: Annotated[
        Decimal | None, Column("Its average IMD score, as recomputed.", minimum=0, maximum=100)
    ]
    imd_rank: Annotated[int | None, Column("Recomputed rank of its average IMD score.", minimum=1)]
    cni_rank: Annotated[
        int | None, Column("Published rank; given for wards on the published list only.", minimum=1)
    ]


class ThresholdRow(NamedTuple):
    """What the recomputed rule would name if another part of the wards than a tenth counted."""

    percent: Annotated[
        int, Column("Per cent of wards that count as the most deprived.", minimum=1, maximum=100)
    ]
    cni_rank: Annotated[int, Column("The last rank of community need within it.", minimum=0)]
    imd_rank: Annotated[int, Column("The last rank of deprivation within it.", minimum=0)]
    wards: Annotated[int, Column("Wards within it on both, as recomputed.", minimum=0)]
    listed: Annotated[int, Column("Those of them that the published list names.", minimum=0)]


class PostcodeRow(NamedTuple):
    """A live postcode that best fits a listed ward."""

    postcode: Annotated[str, Column("Postcode with one space.", pattern=codes.POSTCODE)]
    ward_code: Annotated[str, Column("ONS code of the ward.", pattern=codes.WARD)]


class SourceRow(NamedTuple):
    """A published file that the dataset was built from."""

    role: Annotated[str, Column("Which of the known formats it has.")]
    file_name: Annotated[str, Column("Its name, without “.gz”.")]
    title: Annotated[str, Column("What it is.")]
    publisher: Annotated[str, Column("Who publishes it.")]
    licence: Annotated[str, Column("On what terms.")]
    vintage: Annotated[str, Column("The moment it describes.")]
    sha256: Annotated[str, Column("Checksum of its content, uncompressed.", pattern=codes.SHA256)]
    rows: Annotated[int, Column("Rows or features in it.", minimum=0)]


@dataclass(frozen=True)
class Dataset:
    """Everything the directory knows: what it is called, its tables (see ``TABLES``), and outlines.

    Attributes:
        title: What the release is called.
        geography: The areas it is for.
        wards_compared: Wards in the Community Needs Index file.
        regions: The regions of England.
        authorities: The districts of 2017 and of 2019 that hold a listed ward.
        constituencies: Those that a listed ward lies in, of 2010 and of 2024.
        neighbourhoods: The listed wards.
        constituency_shares: How much of each listed ward lies in which constituency.
        figures: Values and ranks of the listed wards.
        references: What each measure is like across all wards and across the listed.
        grid: All wards counted by both ranks, naming none.
        outcomes: What the lists and the rule say of each ward that one of them names.
        thresholds: What the rule would name if another part than a tenth counted.
        postcodes: Live postcodes of the listed wards.
        sources: The published files behind it.
        boundaries: GeoJSON geometry by area code, for listed wards, authorities, regions and England.
    """

    title: str
    geography: str
    wards_compared: int
    regions: Sequence[RegionRow]
    authorities: Sequence[AuthorityRow]
    constituencies: Sequence[ConstituencyRow]
    neighbourhoods: Sequence[NeighbourhoodRow]
    constituency_shares: Sequence[ConstituencyShareRow]
    figures: Sequence[FigureRow]
    references: Sequence[ReferenceRow]
    grid: Sequence[GridRow]
    outcomes: Sequence[OutcomeRow]
    thresholds: Sequence[ThresholdRow]
    postcodes: Sequence[PostcodeRow]
    sources: Sequence[SourceRow]
    boundaries: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the dataset: its name, its row type, what identifies a row, and what it refers to.

    Attributes:
        name: Attribute of the dataset, and file name in the data package.
        row: The named tuple of its rows.
        key: Columns that identify a row.
        refers: Column, other table, and column there, for each reference.
        title: For a reader.
    """

    name: str
    row: type[tuple[Any, ...]]
    key: tuple[str, ...]
    title: str
    refers: tuple[tuple[str, str, str], ...] = ()


TABLES: Final = (
    Table("regions", RegionRow, ("region_code",), "Regions of England"),
    Table(
        "authorities",
        AuthorityRow,
        ("authority_code",),
        "Local authority districts of 2017 and 2019 with a listed ward",
        (("region_code", "regions", "region_code"), ("successor_code", "authorities", "authority_code")),
    ),
    Table("constituencies", ConstituencyRow, ("constituency_code",), "Constituencies with a listed ward"),
    Table(
        "neighbourhoods",
        NeighbourhoodRow,
        ("ward_code",),
        "The wards on the published list",
        (
            ("authority_2017_code", "authorities", "authority_code"),
            ("authority_code", "authorities", "authority_code"),
        ),
    ),
    Table(
        "constituency_shares",
        ConstituencyShareRow,
        ("ward_code", "constituency_code"),
        "Constituencies that each listed ward lies in",
        (
            ("ward_code", "neighbourhoods", "ward_code"),
            ("constituency_code", "constituencies", "constituency_code"),
        ),
    ),
    Table(
        "figures",
        FigureRow,
        ("ward_code", "measure"),
        "Values and ranks of the listed wards",
        (("ward_code", "neighbourhoods", "ward_code"),),
    ),
    Table("references", ReferenceRow, ("measure",), "Medians and thresholds"),
    Table("grid", GridRow, ("cni_cell", "imd_cell"), "Wards of England by community need and deprivation"),
    Table(
        "outcomes", OutcomeRow, ("ward_code",), "The published lists and the recomputed rule, side by side"
    ),
    Table(
        "thresholds", ThresholdRow, ("percent",), "What the recomputed rule names as its threshold is moved"
    ),
    Table(
        "postcodes",
        PostcodeRow,
        ("postcode",),
        "Live postcodes of the listed wards, by best fit",
        (("ward_code", "neighbourhoods", "ward_code"),),
    ),
    Table("sources", SourceRow, ("role", "file_name"), "The published files the dataset was built from"),
)


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column as its row type declares it: Python type, whether it may be empty, and what it holds."""

    name: str
    kind: type
    optional: bool
    column: Column


def columns(table: Table) -> tuple[ColumnType, ...]:
    """The columns of a table, in order, read from the annotations of its row type."""
    found = []
    for name, hint in get_type_hints(table.row, include_extras=True).items():
        declared, column = get_args(hint)[:2]
        kinds = [kind for kind in get_args(declared) or (declared,) if kind is not type(None)]
        found.append(ColumnType(name, kinds[0], type(None) in get_args(declared), column))
    return tuple(found)


def check(dataset: Dataset, *, expect: int = EXPECTED_NEIGHBOURHOODS, file: str = "{}.csv") -> None:
    """Prove that the dataset is whole and agrees with itself.

    Args:
        dataset: What to check.
        expect: How many neighbourhoods the list must name.
        file: How to name a table in a message.

    Raises:
        SourceError: At the first row that is missing, repeated, or contradicts another.
    """
    for problem in _problems(dataset, expect, file):
        raise problem


def _problems(dataset: Dataset, expect: int, file: str) -> Iterator[SourceError]:
    count = len(dataset.neighbourhoods)
    if count != expect:
        yield SourceError(
            file.format("neighbourhoods"),
            f"{expect} listed wards",
            value=count,
            hint=f"If the list really has {count:,}, say --expect {count}.",
        )
    keys = {table.name: list(_keys(dataset, table)) for table in TABLES}
    for table in TABLES:
        yield from _repeats(keys[table.name], table, file)
    for table in TABLES:
        for column, other, other_column in table.refers:
            known = {getattr(row, other_column) for row in getattr(dataset, other)}
            for line, row in enumerate(getattr(dataset, table.name), start=2):
                value = getattr(row, column)
                if value is not None and value not in known:
                    yield SourceError(
                        file.format(table.name),
                        f"a {other_column} that {file.format(other)} holds",
                        line,
                        column,
                        value,
                    )
    yield from _figure_problems(dataset, file)
    wards = {row.ward_code for row in dataset.neighbourhoods}
    flagged = {row.ward_code for row in dataset.outcomes if row.flagged}
    for code in sorted(wards ^ flagged):
        yield SourceError(
            file.format("outcomes"), "exactly the listed wards to be flagged", column="ward_code", value=code
        )
    yield from _threshold_problems(dataset, file)
    areas = wards | {row.authority_code for row in dataset.neighbourhoods}
    for code in sorted(areas - set(dataset.boundaries)):
        yield SourceError("boundaries", "an outline of every ward and authority", value=f"none of {code}")


def _threshold_problems(dataset: Dataset, file: str) -> Iterator[SourceError]:
    """Counts that cannot be, or that contradict the outcomes at the threshold of the rule."""
    name = file.format("thresholds")
    at_the_rule = (
        sum(row.predicted for row in dataset.outcomes),
        sum(row.predicted and row.flagged for row in dataset.outcomes),
    )
    for line, row in enumerate(dataset.thresholds, start=2):
        if row.listed > row.wards:
            yield SourceError(name, f"at most {row.wards:,}", line, "listed", row.listed)
        if row.percent == THRESHOLD and (row.wards, row.listed) != at_the_rule:
            yield SourceError(
                name,
                f"the counts of {file.format('outcomes')}, {at_the_rule[0]:,} and {at_the_rule[1]:,}",
                line,
                "wards, listed",
                f"{row.wards:,}, {row.listed:,}",
            )
    if THRESHOLD not in {row.percent for row in dataset.thresholds}:
        yield SourceError(name, f"a row for {THRESHOLD} per cent, the threshold of the rule")


def _keys(dataset: Dataset, table: Table) -> Iterator[tuple[object, ...]]:
    for row in getattr(dataset, table.name):
        yield tuple(getattr(row, column) for column in table.key)


def _repeats(keys: Iterable[tuple[object, ...]], table: Table, file: str) -> Iterator[SourceError]:
    seen: set[tuple[object, ...]] = set()
    for line, key in enumerate(keys, start=2):
        if key in seen:
            yield SourceError(
                file.format(table.name),
                "each only once",
                line,
                ", ".join(table.key),
                ", ".join(str(part) for part in key),
            )
        seen.add(key)


def _figure_problems(dataset: Dataset, file: str) -> Iterator[SourceError]:
    """Figures that are missing as rows, have a rank out of range, or a value that may not be printed."""
    name = file.format("figures")
    present = Counter(row.measure for row in dataset.figures)
    for key in BY_KEY:
        if present[key] != len(dataset.neighbourhoods):
            yield SourceError(
                name,
                f"one row per listed ward for “{key}” ({len(dataset.neighbourhoods):,})",
                column="measure",
                value=present[key],
            )
    for line, row in enumerate(dataset.figures, start=2):
        measure = BY_KEY[row.measure]
        if (row.rank is None) != (row.out_of is None):
            yield SourceError(name, "rank and out_of to be given together", line, "rank", row.rank)
        if row.rank is not None and (not measure.ranked or row.rank > (row.out_of or 0)):
            yield SourceError(name, f"a rank from 1 to {row.out_of or 0:,}", line, "rank", row.rank)
        if row.value is not None and not measure.value_published:
            yield SourceError(
                name, f"no value for “{row.measure}”, whose licence lets only ranks be shipped", line, "value"
            )
        if row.value is not None and measure.unit is Unit.CATEGORY:
            yield SourceError(name, f"a category for “{row.measure}”, not a value", line, "value", row.value)
        if row.category is not None and measure.unit is not Unit.CATEGORY:
            yield SourceError(
                name, f"a value for “{row.measure}”, not a category", line, "category", row.category
            )
        most = 100 if measure.unit is Unit.PERCENT else MOST
        if row.value is not None and row.value > most:
            yield SourceError(name, f"at most {most:,}", line, "value", row.value)
