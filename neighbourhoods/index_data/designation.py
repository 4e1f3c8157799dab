"""From LSOAs to wards, ranks, and the rule that makes a ward 'left behind'.

Source of the rule: the APPG's own account of how its neighbourhoods were identified, "among the most
deprived 10% of wards on both the Community Needs Index and the Index of Multiple Deprivation".
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from neighbourhoods.dataset import THRESHOLD
from neighbourhoods.index_data.formats import TENTH_DOMAINS
from neighbourhoods.measures import NO_TOWN

PERCENTS: Final = range(5, 16)
"""The per cents for which it is worked out which wards the rule would name."""

_NOISE: Final = 10
"""Decimals at which averages are compared, so that rounding in the last binary digit makes no rank."""


def ward_figures(lsoas: pd.DataFrame) -> pd.DataFrame:
    """Ward averages and counts over the LSOAs that best fit each ward.

    The IMD score and the income rate are weighted by population, the employment rate by working-age
    population (mid-2015 denominators, as the index itself uses them).

    Args:
        lsoas: ward_code, imd, income, employment, population, working_age, people (mid-2019), imd_decile, a
            decile for each of ``TENTH_DOMAINS``, rural_urban, town; one row per LSOA.

    Returns:
        Indexed by ward_code: imd (score), income, employment, education, health, crime, housing,
        environment and deprived_lsoas_share (per cent), lsoas and deprived_lsoas (counts), population
        (people, mid-2019), rural_urban, town (words).
    """
    work = pd.DataFrame(
        {
            "ward_code": lsoas["ward_code"],
            "imd": lsoas["imd"] * lsoas["population"],
            "income": lsoas["income"] * lsoas["population"],
            "employment": lsoas["employment"] * lsoas["working_age"],
            "weight": lsoas["population"],
            "working_age": lsoas["working_age"],
            "population": lsoas["people"],
            "lsoas": 1,
            "deprived_lsoas": (lsoas["imd_decile"] == 1).astype("int64"),
            **{domain: (lsoas[f"{domain}_decile"] == 1).astype("int64") for domain in TENTH_DOMAINS},
        }
    )
    sums = work.groupby("ward_code", sort=True).sum()
    wards = pd.DataFrame(index=sums.index)
    wards["imd"] = (sums["imd"] / sums["weight"]).round(_NOISE)
    wards["income"] = (100 * sums["income"] / sums["weight"]).round(_NOISE)
    # A ward without residents of working age has no rate: missing, not 0.
    wards["employment"] = (
        100 * sums["employment"] / sums["working_age"].where(sums["working_age"] > 0)
    ).round(_NOISE)
    for domain in TENTH_DOMAINS:
        wards[domain] = (100 * sums[domain] / sums["lsoas"]).round(_NOISE)
    wards["lsoas"] = sums["lsoas"]
    wards["deprived_lsoas"] = sums["deprived_lsoas"]
    wards["deprived_lsoas_share"] = (100 * sums["deprived_lsoas"] / sums["lsoas"]).round(_NOISE)
    wards["population"] = sums["population"]
    for category in ("rural_urban", "town"):
        wards[category] = _largest(lsoas, category)
    wards["town"] = wards["town"].replace("", NO_TOWN)
    return wards


def _largest(lsoas: pd.DataFrame, category: str) -> pd.Series[str]:
    """The class that most residents of each ward live in; of equals, the first in the alphabet."""
    people = lsoas.groupby(["ward_code", category], sort=True)["people"].sum().reset_index()
    people = people.sort_values(["ward_code", "people", category], ascending=[True, False, True])
    return people.drop_duplicates("ward_code").set_index("ward_code")[category]


def rank_wards(values: pd.Series[float]) -> pd.DataFrame:
    """Ranks of wards, 1 for the highest value; equal values share the better rank.

    Args:
        values: One value per ward; a missing one gets no rank.

    Returns:
        Indexed like ``values``: rank (Int64, missing where the value is), joint (whether another ward shares
        it), out_of (how many wards have a value).
    """
    ranks = values.rank(ascending=False, method="min").astype("Int64")
    return pd.DataFrame(
        {
            "rank": ranks,
            "joint": ranks.duplicated(keep=False) & ranks.notna(),
            "out_of": int(values.notna().sum()),
        }
    )


def last_rank(wards: int, percent: int = THRESHOLD) -> int:
    """The last rank within the most deprived part; by itself, the tenth.

    Of 7,433 wards it is 743, of the 7,427 with LSOAs it is 742.

    Args:
        wards: How many are ranked.
        percent: How many per cent of them count.
    """
    return wards * percent // 100


def predicted(
    cni_rank: pd.Series[int], imd_rank: pd.Series[int], imd_wards: int, percent: int = THRESHOLD
) -> pd.Series[bool]:
    """The rule: within the most deprived tenth of wards on both indices.

    Args:
        cni_rank: Published rank of every ward of the Community Needs Index.
        imd_rank: Rank of the ward's average IMD score; missing where it has no LSOA.
        imd_wards: How many wards are ranked on the latter.
        percent: How many per cent of the wards count as the most deprived, where it is not a tenth.

    Returns:
        Indexed like the ranks: whether the rule names the ward; false where it has no LSOA.
    """
    within_cni = cni_rank <= last_rank(len(cni_rank), percent)
    within_imd = (imd_rank <= last_rank(imd_wards, percent)).fillna(value=False)
    return (within_cni & within_imd).astype(bool)
