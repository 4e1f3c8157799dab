"""One reader per published format, and how each format is recognised.

A file is recognised by its header, whatever it is called. Each reader returns a tidy frame of English rows
with our own column names; what is odd about a publisher's file is said at its reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from neighbourhoods import codes
from neighbourhoods.dataset import LEAST_SHARE
from neighbourhoods.index_data.reading import PublishedFile, cells, read_columns

OTHER_NATIONS: Final = r"(?:[LMNSW][0-9]{8}|95[A-Z]{2}[0-9]{2}[A-Z][0-9])"
"""The codes of areas in Scotland, Wales, Northern Ireland (two kinds), Jersey, Guernsey and Man: skipped."""

TENTH_DOMAINS: Final[Mapping[str, str]] = {
    "education": "Education, Skills and Training Decile (where 1 is most deprived 10% of LSOAs)",
    "health": "Health Deprivation and Disability Decile (where 1 is most deprived 10% of LSOAs)",
    "crime": "Crime Decile (where 1 is most deprived 10% of LSOAs)",
    "housing": "Barriers to Housing and Services Decile (where 1 is most deprived 10% of LSOAs)",
    "environment": "Living Environment Decile (where 1 is most deprived 10% of LSOAs)",
}
"""Measure → decile column, for the domains of which a ward's share of most deprived LSOAs is shown."""

_CNI: Final[Mapping[str, str]] = {
    "ward17_code": "ward_code",
    "ward17_name": "ward_name",
    "lad19_code": "authority_code",
    "Community Needs Index score": "cni_score",
    "Community Needs Index rank": "cni",
    "Civic Assets score": "cni_civic_assets_score",
    "Civic Assets rank": "cni_civic_assets",
    "Connectedness score": "cni_connectedness_score",
    "Connectedness rank": "cni_connectedness",
    "Engaged community score": "cni_engagement_score",
    "Engaged community rank": "cni_engagement",
    "Left Behind Area?": "flagged",
}
CNI_MEASURES: Final = ("cni", "cni_civic_assets", "cni_connectedness", "cni_engagement")


def read_cni(file: PublishedFile) -> pd.DataFrame:
    """The Community Needs Index 2019 of OCSI and Local Trust, and the published list.

    Despite their names, ``lad19_code`` and ``lad19_name`` hold districts of December 2017. The scores serve
    to check the ranks and go no further.

    Returns:
        ward_code, ward_name, authority_code, flagged, and a rank (1 to the number of wards; 1 is the greatest
        need) for each of ``CNI_MEASURES``; one row per ward.

    Raises:
        SourceError: At the first thing in the file that is not as it must be.
    """
    frame = read_columns(file, _CNI)
    of = {name: cells(file, frame, _CNI, name) for name in _CNI.values()}
    of["ward_code"].matching(codes.WARD, "a ward code")
    of["ward_code"].once()
    of["authority_code"].matching(codes.AUTHORITY, "a local authority code")
    tidy = pd.DataFrame(
        {
            "ward_code": frame["ward_code"],
            "ward_name": of["ward_name"].filled(),
            "authority_code": frame["authority_code"],
            "flagged": of["flagged"].flags(),
        }
    )
    for measure in CNI_MEASURES:
        tidy[measure] = of[measure].ranks(of[f"{measure}_score"].numbers())
    return tidy


def read_first_list(file: PublishedFile) -> pd.DataFrame:
    """The same table as it stood in September 2019, when its flag named the first list.

    Returns:
        ward_code, cni (rank), first_list (whether the first list names the ward); one row per ward.

    Raises:
        SourceError: At the first thing in the file that is not as it must be.
    """
    return read_cni(file)[["ward_code", "cni", "flagged"]].rename(columns={"flagged": "first_list"})


_IOD: Final[Mapping[str, str]] = {
    "LSOA code (2011)": "lsoa_code",
    "Index of Multiple Deprivation (IMD) Score": "imd",
    "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)": "imd_rank",
    "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)": "imd_decile",
    "Income Score (rate)": "income",
    "Employment Score (rate)": "employment",
    **{published: f"{measure}_decile" for measure, published in TENTH_DOMAINS.items()},
    "Total population: mid 2015 (excluding prisoners)": "population",
    "Working age population 18-59/64: for use with Employment Deprivation Domain (excluding prisoners)": (
        "working_age"
    ),
}


