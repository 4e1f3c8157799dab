"""Opening a published file and turning its cells into values, tolerant of form and strict about content.

Publishers vary the byte-order mark, compression, column order, stray spaces in headers and thousands
separators; none of that is an error. What a cell must hold is: every refusal names the file, the line,
the column, the value and what was expected.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from leftbehind_site.common.errors import SourceError

LINE: Final = "line"
"""Column that every frame carries: the line of the file that the row stands on, for messages."""

_GROUPED: Final = r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?"
"""A number with thousands separators; any other comma, as in 1.234,5 or 0,5, makes a cell no number."""

_NOT_TEXT: Final[Mapping[bytes, str]] = {
    b"PK\x03\x04": "an Excel workbook or zip archive; save the sheet as CSV first",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV first",
    b"%PDF": "a PDF",
    b"\xff\xfe": "text in UTF-16; save it as UTF-8",
    b"\xfe\xff": "text in UTF-16; save it as UTF-8",
}


@dataclass(frozen=True)
class PublishedFile:
    """A file as its publisher wrote it, whatever it was wrapped in.

    Attributes:
        name: File name without ``.gz``.
        text: The content, decoded, without byte-order mark.
        sha256: Checksum of the uncompressed content, so that gzipping a file does not change it.
    """

    name: str
    text: str = field(repr=False)
    sha256: str


def open_published(path: Path) -> PublishedFile:
    """Open a file that may be gzipped and may start with a byte-order mark.

    Args:
        path: Where the file lies.

    Raises:
        SourceError: If it is missing, a folder, empty, truncated, or not text in UTF-8.
    """
    name = path.name.removesuffix(".gz")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise SourceError(path.name, f"the file to lie in {path.parent}") from None
    except OSError as error:
        raise SourceError(path.name, "a readable file", value=error.strerror) from error
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error) as error:
            hint = "It may have been cut short; fetch it again."
            raise SourceError(path.name, "a whole gzip file", value=error, hint=hint) from error
    if not content.strip():
        raise SourceError(name, "a header and rows", value="an empty file")
    for start, kind in _NOT_TEXT.items():
        if content.startswith(start):
            raise SourceError(name, "a CSV or GeoJSON file in UTF-8", value=kind)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(
            name,
            "text in UTF-8",
            line=content.count(b"\n", 0, error.start) + 1,
            value=f"byte 0x{content[error.start]:02x}",
            hint="Save the file as UTF-8.",
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SourceError(name, "text without NUL bytes", line=line, value="a NUL byte")
    return PublishedFile(name, text, hashlib.sha256(content).hexdigest())


def header(file: PublishedFile) -> list[str]:
    """The column names of a CSV file, without stray spaces."""
    first = file.text.split("\n", 1)[0].rstrip("\r")
    try:
        return [name.strip() for name in next(csv.reader([first], strict=True), [])]
    except csv.Error:
        return []


def read_columns(file: PublishedFile, names: Mapping[str, str]) -> pd.DataFrame:
    """Read some columns of a CSV file as text.

    Args:
        file: The file.
        names: Published column name → name in the frame; at least two.

    Returns:
        A frame with the columns of ``names`` (text, stripped of outer spaces) and ``line``.

    Raises:
        SourceError: If a column is missing or named twice, or the rows are not those of a CSV file.
    """
    found = header(file)
    for name in names:
        if found.count(name) != 1:
            raise SourceError(
                file.name,
                f"one column named “{name}”",
                line=1,
                column=name,
                value=f"{found.count(name)} of them among {', '.join(found) or 'no columns'}",
            )
    wanted = itemgetter(*(found.index(name) for name in names))
    cells: list[str] = []
    lines: list[int] = []
    for line, row in _rows(file, len(found)):
        # One flat list: a tuple kept for each row would set the garbage collector to work.
        cells.extend(wanted(row))
        lines.append(line)
    if not lines:
        raise SourceError(file.name, "rows under the header", line=2, value="none")
    frame = pd.DataFrame(
        {name: list(map(str.strip, cells[at :: len(names)])) for at, name in enumerate(names.values())},
        dtype=str,
    )
    frame[LINE] = lines
    return frame


def _rows(file: PublishedFile, width: int) -> Iterator[tuple[int, list[str]]]:
    """The rows under the header that hold anything, each with the line it begins on."""
    # From bytes: a text buffer would take four bytes a character, and some files hold a hundred million.
    lines = io.TextIOWrapper(io.BytesIO(file.text.encode()), encoding="utf-8", newline="\n")
    reader = csv.reader(lines, strict=True)
    next(reader)
    line = reader.line_num + 1
    try:
        for row in reader:
            blank = not row or (not row[0].strip() and not "".join(row).strip())
            if not blank:
                if len(row) != width:
                    raise SourceError(file.name, f"{width} cells", line, value=f"{len(row)} cells")
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise SourceError(file.name, "a well-formed CSV file", line, value=error) from error


@dataclass(frozen=True)
class Cells:
    """The cells of one column of a file, to be turned into values.

    Attributes:
        file: Name of the file.
        column: The published column name.
        text: The cells.
        lines: The line of each.
    """

    file: str
    column: str
    text: pd.Series[str]
    lines: pd.Series[int]

    def refuse(self, bad: pd.Series[bool], expected: str) -> None:
        """Refuse the first bad cell, if there is one.

        Args:
            bad: Which cells are bad.
            expected: What each should have been, as the message says it.

        Raises:
            SourceError: At the first bad cell.
        """
        if bad.any():
            at = int(np.argmax(bad.to_numpy()))
            raise SourceError(self.file, expected, int(self.lines.iloc[at]), self.column, self.text.iloc[at])

    def matching(self, pattern: str, what: str) -> pd.Series[str]:
        """The cells, each of which must match a pattern.

        Raises:
            SourceError: At the first that does not.
        """
        self.refuse(~self.text.str.match(pattern, flags=re.ASCII), f"{what} ({pattern})")
        return self.text

    def filled(self) -> pd.Series[str]:
        """The cells, each of which must hold a name.

        Raises:
            SourceError: At the first that is empty or of several lines.
        """
        self.refuse(self.text == "", "a name")
        self.refuse(self.text.str.contains(r"[\x00-\x1f\x7f]"), "a name on one line")
        return self.text

    def once(self) -> pd.Series[str]:
        """The cells, none of which may occur twice.

        Raises:
            SourceError: At the first that repeats another.
        """
        self.refuse(self.text.duplicated(), "each only once")
        return self.text

    def numbers(self, minimum: float = 0, maximum: float = np.inf) -> pd.Series[float]:
        """The cells as numbers, thousands separators removed.

        Args:
            minimum: Least value allowed.
            maximum: Greatest value allowed.

        Raises:
            SourceError: At the first that is no number or out of bounds.
        """
        grouped = self.text.str.fullmatch(_GROUPED)
        plain = self.text.where(~grouped, self.text.str.replace(",", ""))
        values = pd.to_numeric(plain, errors="coerce").astype(float)
        self.refuse(values.isna(), "a number")
        self.refuse(values.abs() == np.inf, "a finite number")
        bounds = f"{minimum:g} or more" if np.isinf(maximum) else f"a number from {minimum:g} to {maximum:g}"
        self.refuse((values < minimum) | (values > maximum), bounds)
        return values

    def integers(self, minimum: int = 0, maximum: float = np.inf) -> pd.Series[int]:
        """The cells as whole numbers.

        Args:
            minimum: Least value allowed.
            maximum: Greatest value allowed.

        Raises:
            SourceError: At the first that is no whole number or out of bounds.
        """
        values = self.numbers(minimum, maximum)
        self.refuse(values != values.round(), "a whole number")
        return values.astype("int64")

    def flags(self) -> pd.Series[bool]:
        """The cells as true or false, in any of the usual spellings.

        Raises:
            SourceError: At the first that is neither.
        """
        lower = self.text.str.lower()
        true, false = lower.isin(["true", "yes", "1"]), lower.isin(["false", "no", "0"])
        self.refuse(~(true | false), "TRUE or FALSE")
        return true

    def ranks(self, scores: pd.Series[float]) -> pd.Series[int]:
        """The cells as ranks from 1 to the number of rows, 1 for the highest score.

        Args:
            scores: What the ranks were made from. Ranks may repeat only where scores do, and may not
                contradict them.

        Raises:
            SourceError: At the first that is no rank, or does not fit its score.
        """
        values = self.integers(1, len(self.text))
        order = pd.DataFrame({"rank": values, "score": scores}).sort_values(
            ["rank", "score"], ascending=[True, False], kind="stable"
        )
        step = order["score"].diff()
        tied = order["rank"].diff() == 0
        repeated, contradicted = (tied & (step != 0)), (~tied & (step > 0))
        self.refuse(repeated.reindex(values.index), "a rank repeated only where scores are equal")
        self.refuse(
            contradicted.reindex(values.index), "ranks that fall as scores rise (1 for the highest score)"
        )
        return values


def cells(file: PublishedFile, frame: pd.DataFrame, names: Mapping[str, str], name: str) -> Cells:
    """One column of a frame that ``read_columns`` made, under its published name."""
    published = next(key for key, value in names.items() if value == name)
    return Cells(file.name, published, frame[name], frame[LINE])
