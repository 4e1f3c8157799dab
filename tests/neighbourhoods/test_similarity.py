"""How alike two profiles are, and who is most like whom."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import pytest

from neighbourhoods import datapackage, similarity
from neighbourhoods.measures import BY_KEY, Theme
from neighbourhoods.similarity import DOMAINS, Distance, distance, nearest, profile_of


class Rank(NamedTuple):
    ward_code: str
    measure: str
    rank: int | None
    out_of: int | None = 101


def ranks(ward: str, **by_domain: int | None) -> list[Rank]:
    """Ranks of 101 wards: a rank less one is its way along the strip, half of it unless given."""
    return [Rank(ward, key, by_domain.get(key, 51)) for key in DOMAINS]


def test_a_profile_is_made_of_the_ten_domains_and_not_of_the_indices_that_hold_them() -> None:
    assert len(DOMAINS) == 10
    assert {BY_KEY[key].theme for key in DOMAINS} == {Theme.COMMUNITY, Theme.DEPRIVATION}
    assert all(BY_KEY[key].ranked for key in DOMAINS)
    assert profile_of([Rank("a", "cni", 1), Rank("a", "imd", 1), Rank("a", "crime", 101)]) == {"crime": 100}


def test_how_likeness_is_measured_is_counted_from_the_register() -> None:
    of = {theme: sum(BY_KEY[key].theme is theme for key in DOMAINS) for theme in Theme}
    assert (
        f"the {len(DOMAINS)} domains ({of[Theme.COMMUNITY]} of community need,"
        f" {of[Theme.DEPRIVATION]} of deprivation)"
    ) in similarity.HOW


def test_the_distance_is_the_mean_gap_between_the_marks_on_the_strips() -> None:
    one, other = profile_of(ranks("a")), profile_of(ranks("b", crime=1, health=76))

    assert distance(one, other) == distance(other, one) == Distance(Decimal("7.50"), 10)
    assert distance(one, one) == Distance(Decimal("0.00"), 10)


def test_a_missing_rank_is_left_out_and_counted() -> None:
    one, other = profile_of(ranks("a", crime=None)), profile_of(ranks("b", crime=1, health=60))

    assert distance(one, other) == Distance(Decimal("1.00"), 9)


def test_too_few_domains_say_nothing() -> None:
    gone = dict.fromkeys(DOMAINS[:6])
    assert distance(profile_of(ranks("a", **gone)), profile_of(ranks("b"))) is None
    assert distance(profile_of(ranks("a", **dict.fromkeys(DOMAINS[:5]))), profile_of(ranks("b"))) is not None
    assert nearest([*ranks("a", **gone), *ranks("b"), *ranks("c")]) == [
        ("b", 1, "c", Decimal("0.00"), 10),
        ("c", 1, "b", Decimal("0.00"), 10),
    ]


def test_the_nearest_come_first_and_equals_by_code() -> None:
    figures = [row for ward in "edcba" for row in ranks(ward, crime=51 if ward != "e" else 61)]

    assert [row for row in nearest(figures) if row[0] == "a"] == [
        ("a", 1, "b", Decimal("0.00"), 10),
        ("a", 2, "c", Decimal("0.00"), 10),
        ("a", 3, "d", Decimal("0.00"), 10),
    ]
    assert nearest(figures) == nearest(reversed(figures))


def test_one_ward_alone_is_like_nobody() -> None:
    assert nearest(ranks("a")) == []


def test_a_single_ranked_ward_does_not_divide_by_nothing() -> None:
    assert profile_of([Rank("a", "crime", 1, 1)]) == {"crime": 0}


@pytest.fixture(scope="module")
def shipped() -> list[tuple[str, int, str, Decimal, int]]:
    return nearest(datapackage.from_folder().figures)


def test_every_shipped_neighbourhood_has_three_by_all_ten_domains(
    shipped: list[tuple[str, int, str, Decimal, int]],
) -> None:
    assert len(shipped) == 225 * similarity.NEAREST
    assert {row[4] for row in shipped} == {10}
    assert all(code != other for code, _, other, _, _ in shipped)
    by_ward: dict[str, list[Decimal]] = {}
    for code, position, _, percent, _ in shipped:
        by_ward.setdefault(code, []).append(percent)
        assert len(by_ward[code]) == position
    assert all(distances == sorted(distances) for distances in by_ward.values())


def test_the_shipped_distances_are_those_that_plain_arithmetic_finds(
    shipped: list[tuple[str, int, str, Decimal, int]],
) -> None:
    """Worked out anew with exact fractions from the dataset's rows for one ward and all others."""
    from fractions import Fraction

    ward = "E05000028"
    along = {
        (row.ward_code, row.measure): Fraction(100 * (row.rank - 1), row.out_of - 1)
        for row in datapackage.from_folder().figures
        if row.measure in DOMAINS and row.rank is not None and row.out_of is not None
    }
    wards = {code for code, _ in along} - {ward}
    exact = sorted(
        (sum(abs(along[ward, key] - along[other, key]) for key in DOMAINS) / 10, other) for other in wards
    )

    found = [(other, percent) for code, _, other, percent, _ in shipped if code == ward]
    assert [other for other, _ in found] == [other for _, other in exact[:3]]
    for (_, percent), (mean, _) in zip(found, exact, strict=False):
        assert abs(float(percent) - float(mean)) < 0.0051
