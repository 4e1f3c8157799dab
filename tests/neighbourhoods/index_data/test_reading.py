"""Readers are tolerant of form and strict about content."""

from __future__ import annotations

import gzip
import random
import string
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leftbehind_site.common.errors import SourceError, shorten
from neighbourhoods.index_data.formats import CSV_FORMATS, Format
from neighbourhoods.index_data.reading import open_published, read_columns
from tests.neighbourhoods.published import Published, Sheet

pytestmark = pytest.mark.once

FORMATS = {known.key: known for known in CSV_FORMATS}
KEYS = sorted(FORMATS)

several_times = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def read(known: Format, sheet: Sheet, folder: Path) -> pd.DataFrame:
    path = folder / Path(sheet.path).name
    path.write_bytes(sheet.content())
    return known.read(open_published(path))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """What each reader makes of its file when nothing was done to it."""
    folder = tmp_path_factory.mktemp("plain")
    files = Published()
    return {key: read(known, files[key], folder) for key, known in FORMATS.items()}


# --- tolerant of form


def with_commas(text: str) -> str:
    """A whole number with thousands separators, as spreadsheets save it."""
    return f"{int(text.replace(',', '')):,}"


STYLES: list[Callable[[str], str]] = [with_commas, lambda text: text.replace(",", ""), str]
NUMERIC = {
    "iod": ("Total population: mid 2015 (excluding prisoners)",),
    "population": ("pop",),
    "cni": ("Community Needs Index rank", "Civic Assets rank"),
}


@pytest.mark.parametrize("key", KEYS)
@several_times
@given(data=st.data())
def test_the_form_of_a_file_makes_no_difference(
    key: str, data: st.DataObject, tmp_path: Path, plain: dict[str, pd.DataFrame]
) -> None:
    """Column order, byte-order mark, gzip, quotes, blanks, line ends, commas in numbers, further columns."""
    sheet = Published()[key]
    for column in NUMERIC.get(key, ()):
        style = data.draw(st.sampled_from(STYLES))
        for line, row in enumerate(sheet.rows, start=2):
            sheet.put(line, column, style(row[sheet.at(column)]))
    for number in range(data.draw(st.integers(0, 2))):
        sheet.columns.append(f"Added {number}")
        for row in sheet.rows:
            row.append(data.draw(st.sampled_from(["", "x", "a, b", 'the "same"', "two\nlines"])))
    sheet.arrange(data.draw(st.permutations(range(len(sheet.columns)))))
    pad = data.draw(st.sampled_from(["", " ", "\t", "\u00a0"]))
    sheet.columns = [pad + column + pad for column in sheet.columns]
    sheet.rows = [[pad + cell + pad for cell in row] for row in sheet.rows]
    sheet.quoted = data.draw(st.booleans())
    sheet.bom = data.draw(st.booleans())
    sheet.zipped = data.draw(st.booleans())
    blank = data.draw(
        st.sampled_from([b"", b"\n", b"\n\n \n", b"," * (len(sheet.columns) - 1) + b"\n", b",\n"])
    )
    ending = data.draw(st.sampled_from([b"\n", b"\r\n"]))

    def dressed(content: bytes) -> bytes:
        text = gzip.decompress(content) if sheet.zipped else content
        text = (text + blank).replace(b"\n", ending)
        if data.draw(st.booleans()):
            text = text.rstrip(b"\r\n")
        return gzip.compress(text) if sheet.zipped else text

    sheet.spoil(dressed)
    pd.testing.assert_frame_equal(read(FORMATS[key], sheet, tmp_path), plain[key])


@pytest.mark.parametrize("key", KEYS)
def test_rows_of_other_nations_are_skipped(key: str, plain: dict[str, pd.DataFrame]) -> None:
    frame = plain[key]
    for column in frame.columns:
        if column.endswith("_code") and column != "constituency_code":
            assert frame[column].str.startswith("E").all(), column


def test_both_postcode_files_are_read_alike(tmp_path: Path) -> None:
    files, known = Published(), FORMATS["postcodes"]
    onspd = read(known, files["postcodes"], tmp_path)
    nspl = read(known, files["postcodes, again"], tmp_path)
    assert list(onspd.columns) == list(nspl.columns) == ["postcode", "lsoa_code", "constituency_code"]
    assert set(nspl["postcode"]) == {"KB1A 1AA", "KB16 1AA", "NP1 1AA", "NP9 9ZZ"}
    assert not set(onspd["postcode"]) & {"NP1 1AC", "NP2 2AB", "GIR 0AA"}


def test_a_sum_at_the_end_of_the_population_is_no_area(plain: dict[str, pd.DataFrame]) -> None:
    assert plain["population"]["people"].sum() < 99_999 * 2
    assert len(plain["population"]) == 41


def test_a_thousands_separator_is_no_decimal_point(plain: dict[str, pd.DataFrame]) -> None:
    row = plain["iod"].set_index("lsoa_code").loc["E01000011"]
    assert row["population"] == 1_110
    assert row["working_age"] == 601.25
    assert row["imd"] == 80.8


