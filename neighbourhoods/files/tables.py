"""What the columns of the files are called, mean and hold: described once, for every format.

A list of neighbourhoods is *wide*, one row per neighbourhood; the file of a single neighbourhood is *long*,
one row per measure, because that is how its page reads and because each figure then has room for its own
source, licence and sentence (decision 0014).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Final, Generic, TypeVar

from leftbehind_site.common.structured import address
from neighbourhoods import wording
from neighbourhoods.figures import Comparison, FigureLine
from neighbourhoods.measures import Measure, Unit
from neighbourhoods.models import Constituency
from neighbourhoods.profiles import Particulars, ShareLine

Value = str | int | Decimal | bool | None

_T = TypeVar("_T")
_U = TypeVar("_U")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file.

    Attributes:
        name: In CSV, JSON and GeoJSON.
        title: Over the column in a spreadsheet.
        description: For the data dictionary, with the unit.
        kind: Type of its values, any of which may be missing.
        decimals: How many decimal places a spreadsheet shows; as many as there are where it is not given.
        group: What the column belongs to, for those who look a column up.
    """

    name: str
    title: str
    description: str
    kind: type = str
    decimals: int | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with their columns; what is missing is None."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Reader(Generic[_T]):
    """A column with the way to its value."""

    column: Column
    read: Callable[[_T], Value]


def table(readers: Sequence[Reader[_T]], subjects: Iterable[_T]) -> Table:
    """A table with a row for each subject."""
    return Table(
        tuple(reader.column for reader in readers),
        tuple(tuple(reader.read(subject) for reader in readers) for subject in subjects),
    )


def through(readers: Iterable[Reader[_U]], way: Callable[[_T], _U]) -> tuple[Reader[_T], ...]:
    """The same columns, read of what a subject leads to."""

    def lifted(reader: Reader[_U]) -> Reader[_T]:
        return Reader(reader.column, lambda subject: reader.read(way(subject)))

    return tuple(map(lifted, readers))


