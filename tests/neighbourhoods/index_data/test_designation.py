"""From LSOAs to ward figures, ranks and the rule, for any wards whatever."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neighbourhoods.index_data.designation import last_rank, predicted, rank_wards, ward_figures
from neighbourhoods.index_data.formats import TENTH_DOMAINS
from neighbourhoods.measures import NO_TOWN

pytestmark = pytest.mark.once

WARDS = [f"E0500000{number}" for number in range(6)]
thorough = settings(max_examples=40)


def hundredths(most: int) -> st.SearchStrategy[float]:
    return st.integers(0, most * 100).map(lambda number: number / 100)


LSOA = st.fixed_dictionaries(
    {
        "ward_code": st.sampled_from(WARDS),
        "imd": hundredths(100),
        "income": hundredths(1),
        "employment": hundredths(1),
        "population": st.integers(1, 5_000).map(float),
        "working_age": st.one_of(st.just(0.0), hundredths(3_000)),
        "people": st.integers(0, 5_000),
        "imd_decile": st.integers(1, 10),
        **{f"{domain}_decile": st.integers(1, 10) for domain in TENTH_DOMAINS},
        "rural_urban": st.sampled_from(["Urban city and town", "Rural village"]),
        "town": st.sampled_from(["", "Northport", "Southport"]),
    }
)
LSOAS = st.lists(LSOA, min_size=1, max_size=25)
Rows = list[dict[str, Any]]


def by_ward(rows: Rows) -> dict[str, Rows]:
    return {
        ward: [row for row in rows if row["ward_code"] == ward] for ward in {r["ward_code"] for r in rows}
    }


@thorough
@given(rows=LSOAS)
def test_averages_are_weighted_and_lie_between_the_least_and_the_greatest(rows: Rows) -> None:
    wards = ward_figures(pd.DataFrame(rows))
    assert set(wards.index) == set(by_ward(rows))
    for ward, own in by_ward(rows).items():
        for measure, weight, scale in (
            ("imd", "population", 1),
            ("income", "population", 100),
            ("employment", "working_age", 100),
        ):
            values = [Fraction(row[measure]) * scale for row in own]
            weights = [Fraction(row[weight]) for row in own]
            found = float(wards.loc[ward, measure])  # type: ignore[arg-type]
            if not sum(weights):
                assert math.isnan(found)
                continue
            exact = sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)
            assert found == pytest.approx(float(exact), abs=1e-9)
            counted = [float(v) for v, w in zip(values, weights, strict=True) if w]
            assert min(counted) - 1e-9 <= found <= max(counted) + 1e-9


@thorough
@given(rows=LSOAS)
def test_counts_and_shares_are_those_of_the_wards_own_lsoas(rows: Rows) -> None:
    wards = ward_figures(pd.DataFrame(rows)).to_dict("index")
    assert sum(ward["lsoas"] for ward in wards.values()) == len(rows)
    assert sum(ward["population"] for ward in wards.values()) == sum(row["people"] for row in rows)
    for ward, own in by_ward(rows).items():
        first = sum(row["imd_decile"] == 1 for row in own)
        assert wards[ward]["lsoas"] == len(own)
        assert wards[ward]["deprived_lsoas"] == first
        assert wards[ward]["deprived_lsoas_share"] == pytest.approx(100 * first / len(own))
        for domain in TENTH_DOMAINS:
            share = 100 * sum(row[f"{domain}_decile"] == 1 for row in own) / len(own)
            assert wards[ward][domain] == pytest.approx(share)


@thorough
@given(rows=LSOAS)
def test_a_class_is_one_that_no_other_has_more_residents_of(rows: Rows) -> None:
    wards = ward_figures(pd.DataFrame(rows)).to_dict("index")
    for ward, own in by_ward(rows).items():
        for category in ("rural_urban", "town"):
            residents = {
                name: sum(row["people"] for row in own if row[category] == name)
                for name in {row[category] for row in own}
            }
            first = min(name for name in residents if residents[name] == max(residents.values()))
            assert wards[ward][category] == (first or NO_TOWN)


@thorough
@given(rows=LSOAS, order=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_makes_no_difference(rows: Rows, order: Any) -> None:
    shuffled = list(rows)
    order.shuffle(shuffled)
    pd.testing.assert_frame_equal(ward_figures(pd.DataFrame(rows)), ward_figures(pd.DataFrame(shuffled)))


def test_equal_averages_are_equal_whatever_they_are_made_from() -> None:
    """A tenth three times over is three tenths, although it is not in binary fractions."""
    one = dict.fromkeys(("income", "employment"), 0.1) | {"imd": 0.3, "population": 1.0, "working_age": 1.0}
    base: dict[str, Any] = {"people": 1, "rural_urban": "Rural village", "town": "", "imd_decile": 1}
    base |= {f"{domain}_decile": 2 for domain in TENTH_DOMAINS}
    rows = [{"ward_code": "A", **base, **one}]
    rows += [{"ward_code": "B", **base, **one, "imd": score} for score in (0.1, 0.2, 0.6)]
    wards = ward_figures(pd.DataFrame(rows))
    assert rank_wards(wards["imd"])["joint"].all()


VALUES = st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=1, max_size=40)


def ranked(values: list[int | None]) -> list[dict[Any, Any]]:
    return rank_wards(pd.Series(values, dtype=float)).to_dict("records")


@thorough
@given(values=VALUES)
def test_ranks_run_from_one_and_fall_as_values_rise(values: list[int | None]) -> None:
    found = ranked(values)
    with_value = [value for value in values if value is not None]
    for value, row in zip(values, found, strict=True):
        assert row["out_of"] == len(with_value)
        if value is None:
            assert row["rank"] is None
            assert not row["joint"]
            continue
        assert 1 <= row["rank"] <= row["out_of"]
        assert row["rank"] == 1 + sum(other > value for other in with_value)
        assert row["joint"] == (with_value.count(value) > 1)
    if with_value:
        assert min(row["rank"] for row in found if row["rank"] is not None) == 1


@thorough
@given(values=VALUES, at=st.integers(0, 39), more=st.integers(1, 9))
def test_a_ward_whose_value_rises_does_not_fall_behind(values: list[int | None], at: int, more: int) -> None:
    at %= len(values)
    raised = list(values)
    raised[at] = (values[at] or 0) + more
    before, after = ranked(values), ranked(raised)
    assert before[at]["rank"] is None or after[at]["rank"] <= before[at]["rank"]


@pytest.mark.parametrize(
    ("wards", "last"), [(7_433, 743), (7_427, 742), (10, 1), (19, 1), (20, 2), (9, 0), (0, 0)]
)
def test_where_the_most_deprived_tenth_ends(wards: int, last: int) -> None:
    assert last_rank(wards) == last


@pytest.mark.parametrize(
    ("wards", "percent", "last"), [(7_433, 5, 371), (7_433, 15, 1_114), (7_427, 9, 668), (20, 100, 20)]
)
def test_where_another_part_of_the_wards_ends(wards: int, percent: int, last: int) -> None:
    assert last_rank(wards, percent) == last


PAIRS = st.lists(st.integers(0, 40), min_size=10, max_size=40, unique=True).flatmap(
    lambda cni: st.tuples(
        st.just(cni),
        st.lists(st.one_of(st.none(), st.integers(0, 40)), min_size=len(cni), max_size=len(cni)),
    )
)


def rule(cni: list[int], imd: list[int | None], percent: int = 10) -> list[bool]:
    by_need = pd.Series(cni, dtype=float).rank(method="min", ascending=False).astype("Int64")
    by_score = rank_wards(pd.Series(imd, dtype=float))["rank"]
    return list(predicted(by_need, by_score, sum(score is not None for score in imd), percent))


@thorough
@given(pair=PAIRS)
def test_the_rule_names_wards_within_the_tenth_of_both_and_no_ward_without_an_average(
    pair: tuple[list[int], list[int | None]],
) -> None:
    cni, imd = pair
    scores = [score for score in imd if score is not None]
    for named, need, score in zip(rule(cni, imd), cni, imd, strict=True):
        within_cni = sum(other > need for other in cni) < math.floor(len(cni) / 10)
        within_imd = score is not None and sum(o > score for o in scores) < math.floor(len(scores) / 10)
        assert named == (within_cni and within_imd)


@thorough
@given(pair=PAIRS, percent=st.integers(0, 99), more=st.integers(1, 100))
def test_a_wider_threshold_takes_no_ward_out_of_the_rule(
    pair: tuple[list[int], list[int | None]], percent: int, more: int
) -> None:
    narrow, wide = (rule(*pair, percent=share) for share in (percent, min(percent + more, 100)))
    assert all(after >= before for before, after in zip(narrow, wide, strict=True))


@thorough
@given(pair=PAIRS, at=st.integers(0, 39), more=st.integers(1, 40))
def test_more_deprivation_takes_no_ward_out_of_the_rule(
    pair: tuple[list[int], list[int | None]], at: int, more: int
) -> None:
    cni, imd = pair
    at %= len(cni)
    raised = list(imd)
    score = raised[at]
    if score is None:
        return
    raised[at] = score + more
    assert rule(cni, raised)[at] >= rule(cni, imd)[at]
