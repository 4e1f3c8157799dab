"""CSV: RFC 4180, UTF-8 with a byte-order mark, which spreadsheets need to read the letters right."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Final

from neighbourhoods.files.contents import PROVENANCE, Contents
from neighbourhoods.files.tables import Value

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet take a text for a formula (OWASP, CSV injection)."""


def write(contents: Contents) -> bytes:
    """The figures as a plain table; sources, licence and archive notice repeat at the end of each row.

    Plain CSV has no room for remarks: a line of them would be read as data, so they are columns.
    """
    table = contents.table
    names = [column.name for column in (*table.columns, *(reader.column for reader in PROVENANCE))]
    ending = [cell(reader.read(contents.provenance)) for reader in PROVENANCE]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([*map(cell, row), *ending] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def cell(value: Value) -> str:
    """A value as a cell. A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
