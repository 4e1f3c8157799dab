"""The one selector of a neighbourhood: everything that its page and every file say is gathered here.

What is said of a place itself (``Particulars``) is gathered for one place or for many in the same way; a page
adds the others to compare it with (``Profile``). The number of database queries is fixed, whatever the number
of neighbourhoods.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from typing import Final

from django.db.models import F, QuerySet

from leftbehind_site.common.statements import Statement
from neighbourhoods import codes, wording
from neighbourhoods.figures import (
    Comparison,
    FigureGroup,
    FigureLine,
    NotedLine,
    comparisons_of,
    group_of,
    line_of,
    listed_in,
)
from neighbourhoods.listings import codes_of, figures_of
from neighbourhoods.measures import HEADLINES, MEASURES, Source, Theme
from neighbourhoods.models import (
    Constituency,
    ConstituencyShare,
    Figure,
    LocalAuthority,
    Neighbourhood,
    Region,
    Release,
)
from neighbourhoods.others import Others, others_of

_SQUARE: Final = 18
"""From one square of the drawing of small areas to the next, in pixels."""


_PLACES: Final = {measure.key: place for place, measure in enumerate(MEASURES)}
"""Where each measure stands in the register, and so its figure among the others."""


@dataclass(frozen=True, slots=True)
class ShareLine:
    """A constituency that a neighbourhood lies in, and how much of it."""

    constituency: Constituency
    share: Decimal | None
    main: bool

    @property
    def share_text(self) -> str:
        """The share in whole per cent; nothing where the lookup gives none."""
        return "" if self.share is None else wording.share(self.share)


@dataclass(frozen=True, slots=True)
class Particulars:
    """Everything that is known of one neighbourhood by itself.

    Attributes:
        neighbourhood: The ward.
        release: The release that its figures come from.
        current: Whether that release is in force; if not, the ward has left the list.
        listed: How many neighbourhoods that release lists.
        predicted: Whether the recomputed rule names it; nothing where no outcome is recorded.
        first_list: Whether the first list, of September 2019, named it; nothing where that is not known.
        constituencies_2010: Those drawn in 2010, the largest part first.
        constituencies_2024: Those drawn in 2024, the largest part first.
        lines: All figures in the register's order.
    """

    neighbourhood: Neighbourhood
    release: Release
    current: bool
    listed: int
    predicted: bool | None
    first_list: bool | None
    constituencies_2010: tuple[ShareLine, ...]
    constituencies_2024: tuple[ShareLine, ...]
    lines: tuple[FigureLine, ...]

    @property
    def authority(self) -> LocalAuthority:
        """The authority of 2019."""
        return self.neighbourhood.authority

    @property
    def former_authority(self) -> LocalAuthority | None:
        """The authority of 2017, where it was another one."""
        if self.neighbourhood.authority_2017_id == self.neighbourhood.authority_id:
            return None
        return self.neighbourhood.authority_2017

    @property
    def region(self) -> Region:
        """The region."""
        return self.authority.region

    @property
    def listed_text(self) -> str:
        """How many neighbourhoods the release lists, as it is printed."""
        return wording.number(self.listed)

    def line(self, key: str) -> FigureLine:
        """One figure by its measure's key."""
        return self.lines[_PLACES[key]]

    @property
    def sources(self) -> tuple[Source, ...]:
        """The publications behind the figures, each once, in order of appearance."""
        return tuple(dict.fromkeys(line.measure.source for line in self.lines))