def read_iod(file: PublishedFile) -> pd.DataFrame:
    """File 7 of the English indices of deprivation 2019: scores, ranks, deciles and denominators by LSOA.

    The working-age column holds fractions. Income and employment scores are rates from 0 to 1.

    Returns:
        lsoa_code, imd (score), income and employment (rates, 0 to 1), a decile (1 to 10, 1 is the most
        deprived) for IMD and each of ``TENTH_DOMAINS``, population and working_age (people, mid-2015);
        one row per LSOA.

    Raises:
        SourceError: At the first thing in the file that is not as it must be.
    """
    frame = read_columns(file, _IOD)
    of = {name: cells(file, frame, _IOD, name) for name in _IOD.values()}
    of["lsoa_code"].matching(codes.LSOA, "an LSOA code")
    of["lsoa_code"].once()
    tidy = pd.DataFrame({"lsoa_code": frame["lsoa_code"], "imd": of["imd"].numbers(0, 100)})
    of["imd_rank"].ranks(tidy["imd"])
    for rate in ("income", "employment"):
        tidy[rate] = of[rate].numbers(0, 1)
    for name in ("imd_decile", *(f"{measure}_decile" for measure in TENTH_DOMAINS)):
        tidy[name] = of[name].integers(1, 10)
    tidy["population"] = of["population"].numbers(1)
    tidy["working_age"] = of["working_age"].numbers(0)
    return tidy


def _english(frame: pd.DataFrame, code: str) -> pd.DataFrame:
    return frame[~frame[code].str.fullmatch(OTHER_NATIONS)].reset_index(drop=True)


def _lookup(
    file: PublishedFile, names: Mapping[str, str], shapes: Mapping[str, str], total: str | None = None
) -> pd.DataFrame:
    """A lookup's English rows, their codes proved.

    Args:
        file: The file.
        names: Published column name → name in the frame. The first is the code that tells the nation.
        shapes: Name in the frame → pattern its codes match.
        total: What stands in place of the code in a row that sums up the others.
    """
    code = next(iter(names.values()))
    frame = read_columns(file, names)
    frame = _english(frame[frame[code] != total], code)
    for name, pattern in shapes.items():
        cells(file, frame, names, name).matching(pattern, "an official code")
    return frame


_LSOA_WARD: Final[Mapping[str, str]] = {"LSOA11CD": "lsoa_code", "WD17CD": "ward_code"}


def read_lsoa_ward(file: PublishedFile) -> pd.DataFrame:
    """The ONS best-fit lookup of LSOAs (2011) to wards (December 2017).

    Returns:
        lsoa_code, ward_code; one row per English LSOA.

    Raises:
        SourceError: At the first thing in the file that is not as it must be.
    """
    frame = _lookup(file, _LSOA_WARD, {"lsoa_code": codes.LSOA, "ward_code": codes.WARD})
    cells(file, frame, _LSOA_WARD, "lsoa_code").once()
    return frame[["lsoa_code", "ward_code"]]


_WARD_REGION: Final[Mapping[str, str]] = {
    "WD17CD": "ward_code",
    "WD17NM": "ward_name",
    "LAD17CD": "authority_code",
    "LAD17NM": "authority_name",
    "GOR10CD": "region_code",
    "GOR10NM": "region_name",
}


def read_ward_region(file: PublishedFile) -> pd.DataFrame:
    """The ONS lookup of wards (December 2017) to district, county, region and country.

    Returns:
        ward_code, ward_name, authority_code, authority_name, region_code, region_name; one row per English
        ward.

    Raises:
        SourceError: At the first thing in the file that is not as it must be.
    """
    frame = _lookup(
        file,
        _WARD_REGION,
        {"ward_code": codes.WARD, "authority_code": codes.AUTHORITY, "region_code": codes.REGION},
    )
    cells(file, frame, _WARD_REGION, "ward_code").once()
    for name in ("ward_name", "authority_name", "region_name"):
        cells(file, frame, _WARD_REGION, name).filled()
    return frame[list(_WARD_REGION.values())]


