"""A small but complete folder of published files, so that a whole build takes milliseconds.

Twenty wards in two regions and three districts, one of which was abolished after 2017; four wards are listed.
The files have the names, the columns and the oddities of the real ones. A test changes one thing and sees
what comes of it::

    files = Published()
    files["cni"].put(5, "Community Needs Index rank", "0")
    folder = files.write(tmp_path)
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from neighbourhoods.dataset import Dataset
from neighbourhoods.index_data.build import build
from neighbourhoods.index_data.formats import TENTH_DOMAINS
from neighbourhoods.index_data.sources import EVIDENCE

WARDS = range(1, 21)
LISTED = (1, 2, 9, 16)
"""The wards that the published list names. Two of them are called Grange."""
FIRST_LISTED = (1, 4, 9)
"""The wards that the first list named, before the deprivation index was revised."""
EXPECT = len(LISTED)
WITHOUT_LSOA = 20
"""A ward of the Community Needs Index that no LSOA best fits."""
OUTSIDE = 21
"""A ward with an LSOA that the Community Needs Index leaves out."""
PREDICTED = (1, 3)
"""The wards that the rule names: of twenty, the first two on both indices."""
WITHOUT_WORKERS = 16
"""A ward without residents of working age, which therefore has no employment rate."""

REGIONS = {"E12000001": "North East", "E12000002": "North West"}
AUTHORITIES = {
    "E06000001": ("Northport", "E12000001"),
    "E08000001": ("Kingsbridge, City of", "E12000002"),
    "E07000001": ("Oldshire", "E12000002"),
}
SUCCESSORS = {"E07000001": ("E06000058", "Newshire")}
NAMES = {1: "Grange", 2: "St John's & Quay", 9: "Grange", 16: "Old Mill"}

ONSPD = (
    "pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,osward,parish,usertype,oseast1m,osnrth1m,osgrdind,oshlthau,"
    "nhser,ctry,rgn,streg,pcon,eer,teclec,ttwa,pct,itl,statsward,oa01,casward,park,lsoa01,msoa01,ur01ind,oac01,"
    "oa11,lsoa11,msoa11,wz11,sicbl,bua11,buasd11,ru11ind,oac11,lat,long,lep1,lep2,pfa,imd,calncv,icb,oa21,"
    "lsoa21,msoa21"
)
NSPL = (
    "pcd,pcd2,pcds,dointr,doterm,usertype,oseast1m,osnrth1m,osgrdind,oa11,cty,ced,laua,ward,hlthau,nhser,ctry,"
    "rgn,pcon,eer,teclec,ttwa,pct,itl,park,lsoa11,msoa11,wz11,ccg,bua11,buasd11,ru11ind,oac11,lat,long,lep1,"
    "lep2,pfa,imd,calncv,stp"
)


def ward(number: int) -> str:
    """The code of a ward."""
    return f"E05{number:06d}"


def lsoa(number: int, part: int) -> str:
    """The code of an LSOA of a ward."""
    return f"E01{number:05d}{part}"


def authority(number: int) -> str:
    """The code of a ward's district of 2017."""
    return "E06000001" if number <= 8 or number == OUTSIDE else "E08000001" if number <= 15 else "E07000001"


def authority_2019(number: int) -> str:
    """The code of a ward's district of 2019."""
    code = authority(number)
    return SUCCESSORS.get(code, (code,))[0]


def name(number: int) -> str:
    """The name of a ward."""
    return NAMES.get(number, f"Ward {number}")


