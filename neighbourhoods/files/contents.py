"""What a file says, before it has a format: its title, its tables, and whose figures they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, Final

from leftbehind_site.common.structured import address
from neighbourhoods import datapackage, wording
from neighbourhoods.figures import Comparison
from neighbourhoods.files import tables
from neighbourhoods.files.tables import Column, Reader, Table, Value
from neighbourhoods.measures import MEASURES, Measure, Source
from neighbourhoods.models import Release
from neighbourhoods.profiles import Particulars

READING: Final = (
    "A ward’s code identifies it; a name does not.",
    "Rank 1 is always the greatest need among all wards of England. A place is among the listed alone.",
    "Wards with the same figure share a rank or place.",
    "What the published files do not hold is missing: an empty cell, or null. It is never 0.",
    "Values keep up to four decimal places; pages and spreadsheets show fewer.",
    "The scores of the Community Needs Index are not ours to publish: there are ranks only.",
)
"""What a reader of any of the files should know."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a file's figures come from and on what terms they may be used.

    Attributes:
        notice: The archive notice.
        release: The release of the directory that the figures belong to.
        sources: The publications behind them.
    """

    notice: str
    release: Release
    sources: tuple[Source, ...]

    @property
    def published(self) -> str:
        """The years in which the sources were published."""
        years = sorted({source.year for source in self.sources})
        return f"{years[0]} to {years[-1]}" if len(years) > 1 else str(years[0])

    @property
    def sources_text(self) -> str:
        """The sources in one line."""
        return "; ".join(wording.publication(source) for source in self.sources)

    @property
    def licence(self) -> str:
        """The terms, each with the sources that it holds for."""
        titles: dict[str, list[str]] = {}
        for source in self.sources:
            titles.setdefault(source.licence, []).append(source.title)
        return "; ".join(f"{licence} ({', '.join(named)})" for licence, named in titles.items())

    @property
    def attribution(self) -> str:
        """The words that the licences ask for."""
        return " ".join(datapackage.ATTRIBUTIONS)


PROVENANCE: Final[tuple[Reader[Provenance], ...]] = (
    Reader(
        Column("sources", "Sources", "The publications behind the row’s figures."), lambda p: p.sources_text
    ),
    Reader(
        Column("sources_published", "Published", "The years they were published in."), lambda p: p.published
    ),
    Reader(Column("licence", "Licence", "The terms of each of them."), lambda p: p.licence),
    Reader(Column("attribution", "Attribution", "The words the licences ask for."), lambda p: p.attribution),
    Reader(
        Column("release", "Release", "The release of the directory that the figures belong to."),
        lambda p: p.release.title,
    ),
    Reader(
        Column("release_fingerprint", "Fingerprint", "SHA-256 over the release’s data."),
        lambda p: p.release.fingerprint,
    ),
    Reader(
        Column("archive_notice", "Archive notice", "What kind of site this comes from."), lambda p: p.notice
    ),
)
"""The same as columns at the end of a plain table, which has no other place for it."""


@dataclass(frozen=True)
class Contents:
    """What a file says.

    Attributes:
        stem: The beginning of its name, which says what it is in a folder of downloads.
        path: Address of the page that says the same.
        title: What it holds.
        about: The same in a sentence or two.
        provenance: Whose figures they are.
        places: The neighbourhoods in order.
        measures: The measures that are told of each.
        single: Whether it is the file of one neighbourhood, which has a row per measure.
        figures_first: Whether the figures stand before the rest of what is known of a place.
        outlines: GeoJSON geometry by ward code, as text.
    """

    stem: str
    path: str
    title: str
    about: str
    provenance: Provenance
    places: tuple[Particulars, ...]
    measures: tuple[Measure, ...] = MEASURES
    single: bool = False
    figures_first: bool = False
    outlines: Mapping[str, str] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """The whole address of the page that says the same."""
        return address(self.path)

    @cached_property
    def table(self) -> Table:
        """The figures as a plain table."""
        if not self.single:
            return self.wide
        return tables.table(
            tables.long_readers(), [(place, line) for place in self.places for line in place.lines]
        )

    @cached_property
    def wide(self) -> Table:
        """One row per neighbourhood."""
        return tables.table(wide_readers(self.measures, figures_first=self.figures_first), self.places)

    @cached_property
    def dictionary(self) -> Table:
        """The measures, with what each looks like across the wards."""
        return dictionary(self.measures, self.comparisons)

    @cached_property
    def comparisons(self) -> dict[str, Comparison]:
        """What the measures look like across the wards; nothing where there is no neighbourhood."""
        lines = self.places[0].lines if self.places else ()
        return {line.measure.key: line.comparison for line in lines if line.comparison}

    @property
    def header(self) -> dict[str, Any]:
        """What JSON and GeoJSON say before the figures."""
        release = self.provenance.release
        return {
            "title": self.title,
            "description": self.about,
            "page": self.page,
            "archive_notice": self.provenance.notice,
            "release": {
                "title": release.title,
                "fingerprint": release.fingerprint,
                "geography": release.geography,
            },
            "sources": [
                {
                    "key": source.key,
                    "title": source.title,
                    "credit": source.credit,
                    "year": source.year,
                    "licence": source.licence,
                    "geography": source.geography,
                }
                for source in self.provenance.sources
            ],
            "licence": self.provenance.licence,
            "attribution": self.provenance.attribution,
            "reading": list(READING),
        }

    @property
    def tree(self) -> dict[str, Any]:
        """All of it as a tree of plain values: the same shape for one neighbourhood and for all of them."""
        return {
            **self.header,
            "measures": list(records(self.dictionary)),
            "neighbourhoods": [self._branch(place) for place in self.places],
        }

    def _branch(self, place: Particulars) -> dict[str, Any]:
        figure = (*tables.FIGURE, tables.SENTENCE) if self.single else tables.FIGURE
        return {
            **_record((*tables.IDENTITY, *tables.FACTS), place),
            "constituencies": [
                {
                    "code": line.constituency.code,
                    "name": line.constituency.name,
                    "drawn": line.constituency.drawn,
                    "share": plain(tables.exact(line.share)),
                    "main": line.main,
                }
                for line in (*place.constituencies_2010, *place.constituencies_2024)
            ],
            "figures": {measure.key: _record(figure, place.line(measure.key)) for measure in self.measures},
        }


@lru_cache(maxsize=64)
def wide_readers(
    measures: tuple[Measure, ...], *, figures_first: bool = False
) -> tuple[Reader[Particulars], ...]:
    """The columns of a table with a row per neighbourhood."""
    figures = tuple(reader for measure in measures for reader in tables.figure_columns(measure))
    rest = (*figures, *tables.FACTS) if figures_first else (*tables.FACTS, *figures)
    return (*tables.IDENTITY, *rest)


def dictionary(measures: Sequence[Measure], comparisons: Mapping[str, Comparison]) -> Table:
    """The dictionary of measures."""
    return tables.table(
        tables.dictionary_readers(), [(measure, comparisons.get(measure.key)) for measure in measures]
    )


def _record(readers: Sequence[Reader[Any]], subject: object) -> dict[str, Any]:
    return {reader.column.name: plain(reader.read(subject)) for reader in readers}


def records(table: Table) -> Iterator[dict[str, Any]]:
    """The rows of a table as objects, by the names of the columns."""
    names = [column.name for column in table.columns]
    for row in table.rows:
        yield dict(zip(names, map(plain, row), strict=True))


def plain(value: Value) -> str | int | float | bool | None:
    """A value as JSON has it: numbers as numbers, what is missing as null."""
    return float(value) if isinstance(value, Decimal) else value