@dataclass(frozen=True, slots=True)
class Profile(Particulars):
    """What a neighbourhood's page says: the place itself, and the others to compare it with.

    Attributes:
        groups: The figures by theme, in the register's order.
        others: Those to compare it with.
    """

    groups: tuple[FigureGroup, ...]
    others: Others

    def group(self, theme: Theme) -> FigureGroup:
        """The figures of one theme."""
        return next(group for group in self.groups if group.theme is theme)

    @property
    def headlines(self) -> tuple[NotedLine, ...]:
        """The two figures that decide the list."""
        return self.group(Theme.OVERALL).lines

    @property
    def community(self) -> FigureGroup:
        """Community need, by domain."""
        return self.group(Theme.COMMUNITY)

    @property
    def deprivation(self) -> FigureGroup:
        """Deprivation, by domain."""
        return self.group(Theme.DEPRIVATION)

    @property
    def small_areas(self) -> FigureGroup:
        """The small areas inside the ward."""
        return self.group(Theme.SMALL_AREAS)

    @property
    def place(self) -> FigureGroup:
        """Population and kind of place."""
        return self.group(Theme.PLACE)

    @property
    def domains(self) -> tuple[FigureLine, ...]:
        """The domains of both indices, in the order of their tables."""
        return tuple(line for line in self.lines if line.measure.domain)

    @property
    def domains_in_words(self) -> str:
        """What the profile of the domains shows; nothing where no domain has a rank."""
        ranked = [line for line in self.domains if line.facts.rank is not None]
        return wording.domains(
            self.neighbourhood.name,
            len(ranked),
            sum(line.in_tenth for line in ranked),
            sum(line.within_median for line in ranked),
        )

    @property
    def domains_base_text(self) -> str:
        """How many neighbourhoods and wards the marks of the profile rest on."""
        parts = [
            f"{wording.count(group.listed, 'neighbourhood')} and {wording.count(group.wards, 'ward')}"
            f" for {what}"
            for group, what in ((self.community, "community need"), (self.deprivation, "deprivation"))
            if group.listed is not None and group.wards is not None
        ]
        return f"Medians rest on {wording.listing(parts)}." if parts else ""

    @property
    def field_in_words(self) -> str:
        """What the field of all wards shows."""
        need, deprivation = (self.line(key) for key in HEADLINES)
        where = "inside" if need.in_tenth and deprivation.in_tenth else "outside"
        return (
            f"{self.neighbourhood.name} lies {where} the square at the top left, which holds the most"
            f" deprived tenth on both: it is {need.rank_text} for community need and"
            f" {deprivation.rank_text} for deprivation."
        )

    @property
    def lsoas_in_words(self) -> str:
        """How many of its small areas are among the most deprived tenth; nothing where it is not known."""
        deprived, lsoas = self.line("deprived_lsoas").facts.value, self.line("lsoas").facts.value
        return "" if deprived is None or not lsoas else wording.deprived_lsoas(int(deprived), int(lsoas))

    @property
    def lsoa_squares(self) -> tuple[tuple[int, bool], ...]:
        """A square for each small area: how far from the left, and whether it is among that tenth."""
        deprived, lsoas = self.line("deprived_lsoas").facts.value, self.line("lsoas").facts.value
        if deprived is None or not lsoas:
            return ()
        return tuple((index * _SQUARE + 1, index < deprived) for index in range(int(lsoas)))

    @property
    def lsoa_width(self) -> int:
        """How wide the row of squares is."""
        return len(self.lsoa_squares) * _SQUARE

    @property
    def recomputed_in_words(self) -> str:
        """Where the recomputed rule and the published list part: the ranks, and where the tenth ends."""
        parts = [
            f"{line.rank_text} {line.of_wards_text} for {line.measure.subject},"
            f" where the tenth ends at {wording.number(line.comparison.tenth_rank)}"
            for line in (self.line(key) for key in HEADLINES)
            if line.facts.rank is not None
            and line.comparison is not None
            and line.comparison.tenth_rank is not None
            and not line.in_tenth
        ]
        return f"It comes {wording.listing(parts)}." if parts else ""


_FOUND: Final = Statement(
    lambda code: Neighbourhood.objects.with_particulars().with_outlines().filter(code=code), str
)


def find_neighbourhood(code: str) -> Neighbourhood | None:
    """The neighbourhood with a code in any case, its areas and its release fetched along; one query.

    What is no ward's code is looked up nowhere.
    """
    if not codes.matches(codes.WARD, code.upper()):
        return None
    return _FOUND.first(code.upper())


