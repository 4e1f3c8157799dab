"""What `load_neighbourhoods` does and says, and everything it refuses.

A refusal names the file, the line, the column, the value and what was expected, and leaves the database as it
was.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from neighbourhoods import datapackage, loading
from neighbourhoods.index_data.formats import CSV_FORMATS
from neighbourhoods.index_data.sources import FORMATS
from neighbourhoods.models import Neighbourhood, Release
from tests.neighbourhoods import published
from tests.neighbourhoods.database import everything
from tests.neighbourhoods.published import EXPECT, Published, square
from tests.neighbourhoods.sites import SiteDatabase, on_a_terminal, refused, site_database, succeeded

CNI = "cni2019_england_ward17.csv"
IOD = "File_7_-_All_IoD2019_Scores.csv"
RANK = "Community Needs Index rank"
LSOA_WARD = "LSOA_to_Ward_(2017)_Lookup.csv"
WARD_REGION = "Ward_to_Region_(December_2017)_Lookup.csv"
CONSTITUENCY = "Ward_to_Constituency_(December_2017)_Lookup.csv"
CONSTITUENCY_2024 = "ward17_pcon24.csv"
CHANGE = "lad17_to_lad19.csv"
POPULATION = "lsoa11_population_mid2019.csv"
CLASSES = "Rural_Urban_Classification_(2011).csv"
TOWNS = "LSOA_to_Major_Towns_(December_2015)_Lookup.csv"
ONSPD = "ONSPD_JAN_2024_UK.csv"
FIRST = "community-needs-index_206_flags.csv"
WARD_OUTLINES = "wards17_left_behind.geojson"
AUTHORITY_OUTLINES = "lad19_england.geojson"
SCORE = "Community Needs Index score"
FLAG = "Left Behind Area?"
IMD_SCORE = "Index of Multiple Deprivation (IMD) Score"
IMD_RANK = "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)"
WORKERS = "Working age population 18-59/64: for use with Employment Deprivation Domain (excluding prisoners)"


def run(*arguments: object, **options: Any) -> str:
    out = io.StringIO()
    call_command("load_neighbourhoods", *map(str, arguments), stdout=out, no_color=True, **options)
    return out.getvalue()


def run_from(folder: Path, *arguments: object) -> str:
    return run("--from", folder, "--expect", EXPECT, *arguments)


@pytest.fixture
def loaded(db: None) -> Release:  # noqa: ARG001 - the database
    """The small dataset, in force."""
    release = loading.load(published.small(), by="somebody", expect=EXPECT).release
    assert release is not None
    return release


# --- what is refused

Spoil = Callable[[Published], object]


def put(key: str, line: int, column: str, value: str) -> Spoil:
    return lambda files: files[key].put(line, column, value)


def bytes_of(key: str, change: Callable[[bytes], bytes]) -> Spoil:
    return lambda files: files[key].spoil(change)


def line_of(number: int, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Change one line of a file."""

    def changed(content: bytes) -> bytes:
        lines = content.split(b"\n")
        lines[number - 1] = change(lines[number - 1])
        return b"\n".join(lines)

    return changed


def outline(layer: str, at: int, **changes: Any) -> Spoil:
    return lambda files: files.layers[layer].features[at].update(changes)


def twice(key: str, line: int) -> Spoil:
    """Repeat a row at the end of its file."""
    return lambda files: files[key].rows.append(list(files[key].rows[line - 2]))


def exchanged(key: str, line: int, other: int, *columns: str) -> Spoil:
    """Let two rows change some of their cells with each other."""

    def spoil(files: Published) -> None:
        sheet = files[key]
        for column in columns:
            one, two = sheet.get(line, column), sheet.get(other, column)
            sheet.put(line, column, two)
            sheet.put(other, column, one)

    return spoil


def without(key: str, **cells: str) -> Spoil:
    """Leave a row out."""
    return lambda files: files[key].rows.pop(files[key].line(**cells) - 2)


def accented(files: Published) -> None:
    """Save a file with an accent in it as Windows does."""
    files["cni"].put(7, "ward17_name", "Café Corner")
    files["cni"].spoil(lambda content: content.decode().encode("cp1252"))


def moved(files: Published) -> None:
    """Leave a listed ward without LSOAs."""
    for row in files["lsoa-ward"].rows:
        row[2] = "E05000001" if row[2] == "E05000009" else row[2]


def also(key: str, name: str) -> Spoil:
    """Put a second, different file of the same kind into the folder."""

    def spoil(files: Published) -> None:
        copy = Published()[key]
        copy.name = name
        copy.rows.pop()
        files.sheets["a second one"] = copy

    return spoil


@dataclass(frozen=True)
class Refusal:
    """A fault, and what is said of it.

    Attributes:
        spoil: Brings the fault into the files.
        file: The file that is named.
        expected: How the expectation begins.
        line: The line that is named.
        column: The column that is named.
        found: What was found there, where that is not some library's wording.
    """

    spoil: Spoil
    file: str
    expected: str
    line: int | None = None
    column: str | None = None
    found: str | None = None

    def message(self, folder: Path) -> str:
        """A pattern of the whole message."""
        where = self.file.replace("{folder}", str(folder))
        where += f", line {self.line}" if self.line else ""
        where += f", column “{self.column}”" if self.column else ""
        found = ".+" if self.found is None else re.escape(repr(self.found))
        return (
            f"{re.escape(where)}: found {found}, expected {re.escape(self.expected)}.*\nNothing was changed."
        )


