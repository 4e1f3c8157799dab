"""Those to compare a neighbourhood with: next in rank, in the same authority, of the most similar profile.

All of them come from one query, whatever the number of neighbourhoods.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from leftbehind_site.common.paths import path_to
from leftbehind_site.common.statements import Statement
from neighbourhoods import similarity, wording
from neighbourhoods.figures import FigureLine, line_of
from neighbourhoods.listings import SUMMARY, Row, everyone, listing_of
from neighbourhoods.measures import BY_KEY, HEADLINES, Measure
from neighbourhoods.models import Figure, Neighbourhood, Release, SimilarProfile

MOST_COMPARED: Final = 4
"""How many neighbourhoods fit side by side."""

_REACH: Final = 2
"""How many places up and down count as neighbours in rank."""

_MOST_NEIGHBOURS: Final = 40
"""The most neighbours in rank fetched, however many wards tie."""


def comparison_path(codes: Iterable[str]) -> str:
    """The address of neighbourhoods side by side."""
    return path_to("neighbourhoods:comparison", "/".join(codes))


@dataclass(frozen=True, slots=True)
class Offer:
    """A comparison that a neighbourhood's page offers: itself first, then up to three others."""

    codes: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where the comparison is."""
        return comparison_path(self.codes)

    @property
    def text(self) -> str:
        """What the link says."""
        return f"Compare {self.names[0]} with {wording.listing(list(self.names[1:]))}"


def _offer(neighbourhood: Neighbourhood, others: Sequence[Neighbourhood]) -> Offer | None:
    """A neighbourhood beside the first of some others; none for one that has left the list."""
    together = (neighbourhood, *others[: MOST_COMPARED - 1])
    if len(together) == 1 or neighbourhood.release.state != Release.State.CURRENT:
        return None
    return Offer(tuple(one.code for one in together), tuple(one.name for one in together))


@dataclass(frozen=True, slots=True)
class RankNeighbours:
    """The neighbourhoods just above and below one place on one measure, itself included."""

    measure: Measure
    lines: tuple[tuple[Neighbourhood, FigureLine], ...]
    offer: Offer | None


@dataclass(frozen=True, slots=True)
class SimilarLine:
    """A neighbourhood of a similar profile, and how far the two are apart."""

    neighbourhood: Neighbourhood
    distance: Decimal
    domains: int

    @property
    def distance_text(self) -> str:
        """How far the marks are apart on average, in per cent of a strip's length."""
        return f"{wording.number(self.distance, 1)}%"

    @property
    def lack_text(self) -> str:
        """In how many domains only the two could be compared, where a figure is missing."""
        of = len(similarity.DOMAINS)
        return "" if self.domains == of else f"{self.domains} of {of} domains, for lack of data"


@dataclass(frozen=True, slots=True)
class Others:
    """Those to compare a neighbourhood with.

    Attributes:
        same_authority: The other listed neighbourhoods of its authority by name.
        authority_offer: A comparison with those of them that are next in rank for community need.
        neighbours: Its neighbours in rank on the two deciding measures.
        similar: Those with the most similar profiles, nearest first.
        similar_offer: A comparison with them.
    """

    same_authority: tuple[Row, ...]
    authority_offer: Offer | None
    neighbours: tuple[RankNeighbours, ...]
    similar: tuple[SimilarLine, ...]
    similar_offer: Offer | None

    @property
    def how(self) -> str:
        """How likeness is measured, in one sentence."""
        return similarity.HOW

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The comparisons offered."""
        offers = (*(near.offer for near in self.neighbours), self.authority_offer, self.similar_offer)
        return tuple(offer for offer in offers if offer)


def others_of(neighbourhood: Neighbourhood, lines: Mapping[str, FigureLine]) -> Others:
    """Those to compare a neighbourhood with, by the figures of its own release; one query.

    Args:
        neighbourhood: The ward, with authority and release.
        lines: Its figures by measure.
    """
    found = {neighbourhood.code: _Found(neighbourhood, {key: lines[key] for key in SUMMARY})}
    for figure in _figures(neighbourhood, lines):
        other = figure.neighbourhood
        if other.code not in found:
            blank = {key: _line(other, key, None, lines) for key in SUMMARY}
            found[other.code] = _Found(other, blank, listed=figure.state == Release.State.CURRENT)
        found[other.code].lines[figure.measure] = _line(other, figure.measure, figure, lines)
        if figure.likeness is not None:
            found[other.code].likeness = SimilarLine(other, figure.likeness, figure.likeness_domains)

    def near(key: str) -> RankNeighbours:
        close = _near(found[neighbourhood.code], found.values(), key)
        return RankNeighbours(
            BY_KEY[key],
            tuple((one.neighbourhood, one.lines[key]) for one in close),
            _offer(neighbourhood, _nearest_first(found[neighbourhood.code], close, key)),
        )

    same = [
        one
        for code, one in found.items()
        if code != neighbourhood.code
        and one.neighbourhood.authority_id == neighbourhood.authority_id
        and one.listed
    ]
    alike = [one.likeness for one in found.values() if one.likeness]
    similar = sorted(alike, key=lambda like: (like.distance, like.neighbourhood.code))
    return Others(
        same_authority=tuple(
            Row(one.neighbourhood, one.lines["cni"], one.lines["imd"], one.lines["population"])
            for one in same
        ),
        authority_offer=_offer(neighbourhood, _nearest_first(found[neighbourhood.code], same, "cni")),
        neighbours=tuple(row for row in (near(key) for key in HEADLINES) if len(row.lines) > 1),
        similar=tuple(similar),
        similar_offer=_offer(neighbourhood, [like.neighbourhood for like in similar]),
    )


def offered_paths() -> Iterator[str]:
    """The comparisons that the neighbourhoods' pages offer; three queries, and one for each page."""
    listed = list(everyone().select_related("authority__region", "release"))
    for row in listing_of(listed, Release.objects.current()).rows:
        lines = {"cni": row.community, "imd": row.deprivation, "population": row.population}
        yield from (offer.path for offer in others_of(row.neighbourhood, lines).offers)