def exact(value: Decimal | None) -> int | Decimal | None:
    """A stored decimal without the noughts that the database fills it up with."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else value.normalize()


# --- the place

IDENTITY: Final[tuple[Reader[Particulars], ...]] = (
    Reader(
        Column("ward_code", "Ward code", "ONS code of the ward, December 2017; what identifies it."),
        lambda place: place.neighbourhood.code,
    ),
    Reader(
        Column("ward_name", "Ward", "Name of the ward; not unique."),
        lambda place: place.neighbourhood.name,
    ),
    Reader(
        Column("authority_code", "Authority code", "ONS code of its local authority of April 2019."),
        lambda place: place.authority.code,
    ),
    Reader(
        Column("authority_name", "Local authority", "Official name of its local authority of April 2019."),
        lambda place: place.authority.name,
    ),
)
"""What tells one neighbourhood from the others; first in every file."""


def _constituencies(
    drawn: str, lines: Callable[[Particulars], Sequence[ShareLine]]
) -> tuple[Reader[Particulars], ...]:
    """The columns about the constituencies of one set of boundaries."""

    def main(read: Callable[[ShareLine], Value]) -> Callable[[Particulars], Value]:
        return lambda place: read(lines(place)[0]) if lines(place) else None

    when = Constituency.Drawn(int(drawn)).label
    called = f"constituency_{drawn}"
    return (
        Reader(
            Column(
                f"{called}_code",
                f"Constituency {when}: code",
                f"ONS code of the constituency, boundaries {when}, that holds the largest part of the ward.",
            ),
            main(lambda line: line.constituency.code),
        ),
        Reader(
            Column(f"{called}_name", f"Constituency {when}", "Its name."),
            main(lambda line: line.constituency.name),
        ),
        Reader(
            Column(
                f"{called}_share",
                f"Constituency {when}: share",
                "Share of the ward’s live postcodes that lie in it, above 0 and up to 1, by best fit; empty"
                " where it is not known.",
                Decimal,
            ),
            main(lambda line: exact(line.share)),
        ),
        Reader(
            Column(
                f"{called}_count",
                f"Constituencies {when}",
                "How many constituencies the ward lies in, wholly or partly.",
                int,
            ),
            lambda place: len(lines(place)),
        ),
    )


FACTS: Final[tuple[Reader[Particulars], ...]] = (
    Reader(
        Column(
            "authority_2017_code", "Authority of 2017: code", "ONS code of its authority of December 2017."
        ),
        lambda place: place.neighbourhood.authority_2017.code,
    ),
    Reader(
        Column("authority_2017_name", "Authority of 2017", "Official name of the same."),
        lambda place: place.neighbourhood.authority_2017.name,
    ),
    Reader(Column("region_code", "Region code", "ONS code of its region."), lambda place: place.region.code),
    Reader(Column("region_name", "Region", "Name of its region."), lambda place: place.region.name),
    *_constituencies("2010", lambda place: place.constituencies_2010),
    *_constituencies("2024", lambda place: place.constituencies_2024),
    Reader(
        Column("latitude", "Latitude", "Of a point inside the ward, degrees, WGS 84.", Decimal),
        lambda place: place.neighbourhood.latitude,
    ),
    Reader(
        Column("longitude", "Longitude", "Of a point inside the ward, degrees, WGS 84.", Decimal),
        lambda place: place.neighbourhood.longitude,
    ),
    Reader(
        Column(
            "on_present_list",
            "On the present list",
            "Whether the release in force lists the ward; false for one that an earlier release listed.",
            bool,
        ),
        lambda place: place.current,
    ),
    Reader(
        Column(
            "found_by_recomputed_rule",
            "Found by the recomputed rule",
            "Whether the rule, recomputed from open figures, puts the ward in the most deprived tenth on"
            " both indices. The published list decides, not this.",
            bool,
        ),
        lambda place: place.predicted,
    ),
    Reader(
        Column(
            "on_first_list",
            "On the first list",
            "Whether the first list, of September 2019, named the ward; empty where that is not known.",
            bool,
        ),
        lambda place: place.first_list,
    ),
    Reader(
        Column(
            "ward_in_2019",
            "Ward code in 2019",
            "Whether the ward’s code was still in use in December 2019; empty where that is not known.",
            bool,
        ),
        lambda place: place.neighbourhood.ward_in_2019,
    ),
    Reader(
        Column("page", "Page", "Permanent address of the ward’s page."),
        lambda place: address(place.neighbourhood.get_absolute_url()),
    ),
)
"""What else is known of a neighbourhood."""


# --- its figures


def made_by(measure: Measure) -> str:
    """Who worked the figure out."""
    return (
        f"{wording.OUR_CALCULATION[0].upper()}{wording.OUR_CALCULATION[1:]}"
        if measure.ours
        else "As published"
    )


_VALUE: Final[Reader[FigureLine]] = Reader(
    Column("value", "Value", "The figure in its unit; empty where missing or withheld.", Decimal),
    lambda line: exact(line.facts.value),
)
_CATEGORY: Final[Reader[FigureLine]] = Reader(
    Column("category", "Class", "The class, where the measure is one; empty where missing."),
    lambda line: line.facts.category or None,
)
_RANK: Final[tuple[Reader[FigureLine], ...]] = (
    Reader(
        Column("rank", "Rank", "Rank among all wards; 1 is the greatest need.", int, 0),
        lambda line: line.facts.rank,
    ),
    Reader(
        Column("rank_joint", "Rank shared", "Whether another ward has the same rank.", bool),
        lambda line: None if line.facts.rank is None else line.facts.joint,
    ),
    Reader(
        Column("rank_out_of", "Wards ranked", "How many wards are ranked.", int, 0),
        lambda line: line.facts.out_of,
    ),
)


def _place_columns(first: str) -> tuple[Reader[FigureLine], ...]:
    """The columns of a place among the listed neighbourhoods, and what the first of them is."""
    return (
        Reader(
            Column("place", "Place", f"Place among the listed neighbourhoods; 1 is {first}.", int, 0),
            lambda line: line.facts.place,
        ),
        Reader(
            Column(
                "place_joint",
                "Place shared",
                "Whether another listed neighbourhood has the same place.",
                bool,
            ),
            lambda line: None if line.facts.place is None else line.facts.joint_place,
        ),
    )


FIGURE: Final[tuple[Reader[FigureLine], ...]] = (
    _VALUE,
    _CATEGORY,
    *_RANK,
    *_place_columns("the greatest need, or of a count the largest"),
    Reader(
        Column("place_out_of", "Listed with a place", "How many listed neighbourhoods have a place.", int, 0),
        lambda line: None if line.facts.place is None else line.facts.places,
    ),
)
"""One figure, however it is laid out."""


def figure_columns(measure: Measure) -> tuple[Reader[Particulars], ...]:
    """The columns of one measure in a wide table, read of a neighbourhood."""
    wide = [*_amount_column(measure)]
    if measure.ranked:
        wide += [_of_measure(measure, reader) for reader in _RANK]
    if measure.ordered:
        first = "the greatest need" if measure.ranked else "the largest"
        wide += [_of_measure(measure, reader) for reader in _place_columns(first)]
    return through(wide, lambda place: place.line(measure.key))


def _amount_column(measure: Measure) -> Iterator[Reader[FigureLine]]:
    """The column of a measure's value or class, which bears the measure's own name; none where withheld."""
    name, title, group = measure.key, measure.short_label, measure.label
    if measure.unit is Unit.CATEGORY:
        about = f"{group}. {measure.note}"
        yield replace(_CATEGORY, column=Column(name, title, about, group=group))
    elif measure.value_published:
        title = f"{title}: %" if measure.unit is Unit.PERCENT else title
        about = f"{group}, in {measure.unit.value}. {measure.note}"
        kind = Decimal if measure.decimals else int
        yield replace(_VALUE, column=Column(name, title, about, kind, measure.decimals, group))


def _of_measure(measure: Measure, reader: Reader[FigureLine]) -> Reader[FigureLine]:
    """A column of a figure under its measure's name."""
    column = replace(
        reader.column,
        name=f"{measure.key}_{reader.column.name}",
        title=f"{measure.short_label}: {reader.column.title.lower()}",
        group=measure.label,
    )
    return replace(reader, column=column)


