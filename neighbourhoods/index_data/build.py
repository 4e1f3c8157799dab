"""Published files in, dataset out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pandas as pd

from leftbehind_site.common.errors import SourceError
from neighbourhoods import codes
from neighbourhoods.dataset import (
    EXPECTED_NEIGHBOURHOODS,
    GRID_SIZE,
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
    check,
)
from neighbourhoods.index_data.boundaries import (
    BOUNDARY_FORMATS,
    country,
    holding,
    inside,
    read_outlines,
    simplify,
)
from neighbourhoods.index_data.designation import (
    PERCENTS,
    last_rank,
    predicted,
    rank_wards,
    ward_figures,
)
from neighbourhoods.index_data.formats import CNI_MEASURES, CSV_FORMATS
from neighbourhoods.index_data.reading import PublishedFile
from neighbourhoods.index_data.sources import FORMATS, FoundFiles, find
from neighbourhoods.measures import CNI, IOD, MEASURES, Measure, Unit

TITLE: Final = f"‘Left behind’ neighbourhoods: {CNI.title} and {IOD.title}"
GEOGRAPHY: Final = "Wards of December 2017; local authorities of April 2019"
_DECIMALS: Final = 4

Frames = dict[str, pd.DataFrame]


def build(
    folder: Path | None,
    named: Mapping[str, Path] | None = None,
    *,
    expect: int = EXPECTED_NEIGHBOURHOODS,
    progress: Callable[[Iterable[Path]], Iterable[Path]] = iter,
    notice: Callable[[str], None] = lambda _: None,
) -> Dataset:
    """Build the dataset from published files, and prove it whole.

    Args:
        folder: Where the files lie; each is recognised by its header.
        named: Format key → file, for those the caller names.
        expect: How many wards the published flag must name.
        progress: Wraps the files as they are opened.
        notice: Is told what was ignored and where the list and the rule part.

    Returns:
        The dataset, checked.

    Raises:
        SourceError: At the first thing in a file that is not as it must be.
    """
    files = find(folder, named or {}, progress)
    for name in files.ignored:
        notice(f"Not needed: {name}")
    frames = _read(files)
    cni_file = files.one("cni")
    flagged = int(frames["cni"]["flagged"].sum())
    if flagged != expect:
        raise SourceError(
            cni_file.name,
            f"{expect:,} wards flagged TRUE",
            column="Left Behind Area?",
            value=flagged,
            hint=f"If the list really has {flagged:,}, say --expect {flagged}.",
        )
    wards, figures = _wards(files, frames)
    dataset = _assemble(files, frames, wards, figures)
    check(dataset, expect=expect)
    notice(_agreement(wards))
    return dataset


def _read(files: FoundFiles) -> Frames:
    """Every found CSV format's tidy frame; several files of one format follow each other."""
    return {
        known.key: pd.concat([known.read(file) for file in files.by_format[known.key]], ignore_index=True)
        for known in CSV_FORMATS
        if files.by_format[known.key]
    }