@dataclass
class Sheet:
    """A CSV file.

    Attributes:
        name: Its file name.
        columns: Its header.
        rows: Its cells.
        quoted: Whether its publisher puts every cell in quotes.
        bom: Whether it starts with a byte-order mark.
        zipped: Whether it lies there gzipped.
        place: The folder inside the folder that it lies in.
    """

    name: str
    columns: list[str]
    rows: list[list[str]]
    quoted: bool = False
    bom: bool = False
    zipped: bool = False
    place: str = ""
    _spoil: list[Callable[[bytes], bytes]] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Where it lies in the folder."""
        return str(Path(self.place, f"{self.name}.gz" if self.zipped else self.name))

    def at(self, column: str) -> int:
        """Where a column is."""
        return self.columns.index(column)

    def line(self, **cells: str) -> int:
        """The line of the first row with these cells; the header is line 1."""
        wanted = {self.at(column): value for column, value in cells.items()}
        return next(
            line
            for line, row in enumerate(self.rows, start=2)
            if all(row[at] == value for at, value in wanted.items())
        )

    def put(self, line: int, column: str, value: str) -> None:
        """Write a cell."""
        self.rows[line - 2][self.at(column)] = value

    def get(self, line: int, column: str) -> str:
        """Read a cell."""
        return self.rows[line - 2][self.at(column)]

    def rename(self, column: str, other: str) -> None:
        """Give a column another name."""
        self.columns[self.at(column)] = other

    def drop(self, column: str) -> None:
        """Take a column away."""
        at = self.at(column)
        for row in (self.columns, *self.rows):
            del row[at]

    def arrange(self, order: Sequence[int]) -> None:
        """Put the columns in another order."""
        self.columns = [self.columns[at] for at in order]
        self.rows = [[row[at] for at in order] for row in self.rows]

    def spoil(self, change: Callable[[bytes], bytes]) -> None:
        """Change the bytes of the file as they come to lie in the folder."""
        self._spoil.append(change)

    def content(self) -> bytes:
        """The bytes of the file."""
        text = io.StringIO()
        writer = csv.writer(
            text, lineterminator="\n", quoting=csv.QUOTE_ALL if self.quoted else csv.QUOTE_MINIMAL
        )
        csv.writer(text, lineterminator="\n").writerow(self.columns)
        writer.writerows(self.rows)
        content = text.getvalue().encode("utf-8-sig" if self.bom else "utf-8")
        content = gzip.compress(content, 1, mtime=0) if self.zipped else content
        for change in self._spoil:
            content = change(content)
        return content


@dataclass
class Layer:
    """A GeoJSON file.

    Attributes:
        name: Its file name.
        collection: What it holds.
    """

    name: str
    collection: Any
    _spoil: list[Callable[[bytes], bytes]] = field(default_factory=list)

    @property
    def features(self) -> list[Any]:
        """Its features."""
        return self.collection["features"]

    @property
    def path(self) -> str:
        """The name it lies under in the folder."""
        return self.name

    def spoil(self, change: Callable[[bytes], bytes]) -> None:
        """Change the bytes of the file as they come to lie in the folder."""
        self._spoil.append(change)

    def content(self) -> bytes:
        """The bytes of the file."""
        content = json.dumps(self.collection).encode()
        for change in self._spoil:
            content = change(content)
        return content


class Published:
    """Every published file, by the key of its format; and two that nobody needs."""

    def __init__(self) -> None:
        """As their publishers leave them."""
        self.sheets = {
            "cni": _cni(),
            "iod": _iod(),
            "lsoa-ward": _lsoa_ward(),
            "ward-region": _ward_region(),
            "ward-constituency": _ward_constituency(),
            "ward-constituency-2024": _ward_constituency_2024(),
            "authority-change": _authority_change(),
            "population": _population(),
            "rural-urban": _rural_urban(),
            "towns": _towns(),
            "postcodes": _onspd(),
            "postcodes, again": _nspl(),
            "first-list": _first_list(),
            "ward-2019": _ward_2019(),
            "needless": Sheet("Needless_(December_2017).csv", ["LAD17CD", "RGN17CD"], [["E06000001", "E1"]]),
        }
        self.layers = {
            "ward-outlines": _ward_outlines(),
            "authority-outlines": _authority_outlines(),
            "region-outlines": _region_outlines(),
            "needless outline": Layer("england.geojson", _collection([({"ctry19cd": "E92000001"}, 0, 0)])),
        }

    def __getitem__(self, key: str) -> Sheet:
        """The CSV file of a format."""
        return self.sheets[key]

    def file(self, key: str) -> Sheet | Layer:
        """The file of a format."""
        return self.sheets[key] if key in self.sheets else self.layers[key]

    def write(self, folder: Path) -> Path:
        """Put the files into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        files: list[Sheet | Layer] = [*self.sheets.values(), *self.layers.values()]
        for file in files:
            (folder / file.path).parent.mkdir(exist_ok=True)
            (folder / file.path).write_bytes(file.content())
        return folder

    def build(self, expect: int = EXPECT) -> Dataset:
        """The dataset that the files make."""
        with tempfile.TemporaryDirectory() as folder:
            return build(self.write(Path(folder)), expect=expect)


@cache
def small() -> Dataset:
    """The dataset that the untouched files make."""
    return Published().build()


# The files --------------------------------------------------------------------------------------------

