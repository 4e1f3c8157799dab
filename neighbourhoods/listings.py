"""Selections of many neighbourhoods: the directory, an area, the order of a measure, the whole in numbers.

The number of database queries is fixed, whatever the number of neighbourhoods.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final, TypeVar

from django.db.models import F, Model, QuerySet

from leftbehind_site.common.statements import Statement
from neighbourhoods import codes, wording
from neighbourhoods.figures import Comparison, FigureLine, comparisons_of, line_of, listed_in
from neighbourhoods.measures import BY_KEY, ORDERED, Measure, Theme
from neighbourhoods.models import (
    Constituency,
    Figure,
    LocalAuthority,
    Neighbourhood,
    NeighbourhoodQuerySet,
    Region,
    Release,
)

SUMMARY: Final = ("cni", "imd", "population")
"""The measures that every list of neighbourhoods shows."""

MOST_CODES: Final = 100
"""The most neighbourhoods that a query names one by one."""

_Row = TypeVar("_Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Row:
    """A neighbourhood in a list, with the figures that every list shows."""

    neighbourhood: Neighbourhood
    community: FigureLine
    deprivation: FigureLine
    population: FigureLine
    share: str = ""
    """How much of the ward lies in the constituency whose page this is."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Neighbourhoods with their figures, and what holds for them together."""

    rows: tuple[Row, ...]
    comparisons: dict[str, Comparison]
    listed: int
    """How many neighbourhoods the whole list has, wherever they are."""

    @property
    def count_text(self) -> str:
        """How many neighbourhoods are in this part of it."""
        return f"{len(self.rows):,}"

    @property
    def listed_text(self) -> str:
        """How many neighbourhoods the whole list has, as it is printed."""
        return f"{self.listed:,}"

    @property
    def population(self) -> int | None:
        """Residents of those with a figure; nothing where no one has one."""
        known = [row.population.facts.value for row in self.rows]
        amounts = [amount for amount in known if amount is not None]
        return int(sum(amounts)) if amounts else None

    @property
    def population_text(self) -> str:
        """Their residents together, and how many of the neighbourhoods the sum covers when not all."""
        if self.population is None:
            return wording.NO_DATA
        known = sum(1 for row in self.rows if not row.population.missing)
        covers = "" if known == len(self.rows) else f" ({known:,} of {len(self.rows):,} with data)"
        return f"{self.population:,}{covers}"


def codes_of(neighbourhoods: Sequence[Neighbourhood]) -> list[str]:
    """The codes of the neighbourhoods to ask for, or none to ask for all.

    A list of many needs no list of codes, which would outgrow what a query may hold.
    """
    return [] if len(neighbourhoods) > MOST_CODES else [one.code for one in neighbourhoods]


@cache
def figures_of(wards: int, measures: tuple[str, ...] = ()) -> Statement[Figure]:
    """The figures of a release, of so many wards or of all, on some measures or on all."""

    def query(release: int, *wanted: str) -> QuerySet[Figure]:
        figures = Figure.objects.filter(release=release)
        if measures:
            figures = figures.filter(measure__in=measures)
        return figures.filter(neighbourhood__in=wanted) if wanted else figures

    return Statement(query, int, *[str] * wards)


def listing_of(
    neighbourhoods: Sequence[Neighbourhood],
    release: Release | None,
    shares: dict[str, str] | None = None,
) -> Listing:
    """A listing of neighbourhoods; two queries, and none where nothing is loaded."""
    comparisons = comparisons_of(release.pk, SUMMARY) if release else {}
    figures: dict[tuple[str, str], Figure] = {}
    if release and neighbourhoods:
        wanted = codes_of(neighbourhoods)
        figures = {
            (figure.neighbourhood_id, figure.measure): figure
            for figure in figures_of(len(wanted), SUMMARY).rows(release.pk, *wanted)
        }

    def line(neighbourhood: Neighbourhood, key: str) -> FigureLine:
        return line_of(
            BY_KEY[key], neighbourhood.name, figures.get((neighbourhood.code, key)), comparisons.get(key)
        )

    return Listing(
        rows=tuple(
            Row(
                neighbourhood=neighbourhood,
                community=line(neighbourhood, "cni"),
                deprivation=line(neighbourhood, "imd"),
                population=line(neighbourhood, "population"),
                share=(shares or {}).get(neighbourhood.code, ""),
            )
            for neighbourhood in neighbourhoods
        ),
        comparisons=comparisons,
        listed=listed_in(comparisons),
    )


