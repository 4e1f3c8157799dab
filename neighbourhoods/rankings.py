"""The listed neighbourhoods in the order of a measure, and the measures that there is such an order of."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F

from neighbourhoods import wording
from neighbourhoods.figures import Comparison, FigureLine, comparisons_of, line_of
from neighbourhoods.measures import ORDERED, Measure, Theme
from neighbourhoods.models import Figure, Neighbourhood, Release


@dataclass(frozen=True, slots=True)
class RankingRow:
    """A neighbourhood in the order of one measure."""

    neighbourhood: Neighbourhood
    line: FigureLine


@dataclass(frozen=True, slots=True)
class Ranking:
    """The listed neighbourhoods in the order of one measure; those without a figure come last."""

    measure: Measure
    comparison: Comparison | None
    rows: tuple[RankingRow, ...]

    @property
    def source_text(self) -> str:
        """The publication, its year and its author."""
        return wording.source_of(self.measure)

    @property
    def count_text(self) -> str:
        """How many neighbourhoods there are."""
        return wording.number(len(self.rows))

    @property
    def value_heading(self) -> str:
        """What stands over the values."""
        return wording.heading(self.measure)

    @property
    def missing(self) -> int:
        """How many of the neighbourhoods have no figure."""
        return sum(1 for row in self.rows if row.line.facts.place is None)


def ranking(measure: Measure) -> Ranking:
    """The listed neighbourhoods in the order of a measure; three queries."""
    release = Release.objects.current()
    if release is None:
        return Ranking(measure, None, ())
    comparison = comparisons_of(release.pk, [measure.key]).get(measure.key)
    figures = (
        Figure.objects.filter(release=release, neighbourhood__release=release, measure=measure.key)
        .select_related("neighbourhood__authority__region")
        .order_by(F("place").asc(nulls_last=True), "neighbourhood__name", "neighbourhood")
    )
    return Ranking(
        measure,
        comparison,
        tuple(
            RankingRow(figure.neighbourhood, line_of(measure, figure.neighbourhood.name, figure, comparison))
            for figure in figures
        ),
    )


@dataclass(frozen=True, slots=True)
class RankingEntry:
    """A measure in the index of rankings."""

    measure: Measure
    comparison: Comparison | None

    @property
    def source_text(self) -> str:
        """The publication, its year and its author."""
        return wording.source_of(self.measure)


def rankings() -> tuple[tuple[Theme, tuple[RankingEntry, ...]], ...]:
    """The measures that have a ranking, by theme; two queries."""
    release = Release.objects.current()
    comparisons = comparisons_of(release.pk) if release else {}
    by_theme = [
        (
            theme,
            tuple(
                RankingEntry(measure, comparisons.get(measure.key))
                for measure in ORDERED
                if measure.theme is theme
            ),
        )
        for theme in Theme
    ]
    return tuple((theme, entries) for theme, entries in by_theme if entries)
