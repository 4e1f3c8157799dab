"""How alike the profiles of two neighbourhoods are.

The distance of two profiles is how far apart their marks stand on the position strips of the domains, on
average, in per cent of a strip's length. The two overall indices are left out: each is made of the domains,
which would count twice, and all listed wards stand within the first tenth of both. Every domain weighs the
same; ranks rather than values are compared, because only ranks are published for all of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

from neighbourhoods import measures
from neighbourhoods.measures import Theme

_NEED: Final = tuple(measure.key for measure in measures.DOMAINS if measure.theme is Theme.COMMUNITY)
_DEPRIVATION: Final = tuple(measure.key for measure in measures.DOMAINS if measure.theme is Theme.DEPRIVATION)

DOMAINS: Final = (*_NEED, *_DEPRIVATION)
"""The measures that a profile is made of: the domains of community need and of deprivation."""

NEAREST: Final = 3
"""How many similar neighbourhoods are kept for each: with itself as many as can be compared side by side."""

FEWEST: Final = 5
"""In how many domains both must have a rank, so that a distance says something of their profiles."""

HOW: Final = (
    "Two profiles are the more alike, the closer their marks stand on the position strips of the"
    f" {len(DOMAINS)} domains ({len(_NEED)} of community need, {len(_DEPRIVATION)} of deprivation), on"
    " average and all weighing the same."
)
"""How likeness is measured, in one sentence for the page."""

Profile = Mapping[str, float]
"""By domain, how far along the strip a neighbourhood stands, in per cent from the greatest need."""


class Ranked(Protocol):
    """A rank on one measure."""

    @property
    def measure(self) -> str:
        """The measure's key."""

    @property
    def rank(self) -> int | None:
        """The rank among all wards, if there is one."""

    @property
    def out_of(self) -> int | None:
        """How many wards are ranked."""


@dataclass(frozen=True, slots=True)
class Distance:
    """How far apart two profiles are.

    Attributes:
        percent: On average, in per cent of a strip's length, to two decimals.
        domains: In how many domains both have a rank.
    """

    percent: Decimal
    domains: int


def profile_of(figures: Iterable[Ranked]) -> Profile:
    """The profile that a neighbourhood's figures make; a domain without a rank is left out."""
    return {
        figure.measure: 100 * (figure.rank - 1) / max(figure.out_of - 1, 1)
        for figure in figures
        if figure.measure in DOMAINS and figure.rank is not None and figure.out_of is not None
    }


def distance(one: Profile, other: Profile) -> Distance | None:
    """How far apart two profiles are; nothing where too few domains can be compared."""
    gaps = [abs(one[key] - other[key]) for key in DOMAINS if key in one and key in other]
    if len(gaps) < FEWEST:
        return None
    return Distance(Decimal(f"{sum(gaps) / len(gaps):.2f}"), len(gaps))


class WardFigure(Ranked, Protocol):
    """A ward's rank on one measure."""

    @property
    def ward_code(self) -> str:
        """The ward."""


def nearest(figures: Iterable[WardFigure]) -> list[tuple[str, int, str, Decimal, int]]:
    """For each ward those with the most similar profiles, nearest first; equals by code.

    Returns:
        Ward code, position from 1, the other ward's code, the distance in per cent, the domains compared.
    """
    by_ward: dict[str, list[WardFigure]] = defaultdict(list)
    for figure in figures:
        by_ward[figure.ward_code].append(figure)
    profiles = {code: profile_of(rows) for code, rows in sorted(by_ward.items())}
    found: dict[str, list[tuple[Decimal, str, int]]] = {code: [] for code in profiles}
    codes: Sequence[str] = tuple(profiles)
    for index, code in enumerate(codes):
        for other in codes[index + 1 :]:
            if apart := distance(profiles[code], profiles[other]):
                found[code].append((apart.percent, other, apart.domains))
                found[other].append((apart.percent, code, apart.domains))
    return [
        (code, position, other, percent, domains)
        for code, others in found.items()
        for position, (percent, other, domains) in enumerate(sorted(others)[:NEAREST], start=1)
    ]