# --- the whole directory


@dataclass(frozen=True, slots=True)
class AuthorityEntry:
    """An authority in the directory with its neighbourhoods."""

    authority: LocalAuthority
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class RegionEntry:
    """A region in the directory with its authorities."""

    region: Region
    authorities: tuple[AuthorityEntry, ...]

    @property
    def count(self) -> int:
        """How many listed neighbourhoods the region has."""
        return sum(len(entry.rows) for entry in self.authorities)

    @property
    def count_text(self) -> str:
        """The same with its noun."""
        return wording.count(self.count, "neighbourhood")


@dataclass(frozen=True, slots=True)
class Directory:
    """All listed neighbourhoods by region and authority, and by the first letter of their names."""

    listing: Listing
    regions: tuple[RegionEntry, ...]
    letters: tuple[tuple[str, tuple[Row, ...]], ...]

    @property
    def authority_count(self) -> int:
        """How many authorities have a listed neighbourhood."""
        return sum(len(region.authorities) for region in self.regions)


def everyone() -> NeighbourhoodQuerySet:
    """All listed neighbourhoods in the order of every list of them, on a page and in a file."""
    return Neighbourhood.objects.listed().order_by("name", "authority__name", "code")


def directory() -> Directory:
    """The whole directory; four queries."""
    listing = listing_of(list(everyone().with_areas()), Release.objects.current())
    return Directory(listing, _by_region(listing.rows), _by_letter(listing.rows))