def test_names_keep_what_they_hold(plain: dict[str, pd.DataFrame]) -> None:
    assert set(plain["ward-region"]["authority_name"]) == {"Northport", "Kingsbridge, City of", "Oldshire"}
    assert "St John's & Quay" in set(plain["cni"]["ward_name"])


def test_a_town_may_be_missing_but_is_never_not_a_number(plain: dict[str, pd.DataFrame]) -> None:
    assert set(plain["towns"]["town"]) == {"Northport", ""}


@pytest.mark.parametrize("written", ["TRUE", "True", "true", "Yes", "1", " TRUE "])
def test_a_flag_may_be_written_in_several_ways(written: str, tmp_path: Path) -> None:
    sheet = Published()["cni"]
    for row in sheet.rows:
        row[-1] = (
            written if row[-1] == "TRUE" else {"TRUE": "FALSE", "1": "0", "Yes": "no"}.get(written, "False")
        )
    assert read(FORMATS["cni"], sheet, tmp_path)["flagged"].sum() == 4


def test_wards_with_the_same_score_may_share_a_rank(plain: dict[str, pd.DataFrame]) -> None:
    frame = plain["cni"].set_index("ward_code")
    assert frame.loc[["E05000017", "E05000018"], "cni"].tolist() == [6, 6]