CNI_ORDER = (1, 3, 2, 9, 16, 17, 18, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 19, 20)
"""The wards by community need; 17 and 18 are joint sixth."""
IMD_ORDER = (1, 3, 2, 16, 9, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 17, 18, 19, OUTSIDE)
"""The wards by deprivation."""
LSOAS = [(number, part) for number in sorted(IMD_ORDER) for part in range(1, 4 if number == 1 else 3)]


def cni_rank(number: int) -> int:
    """A ward's published rank of community need."""
    rank = CNI_ORDER.index(number) + 1
    return rank - 1 if number == 18 else rank


def _cni() -> Sheet:
    columns = ["ward17_code", "ward17_name", "lad19_code", "lad19_name"]
    domains = ("Civic Assets", "Connectedness", "Engaged community", "Community Needs Index")
    for domain in domains:
        columns += [f"{domain} score", f"{domain} rank"]
    rows = []
    for number in WARDS:
        cells = [ward(number), name(number), authority(number), AUTHORITIES[authority(number)][0]]
        for turn, domain in enumerate(domains, start=1):
            rank = (number * 3 + turn) % len(WARDS) + 1
            if domain == "Community Needs Index":
                rank = cni_rank(number)
            cells += [f"{180.123456789 - 3.5 * rank:.10f}", str(rank)]
        rows.append([*cells, "TRUE" if number in LISTED else "FALSE"])
    return Sheet("cni2019_england_ward17.csv", [*columns, "Left Behind Area?"], rows)


def _first_list() -> Sheet:
    sheet = _cni()
    sheet.name, sheet.place, sheet.zipped = "community-needs-index_206_flags.csv", EVIDENCE, True
    for number, row in zip(WARDS, sheet.rows, strict=True):
        row[-1] = "TRUE" if number in FIRST_LISTED else "FALSE"
    return sheet


def _ward_2019() -> Sheet:
    rows = [
        [str(number), ward(number), name(number), authority_2019(number), "E12000001", "E92000001"]
        for number in WARDS
        if authority(number) not in SUCCESSORS
    ]
    rows.append(["98", "E05099999", "A new ward", "E06000058", "E12000002", "E92000001"])
    rows.append(["99", "W05000001", "Aberffraw", "W06000001", "", "W92000004"])
    columns = ["FID", "WD19CD", "WD19NM", "LAD19CD", "RGN19CD", "CTRY19CD"]
    return Sheet(
        "Ward_to_Region_(December_2019)_Lookup.csv", columns, rows, bom=True, zipped=True, place=EVIDENCE
    )


def _iod() -> Sheet:
    imd = "Index of Multiple Deprivation (IMD)"
    most = "(where 1 is most deprived 10% of LSOAs)"
    columns = [
        "LSOA code (2011)",
        "LSOA name (2011)",
        f"{imd} Score",
        f"{imd} Rank (where 1 is most deprived)",
        f"{imd} Decile {most}",
        "Income Score (rate)",
        "Employment Score (rate)",
        *TENTH_DOMAINS.values(),
        "Total population: mid 2015 (excluding prisoners)",
        "Working age population 18-59/64: for use with Employment Deprivation Domain (excluding prisoners) ",
    ]
    by_score = sorted(LSOAS, key=lambda pair: (IMD_ORDER.index(pair[0]), pair[1]))
    rows = []
    for number, part in LSOAS:
        rank = by_score.index((number, part)) + 1
        decile = (rank * 10 - 1) // len(LSOAS) + 1
        people, workers = 1000 + 100 * number + 10 * part, 600.25 + number
        rows.append(
            [
                lsoa(number, part),
                f"{AUTHORITIES[authority(number)][0]} {number:03d}{'ABC'[part - 1]}",
                f"{82.5 - 1.7 * rank:.3f}",
                str(rank),
                str(decile),
                f"{0.45 - rank / 100:.3f}",
                f"{0.40 - rank / 120:.3f}",
                *(str((decile + turn * part) % 10 + 1) for turn, _ in enumerate(TENTH_DOMAINS)),
                f"{people:,}",
                "0" if number == WITHOUT_WORKERS else f"{workers:.2f}",
            ]
        )
    return Sheet("File_7_-_All_IoD2019_Scores.csv", columns, rows, zipped=True)