def _wards(files: FoundFiles, frames: Frames) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every ward with what is known of it.

    Returns:
        The wards of the Community Needs Index, indexed by ward_code: the columns of ``read_cni``, of
        ``read_ward_region`` (authority of 2017, region), authority_code_2019, the columns of
        ``ward_figures``, for each ranked measure its rank, joint and out_of (as ``<key>_rank`` …),
        predicted, first_list and ward_in_2019 (both missing where no file tells). And the figures and ranks
        alone, for every ward with LSOAs: the few that the Community Needs Index leaves out are ranked too.
    """
    cni = frames["cni"].set_index("ward_code").rename(columns={"authority_code": "cni_authority_code"})
    areas = frames["ward-region"].set_index("ward_code").drop(columns="ward_name")
    wards = cni.join(areas)
    change = frames["authority-change"].set_index("authority_2017_code")["authority_code"]
    wards["authority_code_2019"] = wards["authority_code"].map(change)
    _refuse_ward(files.one("cni"), wards, wards["authority_code"].isna(), "a ward of the ward lookup")
    _refuse_ward(
        files.one("authority-change"),
        wards,
        wards["authority_code_2019"].isna(),
        "its district to have one of 2019",
    )
    # The index's authority column is named for 2019 and holds 2017; either is right, another is not.
    astray = (wards["cni_authority_code"] != wards["authority_code"]) & (
        wards["cni_authority_code"] != wards["authority_code_2019"]
    )
    _refuse_ward(files.one("cni"), wards, astray, "the authority that the ward lookup gives")

    lsoas = _lsoas(files, frames)
    figures = ward_figures(lsoas)
    _refuse_ward(
        files.one("lsoa-ward"),
        wards,
        wards["flagged"] & ~wards.index.isin(figures.index),
        "at least one LSOA for each listed ward",
    )
    for measure in MEASURES:
        if measure.ranked and measure.key not in CNI_MEASURES:
            figures = figures.join(rank_wards(figures[measure.key]).add_prefix(f"{measure.key}_"))
    wards = wards.join(figures)
    for key in CNI_MEASURES:
        wards[f"{key}_rank"] = wards[key].astype("Int64")
        wards[f"{key}_joint"] = wards[key].duplicated(keep=False)
        wards[f"{key}_out_of"] = len(wards)
    wards["predicted"] = predicted(wards["cni_rank"], wards["imd_rank"], len(figures))
    wards["first_list"] = _first_list(files, frames, wards)
    wards["ward_in_2019"] = (
        wards.index.isin(frames["ward-2019"]["ward_code"]) if "ward-2019" in frames else None
    )
    return wards.sort_index(), figures


def _first_list(files: FoundFiles, frames: Frames, wards: pd.DataFrame) -> pd.Series[bool] | None:
    """Whether the first list named each ward; nothing where its file is not there.

    Its file is an earlier state of the Community Needs Index's own: the same wards and ranks, another flag.
    """
    if "first-list" not in frames:
        return None
    file, cni = files.one("first-list"), files.one("cni")
    first = frames["first-list"].set_index("ward_code")
    for code in sorted(set(wards.index) ^ set(first.index)):
        raise SourceError(file.name, f"exactly the wards of {cni.name}", column="ward17_code", value=code)
    first = first.reindex(wards.index)
    _refuse_ward(file, wards, first["cni"] != wards["cni"], f"the rank that {cni.name} gives")
    if first["first_list"].equals(wards["flagged"]):
        raise SourceError(
            file.name, f"another list than {cni.name} holds", column="Left Behind Area?", value="the same"
        )
    return first["first_list"]


def _refuse_ward(file: PublishedFile, wards: pd.DataFrame, bad: pd.Series[bool], expected: str) -> None:
    if bad.any():
        code = str(wards.index[bad.to_numpy()][0])
        raise SourceError(file.name, expected, column="ward code", value=code)


def _lsoas(files: FoundFiles, frames: Frames) -> pd.DataFrame:
    """Every English LSOA with its index figures, ward, population, class and town."""
    lsoas = frames["iod"]
    for key in ("lsoa-ward", "population", "rural-urban", "towns"):
        missing = ~lsoas["lsoa_code"].isin(frames[key]["lsoa_code"])
        if missing.any():
            raise SourceError(
                files.one(key).name,
                f"a row for each LSOA of {files.one('iod').name}; {int(missing.sum()):,} have none",
                column="LSOA code",
                value=lsoas.loc[missing, "lsoa_code"].iloc[0],
            )
        lsoas = lsoas.merge(frames[key], on="lsoa_code", validate="one_to_one")
    return lsoas


def _assemble(files: FoundFiles, frames: Frames, wards: pd.DataFrame, figures: pd.DataFrame) -> Dataset:
    listed = wards[wards["flagged"]]
    shares, constituencies = _constituencies(files, frames, listed)
    authorities = _authorities(frames, listed)
    outlines = _outlines(files, listed)
    return Dataset(
        title=TITLE,
        geography=GEOGRAPHY,
        wards_compared=len(wards),
        regions=[
            RegionRow(*pair)
            for pair in sorted(set(zip(wards["region_code"], wards["region_name"], strict=True)))
        ],
        authorities=authorities,
        constituencies=constituencies,
        neighbourhoods=_neighbourhoods(listed, outlines),
        constituency_shares=shares,
        figures=_figures(listed),
        references=[
            _reference(wards if measure.key in CNI_MEASURES else figures, listed, measure)
            for measure in MEASURES
        ],
        grid=_grid(wards),
        outcomes=_outcomes(wards),
        thresholds=_thresholds(wards, len(figures)),
        postcodes=_postcodes(frames, listed),
        sources=_sources(files),
        boundaries={code: outline for layer in outlines.values() for code, outline in layer.items()},
    )


def _authorities(frames: Frames, listed: pd.DataFrame) -> list[AuthorityRow]:
    """The districts of 2017 and of 2019 that hold a listed ward."""
    names_2019 = (frames["authority-change"].drop_duplicates("authority_code").set_index("authority_code"))[
        "authority_name"
    ]
    rows: dict[str, AuthorityRow] = {}
    for ward in listed.itertuples():
        today = str(ward.authority_code_2019)
        rows[today] = AuthorityRow(today, str(names_2019[today]), str(ward.region_code), None)
    for ward in listed.itertuples():
        then, today = str(ward.authority_code), str(ward.authority_code_2019)
        if then not in rows:
            rows[then] = AuthorityRow(then, str(ward.authority_name), str(ward.region_code), today)
    return sorted(rows.values())


def _constituencies(
    files: FoundFiles, frames: Frames, listed: pd.DataFrame
) -> tuple[list[ConstituencyShareRow], list[ConstituencyRow]]:
    """Constituencies drawn in 2010 (the official lookup; shares counted from postcodes) and in 2024."""
    old = frames["ward-constituency"]
    old = old[old["ward_code"].isin(listed.index)].merge(
        _postcode_shares(frames), on=["ward_code", "constituency_code"], how="left"
    )
    new = frames["ward-constituency-2024"]
    new = new[new["ward_code"].isin(listed.index)]
    shares: list[ConstituencyShareRow] = []
    constituencies: set[ConstituencyRow] = set()
    for drawn, frame, key in ((2010, old, "ward-constituency"), (2024, new, "ward-constituency-2024")):
        without = listed.index.difference(pd.Index(frame["ward_code"]))
        if len(without):
            raise SourceError(
                files.one(key).name, "a constituency for each listed ward", column="WD17CD", value=without[0]
            )
        ordered = frame.sort_values(
            ["ward_code", "share", "constituency_code"], ascending=[True, False, True], na_position="last"
        )
        first = ~ordered["ward_code"].duplicated()
        for row, main in zip(ordered.itertuples(), first, strict=True):
            constituencies.add(ConstituencyRow(str(row.constituency_code), str(row.constituency_name), drawn))
            shares.append(
                ConstituencyShareRow(
                    str(row.ward_code), str(row.constituency_code), _decimal(row.share), bool(main)
                )
            )
    return sorted(shares), sorted(constituencies)


def _postcode_shares(frames: Frames) -> pd.DataFrame:
    """Share of each ward's live postcodes by the constituency of 2010 that the postcode file gives.

    Newer files give constituencies of 2024; they tell nothing about those of 2010.

    Returns:
        ward_code, constituency_code, share (0 to 1).
    """
    postcodes = frames["postcodes"]
    drawn_in_2010 = postcodes["constituency_code"].isin(frames["ward-constituency"]["constituency_code"])
    # Only then: a newer file, read first, would take away what an older one tells of the same postcode.
    postcodes = postcodes[drawn_in_2010].drop_duplicates("postcode")
    postcodes = postcodes.merge(frames["lsoa-ward"], on="lsoa_code")
    counts = postcodes.groupby(["ward_code", "constituency_code"]).size().rename("count").reset_index()
    counts["share"] = counts["count"] / counts.groupby("ward_code")["count"].transform("sum")
    return counts.drop(columns="count")


def _outlines(files: FoundFiles, listed: pd.DataFrame) -> dict[str, dict[str, dict[str, Any]]]:
    """Layer key → area code → simplified outline: listed wards, their authorities, regions, the country."""
    wanted = {
        "ward-outlines": set(listed.index),
        "authority-outlines": set(listed["authority_code_2019"]),
        "region-outlines": None,
    }
    found = {}
    for layer in BOUNDARY_FORMATS:
        file = files.one(layer.key)
        outlines = read_outlines(file, layer)
        simple = simplify(outlines, layer)
        needed = wanted[layer.key]
        if needed is not None:
            for code in sorted(needed - set(simple)):
                raise SourceError(
                    file.name, "an outline of each listed area", column=layer.code, value=f"none of {code}"
                )
            simple = {code: outline for code, outline in simple.items() if code in needed}
        found[layer.key] = simple
        if layer.key == "region-outlines":
            found["country"] = {codes.ENGLAND: country(outlines)}
    wards, authorities = found["ward-outlines"], found["authority-outlines"]
    for authority, outline in authorities.items():
        members = listed.index[listed["authority_code_2019"] == authority]
        authorities[authority] = holding(outline, [wards[code] for code in members])
    return found


def _neighbourhoods(
    listed: pd.DataFrame, outlines: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> list[NeighbourhoodRow]:
    rows = []
    for ward in listed.itertuples():
        longitude, latitude = inside(outlines["ward-outlines"][str(ward.Index)])
        rows.append(
            NeighbourhoodRow(
                str(ward.Index),
                str(ward.ward_name),
                str(ward.authority_code),
                str(ward.authority_code_2019),
                Decimal(f"{longitude:.5f}"),
                Decimal(f"{latitude:.5f}"),
                _flag(ward.ward_in_2019),
            )
        )
    return rows


def _decimal(value: Any, places: int = _DECIMALS) -> Decimal | None:
    """A number as a decimal without needless zeros; missing stays missing."""
    if pd.isna(value):
        return None
    number = Decimal(f"{float(value):.{places}f}").normalize()
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number


def _integer(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _flag(value: Any) -> bool | None:
    return None if pd.isna(value) else bool(value)


def _figures(listed: pd.DataFrame) -> list[FigureRow]:
    """Every measure of every listed ward, a missing one as an empty row."""
    rows = []
    for record in listed.reset_index().to_dict("records"):
        for measure in MEASURES:
            raw = record[measure.key]
            is_category = measure.unit is Unit.CATEGORY
            rank = _integer(record[f"{measure.key}_rank"]) if measure.ranked else None
            rows.append(
                FigureRow(
                    ward_code=str(record["ward_code"]),
                    measure=measure.key,
                    value=_decimal(raw) if measure.value_published and not is_category else None,
                    category=str(raw) if is_category and not pd.isna(raw) else None,
                    rank=rank,
                    joint=rank is not None and bool(record[f"{measure.key}_joint"]),
                    out_of=None if rank is None else int(record[f"{measure.key}_out_of"]),
                )
            )
    return rows


def _reference(wards: pd.DataFrame, listed: pd.DataFrame, measure: Measure) -> ReferenceRow:
    """Medians over all wards and over the listed, and where the most deprived tenth ends."""
    key = measure.key
    everywhere, here = wards[key].dropna(), listed[key].dropna()
    has_values = measure.value_published and measure.unit is not Unit.CATEGORY
    # Fewer than ten wards have no tenth.
    last = (last_rank(len(everywhere)) or None) if measure.ranked else None
    return ReferenceRow(
        measure=key,
        wards=len(everywhere),
        median=_decimal(everywhere.median()) if has_values else None,
        listed=len(here),
        listed_median=_decimal(here.median()) if has_values else None,
        listed_median_rank=_decimal(listed[f"{key}_rank"].median(), 1) if measure.ranked else None,
        tenth_rank=last,
        tenth_value=(
            _decimal(everywhere.sort_values(ascending=False).iloc[last - 1]) if has_values and last else None
        ),
    )


def _grid(wards: pd.DataFrame) -> list[GridRow]:
    """Wards counted by cell of community need rank and deprivation rank, for those that have both."""
    both = wards[wards["imd_rank"].notna()]
    cells = pd.DataFrame(
        {
            "cni": (both["cni_rank"].astype("int64") - 1) * GRID_SIZE // both["cni_out_of"].astype("int64"),
            "imd": (both["imd_rank"].astype("int64") - 1) * GRID_SIZE // both["imd_out_of"].astype("int64"),
        }
    )
    counts = cells.value_counts().rename("wards").reset_index()
    return sorted(GridRow(*map(int, row)) for row in counts.itertuples(index=False))


def _outcomes(wards: pd.DataFrame) -> list[OutcomeRow]:
    """Every ward that a list or the rule names, with what each says; ranks of need for the listed only."""
    named = wards[wards["flagged"] | wards["predicted"] | wards["first_list"].isin([True])]
    return [
        OutcomeRow(
            str(ward.Index),
            str(ward.ward_name),
            str(ward.authority_name),
            bool(ward.flagged),
            bool(ward.predicted),
            _flag(ward.first_list),
            _decimal(ward.imd),
            _integer(ward.imd_rank),
            _integer(ward.cni_rank) if ward.flagged else None,
        )
        for ward in named.itertuples()
    ]


def _thresholds(wards: pd.DataFrame, imd_wards: int) -> list[ThresholdRow]:
    """How many wards the rule would name, and how many of the listed, for each part that could count."""
    rows = []
    for percent in PERCENTS:
        named = predicted(wards["cni_rank"], wards["imd_rank"], imd_wards, percent)
        rows.append(
            ThresholdRow(
                percent,
                last_rank(len(wards), percent),
                last_rank(imd_wards, percent),
                int(named.sum()),
                int((named & wards["flagged"]).sum()),
            )
        )
    return rows


def _postcodes(frames: Frames, listed: pd.DataFrame) -> list[PostcodeRow]:
    """Live postcodes of the listed wards; a postcode that two files place differently is left out."""
    lookup = frames["lsoa-ward"].set_index("lsoa_code")["ward_code"]
    placed = pd.DataFrame(
        {
            "postcode": frames["postcodes"]["postcode"],
            "ward_code": frames["postcodes"]["lsoa_code"].map(lookup),
        }
    ).drop_duplicates()
    placed = placed[~placed["postcode"].duplicated(keep=False) & placed["ward_code"].isin(listed.index)]
    return sorted(PostcodeRow(*pair) for pair in zip(placed["postcode"], placed["ward_code"], strict=True))


def _sources(files: FoundFiles) -> list[SourceRow]:
    return sorted(
        SourceRow(
            key,
            file.name,
            known.title,
            known.publisher,
            known.licence,
            known.vintage,
            file.sha256,
            _row_count(file),
        )
        for key, known in FORMATS.items()
        for file in files.by_format[key]
    )


def _row_count(file: PublishedFile) -> int:
    """Rows under the header, or features."""
    if file.text.lstrip().startswith("{"):
        return len(json.loads(file.text)["features"])
    return file.text.rstrip("\r\n").count("\n")


def _agreement(wards: pd.DataFrame) -> str:
    both = int((wards["flagged"] & wards["predicted"]).sum())
    return (
        f"The published list names {int(wards['flagged'].sum()):,} wards; the rule, recomputed, names"
        f" {int(wards['predicted'].sum()):,}; {both:,} are in both. The published list decides."
    )
