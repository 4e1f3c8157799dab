"""Releases made up for tests: any number of neighbourhoods, with the awkward cases among the first dozen.

Index 0    lies in three constituencies of 2010 and two of 2024
Index 1    is not predicted by the recomputed rule
Index 2    was not on the first list
Index 2, 3 share their ranks
Index 4    has no figures at all for income, population and town
Index 5, 6 have one name
Index 7    was in an authority that has been abolished, and its code has ended
Index 8-10 have names with quotation marks, an ampersand and angle brackets
Index 11   has none of its LSOAs among the most deprived tenth

Two wards are not listed: ``FOUND`` is named by the rule, ``LEFT`` by the first list.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from decimal import Decimal

from django.db import connection

from neighbourhoods.measures import MEASURES, NO_TOWN, Measure, Unit
from neighbourhoods.models import (
    Constituency,
    ConstituencyShare,
    Figure,
    LocalAuthority,
    Neighbourhood,
    Reference,
    Region,
    Release,
    SimilarProfile,
    Threshold,
    WardOutcome,
)

WARDS = 7433
"""How many wards the made-up England has."""

MISSING = 4
"""The neighbourhood without some of its figures."""

FOUND = "E05900001"
"""A ward that the recomputed rule names and the list does not."""

LEFT = "E05900002"
"""A ward that stood on the first list and on no later one."""

_NAMES = {
    0: "Three Corners",
    5: "Grange",
    6: "Grange",
    8: "St Anne's",
    9: 'Park & "Garden"',
    10: "Above<b>Below",
}
_LACKS = ("income", "population", "town")


def code(index: int) -> str:
    """The ward code of the neighbourhood with an index."""
    return f"E05{index + 1:06}"


def name(index: int) -> str:
    """Its name."""
    return _NAMES.get(index, f"Ward {index:04}")


def _areas() -> None:
    regions = Region.objects.bulk_create(
        [
            Region(code="E12000001", name="North East"),
            Region(code="E12000007", name="London"),
            Region(code="E12000009", name="South West"),
        ],
        ignore_conflicts=True,
    )
    north, london, south_west = regions
    authorities = [
        LocalAuthority(code="E06000001", name="Hartlepool", region=north),
        LocalAuthority(code="E06000010", name="Kingston upon Hull, City of", region=north),
        LocalAuthority(code="E09000002", name="Barking and Dagenham", region=london),
        LocalAuthority(code="E06000059", name="Dorset", region=south_west),
    ]
    LocalAuthority.objects.bulk_create(authorities, ignore_conflicts=True)
    LocalAuthority.objects.bulk_create(
        [
            LocalAuthority(
                code="E07000053", name="Weymouth and Portland", region=south_west, successor=authorities[3]
            )
        ],
        ignore_conflicts=True,
    )
    Constituency.objects.bulk_create(
        [
            *(
                Constituency(code=f"E1400000{n}", name=title, drawn=2010)
                for n, title in enumerate(("North", "East", "South & West"), start=1)
            ),
            Constituency(code="E14001001", name="North", drawn=2024),
            Constituency(code="E14001002", name="Elsewhere", drawn=2024),
        ],
        ignore_conflicts=True,
    )


def _authorities(index: int) -> tuple[str, str]:
    """The authorities of 2019 and 2017."""
    if index == 7:
        return "E06000059", "E07000053"
    standing = ("E06000001", "E06000010", "E09000002")[index % 3]
    return standing, standing


def _shares(index: int) -> list[ConstituencyShare]:
    if index == 0:
        parts = [
            ("E14000001", None, True),
            ("E14000002", None, False),
            ("E14000003", None, False),
            ("E14001001", Decimal("0.6"), True),
            ("E14001002", Decimal("0.4"), False),
        ]
    else:
        parts = [("E14000001", None, True), ("E14001001", Decimal(1), True)]
    return [
        ConstituencyShare(neighbourhood_id=code(index), constituency_id=constituency, share=share, main=main)
        for constituency, share, main in parts
    ]


def _value(measure: Measure, index: int, count: int) -> Decimal | None:
    """A figure that falls with the index, so that the order of need is the order of the indices."""
    if not measure.value_published or (index == MISSING and measure.key in _LACKS):
        return None
    step = 2 if index == 3 else index
    if measure.key == "lsoas":
        return Decimal(6)
    if measure.key == "deprived_lsoas":
        return Decimal(0) if index == 11 else Decimal(6) if index == 0 else Decimal(5)
    if measure.unit is Unit.PERCENT:
        return (
            Decimal(0) if index == 11 else (Decimal(100) * (count - step) / count).quantize(Decimal("0.0001"))
        )
    return Decimal(5000 + 3 * (count - step))


def _category(measure: Measure, index: int) -> str:
    if measure.key == "rural_urban":
        return "Urban city and town"
    return "" if index == MISSING else NO_TOWN if index % 2 else "Sunderland"


def _places(amounts: dict[int, Decimal]) -> dict[int, tuple[int, bool]]:
    """Places from 1 by index, with whether they are shared; tied ones take the first."""
    sizes = Counter(amounts.values())
    first, position = {}, 1
    for amount in sorted(sizes):
        first[amount] = position
        position += sizes[amount]
    return {index: (first[amount], sizes[amount] > 1) for index, amount in amounts.items()}


def _figures(release: Release, count: int, measure: Measure) -> list[Figure]:
    values = {index: _value(measure, index, count) for index in range(count)}
    if measure.unit is Unit.CATEGORY:
        return [
            Figure(
                release=release,
                neighbourhood_id=code(index),
                measure=measure.key,
                category=_category(measure, index),
            )
            for index in range(count)
        ]
    if measure.value_published:
        order = {index: -amount for index, amount in values.items() if amount is not None}
    else:
        order = {index: Decimal(2 if index == 3 else index) for index in range(count)}
    places = _places(order)
    figures = []
    for index in range(count):
        position, joint = places.get(index, (None, False))
        ranked = measure.ranked and position is not None
        figures.append(
            Figure(
                release=release,
                neighbourhood_id=code(index),
                measure=measure.key,
                value=values[index],
                rank=position if ranked else None,
                joint=joint if ranked else False,
                out_of=max(WARDS, count) if ranked else None,
                place=position,
                joint_place=joint,
            )
        )
    return figures


def _reference(release: Release, count: int, measure: Measure) -> Reference:
    listed = count - (1 if measure.key in _LACKS and count > MISSING else 0)
    published = measure.value_published and measure.unit is not Unit.CATEGORY
    return Reference(
        release=release,
        measure=measure.key,
        wards=max(WARDS, count),
        median=Decimal("9.1") if published else None,
        listed=listed,
        listed_median=Decimal("25.5") if published else None,
        listed_median_rank=Decimal("331.5") if measure.ranked else None,
        tenth_rank=743 if measure.ranked else None,
        tenth_value=Decimal(35) if published and measure.ranked else None,
    )


def _outcomes(release: Release, count: int) -> list[WardOutcome]:
    listed = [
        WardOutcome(
            release=release,
            ward_code=code(index),
            ward_name=name(index),
            authority_name="Somewhere",
            flagged=True,
            predicted=index != 1,
            first_list=index != 2,
            imd_score=Decimal(40),
            imd_rank=750 if index == 1 else index + 1,
            cni_rank=index + 1,
        )
        for index in range(count)
    ]
    others = [
        WardOutcome(
            release=release,
            ward_code=other,
            ward_name=title,
            authority_name="Elsewhere, City of",
            flagged=False,
            predicted=other == FOUND,
            first_list=other == LEFT,
            imd_score=Decimal(35),
            imd_rank=rank,
        )
        for other, title, rank in ((FOUND, "Found & Missing", 741), (LEFT, "Left Again", 801))
    ]
    return [*listed, *others]


def _thresholds(release: Release, count: int) -> list[Threshold]:
    """One listed ward fewer than there are is within the tenth; all are from 11 per cent on."""
    return [
        Threshold(
            release=release,
            percent=percent,
            cni_rank=max(WARDS, count) * percent // 100,
            imd_rank=max(WARDS, count) * percent // 100,
            wards=count * percent // 10,
            listed=min(count * percent // 10, count if percent > 10 else count - 1),
        )
        for percent in range(5, 16)
    ]


def _similar(release: Release, count: int) -> list[SimilarProfile]:
    """Each is most like the three after it; after the last comes the first."""
    return [
        SimilarProfile(
            release=release,
            neighbourhood_id=code(index),
            position=position,
            other_id=code((index + position) % count),
            distance=Decimal(position) + Decimal("0.25"),
            domains=9 if MISSING in (index, (index + position) % count) else 10,
        )
        for index in range(count)
        for position in range(1, min(count, 4))
    ]


def bare_release(count: int = 0, *, title: str = "A release") -> Release:
    """A current release for so many neighbourhoods, which are yet to come."""
    return Release.objects.create(
        title=title,
        geography="made-up wards",
        fingerprint=hashlib.sha256(f"{title} {count}".encode()).hexdigest(),
        state=Release.State.CURRENT,
        loaded_by_name="tests",
        wards_compared=max(WARDS, count),
        report={},
    )


def make_release(count: int = 12, *, title: str = "Made-up release") -> Release:
    """A current release of so many neighbourhoods; the one in force until now is superseded."""
    _areas()
    Release.objects.filter(state=Release.State.CURRENT).update(state=Release.State.SUPERSEDED)
    release = bare_release(count, title=title)
    neighbourhoods = [
        Neighbourhood(
            code=code(index),
            name=name(index),
            authority_id=_authorities(index)[0],
            authority_2017_id=_authorities(index)[1],
            longitude=Decimal("-1.5"),
            latitude=Decimal("54.5"),
            ward_in_2019=index != 7,
            release=release,
        )
        for index in range(count)
    ]
    Neighbourhood.objects.bulk_create(
        neighbourhoods,
        update_conflicts=True,
        unique_fields=("code",),
        update_fields=("name", "authority", "authority_2017", "ward_in_2019", "release"),
        batch_size=500,
    )
    ConstituencyShare.objects.bulk_create(
        [share for index in range(count) for share in _shares(index)], ignore_conflicts=True, batch_size=500
    )
    for measure in MEASURES:
        Figure.objects.bulk_create(_figures(release, count, measure), batch_size=500)
    Reference.objects.bulk_create([_reference(release, count, measure) for measure in MEASURES])
    SimilarProfile.objects.bulk_create(_similar(release, count), batch_size=500)
    WardOutcome.objects.bulk_create(_outcomes(release, count), batch_size=500)
    Threshold.objects.bulk_create(_thresholds(release, count))
    if connection.vendor == "postgresql":
        # Nobody waits here for the server to notice how large the tables have become.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return release
