"""The directory in numbers: how many neighbourhoods, where, and how many people live in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from neighbourhoods import wording
from neighbourhoods.figures import total, values_of
from neighbourhoods.listings import everyone, initial
from neighbourhoods.models import Neighbourhood, Region


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
        return wording.number(self.population)

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
        return wording.number(self.neighbourhoods)

    @property
    def population_text(self) -> str:
        """The residents in round figures, as they are quoted: "2.4 million"."""
        million = 1_000_000
        if self.population is None or self.population < million:
            return wording.number(self.population)
        return f"{wording.number(Decimal(self.population) / million, 1)} million"

    @property
    def population_exact_text(self) -> str:
        """The residents exactly."""
        return wording.number(self.population)

    @property
    def deprived_lsoas_text(self) -> str:
        """How many small areas are among the most deprived tenth."""
        return wording.number(self.deprived_lsoas)

    @property
    def lsoas_text(self) -> str:
        """How many small areas there are."""
        return wording.number(self.lsoas)


def overview() -> Overview:
    """The directory in numbers; two queries."""
    listed = tuple(everyone().with_areas())
    values = values_of(("population", "lsoas", "deprived_lsoas"))
    return Overview(
        neighbourhoods=len(listed),
        population=total(values["population"].values()),
        authorities=len({one.authority_id for one in listed}),
        regions=_regions(listed, values["population"]),
        lsoas=total(values["lsoas"].values()),
        deprived_lsoas=total(values["deprived_lsoas"].values()),
        letters=tuple(sorted({initial(one.name) for one in listed})),
        listed=listed,
    )


def _regions(listed: Sequence[Neighbourhood], residents: Mapping[str, Decimal]) -> tuple[RegionTotal, ...]:
    """The regions, the one with most listed neighbourhoods first.

    Args:
        listed: All listed neighbourhoods with their areas.
        residents: By ward code, as far as they are known.
    """
    by_region: dict[Region, list[Neighbourhood]] = defaultdict(list)
    for one in listed:
        by_region[one.authority.region].append(one)
    largest = max(map(len, by_region.values()), default=0)
    return tuple(
        RegionTotal(
            region,
            len(there),
            total([residents[one.code] for one in there if one.code in residents]),
            largest,
            tuple(sorted(there, key=lambda one: (one.authority.name, one.name))),
        )
        for region, there in sorted(by_region.items(), key=lambda pair: (-len(pair[1]), pair[0].name))
    )
