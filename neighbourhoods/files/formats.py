"""The formats that every neighbourhood, list and ranking can be taken away in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from neighbourhoods.files.contents import Contents

Writer = Callable[[Contents], bytes]


@dataclass(frozen=True, slots=True)
class Format:
    """A file format.

    Attributes:
        extension: What file names and addresses end in.
        media_type: As registered with IANA, with its parameters.
        label: What readers call it.
        opens_in: What opens it.
        attached: Whether a browser should save it rather than show it.
        outlined: Whether it holds outlines.
    """

    extension: str
    media_type: str
    label: str
    opens_in: str
    attached: bool = True
    outlined: bool = False

    def write(self, contents: Contents) -> bytes:
        """The contents in this format; the writer is imported when it is first needed."""
        writer: Writer = import_module(f"neighbourhoods.files.{self.extension}_file").write
        return writer(contents)


FORMATS: Final = (
    # RFC 7111 renews RFC 4180's registration; "header" is its parameter.
    Format("csv", "text/csv; charset=utf-8; header=present", "CSV", "any spreadsheet or statistics program"),
    Format(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Excel workbook",
        "Excel, LibreOffice, Numbers, Google Sheets",
    ),
    Format("json", "application/json", "JSON", "any programming language", attached=False),
    Format(
        "geojson",
        "application/geo+json",
        "GeoJSON",
        "QGIS and other map programs, with the outlines",
        attached=False,
        outlined=True,
    ),
)
BY_EXTENSION: Final = {entry.extension: entry for entry in FORMATS}
