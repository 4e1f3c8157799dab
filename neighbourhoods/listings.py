"""Selections of many neighbourhoods: the directory and its areas.

The number of database queries is fixed, whatever the number of neighbourhoods.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from django.db.models import F, QuerySet

from leftbehind_site.common.statements import Statement
from neighbourhoods import codes, wording
from neighbourhoods.figures import Comparison, FigureLine, comparisons_of, line_of, listed_in, total
from neighbourhoods.measures import BY_KEY
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
class First:
    """Who of a list has the best rank on one of the two indices: 1 is the greatest need.

    Attributes:
        places: One neighbourhood, or all that share the rank.
        line: The figure that they have.
    """

    places: tuple[Neighbourhood, ...]
    line: FigureLine


@dataclass(frozen=True, slots=True)
class Listing:
    """Neighbourhoods with their figures, and what holds for them together."""

    rows: tuple[Row, ...]
    comparisons: dict[str, Comparison]
    listed: int
    """How many neighbourhoods the whole list has, wherever they are."""

    @property
    def firsts(self) -> tuple[First, ...]:
        """Who stands first on each index, where there are several to stand behind."""
        found = []
        for lines in ([row.community for row in self.rows], [row.deprivation for row in self.rows]):
            ranks = [line.facts.rank for line in lines if line.facts.rank is not None]
            if len(ranks) > 1:
                best = [number for number, line in enumerate(lines) if line.facts.rank == min(ranks)]
                places = tuple(self.rows[number].neighbourhood for number in best)
                found.append(First(places, lines[best[0]]))
        return tuple(found)

    @property
    def count_text(self) -> str:
        """How many neighbourhoods are in this part of it."""
        return wording.number(len(self.rows))

    @property
    def listed_text(self) -> str:
        """How many neighbourhoods the whole list has, as it is printed."""
        return wording.number(self.listed)

    @property
    def population(self) -> int | None:
        """Residents of those with a figure; nothing where no one has one."""
        known = (row.population.facts.value for row in self.rows)
        return total([residents for residents in known if residents is not None])

    @property
    def population_text(self) -> str:
        """Their residents together, and how many of the neighbourhoods the sum covers when not all."""
        if self.population is None:
            return wording.NO_DATA
        known = sum(1 for row in self.rows if not row.population.missing)
        covers = (
            "" if known == len(self.rows) else f" ({wording.number(known)} of {self.count_text} with data)"
        )
        return f"{wording.number(self.population)}{covers}"


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
