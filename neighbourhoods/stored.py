"""Database → dataset: what a load wrote, as plain rows again.

So what is given away is what the pages show, whichever files the figures came from. The dataset that comes
out has the fingerprint of the release that went in. Rows are put in order here rather than by the database,
which may sort letters in another way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from neighbourhoods import codes
from neighbourhoods.dataset import (
    AuthorityRow,
    ConstituencyRow,
    ConstituencyShareRow,
    Dataset,
    FigureRow,
    GridRow,
    NeighbourhoodRow,
    OutcomeRow,
    PostcodeRow,
    ReferenceRow,
    RegionRow,
    SourceRow,
    ThresholdRow,
)
from neighbourhoods.measures import MEASURES
from neighbourhoods.models import (
    Boundary,
    Constituency,
    ConstituencyShare,
    LocalAuthority,
    Postcode,
    Region,
    Release,
)

_ORDER: Final = {measure.key: number for number, measure in enumerate(MEASURES)}


def dataset(release: Release) -> Dataset:
    """The dataset of the release that is in force; twelve queries.

    Areas and outlines that only an earlier release needed are left out.
    """
    listed = _neighbourhoods(release)
    standing = {row.authority_code for row in listed}
    districts = standing | {row.authority_2017_code for row in listed}
    shares = _shares({row.ward_code for row in listed})
    constituencies = {row.constituency_code for row in shares}
    regions = sorted(RegionRow(*row) for row in Region.objects.values_list("code", "name"))
    outlined = {row.ward_code for row in listed} | standing | {row.region_code for row in regions}
    outlined.add(codes.ENGLAND)
    return Dataset(
        title=release.title,
        geography=release.geography,
        wards_compared=release.wards_compared,
        regions=regions,
        authorities=sorted(
            (
                AuthorityRow(*row)
                for row in LocalAuthority.objects.values_list("code", "name", "region_id", "successor_id")
                if row[0] in districts
            ),
            key=lambda row: row.authority_code,
        ),
        constituencies=sorted(
            ConstituencyRow(*row)
            for row in Constituency.objects.values_list("code", "name", "drawn")
            if row[0] in constituencies
        ),
        neighbourhoods=listed,
        constituency_shares=shares,
        figures=_figures(release),
        references=_references(release),
        grid=sorted(GridRow(*row) for row in release.grid),
        outcomes=_outcomes(release),
        thresholds=sorted(
            ThresholdRow(*row) for row in release.thresholds.values_list(*ThresholdRow._fields)
        ),
        postcodes=sorted(
            PostcodeRow(*row) for row in Postcode.objects.values_list("postcode", "neighbourhood_id")
        ),
        sources=sorted(SourceRow(*row) for row in release.files.values_list(*SourceRow._fields)),
        boundaries=_outlines(outlined),
    )


def _neighbourhoods(release: Release) -> list[NeighbourhoodRow]:
    return sorted(
        NeighbourhoodRow(*row)
        for row in release.neighbourhoods.values_list(
            "code",
            "name",
            "authority_2017_id",
            "authority_id",
            "longitude",
            "latitude",
            "ward_in_2019",
        )
    )


def _shares(wards: set[str]) -> list[ConstituencyShareRow]:
    rows = ConstituencyShare.objects.values_list("neighbourhood_id", "constituency_id", "share", "main")
    return sorted(
        (
            ConstituencyShareRow(ward, constituency, _plain(share), main)
            for ward, constituency, share, main in rows
            if ward in wards
        ),
        key=lambda row: (row.ward_code, row.constituency_code),
    )


def _figures(release: Release) -> list[FigureRow]:
    rows = release.figures.filter(neighbourhood__release=release).values_list(
        "neighbourhood_id", "measure", "value", "category", "rank", "joint", "out_of"
    )
    return sorted(
        (
            FigureRow(ward, measure, _plain(value), category or None, rank, joint, out_of)
            for ward, measure, value, category, rank, joint, out_of in rows
        ),
        key=lambda row: (row.ward_code, _ORDER[row.measure]),
    )


def _references(release: Release) -> list[ReferenceRow]:
    rows = [
        ReferenceRow(
            row.measure,
            row.wards,
            _plain(row.median),
            row.listed,
            _plain(row.listed_median),
            _plain(row.listed_median_rank),
            row.tenth_rank,
            _plain(row.tenth_value),
        )
        for row in release.references.all()
    ]
    return sorted(rows, key=lambda row: _ORDER[row.measure])


def _outcomes(release: Release) -> list[OutcomeRow]:
    rows = (OutcomeRow(*row) for row in release.outcomes.values_list(*OutcomeRow._fields))
    return sorted(
        (row._replace(imd_score=_plain(row.imd_score)) for row in rows), key=lambda row: row.ward_code
    )


def _plain(value: Decimal | None) -> Decimal | None:
    """A decimal without the noughts that the database fills it up with."""
    return value if value is None else Decimal(f"{value.normalize():f}")


def _outlines(areas: Iterable[str]) -> dict[str, Any]:
    rows = dict(Boundary.objects.values_list("code", "geometry"))
    return {code: json.loads(rows[code]) for code in sorted(areas) if code in rows}