def _lsoa_ward() -> Sheet:
    rows = [
        [lsoa(number, part), "An LSOA", ward(number), name(number), "", authority(number), "A district", "1"]
        for number, part in LSOAS
    ]
    rows.append(["W01000001", "Ynys Môn 001A", "W05000001", "Aberffraw", "", "W06000001", "Môn", "2"])
    columns = ["LSOA11CD", "LSOA11NM", "WD17CD", "WD17NM", "WD17NMW", "LAD17CD", "LAD17NM", "FID"]
    return Sheet("LSOA_to_Ward_(2017)_Lookup.csv", columns, rows, bom=True)


def _ward_region() -> Sheet:
    columns = "WD17CD,WD17NM,WD17NMW,LAD17CD,LAD17NM,CTY17CD,CTY17NM,GOR10CD,GOR10NM,CTRY17CD,CTRY17NM,FID"
    rows = []
    for number in (*WARDS, OUTSIDE):
        code = authority(number)
        title, region = AUTHORITIES[code]
        row = [ward(number), name(number), "", code, title, "", "", region, REGIONS[region]]
        rows.append([*row, "E92000001", "England", str(number)])
    for code, district, country in (
        ("W05000001", "W06000001", "W92000004"),
        ("S13000001", "S12000001", "S92000003"),
        ("N08000001", "N09000001", "N92000002"),
    ):
        rows.append([code, "Elsewhere", "", district, "Elsewhere", "", "", "", "", country, "Afar", "99"])
    return Sheet("Ward_to_Region_(December_2017)_Lookup.csv", columns.split(","), rows, bom=True)


def _ward_constituency() -> Sheet:
    rows = []
    for number in (*WARDS, OUTSIDE):
        codes = ("E14000001", "E14000002") if number == 2 else ("E14000001" if number < 9 else "E14000003",)
        rows += [
            [ward(number), name(number), code, f"Seat {code[-1]}", authority(number), "A district", "1"]
            for code in codes
        ]
    rows.append(["W05000001", "Aberffraw", "W07000041", "Ynys Môn", "W06000001", "Môn", "2"])
    rows.append(["S13000001", "Elsewhere", "S1400002", "Elsewhere", "S12000001", "Elsewhere", "3"])
    columns = ["WD17CD", "WD17NM", "PCON17CD", "PCON17NM", "LAD17CD", "LAD17NM", "FID"]
    return Sheet("Ward_to_Constituency_(December_2017)_Lookup.csv", columns, rows)


def _ward_constituency_2024() -> Sheet:
    rows = []
    for number in (*WARDS, OUTSIDE):
        shares = {"E14001001": "0.7500", "E14001002": "0.2500"} if number == 9 else {"E14001001": "1.0000"}
        rows += [
            [ward(number), name(number), code, f"New Seat {code[-1]}", "40", share, str(int(share > "0.5"))]
            for code, share in shares.items()
        ]
    columns = ["WD17CD", "WD17NM", "PCON24CD", "PCON24NM", "LIVE_POSTCODES", "SHARE", "BEST_FIT"]
    return Sheet("ward17_pcon24.csv", columns, rows)


def _authority_change() -> Sheet:
    rows = []
    for code, (title, _) in AUTHORITIES.items():
        today, called = SUCCESSORS.get(code, (code, title))
        rows.append([code, title, today, called, "10", str(int(code != today))])
    return Sheet("lad17_to_lad19.csv", ["LAD17CD", "LAD17NM", "LAD19CD", "LAD19NM", "LSOAS", "CHANGED"], rows)


def _population() -> Sheet:
    rows = [[lsoa(number, part), f"{1050 + 100 * number + 10 * part:,}"] for number, part in LSOAS]
    rows += [["W01000001", "1,234"], ["S01000001", "777"], ["95AA01S1", "2,345"], ["Grand Total", "99,999"]]
    return Sheet("lsoa11_population_mid2019.csv", ["lsoa", "pop"], rows, bom=True)


def _rural_urban() -> Sheet:
    rows = []
    for number, part in LSOAS:
        urban = number <= 8 or part == 1
        rows.append(
            [
                lsoa(number, part),
                "An LSOA",
                "C1" if urban else "D1",
                "Urban city and town" if urban else "Rural town and fringe",
                "1",
            ]
        )
    rows.append(["W01000001", "Ynys Môn 001A", "D1", "Rural town and fringe", "2"])
    columns = ["LSOA11CD", "LSOA11NM", "RUC11CD", "RUC11", "FID"]
    return Sheet("Rural_Urban_Classification_(2011).csv", columns, rows)