def test_the_checksum_is_of_the_content_however_it_is_wrapped(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n1,2\n")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    plain, zipped = open_published(tmp_path / "a.csv"), open_published(tmp_path / "b.csv.gz")
    assert plain.sha256 == zipped.sha256
    assert (plain.name, zipped.name) == ("a.csv", "b.csv")


# --- strict about content

CODES = {
    "cni": ("ward17_code", "lad19_code"),
    "iod": ("LSOA code (2011)",),
    "lsoa-ward": ("LSOA11CD", "WD17CD"),
    "ward-region": ("WD17CD", "LAD17CD", "GOR10CD"),
    "ward-constituency": ("WD17CD", "PCON17CD"),
    "ward-constituency-2024": ("WD17CD", "PCON24CD"),
    "authority-change": ("LAD17CD", "LAD19CD"),
    "population": ("lsoa",),
    "rural-urban": ("LSOA11CD",),
    "towns": ("LSOA11CD",),
    "postcodes": ("pcds", "lsoa11"),
    "first-list": ("ward17_code", "lad19_code"),
    "ward-2019": ("WD19CD",),
}
NUMBERS = {
    "cni": ("Community Needs Index score", "Community Needs Index rank", "Connectedness rank"),
    "iod": (
        "Index of Multiple Deprivation (IMD) Score",
        "Income Score (rate)",
        "Health Deprivation and Disability Decile (where 1 is most deprived 10% of LSOAs)",
        "Total population: mid 2015 (excluding prisoners)",
    ),
    "ward-constituency-2024": ("SHARE",),
    "population": ("pop",),
}


def english_line(sheet: Sheet, key: str, at: int) -> int:
    """A line whose row is England's and live."""
    lines = [
        line
        for line, row in enumerate(sheet.rows, start=2)
        if row[sheet.at(CODES[key][-1])].startswith("E")
        and (key != "postcodes" or (not row[sheet.at("doterm")] and row[sheet.at("pcds")] != "GIR 0AA"))
    ]
    return lines[at % len(lines)]


def mutilated(code: str, draw: Callable[[st.SearchStrategy], object]) -> str:
    """A code with one character lost, added, or put in place of another that does not belong there."""
    at = draw(st.integers(0, len(code) - 1))
    assert isinstance(at, int)
    strange = draw(st.sampled_from("eXo?-.٣é'"))
    return str(
        draw(
            st.sampled_from(
                [
                    code[:at] + code[at + 1 :],
                    code[:at] + str(strange) + code[at + 1 :],
                    code[:at] + str(strange) + code[at:],
                    code.lower(),
                    "",
                ]
            )
        )
    )


@pytest.mark.parametrize(("key", "column"), [(key, column) for key in KEYS for column in CODES[key]])
@several_times
@given(data=st.data())
def test_a_mutilated_code_is_refused_with_its_line(
    key: str, column: str, data: st.DataObject, tmp_path: Path
) -> None:
    sheet = Published()[key]
    line = english_line(sheet, key, data.draw(st.integers(0, 99)))
    code = mutilated(sheet.get(line, column), data.draw)
    if key == "postcodes" and (code == "" and column == "lsoa11"):
        return  # A postcode in no area is left out; the publishers have thousands.
    if key == "postcodes" and column == "pcds":
        # Without one of its letters or digits a postcode may still be one.
        code = code.replace(" ", "") if data.draw(st.booleans()) else code.lower() or "x"
    sheet.put(line, column, code)
    with pytest.raises(SourceError) as caught:
        read(FORMATS[key], sheet, tmp_path)
    error = caught.value
    assert (error.file, error.line, error.column, error.value) == (sheet.name, line, column, code.strip())


NO_NUMBERS = st.one_of(
    st.sampled_from(
        ["", "-", "n/a", "NaN", "nan", "None", "inf", "-inf", "1e999", "#N/A", "1,23", "1.234,5"]
    ),
    st.sampled_from(
        [
            "0,5",
            "12,34,567",
            "1 234",
            "1_000",
            "0x1f",
            "٣",
            "\N{FULLWIDTH DIGIT ONE}",
            "½",
            "-0.5",
            "-1",
            "£5",
            "5%",
        ]
    ),
    st.text(st.sampled_from(string.ascii_letters + "?!"), min_size=1, max_size=8).filter(
        lambda text: text.lower() not in {"inf", "infinity"}
    ),
)


@pytest.mark.parametrize(("key", "column"), [(key, column) for key in NUMBERS for column in NUMBERS[key]])
@several_times
@given(cell=NO_NUMBERS, at=st.integers(0, 99))
def test_what_is_no_number_is_refused_with_its_line(
    key: str, column: str, cell: str, at: int, tmp_path: Path
) -> None:
    sheet = Published()[key]
    line = english_line(sheet, key, at)
    sheet.put(line, column, cell)
    with pytest.raises(SourceError) as caught:
        read(FORMATS[key], sheet, tmp_path)
    error = caught.value
    assert (error.file, error.line, error.column, error.value) == (sheet.name, line, column, cell)


@several_times
@given(data=st.data())
def test_any_permutation_of_ranks_that_is_not_the_order_of_scores_is_refused(
    data: st.DataObject, tmp_path: Path
) -> None:
    sheet = Published()["cni"]
    at = sheet.at("Civic Assets rank")
    before = [row[at] for row in sheet.rows]
    after = data.draw(st.permutations(before))
    for row, rank in zip(sheet.rows, after, strict=True):
        row[at] = rank
    if after == before:
        read(FORMATS["cni"], sheet, tmp_path)
        return
    with pytest.raises(SourceError, match="expected ranks that fall as scores rise") as caught:
        read(FORMATS["cni"], sheet, tmp_path)
    assert caught.value.column == "Civic Assets rank"
    assert caught.value.line is not None
    assert sheet.get(caught.value.line, "Civic Assets rank") == caught.value.value


@several_times
@given(data=st.data())
def test_a_row_with_another_number_of_cells_is_refused_with_its_line(
    data: st.DataObject, tmp_path: Path
) -> None:
    key = data.draw(st.sampled_from(KEYS))
    sheet = Published()[key]
    at = data.draw(st.integers(0, len(sheet.rows) - 1))
    cells = data.draw(
        st.integers(1, len(sheet.columns) + 3).filter(lambda count: count != len(sheet.columns))
    )
    row = [*sheet.rows[at], *"xxx"][:cells]
    row[0] = row[0] or "x"
    sheet.rows[at] = row
    with pytest.raises(SourceError) as caught:
        read(FORMATS[key], sheet, tmp_path)
    assert caught.value.line == at + 2
    assert caught.value.value == f"{cells} cells"
    assert caught.value.expected == f"{len(sheet.columns)} cells"


@several_times
@given(breaks=st.lists(st.booleans(), min_size=19, max_size=19))
def test_lines_are_counted_as_an_editor_counts_them(breaks: list[bool], tmp_path: Path) -> None:
    sheet = Published()["cni"]
    for row, broken in zip(sheet.rows, breaks, strict=False):
        row[3] = "two\nlines" if broken else row[3]
    sheet.rows[-1][0] = "E0"
    with pytest.raises(SourceError) as caught:
        read(FORMATS["cni"], sheet, tmp_path)
    assert caught.value.line == 21 + sum(breaks)


@several_times
@given(
    content=st.binary(max_size=200), start=st.sampled_from([b"", b"\xef\xbb\xbf", b"\x1f\x8b", b"PK\x03\x04"])
)
def test_no_bytes_whatever_break_the_reader(content: bytes, start: bytes, tmp_path: Path) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(start + content)
    with pytest.raises(SourceError) as caught:
        read_columns(open_published(path), {"a": "a", "b": "b"})
    assert caught.value.file == "any.csv"


def test_line_ends_of_the_last_century_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(b"a,b\r1,2\r")
    with pytest.raises(
        SourceError, match="found '0 of them among no columns', expected one column named “a”"
    ):
        read_columns(open_published(path), {"a": "a", "b": "b"})


# --- how a problem is told


def test_a_problem_is_told_on_one_line_with_all_that_is_known() -> None:
    error = SourceError("a.csv", "a number", 12_345, "pop", "x\ny", "Put it right.")
    assert str(error) == "a.csv, line 12,345, column “pop”: found 'x\\ny', expected a number. Put it right."
    assert str(SourceError("a.csv", "rows")) == "a.csv: expected rows."


def test_a_long_value_is_cut() -> None:
    assert len(shorten("x" * 500)) == 80
    assert shorten("x" * 500).endswith("x…")
    assert shorten(7) == "'7'"


def test_a_file_of_noise_is_refused(tmp_path: Path) -> None:
    noise = random.Random(7).randbytes(10_000)
    (tmp_path / "noise.csv").write_bytes(noise)
    with pytest.raises(
        SourceError, match=r"^noise\.csv, line \d+: found 'byte 0x[0-9a-f]{2}', expected text in UTF-8"
    ):
        open_published(tmp_path / "noise.csv")