_WARD_2019: Final[Mapping[str, str]] = {"WD19CD": "ward_code", "WD19NM": "ward_name"}


def read_ward_2019(file: PublishedFile) -> pd.DataFrame:
    """The ONS lookup of wards (December 2019) to district, county, region and country.

    Returns:
        ward_code, ward_name; one row per English ward of December 2019.

    Raises:
        SourceError: At the first thing in the file that is not as it must be.
    """
    frame = _lookup(file, _WARD_2019, {"ward_code": codes.WARD})
    cells(file, frame, _WARD_2019, "ward_code").once()
    cells(file, frame, _WARD_2019, "ward_name").filled()
    return frame[list(_WARD_2019.values())]


_WARD_CONSTITUENCY: Final[Mapping[str, str]] = {
    "WD17CD": "ward_code",
    "PCON17CD": "constituency_code",
    "PCON17NM": "constituency_name",
}


def read_ward_constituency(file: PublishedFile) -> pd.DataFrame:
    """The ONS lookup of wards (December 2017) to constituencies, in which a ward may have several rows.

    Returns:
        ward_code, constituency_code, constituency_name; one row per ward and constituency.

    Raises:
        SourceError: At the first thing in the file that is not as it must be.
    """
    frame = _lookup(
        file, _WARD_CONSTITUENCY, {"ward_code": codes.WARD, "constituency_code": codes.CONSTITUENCY}
    )
    cells(file, frame, _WARD_CONSTITUENCY, "constituency_name").filled()
    return frame[list(_WARD_CONSTITUENCY.values())].drop_duplicates(ignore_index=True)


_WARD_CONSTITUENCY_2024: Final[Mapping[str, str]] = {
    "WD17CD": "ward_code",
    "PCON24CD": "constituency_code",
    "PCON24NM": "constituency_name",
    "SHARE": "share",
}


def read_ward_constituency_2024(file: PublishedFile) -> pd.DataFrame:
    """Wards (December 2017) to constituencies of July 2024, by share of live postcodes.

    Returns:
        ward_code, constituency_code, constituency_name, share (above 0 and up to 1); one row per ward and
        constituency.

    Raises:
        SourceError: At the first thing in the file that is not as it must be.
    """
    frame = _lookup(
        file, _WARD_CONSTITUENCY_2024, {"ward_code": codes.WARD, "constituency_code": codes.CONSTITUENCY}
    )
    cells(file, frame, _WARD_CONSTITUENCY_2024, "constituency_code").refuse(
        frame.duplicated(["ward_code", "constituency_code"]), "each constituency only once for a ward"
    )
    cells(file, frame, _WARD_CONSTITUENCY_2024, "constituency_name").filled()
    frame["share"] = cells(file, frame, _WARD_CONSTITUENCY_2024, "share").numbers(LEAST_SHARE, 1)
    return frame[list(_WARD_CONSTITUENCY_2024.values())]


_AUTHORITY_CHANGE: Final[Mapping[str, str]] = {
    "LAD17CD": "authority_2017_code",
    "LAD19CD": "authority_code",
    "LAD19NM": "authority_name",
}


def read_authority_change(file: PublishedFile) -> pd.DataFrame:
    """Districts of December 2017 to districts of April 2019, one to one or many to one.

    Returns:
        authority_2017_code, authority_code, authority_name (both of 2019); one row per district of 2017.

    Raises:
        SourceError: At the first thing in the file that is not as it must be.
    """
    shapes = {"authority_2017_code": codes.AUTHORITY, "authority_code": codes.AUTHORITY}
    frame = _lookup(file, _AUTHORITY_CHANGE, shapes)
    cells(file, frame, _AUTHORITY_CHANGE, "authority_2017_code").once()
    cells(file, frame, _AUTHORITY_CHANGE, "authority_name").filled()
    return frame[list(_AUTHORITY_CHANGE.values())]