def particulars(neighbourhoods: Sequence[Neighbourhood], measures: tuple[str, ...] = ()) -> list[Particulars]:
    """What is known of neighbourhoods of one release, fetched ``with_particulars``; three queries.

    Args:
        neighbourhoods: Of one release, in the order that the answer is to have.
        measures: The only measures whose figures are told, if not all are; those of the others look missing.
    """
    if not neighbourhoods:
        return []
    release = neighbourhoods[0].release
    comparisons = comparisons_of(release.pk)
    figures = _figures_of(neighbourhoods, release, measures)
    shares = _shares_of(neighbourhoods)
    return [_particulars(one, figures[one.code], comparisons, shares[one.code]) for one in neighbourhoods]


@cache
def _shares(wards: int) -> Statement[ConstituencyShare]:
    """The constituencies of so many wards or of all, the largest part first."""

    def query(*wanted: str) -> QuerySet[ConstituencyShare]:
        shares = ConstituencyShare.objects.select_related("constituency")
        shares = shares.order_by("-main", F("share").desc(nulls_last=True), "constituency")
        return shares.filter(neighbourhood__in=wanted) if wanted else shares

    return Statement(query, *[str] * wards)


def _figures_of(
    neighbourhoods: Sequence[Neighbourhood], release: Release, measures: tuple[str, ...]
) -> defaultdict[str, dict[str, Figure]]:
    """The figures of a release by ward and measure; one query."""
    figures: defaultdict[str, dict[str, Figure]] = defaultdict(dict)
    wanted = codes_of(neighbourhoods)
    for figure in figures_of(len(wanted), measures).rows(release.pk, *wanted):
        figures[figure.neighbourhood_id][figure.measure] = figure
    return figures


def _shares_of(neighbourhoods: Sequence[Neighbourhood]) -> defaultdict[str, list[ShareLine]]:
    """Constituencies by ward, the largest part first; one query."""
    shares: defaultdict[str, list[ShareLine]] = defaultdict(list)
    wanted = codes_of(neighbourhoods)
    for row in _shares(len(wanted)).rows(*wanted):
        shares[row.neighbourhood_id].append(ShareLine(row.constituency, row.share, row.main))
    return shares


def _particulars(
    neighbourhood: Neighbourhood,
    figures: dict[str, Figure],
    comparisons: dict[str, Comparison],
    shares: Sequence[ShareLine],
) -> Particulars:
    """The particulars of a neighbourhood whose rows have been fetched."""
    lsoas = figures["lsoas"].value if "lsoas" in figures else None
    return Particulars(
        neighbourhood=neighbourhood,
        release=neighbourhood.release,
        current=neighbourhood.release.state == Release.State.CURRENT,
        listed=listed_in(comparisons),
        predicted=getattr(neighbourhood, "predicted", None),
        first_list=getattr(neighbourhood, "first_list", None),
        constituencies_2010=tuple(s for s in shares if s.constituency.drawn == Constituency.Drawn.Y2010),
        constituencies_2024=tuple(s for s in shares if s.constituency.drawn == Constituency.Drawn.Y2024),
        lines=tuple(
            line_of(
                measure,
                neighbourhood.name,
                figures.get(measure.key),
                comparisons.get(measure.key),
                None if lsoas is None else int(lsoas),
            )
            for measure in MEASURES
        ),
    )


def profile(neighbourhood: Neighbourhood) -> Profile:
    """The profile of a neighbourhood that ``find_neighbourhood`` returned; four queries."""
    (itself,) = particulars([neighbourhood])
    return Profile(
        **{field.name: getattr(itself, field.name) for field in fields(itself)},
        groups=tuple(
            group_of(theme, [line for line in itself.lines if line.measure.theme is theme]) for theme in Theme
        ),
        others=others_of(neighbourhood, {line.measure.key: line for line in itself.lines}),
    )