@dataclass(slots=True)
class _Found:
    """A neighbourhood with its figures by measure, and whether it is on the list in force."""

    neighbourhood: Neighbourhood
    lines: dict[str, FigureLine]
    listed: bool = False
    likeness: SimilarLine | None = None

    def place(self, key: str) -> int | None:
        """Its place among the listed neighbourhoods."""
        return self.lines[key].facts.place


def _line(
    other: Neighbourhood, key: str, figure: Figure | None, lines: Mapping[str, FigureLine]
) -> FigureLine:
    """Another's figure, before the same background as the neighbourhood's own."""
    return line_of(BY_KEY[key], other.name, figure, lines[key].comparison)


def _figures(neighbourhood: Neighbourhood, lines: Mapping[str, FigureLine]) -> Iterable[Any]:
    """The figures, by name, of the others in the same authority, near in place, or alike; one query."""
    ends: list[int] = []
    for key in HEADLINES:
        place = lines[key].facts.place
        # Without a place there is nobody near: the range from 1 to 0 is empty.
        ends += (1, 0) if place is None else (place - _REACH, place + _REACH)
    return _FIGURES.rows(neighbourhood.release_id, neighbourhood.code, neighbourhood.authority_id, *ends)


def _written(release: int, code: str, authority: str, *ends: int) -> QuerySet[Figure]:
    """The same as a query; the places between which the others are to be come in pairs, by headline."""
    of_release = Figure.objects.filter(release=release)
    alike = SimilarProfile.objects.filter(release=release, neighbourhood=code).order_by()
    likeness = alike.filter(other=OuterRef("neighbourhood"))
    wanted = Q(neighbourhood__in=alike.values("other")) | Q(
        neighbourhood__authority=authority, neighbourhood__release__state=Release.State.CURRENT
    )
    for key, first, last in zip(HEADLINES, ends[::2], ends[1::2], strict=True):
        near = of_release.filter(measure=key, place__range=(first, last))
        # Not the place alone decides which, so that they are the same ones each time.
        near = near.order_by("place", "neighbourhood__name", "neighbourhood")[:_MOST_NEIGHBOURS]
        wanted |= Q(neighbourhood__in=near.values("neighbourhood"))
    return (
        of_release.filter(measure__in=SUMMARY)
        .exclude(neighbourhood=code)
        .annotate(
            likeness=Subquery(likeness.values("distance")[:1]),
            likeness_domains=Subquery(likeness.values("domains")[:1]),
            state=F("neighbourhood__release__state"),
        )
        .filter(wanted)
        .select_related("neighbourhood__authority")
        .order_by("neighbourhood__name", "neighbourhood")
    )


_FIGURES: Final = Statement(_written, int, str, str, *[int] * 2 * len(HEADLINES))


def _near(here: _Found, found: Iterable[_Found], key: str) -> list[_Found]:
    """Those within reach in place on a measure, itself included, in the order of need."""
    middle = here.place(key)
    if middle is None:
        return []
    places = [(place, one) for one in found if (place := one.place(key)) is not None]
    near = [(place, one) for place, one in places if abs(place - middle) <= _REACH]
    near.sort(key=lambda row: (row[0], row[1].neighbourhood.name, row[1].neighbourhood.code))
    return [one for _, one in near]


def _nearest_first(here: _Found, others: Sequence[_Found], key: str) -> list[Neighbourhood]:
    """Others in the order of how few places lie between, those without a place last."""

    def between(one: _Found) -> tuple[bool, int, str, str]:
        places = one.place(key), here.place(key)
        gap = abs(places[0] - places[1]) if places[0] is not None and places[1] is not None else 0
        return None in places, gap, one.neighbourhood.name, one.neighbourhood.code

    return [one.neighbourhood for one in sorted(others, key=between) if one is not here]