_POPULATION: Final[Mapping[str, str]] = {"lsoa": "lsoa_code", "pop": "people"}


def read_population(file: PublishedFile) -> pd.DataFrame:
    """Residents by LSOA, mid-2019; numbers carry thousands separators, and the last row is their sum.

    Returns:
        lsoa_code, people; one row per English LSOA.

    Raises:
        SourceError: At the first thing in the file that is not as it must be.
    """
    frame = _lookup(file, _POPULATION, {"lsoa_code": codes.LSOA}, total="Grand Total")
    cells(file, frame, _POPULATION, "lsoa_code").once()
    frame["people"] = cells(file, frame, _POPULATION, "people").integers()
    return frame[["lsoa_code", "people"]]


_RURAL_URBAN: Final[Mapping[str, str]] = {"LSOA11CD": "lsoa_code", "RUC11": "rural_urban"}


def read_rural_urban(file: PublishedFile) -> pd.DataFrame:
    """The Rural Urban Classification 2011 of LSOAs.

    Returns:
        lsoa_code, rural_urban (the class in words); one row per English LSOA.

    Raises:
        SourceError: At the first thing in the file that is not as it must be.
    """
    frame = _lookup(file, _RURAL_URBAN, {"lsoa_code": codes.LSOA})
    cells(file, frame, _RURAL_URBAN, "lsoa_code").once()
    cells(file, frame, _RURAL_URBAN, "rural_urban").filled()
    return frame[["lsoa_code", "rural_urban"]]


_TOWNS: Final[Mapping[str, str]] = {"LSOA11CD": "lsoa_code", "TCITY15NM": "town"}


def read_towns(file: PublishedFile) -> pd.DataFrame:
    """The ONS lookup of LSOAs (2011) to major towns and cities (December 2015).

    Returns:
        lsoa_code, town (empty text where the LSOA is in none); one row per English LSOA.

    Raises:
        SourceError: At the first thing in the file that is not as it must be.
    """
    frame = _lookup(file, _TOWNS, {"lsoa_code": codes.LSOA})
    cells(file, frame, _TOWNS, "lsoa_code").once()
    return frame[["lsoa_code", "town"]]


_POSTCODES: Final[Mapping[str, str]] = {
    "pcds": "postcode",
    "doterm": "terminated",
    "lsoa11": "lsoa_code",
    "pcon": "constituency_code",
}


_GIROBANK: Final = "GIR 0AA"
"""A bank's own postcode, which was never a place and has a shape of its own."""


def read_postcodes(file: PublishedFile) -> pd.DataFrame:
    """The ONS Postcode Directory or the National Statistics Postcode Lookup, live postcodes only.

    Both have these four columns under the same names in the issues from 2011 to 2024. Crown dependencies and
    other nations are skipped by their LSOA code, and so are postcodes without one.

    Returns:
        postcode (with one space), lsoa_code, constituency_code; one row per live English postcode.

    Raises:
        SourceError: At the first thing in the file that is not as it must be.
    """
    frame = read_columns(file, _POSTCODES)
    live = frame["terminated"] == ""
    cells(file, frame[~live], _POSTCODES, "terminated").matching(r"^\d{6}$", "a month or nothing")
    placed = (frame["lsoa_code"] != "") & (frame["postcode"] != _GIROBANK)
    frame = _english(frame[live & placed], "lsoa_code")
    cells(file, frame, _POSTCODES, "lsoa_code").matching(codes.LSOA, "an LSOA code")
    cells(file, frame, _POSTCODES, "postcode").matching(codes.POSTCODE, "a postcode")
    cells(file, frame, _POSTCODES, "postcode").once()
    return frame[["postcode", "lsoa_code", "constituency_code"]]