def _by_region(rows: Sequence[Row]) -> tuple[RegionEntry, ...]:
    """Rows by region and authority, each in alphabetical order."""
    tree: dict[Region, dict[LocalAuthority, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        authority = row.neighbourhood.authority
        tree[authority.region][authority].append(row)
    return tuple(
        RegionEntry(
            region,
            tuple(
                AuthorityEntry(authority, tuple(tree[region][authority]))
                for authority in sorted(tree[region], key=lambda authority: (authority.name, authority.code))
            ),
        )
        for region in sorted(tree, key=lambda region: region.name)
    )


def _by_letter(rows: Sequence[Row]) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """Rows by the first letter of the name."""
    letters: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        letters[initial(row.neighbourhood.name)].append(row)
    return tuple((letter, tuple(letters[letter])) for letter in sorted(letters))


def initial(name: str) -> str:
    """The letter under which a name is listed; "#" for one that begins with none."""
    first = next((character for character in name.upper() if character.isalnum()), "")
    return first if "A" <= first <= "Z" else "#"


def letters() -> tuple[str, ...]:
    """The letters under which the listed neighbourhoods stand; one query."""
    names = Neighbourhood.objects.listed().values_list("name", flat=True)
    return tuple(sorted({initial(name) for name in names}))


def listed_with_slug(slugs: set[str]) -> list[Neighbourhood]:
    """Listed neighbourhoods whose name reads so in an address, for those who hold another code. One query."""
    if not slugs:
        return []
    return [neighbourhood for neighbourhood in everyone().with_areas() if neighbourhood.slug in slugs]


# --- areas


@dataclass(frozen=True, slots=True)
class RegionListing:
    """A region with its listed neighbourhoods."""

    region: Region
    listing: Listing
    authorities: tuple[AuthorityEntry, ...]


@dataclass(frozen=True, slots=True)
class Predecessor:
    """An abolished authority with the listed neighbourhoods that lay in it."""

    authority: LocalAuthority
    neighbourhoods: tuple[Neighbourhood, ...]


@dataclass(frozen=True, slots=True)
class AuthorityListing:
    """An authority with its listed neighbourhoods, and the abolished ones whose wards it took over."""

    authority: LocalAuthority
    listing: Listing
    predecessors: tuple[Predecessor, ...]


@dataclass(frozen=True, slots=True)
class ConstituencyListing:
    """A constituency with the listed neighbourhoods that lie in it, wholly or partly.

    Attributes:
        constituency: The constituency.
        listing: Its neighbourhoods.
        others: The constituencies of the other set of boundaries that share a neighbourhood with it.
    """

    constituency: Constituency
    listing: Listing
    others: tuple[Constituency, ...]

    @property
    def is_2024(self) -> bool:
        """Whether its boundaries are those in use since 2024."""
        return self.constituency.drawn == Constituency.Drawn.Y2024

    @property
    def shares_known(self) -> bool:
        """Whether the lookup says how much of each ward lies here."""
        return any(row.share for row in self.listing.rows)


def areas() -> Iterator[Region | LocalAuthority | Constituency | Neighbourhood]:
    """All that has a page of its own: areas with a listed neighbourhood, and neighbourhoods; four queries."""
    listed = Neighbourhood.objects.listed()
    yield from Region.objects.filter(authorities__neighbourhoods__in=listed).distinct()
    yield from LocalAuthority.objects.filter(neighbourhoods__in=listed).distinct()
    yield from Constituency.objects.filter(neighbourhoods__in=listed).distinct()
    yield from listed


def regions() -> list[Region]:
    """All regions by name; one query."""
    return list(Region.objects.order_by("name"))


def in_region(code: str) -> NeighbourhoodQuerySet:
    """The listed neighbourhoods of a region."""
    return everyone().filter(authority__region=code)


def in_authority(code: str) -> NeighbourhoodQuerySet:
    """The listed neighbourhoods of an authority of 2019."""
    return everyone().filter(authority=code)


def in_constituency(code: str) -> NeighbourhoodQuerySet:
    """The listed neighbourhoods that lie in a constituency, wholly or partly, each with its share."""
    return (
        everyone()
        .filter(constituency_shares__constituency=code)
        .annotate(part=F("constituency_shares__share"), main_part=F("constituency_shares__main"))
    )


_IN_REGION: Final = Statement(lambda code: in_region(code).with_areas(), str)
_IN_AUTHORITY: Final = Statement(lambda code: in_authority(code).with_areas(), str)
_IN_CONSTITUENCY: Final = Statement(lambda code: in_constituency(code).with_areas(), str)


def find_region(slug: str) -> Region | None:
    """The region whose name reads so in an address, in any case; one query."""
    return next((region for region in regions() if region.slug == slug.lower()), None)


def region_listing(region: Region) -> RegionListing:
    """A region's neighbourhoods; four queries."""
    listing = listing_of(_IN_REGION.rows(region.code), Release.objects.current())
    entries = _by_region(listing.rows)
    return RegionListing(region, listing, entries[0].authorities if entries else ())


_AUTHORITY: Final = Statement(
    lambda code: LocalAuthority.objects.select_related("region", "successor").filter(code=code), str
)


def find_authority(code: str) -> LocalAuthority | None:
    """The authority with a code in any case, its region and its successor fetched along; one query.

    What is no authority's code is looked up nowhere.
    """
    if not codes.matches(codes.AUTHORITY, code.upper()):
        return None
    return _AUTHORITY.first(code.upper())


def authority_listing(authority: LocalAuthority) -> AuthorityListing:
    """An authority's neighbourhoods; five queries."""
    listing = listing_of(_IN_AUTHORITY.rows(authority.code), Release.objects.current())
    predecessors = tuple(
        Predecessor(
            one,
            tuple(
                row.neighbourhood for row in listing.rows if row.neighbourhood.authority_2017_id == one.code
            ),
        )
        for one in authority.predecessors.order_by("name", "code")
    )
    return AuthorityListing(authority, listing, predecessors)


_CONSTITUENCY: Final = Statement(lambda code: Constituency.objects.filter(code=code), str)


def find_constituency(code: str) -> Constituency | None:
    """The constituency with a code in any case; one query. What is no such code is looked up nowhere."""
    if not codes.matches(codes.CONSTITUENCY, code.upper()):
        return None
    return _CONSTITUENCY.first(code.upper())


def constituency_listing(constituency: Constituency) -> ConstituencyListing:
    """The neighbourhoods of a constituency; five queries."""
    neighbourhoods = _IN_CONSTITUENCY.rows(constituency.code)
    shares = {one.code: _share_in_words(one) for one in neighbourhoods}
    listing = listing_of(neighbourhoods, Release.objects.current(), shares)
    others = (
        Constituency.objects.filter(shares__neighbourhood__in=[one.code for one in neighbourhoods])
        .exclude(drawn=constituency.drawn)
        .distinct()
        .order_by("name", "code")
    )
    return ConstituencyListing(constituency, listing, tuple(others))


def _share_in_words(neighbourhood: Neighbourhood) -> str:
    """How much of a ward lies in the constituency that it was selected for, as far as it is known."""
    part: Decimal | None = getattr(neighbourhood, "part", None)
    if part is not None:
        return wording.share(part)
    return "" if getattr(neighbourhood, "main_part", True) else "the smaller part"


# --- rankings


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
        return f"{len(self.rows):,}"

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


# --- the home page


@dataclass(frozen=True, slots=True)
class RegionTotal:
    """A region with its number of listed neighbourhoods and their residents."""

    region: Region
    neighbourhoods: int
    population: int | None
    largest: int
    """The number of the region that has most, which the bars are drawn against."""
    listed: tuple[Neighbourhood, ...]
    """The neighbourhoods themselves, by authority and name."""

    @property
    def population_text(self) -> str:
        """The residents, or "no data"."""
        return wording.NO_DATA if self.population is None else f"{self.population:,}"

    @property
    def bar(self) -> int:
        """The length of its bar, in per cent of the longest."""
        return round(100 * self.neighbourhoods / self.largest) if self.largest else 0


@dataclass(frozen=True, slots=True)
class Overview:
    """The directory in numbers."""

    neighbourhoods: int
    population: int | None
    authorities: int
    regions: tuple[RegionTotal, ...]
    lsoas: int | None
    deprived_lsoas: int | None
    letters: tuple[str, ...]
    listed: tuple[Neighbourhood, ...]

    @property
    def neighbourhoods_text(self) -> str:
        """How many neighbourhoods are listed."""
        return f"{self.neighbourhoods:,}"

    @property
    def population_text(self) -> str:
        """The residents in round figures, as they are quoted: "2.4 million"."""
        if self.population is None:
            return wording.NO_DATA
        million = 1_000_000
        if self.population < million:
            return f"{self.population:,}"
        return f"{wording.number(Decimal(self.population) / million, 1)} million"

    @property
    def population_exact_text(self) -> str:
        """The residents exactly."""
        return wording.NO_DATA if self.population is None else f"{self.population:,}"

    @property
    def deprived_lsoas_text(self) -> str:
        """How many small areas are among the most deprived tenth."""
        return wording.NO_DATA if self.deprived_lsoas is None else f"{self.deprived_lsoas:,}"

    @property
    def lsoas_text(self) -> str:
        """How many small areas there are."""
        return wording.NO_DATA if self.lsoas is None else f"{self.lsoas:,}"


def overview() -> Overview:
    """The directory in numbers; two queries."""
    listed = {one.code: one for one in everyone().with_areas()}
    by_region: dict[str, list[Neighbourhood]] = defaultdict(list)
    for one in listed.values():
        by_region[one.authority.region_id].append(one)
    largest = max(map(len, by_region.values()), default=0)
    sums: dict[str, dict[str, Decimal]] = defaultdict(dict)
    # Summed here rather than in the database, whose planner goes astray on figures that were just loaded.
    for measure, code, amount in (
        Figure.objects.filter(
            release__state=Release.State.CURRENT, measure__in=("population", "lsoas", "deprived_lsoas")
        )
        .order_by()
        .values_list("measure", "neighbourhood_id", "value")
    ):
        if amount is not None and code in listed:
            region_id = listed[code].authority.region_id
            sums[measure][region_id] = sums[measure].get(region_id, Decimal(0)) + amount

    def total(measure: str) -> int | None:
        return int(sum(sums[measure].values())) if sums[measure] else None

    populations = sums["population"]
    return Overview(
        neighbourhoods=len(listed),
        population=total("population"),
        authorities=len({one.authority_id for one in listed.values()}),
        regions=tuple(
            RegionTotal(
                region,
                len(by_region[region.code]),
                int(populations[region.code]) if region.code in populations else None,
                largest,
                tuple(sorted(by_region[region.code], key=lambda one: (one.authority.name, one.name))),
            )
            for region in sorted(
                {one.authority.region for one in listed.values()},
                key=lambda region: (-len(by_region[region.code]), region.name),
            )
        ),
        lsoas=total("lsoas"),
        deprived_lsoas=total("deprived_lsoas"),
        letters=tuple(sorted({initial(one.name) for one in listed.values()})),
        listed=tuple(listed.values()),
    )