def _towns() -> Sheet:
    rows = [
        [lsoa(number, part), "An LSOA", *(("J01000001", "Northport") if number <= 8 else ("", "")), "1"]
        for number, part in LSOAS
    ]
    rows.append(["W01000001", "Ynys Môn 001A", "", "", "2"])
    columns = ["LSOA11CD", "LSOA11NM", "TCITY15CD", "TCITY15NM", "FID"]
    return Sheet("LSOA_to_Major_Towns_(December_2015)_Lookup.csv", columns, rows, bom=True, zipped=True)


def _postcode_rows(header: str, postcodes: Sequence[tuple[str, str, str, str]]) -> list[list[str]]:
    rows = []
    for postcode, terminated, area, constituency in postcodes:
        outward, inward = postcode.split()
        cells = {
            "pcd": f"{outward:<4}{inward}",
            "pcd2": f"{outward:<4} {inward}",
            "pcds": postcode,
            "dointr": "198001",
            "doterm": terminated,
            "lsoa11": area,
            "pcon": constituency,
        }
        rows.append([cells.get(column, "") for column in header.split(",")])
    return rows


def _onspd() -> Sheet:
    postcodes = [
        ("NP1 1AA", "", lsoa(1, 1), "E14000001"),
        ("NP1 1AB", "", lsoa(1, 2), "E14000001"),
        ("NP1 1AC", "200012", lsoa(1, 2), "E14000001"),
        ("NP2 1AA", "", lsoa(2, 1), "E14000001"),
        ("NP2 1AB", "", lsoa(2, 1), "E14000001"),
        ("NP2 1AD", "", lsoa(2, 1), "E14000001"),
        ("NP2 2AA", "", lsoa(2, 2), "E14000002"),
        ("NP2 2AB", "199912", lsoa(2, 2), "E14000002"),
        ("NP3 1AA", "", lsoa(3, 1), "E14000001"),
        ("NP9 9ZZ", "", lsoa(1, 1), "E14000001"),
        ("GIR 0AA", "", lsoa(9, 1), "E14000003"),
    ]
    return Sheet("ONSPD_JAN_2024_UK.csv", ONSPD.split(","), _postcode_rows(ONSPD, postcodes))


def _nspl() -> Sheet:
    postcodes = [
        ("KB1A 1AA", "", lsoa(9, 1), "E14000003"),
        ("KB16 1AA", "", lsoa(16, 1), "E14000003"),
        ("NP1 1AA", "", lsoa(1, 1), "E14000001"),
        ("NP9 9ZZ", "", lsoa(9, 1), "E14000003"),
        ("LL58 8AA", "", "W01000001", "W07000041"),
        ("AB10 1AA", "", "S01000001", "S14000001"),
        ("BT1 1AA", "", "95GG01S1", "N06000001"),
        ("BT1 1AB", "", "N00000001", "N06000001"),
        ("JE2 3AB", "", "L99999999", "L99999999"),
        ("IM1 1AA", "", "M99999999", "M99999999"),
        ("KB1 9ZZ", "", "", ""),
    ]
    return Sheet("NSPL_NOV_2021_UK.csv", NSPL.split(","), _postcode_rows(NSPL, postcodes), quoted=True)


def square(west: float, south: float, size: float) -> dict[str, Any]:
    """The geometry of a square."""
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _collection(areas: Sequence[tuple[dict[str, str], float, float]], size: float = 1.0) -> dict[str, Any]:
    features = [
        {"type": "Feature", "properties": properties, "geometry": square(west, south, size)}
        for properties, west, south in areas
    ]
    return {"type": "FeatureCollection", "name": "areas", "features": features}


def _ward_outlines() -> Layer:
    areas = [
        ({"wd17cd": ward(number), "wd17nm": name(number), "outline_from": "WD17"}, -3 + number / 10, 53.2)
        for number in WARDS
    ]
    return Layer("wards17_left_behind.geojson", _collection(areas, 0.05))


def _authority_outlines() -> Layer:
    codes = ["E06000001", "E08000001", "E06000058", "W06000001"]
    areas = [
        ({"lad19cd": code, "lad19nm": "A district", "rgn19cd": "E12000001"}, -4.0 + at, 53.0)
        for at, code in enumerate(codes)
    ]
    return Layer("lad19_england.geojson", _collection(areas))


def _region_outlines() -> Layer:
    areas = [
        ({"rgn19cd": code, "rgn19nm": title}, -4.0 + int(code[-1]), 53.0) for code, title in REGIONS.items()
    ]
    return Layer("regions_england.geojson", _collection(areas))