REFUSALS: dict[str, Refusal] = {
    # What is not a CSV file.
    "a workbook": Refusal(
        bytes_of("cni", lambda _: b"PK\x03\x04\x14\0\x06\0"),
        CNI,
        found="an Excel workbook or zip archive; save the sheet as CSV first",
        expected="a CSV or GeoJSON file in UTF-8.",
    ),
    "an old workbook": Refusal(
        bytes_of("cni", lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        CNI,
        found="an old Excel workbook; save the sheet as CSV first",
        expected="a CSV or GeoJSON file in UTF-8.",
    ),
    "a PDF": Refusal(
        bytes_of("cni", lambda _: b"%PDF-1.7\n"),
        CNI,
        found="a PDF",
        expected="a CSV or GeoJSON file in UTF-8.",
    ),
    "bytes without sense": Refusal(
        bytes_of("cni", lambda _: b"\x01\x02\n" + bytes(range(1, 256))),
        CNI,
        line=3,
        found="byte 0x80",
        expected="text in UTF-8. Save the file as UTF-8.",
    ),
    "UTF-16": Refusal(
        bytes_of("cni", lambda content: content.decode().encode("utf-16")),
        CNI,
        found="text in UTF-16; save it as UTF-8",
        expected="a CSV or GeoJSON file in UTF-8.",
    ),
    "UTF-16 without a byte-order mark": Refusal(
        bytes_of("cni", lambda content: content.decode().encode("utf-16-le")),
        CNI,
        line=1,
        found="a NUL byte",
        expected="text without NUL bytes.",
    ),
    "the encoding of Windows": Refusal(
        accented, CNI, line=7, found="byte 0xe9", expected="text in UTF-8. Save the file as UTF-8."
    ),
    "a NUL byte": Refusal(
        bytes_of("cni", line_of(9, lambda line: line.replace(b"Ward", b"Wa\0rd"))),
        CNI,
        line=9,
        found="a NUL byte",
        expected="text without NUL bytes.",
    ),
    "a gzip file that was cut short": Refusal(
        bytes_of("iod", lambda content: content[:-20]),
        IOD + ".gz",
        found="Compressed file ended before the end-of-stream marker was reached",
        expected="a whole gzip file. It may have been cut short; fetch it again.",
    ),
    "a gzip file with a wrong checksum": Refusal(
        bytes_of("iod", lambda content: content[:-8] + bytes(8)), IOD + ".gz", expected="a whole gzip file."
    ),
    "a gzip file with other bytes at its end": Refusal(
        bytes_of("iod", lambda content: content + b"more"), IOD + ".gz", expected="a whole gzip file."
    ),
    "an empty file": Refusal(
        bytes_of("cni", lambda _: b""), CNI, found="an empty file", expected="a header and rows."
    ),
    "nothing but blanks": Refusal(
        bytes_of("cni", lambda _: b" \n\r\n"), CNI, found="an empty file", expected="a header and rows."
    ),
    "a header alone": Refusal(
        bytes_of("cni", lambda content: content.split(b"\n")[0] + b"\n"),
        CNI,
        line=2,
        found="none",
        expected="rows under the header.",
    ),
    "semicolons between the cells": Refusal(
        bytes_of("population", lambda content: content.replace(b",", b";")),
        "{folder}",
        found="none",
        expected="a file of the kind “Resident population by LSOA”",
    ),
    "a header with a loose quote": Refusal(
        bytes_of("towns", lambda _: b'"LSOA11CD"x,TCITY15NM\n'),
        "{folder}",
        found="none",
        expected="a file of the kind “LSOA (2011) to major town or city lookup”",
    ),
    # Rows that are not those of a table.
    "a cell too many": Refusal(
        bytes_of("cni", line_of(6, lambda line: line + b",1")),
        CNI,
        line=6,
        found="14 cells",
        expected="13 cells.",
    ),
    "a cell too few": Refusal(
        bytes_of("cni", line_of(6, lambda line: line.rsplit(b",", 1)[0])),
        CNI,
        line=6,
        found="12 cells",
        expected="13 cells.",
    ),
    "a cell too few in a column that nobody needs": Refusal(
        bytes_of("lsoa-ward", line_of(3, lambda line: line.rsplit(b",", 1)[0])),
        LSOA_WARD,
        line=3,
        found="7 cells",
        expected="8 cells.",
    ),
    "a name with a comma and without quotes": Refusal(
        bytes_of("ward-region", lambda content: content.replace(b'"', b"")),
        WARD_REGION,
        line=10,
        found="13 cells",
        expected="12 cells.",
    ),
    "a quote that never ends": Refusal(
        bytes_of("cni", line_of(8, lambda line: line.replace(b",Ward", b',"Ward'))),
        CNI,
        line=8,
        expected="a well-formed CSV file.",
    ),
    "a quote that never ends, to the end of the file": Refusal(
        bytes_of("cni", line_of(21, lambda line: line.replace(b",Ward", b',"Ward'))),
        CNI,
        line=21,
        found="unexpected end of data",
        expected="a well-formed CSV file.",
    ),
    "something after a quote": Refusal(
        bytes_of("cni", line_of(8, lambda line: line.replace(b",Ward 7,", b',"Ward" 7,'))),
        CNI,
        line=8,
        expected="a well-formed CSV file.",
    ),
    # Names of columns.
    "a column twice": Refusal(
        lambda files: files["cni"].rename("lad19_name", "ward17_name"),
        CNI,
        line=1,
        column="ward17_name",
        expected="one column named “ward17_name”.",
    ),
    "a postcode file, one of several, without a column": Refusal(
        lambda files: files["postcodes"].rename("pcon", "pcon24cd"),
        ONSPD,
        line=1,
        column="pcon",
        found="no such column",
        expected="the column “pcon”, if this is “ONS Postcode Directory or National Statistics Postcode",
    ),
    "an outline without the property that names its area": Refusal(
        lambda files: [f["properties"].pop("wd17cd") for f in files.layers["ward-outlines"].features],
        WARD_OUTLINES,
        line=1,
        column="wd17cd",
        found="no such column",
        expected="the column “wd17cd”, if this is “Outlines of the listed wards”.",
    ),
    # Too many files, or too few.
    "two files of a kind that has one": Refusal(
        also("cni", "cni2019_revised.csv"),
        "cni2019_revised.csv",
        found="also cni2019_england_ward17.csv",
        expected=(
            "only one file of the kind “Community Needs Index 2019 by ward, with the ‘left behind’ flag”."
            " Say which with --cni FILE, or put the other into a folder “evidence” if it is “Community Needs"
            " Index 2019 by ward, with the flag of the first list”."
        ),
    ),
    "two files that could be the first list": Refusal(
        also("first-list", "revised.csv"),
        "revised.csv",
        found="also community-needs-index_206_flags.csv",
        expected=(
            "only one file of the kind “Community Needs Index 2019 by ward, with the flag of the first list”."
            " Say which with --first-list FILE."
        ),
    ),
    "a first list of other wards": Refusal(
        put("first-list", 11, "ward17_code", "E05000099"),
        FIRST,
        column="ward17_code",
        found="E05000010",
        expected="exactly the wards of cni2019_england_ward17.csv.",
    ),
    "a first list of another index": Refusal(
        exchanged("first-list", 2, 3, "Community Needs Index score", "Community Needs Index rank"),
        FIRST,
        column="ward code",
        found="E05000001",
        expected="the rank that cni2019_england_ward17.csv gives.",
    ),
    "a first list that is the second": Refusal(
        lambda files: [
            first.__setitem__(-1, second[-1].title())
            for first, second in zip(files["first-list"].rows, files["cni"].rows, strict=True)
        ],
        FIRST,
        column="Left Behind Area?",
        found="the same",
        expected="another list than cni2019_england_ward17.csv holds.",
    ),
    "no file of a kind": Refusal(
        lambda files: files.sheets.pop("iod"),
        "{folder}",
        found="none",
        expected="a file of the kind “English indices of deprivation 2019, File 7: scores, ranks, deciles",
    ),
    "no outlines of a kind": Refusal(
        lambda files: files.layers.pop("region-outlines"),
        "{folder}",
        found="none",
        expected="a file of the kind “Outlines of the regions of England” (",
    ),
    # Codes.
    "a ward twice": Refusal(
        twice("cni", 4), CNI, line=22, column="ward17_code", found="E05000003", expected="each only once."
    ),
    "a ward's code with a digit missing": Refusal(
        put("cni", 5, "ward17_code", "E0500004"),
        CNI,
        line=5,
        column="ward17_code",
        found="E0500004",
        expected="a ward code (^E05\\d{6}$).",
    ),
    "a ward's code in lower case": Refusal(
        put("cni", 5, "ward17_code", "e05000004"),
        CNI,
        line=5,
        column="ward17_code",
        found="e05000004",
        expected="a ward code",
    ),
    "a ward's code in digits of another script": Refusal(
        put("cni", 5, "ward17_code", "E0500000٤"),
        CNI,
        line=5,
        column="ward17_code",
        found="E0500000٤",
        expected="a ward code",
    ),
    "a ward without a code": Refusal(
        put("cni", 5, "ward17_code", ""), CNI, line=5, column="ward17_code", found="", expected="a ward code"
    ),
    "a Welsh ward among the English": Refusal(
        put("cni", 5, "ward17_code", "W05000004"),
        CNI,
        line=5,
        column="ward17_code",
        found="W05000004",
        expected="a ward code",
    ),
    "a ward without a name": Refusal(
        put("cni", 5, "ward17_name", "  "), CNI, line=5, column="ward17_name", found="", expected="a name."
    ),
    "a ward whose name is on two lines": Refusal(
        put("cni", 5, "ward17_name", "Ward\n4"),
        CNI,
        line=5,
        column="ward17_name",
        found="Ward\n4",
        expected="a name on one line.",
    ),
    "a ward without an authority": Refusal(
        put("cni", 5, "lad19_code", ""),
        CNI,
        line=5,
        column="lad19_code",
        found="",
        expected="a local authority code",
    ),
    "a county in place of an authority": Refusal(
        put("cni", 5, "lad19_code", "E10000001"),
        CNI,
        line=5,
        column="lad19_code",
        found="E10000001",
        expected="a local authority code",
    ),
    "an LSOA twice": Refusal(
        twice("iod", 4),
        IOD,
        line=43,
        column="LSOA code (2011)",
        found="E01000013",
        expected="each only once.",
    ),
    "an MSOA in place of an LSOA": Refusal(
        put("iod", 3, "LSOA code (2011)", "E02000001"),
        IOD,
        line=3,
        column="LSOA code (2011)",
        found="E02000001",
        expected="an LSOA code (^E01\\d{6}$).",
    ),
    "a code of no nation in a lookup": Refusal(
        put("lsoa-ward", 3, "LSOA11CD", "01000012"),
        LSOA_WARD,
        line=3,
        column="LSOA11CD",
        found="01000012",
        expected="an official code",
    ),
    "an LSOA in two wards": Refusal(
        twice("lsoa-ward", 3),
        LSOA_WARD,
        line=44,
        column="LSOA11CD",
        found="E01000012",
        expected="each only once.",
    ),
    "an English LSOA in a Welsh ward": Refusal(
        put("lsoa-ward", 3, "WD17CD", "W05000001"),
        LSOA_WARD,
        line=3,
        column="WD17CD",
        found="W05000001",
        expected="an official code",
    ),
    "a ward without a region": Refusal(
        put("ward-region", 6, "GOR10CD", ""),
        WARD_REGION,
        line=6,
        column="GOR10CD",
        found="",
        expected="an official code (^E12\\d{6}$).",
    ),
    "a region without a name": Refusal(
        put("ward-region", 6, "GOR10NM", ""),
        WARD_REGION,
        line=6,
        column="GOR10NM",
        found="",
        expected="a name.",
    ),
    "a ward without an authority in the lookup": Refusal(
        put("ward-region", 6, "LAD17CD", ""),
        WARD_REGION,
        line=6,
        column="LAD17CD",
        found="",
        expected="an official code",
    ),
    "a ward twice in the lookup": Refusal(
        twice("ward-region", 6),
        WARD_REGION,
        line=26,
        column="WD17CD",
        found="E05000005",
        expected="each only once.",
    ),
    "a constituency's code cut short": Refusal(
        put("ward-constituency", 3, "PCON17CD", "E1400001"),
        CONSTITUENCY,
        line=3,
        column="PCON17CD",
        found="E1400001",
        expected="an official code",
    ),
    "a constituency without a name": Refusal(
        put("ward-constituency", 3, "PCON17NM", ""),
        CONSTITUENCY,
        line=3,
        column="PCON17NM",
        found="",
        expected="a name.",
    ),
    "a constituency of 2024 twice for a ward": Refusal(
        twice("ward-constituency-2024", 4),
        CONSTITUENCY_2024,
        line=24,
        column="PCON24CD",
        found="E14001001",
        expected="each constituency only once for a ward.",
    ),
    "a constituency of 2024 without a name": Refusal(
        put("ward-constituency-2024", 4, "PCON24NM", ""),
        CONSTITUENCY_2024,
        line=4,
        column="PCON24NM",
        found="",
        expected="a name.",
    ),
    "a share of more than the whole": Refusal(
        put("ward-constituency-2024", 4, "SHARE", "1.5"),
        CONSTITUENCY_2024,
        line=4,
        column="SHARE",
        found="1.5",
        expected="a number from 0.0001 to 1.",
    ),
    "a share of nothing": Refusal(
        put("ward-constituency-2024", 4, "SHARE", "0"),
        CONSTITUENCY_2024,
        line=4,
        column="SHARE",
        found="0",
        expected="a number from 0.0001 to 1.",
    ),
    "an authority's successor without a code": Refusal(
        put("authority-change", 4, "LAD19CD", ""),
        CHANGE,
        line=4,
        column="LAD19CD",
        found="",
        expected="an official code",
    ),
    "an authority with two successors": Refusal(
        twice("authority-change", 4),
        CHANGE,
        line=5,
        column="LAD17CD",
        found="E07000001",
        expected="each only once.",
    ),
    "an authority's successor without a name": Refusal(
        put("authority-change", 4, "LAD19NM", ""),
        CHANGE,
        line=4,
        column="LAD19NM",
        found="",
        expected="a name.",
    ),
    "a population for no LSOA": Refusal(
        put("population", 3, "lsoa", "Total"),
        POPULATION,
        line=3,
        column="lsoa",
        found="Total",
        expected="an official code",
    ),
    "an LSOA with two populations": Refusal(
        twice("population", 3),
        POPULATION,
        line=47,
        column="lsoa",
        found="E01000012",
        expected="each only once.",
    ),
    "an LSOA without a class": Refusal(
        put("rural-urban", 3, "RUC11", ""), CLASSES, line=3, column="RUC11", found="", expected="a name."
    ),
    "an LSOA with two classes": Refusal(
        twice("rural-urban", 3),
        CLASSES,
        line=44,
        column="LSOA11CD",
        found="E01000012",
        expected="each only once.",
    ),
    "an LSOA in two towns": Refusal(
        twice("towns", 3),
        TOWNS,
        line=44,
        column="LSOA11CD",
        found="E01000012",
        expected="each only once.",
    ),
    "a postcode without its space": Refusal(
        put("postcodes", 3, "pcds", "NP11AB"),
        ONSPD,
        line=3,
        column="pcds",
        found="NP11AB",
        expected="a postcode (",
    ),
    "a postcode twice in a file": Refusal(
        twice("postcodes", 3), ONSPD, line=13, column="pcds", found="NP1 1AB", expected="each only once."
    ),
    "a postcode in no LSOA of any nation": Refusal(
        put("postcodes", 3, "lsoa11", "X01000012"),
        ONSPD,
        line=3,
        column="lsoa11",
        found="X01000012",
        expected="an LSOA code",
    ),
    "a postcode that ended in no month": Refusal(
        put("postcodes", 4, "doterm", "gone"),
        ONSPD,
        line=4,
        column="doterm",
        found="gone",
        expected="a month or nothing (^\\d{6}$).",
    ),
    # Ranks and scores.
    "a rank of nought": Refusal(
        put("cni", 5, RANK, "0"), CNI, line=5, column=RANK, found="0", expected="a number from 1 to 20."
    ),
    "a rank beyond the number of wards": Refusal(
        put("cni", 5, RANK, "21"), CNI, line=5, column=RANK, found="21", expected="a number from 1 to 20."
    ),
    "half a rank": Refusal(
        put("cni", 5, RANK, "8.5"), CNI, line=5, column=RANK, found="8.5", expected="a whole number."
    ),
    "a rank repeated where scores differ": Refusal(
        put("cni", 5, RANK, "9"),
        CNI,
        line=6,
        column=RANK,
        found="9",
        expected="a rank repeated only where scores are equal.",
    ),
    "ranks that contradict the scores": Refusal(
        put("cni", 5, SCORE, "1"),
        CNI,
        line=6,
        column=RANK,
        found="9",
        expected="ranks that fall as scores rise (1 for the highest score).",
    ),
    "a domain's ranks that contradict its scores": Refusal(
        put("cni", 5, "Civic Assets score", "0.5"),
        CNI,
        line=12,
        column="Civic Assets rank",
        found="15",
        expected="ranks that fall as scores rise",
    ),
    "deprivation ranks that contradict the scores": Refusal(
        put("iod", 2, IMD_SCORE, "0.1"),
        IOD,
        line=3,
        column=IMD_RANK,
        found="2",
        expected="ranks that fall as scores rise",
    ),
    "a score that is a word": Refusal(
        put("cni", 5, SCORE, "n/a"), CNI, line=5, column=SCORE, found="n/a", expected="a number."
    ),
    "a score that is missing": Refusal(
        put("cni", 5, SCORE, ""), CNI, line=5, column=SCORE, found="", expected="a number."
    ),
    "a score that is not a number": Refusal(
        put("cni", 5, SCORE, "NaN"), CNI, line=5, column=SCORE, found="NaN", expected="a number."
    ),
    "a score without end": Refusal(
        put("cni", 5, SCORE, "inf"), CNI, line=5, column=SCORE, found="inf", expected="a finite number."
    ),
    "a score too large to hold": Refusal(
        put("cni", 5, SCORE, "1e999"), CNI, line=5, column=SCORE, found="1e999", expected="a finite number."
    ),
    "a negative score": Refusal(
        put("cni", 5, SCORE, "-1"), CNI, line=5, column=SCORE, found="-1", expected="0 or more."
    ),
    "a decimal comma": Refusal(
        put("cni", 5, SCORE, "1.234,5"), CNI, line=5, column=SCORE, found="1.234,5", expected="a number."
    ),
    "a deprivation score of more than a hundred": Refusal(
        put("iod", 2, IMD_SCORE, "100.1"),
        IOD,
        line=2,
        column=IMD_SCORE,
        found="100.1",
        expected="a number from 0 to 100.",
    ),
    "a rate in per cent": Refusal(
        put("iod", 2, "Income Score (rate)", "44"),
        IOD,
        line=2,
        column="Income Score (rate)",
        found="44",
        expected="a number from 0 to 1.",
    ),
    "an eleventh tenth": Refusal(
        put("iod", 2, "Crime Decile (where 1 is most deprived 10% of LSOAs)", "11"),
        IOD,
        line=2,
        column="Crime Decile (where 1 is most deprived 10% of LSOAs)",
        found="11",
        expected="a number from 1 to 10.",
    ),
    "an LSOA where nobody lives": Refusal(
        put("iod", 2, "Total population: mid 2015 (excluding prisoners)", "0"),
        IOD,
        line=2,
        column="Total population: mid 2015 (excluding prisoners)",
        found="0",
        expected="1 or more.",
    ),
    "fewer than no workers": Refusal(
        put("iod", 2, WORKERS + " ", "-0.5"), IOD, line=2, column=WORKERS, found="-0.5", expected="0 or more."
    ),
    "half a resident": Refusal(
        put("population", 2, "pop", "1,500.5"),
        POPULATION,
        line=2,
        column="pop",
        found="1,500.5",
        expected="a whole number.",
    ),
    # The list.
    "one ward too many on the list": Refusal(
        put("cni", 5, FLAG, "TRUE"),
        CNI,
        column=FLAG,
        found="5",
        expected="4 wards flagged TRUE. If the list really has 5, say --expect 5.",
    ),
    "one ward too few on the list": Refusal(
        put("cni", 2, FLAG, "FALSE"),
        CNI,
        column=FLAG,
        found="3",
        expected="4 wards flagged TRUE. If the list really has 3, say",
    ),
    "a flag that is neither": Refusal(
        put("cni", 5, FLAG, "maybe"), CNI, line=5, column=FLAG, found="maybe", expected="TRUE or FALSE."
    ),
    # Files that contradict each other.
    "a ward that the lookup lacks": Refusal(
        without("ward-region", WD17CD="E05000004"),
        CNI,
        column="ward code",
        found="E05000004",
        expected="a ward of the ward lookup.",
    ),
    "an authority that the lookup contradicts": Refusal(
        put("cni", 5, "lad19_code", "E08000001"),
        CNI,
        column="ward code",
        found="E05000004",
        expected="the authority that the ward lookup gives.",
    ),
    "an authority that nothing became of": Refusal(
        without("authority-change", LAD17CD="E07000001"),
        CHANGE,
        column="ward code",
        found="E05000016",
        expected="its district to have one of 2019.",
    ),
    "a listed ward without LSOAs": Refusal(
        moved,
        LSOA_WARD,
        column="ward code",
        found="E05000009",
        expected="at least one LSOA for each listed ward.",
    ),
    "an LSOA without a ward": Refusal(
        without("lsoa-ward", LSOA11CD="E01000031"),
        LSOA_WARD,
        column="LSOA code",
        found="E01000031",
        expected="a row for each LSOA of File_7_-_All_IoD2019_Scores.csv; 1 have none.",
    ),
    "an LSOA without a population": Refusal(
        without("population", lsoa="E01000031"),
        POPULATION,
        column="LSOA code",
        found="E01000031",
        expected="a row for each LSOA",
    ),
    "an LSOA of no class": Refusal(
        without("rural-urban", LSOA11CD="E01000031"),
        CLASSES,
        column="LSOA code",
        found="E01000031",
        expected="a row for each LSOA of ",
    ),
    "an LSOA of which nothing is said about towns": Refusal(
        without("towns", LSOA11CD="E01000031"),
        TOWNS,
        column="LSOA code",
        found="E01000031",
        expected="a row for each LSOA of ",
    ),
    "a listed ward in no constituency of 2010": Refusal(
        without("ward-constituency", WD17CD="E05000016"),
        CONSTITUENCY,
        column="WD17CD",
        found="E05000016",
        expected="a constituency for each listed ward.",
    ),
    "a listed ward in no constituency of 2024": Refusal(
        without("ward-constituency-2024", WD17CD="E05000016"),
        CONSTITUENCY_2024,
        column="WD17CD",
        found="E05000016",
        expected="a constituency for each listed ward.",
    ),
    # Outlines.
    "outlines that are not JSON": Refusal(
        lambda files: files.layers["ward-outlines"].spoil(lambda content: content[:-5]),
        "{folder}",
        found="none",
        expected="a file of the kind “Outlines of the listed wards” (",
    ),
    "no features": Refusal(
        lambda files: files.layers["ward-outlines"].collection.update(features=[]),
        "{folder}",
        found="none",
        expected="a file of the kind “Outlines of the listed wards” (",
    ),
    "a listed ward without an outline": Refusal(
        lambda files: files.layers["ward-outlines"].features.pop(1),
        WARD_OUTLINES,
        column="wd17cd",
        found="none of E05000002",
        expected="an outline of each listed area.",
    ),
    "an authority without an outline": Refusal(
        lambda files: files.layers["authority-outlines"].features.pop(2),
        AUTHORITY_OUTLINES,
        column="lad19cd",
        found="none of E06000058",
        expected="an outline of each listed area.",
    ),
    "an outline of no area": Refusal(
        outline("ward-outlines", 1, properties={}),
        WARD_OUTLINES,
        column="wd17cd",
        found="none",
        expected="feature 2 to have a code and a geometry.",
    ),
    "a feature that is none": Refusal(
        lambda files: files.layers["ward-outlines"].features.append(None),
        WARD_OUTLINES,
        column="wd17cd",
        found="none",
        expected="feature 21 to have a code",
    ),
    "an outline with a code of another kind": Refusal(
        outline("ward-outlines", 1, properties={"wd17cd": "E0500002"}),
        WARD_OUTLINES,
        column="wd17cd",
        found="E0500002",
        expected="feature 2 to have an official code (^E05\\d{6}$).",
    ),
    "two outlines of one area": Refusal(
        outline("ward-outlines", 1, properties={"wd17cd": "E05000001"}),
        WARD_OUTLINES,
        column="wd17cd",
        found="E05000001",
        expected="feature 2 to have a code of its own.",
    ),
    "an area without a geometry": Refusal(
        outline("ward-outlines", 1, geometry=None),
        WARD_OUTLINES,
        column="wd17cd",
        expected="feature 2 to have the geometry of an area (E05000002).",
    ),
    "a ring that does not close": Refusal(
        outline("ward-outlines", 1, geometry={"type": "Polygon", "coordinates": [[[-2, 53], [-2.1, 53]]]}),
        WARD_OUTLINES,
        column="wd17cd",
        expected="feature 2 to have the geometry of an area (E05000002).",
    ),
    "coordinates in words": Refusal(
        outline("ward-outlines", 1, geometry={"type": "Polygon", "coordinates": [[["west", "north"]] * 4]}),
        WARD_OUTLINES,
        column="wd17cd",
        expected="feature 2 to have the geometry of an area (E05000002).",
    ),
    "a point in place of an outline": Refusal(
        outline("ward-outlines", 1, geometry={"type": "Point", "coordinates": [-2, 53]}),
        WARD_OUTLINES,
        column="wd17cd",
        found="Point",
        expected="feature 2 to have the geometry of an area (E05000002).",
    ),
    "an outline in metres": Refusal(
        outline("ward-outlines", 1, geometry=square(400_000, 280_000, 1_000)),
        WARD_OUTLINES,
        column="wd17cd",
        found="(400000.0, 280000.0, 401000.0, 281000.0)",
        expected="feature 2 to have an outline in England, in degrees (E05000002).",
    ),
    "latitude before longitude": Refusal(
        outline("ward-outlines", 1, geometry=square(53.2, -2, 0.05)),
        WARD_OUTLINES,
        column="wd17cd",
        expected="feature 2 to have an outline in England",
    ),
}


@pytest.mark.parametrize("fault", REFUSALS)
@pytest.mark.usefixtures("loaded")
def test_it_refuses(fault: str, tmp_path: Path) -> None:
    refusal = REFUSALS[fault]
    files = Published()
    refusal.spoil(files)
    folder = files.write(tmp_path)
    before = everything()
    with pytest.raises(CommandError) as caught:
        run_from(folder)
    assert re.fullmatch(refusal.message(folder), str(caught.value)), str(caught.value)
    assert caught.value.returncode == 1
    assert everything() == before


COLUMNS = [
    (known.key, column) for known in CSV_FORMATS for column in sorted(known.columns) if not known.several
]


@pytest.mark.parametrize(("key", "column"), COLUMNS)
def test_it_refuses_a_file_without_one_of_its_columns(key: str, column: str, tmp_path: Path) -> None:
    files = Published()
    sheet = files[key]
    sheet.drop(next(name for name in sheet.columns if name.strip() == column))
    with pytest.raises(CommandError) as caught:
        run_from(files.write(tmp_path))
    assert str(caught.value).startswith(
        f"{sheet.name}, line 1, column “{column}”: found 'no such column', expected the column “{column}”,"
        " if this is “"
    )


# --- single files


@pytest.mark.usefixtures("loaded")
def test_a_file_named_for_the_wrong_option_is_refused(tmp_path: Path) -> None:
    folder = Published().write(tmp_path)
    before = everything()
    with pytest.raises(CommandError) as caught:
        run_from(folder, "--cni", folder / "ward17_pcon24.csv")
    assert str(caught.value).startswith(
        "ward17_pcon24.csv, line 1, column “Civic Assets rank”:"
        " found 'the file for --ward-constituency-2024',"
        " expected a CSV file with the column “Civic Assets rank” (Community Needs Index 2019 by ward,"
    )
    assert everything() == before


@pytest.mark.parametrize(
    ("option", "name", "expected"),
    [
        ("--cni", "regions_england.geojson", "found 'the file for --region-outlines', expected a CSV file"),
        ("--cni", "Needless_(December_2017).csv", "found 'no such column', expected a CSV file with"),
        ("--ward-outlines", CNI, "found 'the file for --cni', expected a GeoJSON file whose features have"),
        (
            "--ward-outlines",
            "england.geojson",
            "found 'no such column', expected a GeoJSON file whose features",
        ),
        ("--cni", "nowhere.csv", "nowhere.csv: expected the file to lie in "),
        ("--cni", "", "found 'Is a directory', expected a readable file."),
    ],
)
def test_a_named_file_must_be_there_and_of_its_kind(
    option: str, name: str, expected: str, tmp_path: Path
) -> None:
    folder = Published().write(tmp_path)
    with pytest.raises(CommandError) as caught:
        run_from(folder, option, folder / name)
    assert expected in str(caught.value)


@pytest.mark.usefixtures("db")
def test_a_named_file_goes_before_the_folders(tmp_path: Path) -> None:
    folder = Published().write(tmp_path / "folder")
    revised = Published()["cni"]
    revised.put(3, "ward17_name", "St John’s")
    revised.name = "revised.csv"
    (tmp_path / "revised.csv").write_bytes(revised.content())
    run_from(folder, "--cni", tmp_path / "revised.csv")
    assert Neighbourhood.objects.get(code="E05000002").name == "St John’s"


@pytest.mark.usefixtures("db")
def test_every_file_can_be_named_alone(tmp_path: Path) -> None:
    files = Published()
    folder = files.write(tmp_path)
    options: list[object] = []
    for known in FORMATS.values():
        options += [f"--{known.key}", folder / files.file(known.key).path]
    run(*options, "--expect", EXPECT)
    assert Neighbourhood.objects.listed().count() == EXPECT


def test_a_kind_that_is_not_named_is_missed_by_its_option(tmp_path: Path) -> None:
    folder = Published().write(tmp_path)
    with pytest.raises(
        CommandError, match=r"^--iod: found 'none', expected a file of the kind “English indices"
    ):
        run("--cni", folder / CNI, "--expect", EXPECT)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere: expected a folder of published files\."):
        run_from(tmp_path / "nowhere")


# --- what it does and says


@pytest.mark.usefixtures("db")
def test_from_a_folder_it_loads_says_what_it_left_out_and_where_list_and_rule_part(tmp_path: Path) -> None:
    told = run_from(Published().write(tmp_path), "--by", "The secretariat")
    assert "Not needed: Needless_(December_2017).csv\nNot needed: england.geojson\n" in told
    assert (
        "The published list names 4 wards; the rule, recomputed, names 2; 1 are in both. The published list"
        " decides.\n"
    ) in told
    assert re.search(r"^  neighbourhoods +0 → +4$", told, re.MULTILINE)
    assert re.search(r"^  figures +0 → +72$", told, re.MULTILINE)
    release = Release.objects.get()
    assert told.endswith(f"Loaded: {release} is in force.\n")
    assert release.loaded_by_name == "The secretariat"
    assert [file.file_name for file in release.files.filter(role="iod")] == [IOD]


@pytest.mark.usefixtures("loaded")
def test_the_same_files_again_change_nothing(tmp_path: Path) -> None:
    before = everything()
    told = run_from(Published().write(tmp_path))
    assert told.endswith(f"Nothing changed: {Release.objects.get()} is in force.\n")
    assert everything() == before


@pytest.mark.usefixtures("loaded")
def test_a_dry_run_shows_and_writes_nothing(tmp_path: Path) -> None:
    files = Published()
    files["cni"].put(3, "ward17_name", "St John’s")
    before = everything()
    told = run_from(files.write(tmp_path), "--dry-run")
    assert "neighbourhoods: St John’s (E05000002): name St John's & Quay → St John’s" in told
    assert told.endswith("Dry run: nothing was written.\n")
    assert everything() == before


@pytest.mark.usefixtures("loaded")
def test_only_the_first_of_many_changes_are_shown_unless_asked(tmp_path: Path) -> None:
    files = Published()
    known = files["postcodes"].rows[0]
    for number in range(45):
        files["postcodes"].rows.append(
            ["NP5 1" + chr(65 + number // 9) + chr(65 + number % 9)] * 3 + known[3:]
        )
    folder = files.write(tmp_path)
    short = run_from(folder, "--dry-run")
    assert short.count("postcodes: added NP5 1") == 40
    assert "  … and 6 more changes (--verbosity 2 shows all)\n" in short
    full = run_from(folder, "--dry-run", "--verbosity", 2)
    assert full.count("postcodes: added NP5 1") == 45
    assert "more changes" not in full


@pytest.mark.usefixtures("db")
def test_it_is_silent_when_asked(tmp_path: Path) -> None:
    assert run_from(Published().write(tmp_path), "--verbosity", 0) == ""
    assert Release.objects.count() == 1


@pytest.mark.usefixtures("db")
def test_without_a_name_the_account_on_the_machine_has_loaded_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "deputy")
    run_from(Published().write(tmp_path))
    assert Release.objects.get().loaded_by_name == "deputy"


@pytest.mark.usefixtures("db")
def test_in_a_container_without_accounts_nobody_known_has_loaded_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", nobody)
    run_from(Published().write(tmp_path))
    assert Release.objects.get().loaded_by_name == "unknown"


@pytest.mark.usefixtures("db")
def test_without_options_it_loads_the_shipped_dataset() -> None:
    told = run()
    assert re.search(r"^  neighbourhoods +0 → +225$", told, re.MULTILINE)
    assert re.search(r"^  postcodes +0 → +55,546$", told, re.MULTILINE)
    release = Release.objects.get()
    assert release.fingerprint == datapackage.fingerprint(datapackage.from_folder())
    before = everything()
    assert run().startswith("Nothing changed: ")
    assert everything() == before


@pytest.mark.usefixtures("loaded")
def test_a_damaged_shipped_dataset_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datapackage.write_folder(published.small(), tmp_path)
    (tmp_path / "regions.csv").write_text("region_code,region_name\nE12000001,North West\n")
    monkeypatch.setattr(datapackage.from_folder, "__defaults__", (tmp_path,))
    before = everything()
    with pytest.raises(CommandError, match=r"^regions\.csv: found 'sha256:"):
        run("--expect", EXPECT)
    assert everything() == before


def test_the_number_to_expect_must_be_a_number() -> None:
    with pytest.raises(CommandError, match="invalid int value: 'all'"):
        run("--expect", "all")


# --- as a process


def test_a_refusal_ends_the_process_with_a_message_and_a_code(site: SiteDatabase, tmp_path: Path) -> None:
    files = Published()
    files["cni"].put(5, RANK, "0")
    done = site.manage("load_neighbourhoods", "--from", files.write(tmp_path / "files"))
    assert done.returncode == 1
    assert done.stdout == "Not needed: Needless_(December_2017).csv\nNot needed: england.geojson\n"
    assert done.stderr == (
        f"CommandError: {CNI}, line 5, column “{RANK}”: found '0', expected a number from 1 to 20.\n"
        "Nothing was changed.\n"
    )


def test_a_database_without_tables_is_refused(tmp_path: Path) -> None:
    folder = Published().write(tmp_path / "files")
    with site_database(tmp_path) as empty:
        done = empty.manage("load_neighbourhoods", "--from", folder, "--expect", EXPECT)
    said = refused(done)
    assert said.startswith("CommandError: The database refused: ")
    assert "neighbourhoods_release" in said
    assert said.endswith("\nNothing was changed.\n")
    assert "Another load" not in said


def test_a_person_at_a_terminal_sees_a_bar_and_colours(site: SiteDatabase, tmp_path: Path) -> None:
    folder = Published().write(tmp_path / "files")
    load = ("load_neighbourhoods", "--from", folder, "--expect", EXPECT)
    seen = on_a_terminal(site, *load)
    assert re.search(r"\rReading: +\d+%\|", seen)
    assert "\x1b[32;1mNothing changed: " in seen
    plain = on_a_terminal(site, *load, "--no-color")
    assert "\x1b[32;1m" not in plain
    assert "\nNothing changed: " in plain
    quiet = on_a_terminal(site, *load, "--verbosity", 0)
    assert quiet == ""


def test_into_a_file_it_writes_neither_a_bar_nor_colours(site: SiteDatabase, tmp_path: Path) -> None:
    folder = Published().write(tmp_path / "files")
    done = site.manage("load_neighbourhoods", "--from", folder, "--expect", EXPECT)
    assert succeeded(done).endswith("is in force.\n")
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