SENTENCE: Final[Reader[FigureLine]] = Reader(
    Column("sentence", "In a sentence", "The figure as a sentence that can be quoted."),
    lambda line: line.sentence,
)

# --- the measures

MEASURE: Final[tuple[Reader[Measure], ...]] = (
    Reader(Column("measure", "Key", "Name of the measure in code and files."), lambda m: m.key),
    Reader(Column("label", "Measure", "Heading of the measure."), lambda m: m.label),
    Reader(Column("unit", "Unit", "What a value counts."), lambda m: m.unit.value),
)
ABOUT: Final[tuple[Reader[Measure], ...]] = (
    Reader(Column("theme", "Theme", "Heading that the measure stands under."), lambda m: m.theme.heading),
    Reader(Column("direction", "Direction", "Which end is the greatest need."), lambda m: m.direction),
    Reader(Column("period", "Describes", "The moment that the figure describes."), lambda m: m.period),
    Reader(Column("made_by", "Worked out by", "The publisher, or this archive."), made_by),
    Reader(
        Column("source", "Source", "The publication and who made it."),
        lambda m: wording.publication(m.source),
    ),
    Reader(
        Column("source_year", "Published", "Year of publication.", int),
        lambda m: m.source.year,
    ),
    Reader(Column("source_licence", "Licence", "The terms of the source."), lambda m: m.source.licence),
    Reader(Column("note", "Note", "How it was worked out and what to beware of."), lambda m: m.note),
)
"""What is said of a measure."""


def _compared(read: Callable[[Comparison], Value]) -> Callable[[Comparison | None], Value]:
    return lambda comparison: None if comparison is None else read(comparison)


COMPARISON: Final[tuple[Reader[Comparison | None], ...]] = (
    Reader(
        Column("listed_median", "Median of the listed", "Median of the listed neighbourhoods.", Decimal),
        _compared(lambda c: exact(c.listed_median)),
    ),
    Reader(
        Column(
            "listed_median_rank",
            "Median rank of the listed",
            "Median rank of the listed neighbourhoods among all wards.",
            Decimal,
        ),
        _compared(lambda c: exact(c.listed_median_rank)),
    ),
    Reader(
        Column("listed_with_data", "Listed with data", "How many of them the median rests on.", int, 0),
        _compared(lambda c: c.listed),
    ),
    Reader(
        Column("england_median", "Median of all wards", "Median of all wards of England with data.", Decimal),
        _compared(lambda c: exact(c.median)),
    ),
    Reader(
        Column("england_with_data", "Wards with data", "How many wards that median rests on.", int, 0),
        _compared(lambda c: c.wards),
    ),
)
"""What a measure looks like across the listed neighbourhoods and across all wards."""


@cache
def long_readers() -> tuple[Reader[tuple[Particulars, FigureLine]], ...]:
    """The columns of one neighbourhood's own file: a row per measure."""
    return (
        *through(MEASURE, lambda pair: pair[1].measure),
        *through(FIGURE, _line),
        *through((SENTENCE,), _line),
        *through(COMPARISON, lambda pair: pair[1].comparison),
        *through(ABOUT, lambda pair: pair[1].measure),
        *through((*IDENTITY, *FACTS), _place),
    )


def _place(pair: tuple[Particulars, FigureLine]) -> Particulars:
    return pair[0]


def _line(pair: tuple[Particulars, FigureLine]) -> FigureLine:
    return pair[1]


@cache
def dictionary_readers() -> tuple[Reader[tuple[Measure, Comparison | None]], ...]:
    """The columns of the dictionary of measures, with what each looks like across the wards."""
    return (
        *through((*MEASURE, *ABOUT), lambda pair: pair[0]),
        *through(COMPARISON, lambda pair: pair[1]),
    )