@dataclass(frozen=True, slots=True)
class Format:
    """A published format that the load knows.

    Attributes:
        key: Its name: the role of a file, and the option that names one (``--lsoa-ward FILE``).
        title: What the file is, for a reader.
        publisher: Who publishes it.
        licence: On what terms.
        vintage: The moment it describes.
        columns: Columns whose presence tells it from every other format.
        read: From file to tidy frame.
        several: Whether more than one file may have it.
        evidence: Whether it is sought among the folder's evidence, and there alone. Such a file may be
            missing; what it would tell is then unknown.
    """

    key: str
    title: str
    publisher: str
    licence: str
    vintage: str
    columns: frozenset[str]
    read: Callable[[PublishedFile], pd.DataFrame]
    several: bool = False
    evidence: bool = False


_ONS: Final = "Office for National Statistics"
_OGL: Final = "Open Government Licence v3.0"

CSV_FORMATS: Final = (
    Format(
        "cni",
        "Community Needs Index 2019 by ward, with the ‘left behind’ flag",
        "OCSI for Local Trust",
        "No open licence; ranks of the listed wards only, with credit",
        "2019; flag as updated in 2020",
        frozenset(_CNI),
        read_cni,
    ),
    Format(
        "iod",
        "English indices of deprivation 2019, File 7: scores, ranks, deciles and denominators",
        "Ministry of Housing, Communities and Local Government",
        _OGL,
        "2019; denominators mid-2015",
        frozenset(_IOD),
        read_iod,
    ),
    Format(
        "lsoa-ward",
        "LSOA (2011) to ward (2017) best-fit lookup",
        _ONS,
        _OGL,
        "December 2017",
        frozenset(_LSOA_WARD),
        read_lsoa_ward,
    ),
    Format(
        "ward-region",
        "Ward to local authority district to county to region to country lookup",
        _ONS,
        _OGL,
        "December 2017",
        frozenset(_WARD_REGION),
        read_ward_region,
    ),
    Format(
        "ward-constituency",
        "Ward to Westminster parliamentary constituency lookup",
        _ONS,
        _OGL,
        "December 2017",
        frozenset(_WARD_CONSTITUENCY),
        read_ward_constituency,
    ),
    Format(
        "ward-constituency-2024",
        "Ward (2017) to constituency of 2024, by share of live postcodes",
        "Derived from Ordnance Survey Code-Point Open and mySociety’s postcode lookup",
        _OGL,
        "July 2024; postcodes January 2024",
        frozenset(_WARD_CONSTITUENCY_2024),
        read_ward_constituency_2024,
    ),
    Format(
        "authority-change",
        "Local authority district (2017) to local authority district (2019)",
        "Derived from the ward lookup and the districts of the English indices of deprivation 2019",
        _OGL,
        "December 2017; April 2019",
        frozenset(_AUTHORITY_CHANGE),
        read_authority_change,
    ),
    Format(
        "population",
        "Resident population by LSOA",
        f"{_ONS}, compiled by mySociety",
        _OGL,
        "mid-2019",
        frozenset(_POPULATION),
        read_population,
    ),
    Format(
        "rural-urban",
        "Rural Urban Classification of LSOAs",
        _ONS,
        _OGL,
        "2011",
        frozenset(_RURAL_URBAN),
        read_rural_urban,
    ),
    Format(
        "towns",
        "LSOA (2011) to major town or city lookup",
        _ONS,
        _OGL,
        "December 2015",
        frozenset(_TOWNS),
        read_towns,
    ),
    Format(
        "postcodes",
        "ONS Postcode Directory or National Statistics Postcode Lookup",
        f"{_ONS}; Ordnance Survey; Royal Mail",
        _OGL,
        "November 2021 and January 2024",
        frozenset(_POSTCODES),
        read_postcodes,
        several=True,
    ),
    Format(
        "first-list",
        "Community Needs Index 2019 by ward, with the flag of the first list",
        "OCSI for Local Trust",
        "No open licence; which wards the list named, with credit",
        "September 2019",
        frozenset(_CNI),
        read_first_list,
        evidence=True,
    ),
    Format(
        "ward-2019",
        "Ward (2019) to local authority district to county to region to country lookup",
        _ONS,
        _OGL,
        "December 2019",
        frozenset({*_WARD_2019, "RGN19CD", "CTRY19CD"}),
        read_ward_2019,
        evidence=True,
    ),
)
