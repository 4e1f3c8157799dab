"""The data dictionary as the page of data shows it: every measure, every column, every table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from neighbourhoods import wording
from neighbourhoods.datapackage import file_name
from neighbourhoods.dataset import TABLES, columns
from neighbourhoods.files import tables
from neighbourhoods.files.contents import PROVENANCE
from neighbourhoods.measures import MEASURES, Measure

_KINDS: Final[Mapping[type, str]] = {
    str: "text",
    int: "whole number",
    Decimal: "number",
    bool: "true or false",
}


@dataclass(frozen=True, slots=True)
class ColumnEntry:
    """A column: its name, what kind of value it holds, and what it means."""

    name: str
    kind: str
    description: str


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """Columns that belong together."""

    title: str
    columns: tuple[ColumnEntry, ...]


@dataclass(frozen=True, slots=True)
class MeasureEntry:
    """A measure."""

    measure: Measure
    direction: str
    made_by: str
    source_text: str


@dataclass(frozen=True, slots=True)
class TableEntry:
    """A table of the Data Package."""

    name: str
    title: str
    columns: tuple[ColumnEntry, ...]


@dataclass(frozen=True, slots=True)
class Dictionary:
    """What the figures and the columns mean."""

    measures: tuple[MeasureEntry, ...]
    groups: tuple[ColumnGroup, ...]
    tables: tuple[TableEntry, ...]


def _entries(found: Iterable[tables.Column]) -> tuple[ColumnEntry, ...]:
    return tuple(ColumnEntry(column.name, _KINDS[column.kind], column.description) for column in found)


def dictionary() -> Dictionary:
    """The dictionary, from the register of measures, the files' columns and the dataset's schemas."""
    return Dictionary(
        measures=tuple(
            MeasureEntry(
                measure,
                measure.direction,
                tables.made_by(measure),
                wording.publication(measure.source),
            )
            for measure in MEASURES
        ),
        groups=(
            ColumnGroup(
                "The place, in every file",
                _entries(reader.column for reader in (*tables.IDENTITY, *tables.FACTS)),
            ),
            ColumnGroup(
                "A figure, in the file of one neighbourhood",
                (
                    *_entries(reader.column for reader in tables.MEASURE),
                    *_entries(reader.column for reader in (*tables.FIGURE, tables.SENTENCE)),
                    *_entries(reader.column for reader in tables.COMPARISON),
                    *_entries(reader.column for reader in tables.ABOUT),
                ),
            ),
            ColumnGroup(
                "Where it comes from, at the end of each row of a CSV file",
                _entries(reader.column for reader in PROVENANCE),
            ),
        ),
        tables=tuple(
            TableEntry(
                file_name(table),
                table.title,
                tuple(
                    ColumnEntry(column.name, _KINDS[column.kind], column.column.description)
                    for column in columns(table)
                ),
            )
            for table in TABLES
        ),
    )
