"""One figure of one neighbourhood, as a row of a table, a sentence and a data file say it.

The raw figure stands beside its text, so that the three cannot disagree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from leftbehind_site.common.statements import Statement
from neighbourhoods import strips, wording
from neighbourhoods.measures import BY_KEY, Measure, Theme, ranking_path
from neighbourhoods.models import Figure, Reference, Release
from neighbourhoods.wording import Facts

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a measure looks like across all wards and across the listed neighbourhoods."""

    measure: Measure
    wards: int
    median: Decimal | None
    listed: int
    listed_median: Decimal | None
    listed_median_rank: Decimal | None
    tenth_rank: int | None
    tenth_value: Decimal | None

    @property
    def wards_text(self) -> str:
        """How many wards have data."""
        return wording.number(self.wards)

    @property
    def listed_text(self) -> str:
        """How many listed neighbourhoods have data."""
        return wording.number(self.listed)

    @property
    def median_text(self) -> str:
        """The median of all wards."""
        return wording.value(self.measure, self.median)

    @property
    def listed_median_text(self) -> str:
        """The median of the listed neighbourhoods."""
        return wording.value(self.measure, self.listed_median)

    @property
    def listed_median_rank_text(self) -> str:
        """The median rank of the listed neighbourhoods; an even number of them may share a half."""
        middle = self.listed_median_rank
        if middle is None:
            return wording.NO_DATA
        return wording.number(middle, 0 if middle == middle.to_integral_value() else 1)


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One figure of one neighbourhood: what a row of a table, a sentence and a data file say of it."""

    measure: Measure
    name: str
    facts: Facts
    comparison: Comparison | None

    @property
    def label(self) -> str:
        """The measure's label up to its colon."""
        return self.measure.label_head

    @property
    def label_detail(self) -> str:
        """What stands behind the colon: what the figure counts."""
        return self.measure.label_detail

    @property
    def ranking_path(self) -> str:
        """Where the neighbourhoods stand in the order of the measure."""
        return ranking_path(self.measure)

    @property
    def missing(self) -> bool:
        """Whether the published files hold nothing."""
        return self.facts.missing

    @property
    def value_text(self) -> str:
        """The value or the category; "no data" where there is none."""
        return self.facts.category or wording.value(self.measure, self.facts.value)

    @property
    def rank_text(self) -> str:
        """The rank among all wards: "joint 45th"."""
        return wording.rank(self.facts.rank, joint=self.facts.joint)

    @property
    def rank_number(self) -> str:
        """The rank for a column of ranks, where figures stand under figures: "joint 45"."""
        return wording.position(self.facts.rank, joint=self.facts.joint)

    @property
    def last_text(self) -> str:
        """The lowest rank there is, which is the right end of the strip."""
        return wording.rank(self.facts.out_of, joint=False)

    @property
    def of_wards_text(self) -> str:
        """What the rank is out of: "of 7,433 wards"."""
        return wording.of_wards(self.facts.out_of)

    @property
    def place_number(self) -> str:
        """The place among the listed neighbourhoods for a column of places: "joint 3"."""
        return wording.position(self.facts.place, joint=self.facts.joint_place)

    @property
    def place_of_text(self) -> str:
        """The place among the listed neighbourhoods with its total: "joint 3rd of the 225"."""
        return wording.place_among_listed(self.facts)

    @property
    def sentence(self) -> str:
        """The figure as a sentence that can be quoted."""
        return wording.sentence(self.measure, self.name, self.facts)

    @property
    def in_tenth(self) -> bool:
        """Whether the rank lies in the most deprived tenth."""
        tenth = self.comparison.tenth_rank if self.comparison else None
        return self.facts.rank is not None and tenth is not None and self.facts.rank <= tenth

    @property
    def within_median(self) -> bool:
        """Whether the place is no more deprived than the median of all wards; false without a rank.

        By the value where it is known: where most wards tie at none, that is the median, and the better rank
        that they share lies far above the middle.
        """
        facts, median = self.facts, self.comparison.median if self.comparison else None
        if facts.rank is None or facts.out_of is None:
            return False
        if facts.value is not None and median is not None:
            return facts.value <= median
        return 2 * facts.rank > facts.out_of

    @property
    def strip(self) -> strips.Strip | None:
        """The position strip; none where there is no rank."""
        return strips.strip(
            self.facts.rank,
            self.facts.out_of,
            tenth_rank=self.comparison.tenth_rank if self.comparison else None,
            median_rank=self.comparison.listed_median_rank if self.comparison else None,
        )

    @property
    def source_text(self) -> str:
        """The publication, its year and its author."""
        return wording.source_of(self.measure)


@dataclass(frozen=True, slots=True)
class NotedLine:
    """A figure with the part of its note, and of its source, that is not shared by the whole table."""

    line: FigureLine
    note: str
    source_text: str = ""


@dataclass(frozen=True, slots=True)
class FigureGroup:
    """The figures under one heading.

    Attributes:
        theme: The heading.
        lines: The figures in the register's order.
        shared_note: Sentences that belong to several figures of the group, said once.
        source_text: The publication, where it is the same for all.
        listed: How many listed neighbourhoods the medians rest on, where it is the same for all.
        wards: How many wards the medians rest on, where it is the same for all.
    """

    theme: Theme
    lines: tuple[NotedLine, ...]
    shared_note: str
    source_text: str
    listed: int | None
    wards: int | None

    @property
    def base_text(self) -> str:
        """What the medians rest on, where it is the same for all figures of the group."""
        if self.listed is None or self.wards is None:
            return ""
        listed = wording.count(self.listed, "neighbourhood")
        return f"Medians rest on {listed} and {wording.count(self.wards, 'ward')} with data."


_REFERENCES: Final = Statement(lambda release: Reference.objects.filter(release=release), int)


def comparisons_of(release_id: int, keys: Iterable[str] | None = None) -> dict[str, Comparison]:
    """The comparisons of one release by measure; one query."""
    wanted = None if keys is None else frozenset(keys)
    return {
        row.measure: Comparison(
            measure=BY_KEY[row.measure],
            wards=row.wards,
            median=row.median,
            listed=row.listed,
            listed_median=row.listed_median,
            listed_median_rank=row.listed_median_rank,
            tenth_rank=row.tenth_rank,
            tenth_value=row.tenth_value,
        )
        for row in _REFERENCES.rows(release_id)
        if wanted is None or row.measure in wanted
    }


def _facts(figure: Figure | None, comparison: Comparison | None, lsoas: int | None = None) -> Facts:
    """The facts of a stored figure; a row that is not there is as missing as an empty one."""
    if figure is None:
        return Facts(lsoas=lsoas)
    return Facts(
        value=figure.value,
        category=figure.category,
        rank=figure.rank,
        joint=figure.joint,
        out_of=figure.out_of,
        place=figure.place,
        joint_place=figure.joint_place,
        places=comparison.listed if comparison else 0,
        lsoas=lsoas,
    )


def line_of(
    measure: Measure,
    name: str,
    figure: Figure | None,
    comparison: Comparison | None,
    lsoas: int | None = None,
) -> FigureLine:
    """A measure's stored figure as a line; the figure and the comparison may be missing."""
    return FigureLine(measure, name, _facts(figure, comparison, lsoas), comparison)


def _sentences(note: str) -> list[str]:
    """A note's sentences."""
    return re.split(r"(?<=[.!?]) ", note)


def _only(values: Iterable[_T]) -> _T | None:
    """The one value that all have in common, if there is one."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def group_of(theme: Theme, lines: Sequence[FigureLine]) -> FigureGroup:
    """Figures under their heading, with what several of them share said once."""
    notes = [_sentences(line.measure.note) for line in lines]
    said = Counter(sentence for note in notes for sentence in note)
    shared = [sentence for sentence, times in said.items() if times > 1]
    source = _only(line.measure.source for line in lines)
    return FigureGroup(
        theme=theme,
        lines=tuple(
            NotedLine(
                line,
                " ".join(sentence for sentence in note if sentence not in shared),
                wording.moment(line.measure) if source else f"{line.source_text}.",
            )
            for line, note in zip(lines, notes, strict=True)
        ),
        shared_note=" ".join(shared),
        source_text=wording.publication(source) if source else "",
        listed=_only(line.comparison.listed for line in lines if line.comparison),
        wards=_only(line.comparison.wards for line in lines if line.comparison),
    )


def values_of(measures: Sequence[str]) -> dict[str, dict[str, Decimal]]:
    """The known values of all listed neighbourhoods; one query.

    They are summed by whoever asks rather than in the database, whose planner goes astray on figures that
    were just loaded.

    Args:
        measures: Keys of measures.

    Returns:
        By measure, by ward code.
    """
    values: dict[str, dict[str, Decimal]] = {measure: {} for measure in measures}
    figures = Figure.objects.filter(release__state=Release.State.CURRENT, measure__in=measures).order_by()
    for measure, code, value in figures.values_list("measure", "neighbourhood_id", "value"):
        if value is not None:
            values[measure][code] = value
    return values


def total(values: Collection[Decimal]) -> int | None:
    """The sum of counts; nothing where none is known."""
    return int(sum(values)) if values else None


def listed_in(comparisons: dict[str, Comparison]) -> int:
    """How many neighbourhoods a release lists: as many as any measure has data for."""
    return max((comparison.listed for comparison in comparisons.values()), default=0)
