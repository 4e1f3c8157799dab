"""XLSX: a workbook that explains itself, with real numbers and the same bytes for the same contents."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from neighbourhoods.files.contents import READING, Contents
from neighbourhoods.files.tables import Column, Table, Value

_INK: Final = "#1b2430"
_QUIET: Final = "#4d5866"
_BRICK: Final = "#a63d1e"
_TEAL: Final = "#0b6e6e"
_RULE: Final = "#c9c5ba"
_OCHRE: Final = "#f6e3b4"
_SERIF: Final = "Cambria"
_SANS: Final = "Calibri"

_CREATED: Final = datetime(2024, 3, 31, tzinfo=UTC)
"""What the workbook calls its day of making: the end of the group's work, never the clock."""

_NARROWEST: Final = 9
_WIDEST: Final = 48
_LONG_TEXT: Final = 60
"""Widths of columns, in characters; a text above the last wraps in a column of the widest."""

_MOST_ON_PAPER: Final = 16
"""How many columns are printed across one page."""

_Properties = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet with a table on it."""

    name: str
    about: str
    table: Table


class _Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def __call__(self, **properties: object) -> Format:
        """The format with these properties on top of the common ones."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            common: _Properties = {
                "font_name": _SANS,
                "font_size": 11,
                "font_color": _INK,
                "valign": "top",
            }
            self._made[key] = self._book.add_format({**common, **properties})
        return self._made[key]


def write(contents: Contents) -> bytes:
    """The workbook: cover, contents, figures, measures, columns, notes."""
    name = "Figures" if contents.single else "Neighbourhoods"
    sheets = (
        _Sheet(name, contents.about, contents.table),
        _Sheet(
            "Measures",
            "What each figure is, who made it, and its median across the listed and all wards.",
            contents.dictionary,
        ),
        _Sheet("Columns", f"What the columns of the sheet “{name}” hold.", _columns(contents.table)),
    )
    stream = io.BytesIO()
    book = Workbook(stream, {"in_memory": True})
    book.set_properties(
        {
            "title": contents.title,
            "subject": contents.about,
            "comments": contents.provenance.notice,
            "created": _CREATED,
        }
    )
    styles = _Styles(book)
    _cover(book, styles, contents)
    _list_of_sheets(book, styles, sheets)
    for sheet in sheets:
        _table(book, styles, sheet, contents.title)
    _notes(book, styles, contents)
    book.close()
    return stream.getvalue()


def _columns(table: Table) -> Table:
    """The dictionary of a table's columns."""
    return Table(
        (
            Column("title", "Column", ""),
            Column("name", "Name in the other formats", ""),
            Column("description", "What it holds", ""),
        ),
        tuple((column.title, column.name, column.description) for column in table.columns),
    )


# --- the sheets that are read


def _page(book: Workbook, styles: _Styles, name: str, title: str) -> Worksheet:
    """A sheet to be read: no grid, one page wide on paper."""
    sheet = book.add_worksheet(name)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
    sheet.set_footer("&L&8&K4D5866&A&R&8&K4D5866Page &P of &N")
    sheet.set_column(0, 0, 2)
    sheet.set_row(1, 34)
    sheet.write_string(1, 1, title, styles(font_name=_SERIF, font_size=22, bold=True, valign="vcenter"))
    return sheet


def _cover(book: Workbook, styles: _Styles, contents: Contents) -> None:
    source = contents.provenance
    sheet = _page(book, styles, "Cover", contents.title)
    sheet.set_column(1, 1, 18)
    sheet.set_column(2, 2, 84)
    sheet.set_row(0, 24)
    sheet.write_string(
        0,
        1,
        "Archive of the All-Party Parliamentary Group for ‘left behind’ neighbourhoods",
        styles(font_color=_BRICK, bold=True, font_size=10, valign="bottom"),
    )
    rule = styles(bottom=2, bottom_color=_INK)
    _paragraph(sheet, 2, contents.about, styles(font_size=12, text_wrap=True, font_color=_QUIET))
    sheet.set_row(3, 6)
    sheet.write_blank(3, 1, None, rule)
    sheet.write_blank(3, 2, None, rule)
    notice = styles(bg_color=_OCHRE, text_wrap=True, valign="vcenter", indent=1)
    _paragraph(sheet, 4, source.notice, notice, extra=12)
    rows = (
        ("Page", contents.page),
        ("Figures from", source.sources_text),
        ("Published", source.published),
        ("Geography", source.release.geography),
        ("Licence", source.licence),
        ("Attribution", source.attribution),
        ("Release", source.release.title),
        ("Fingerprint", source.release.fingerprint),
        ("How to read", READING[1]),
    )
    label = styles(bold=True, font_color=_QUIET, bottom=1, bottom_color=_RULE)
    text = styles(text_wrap=True, bottom=1, bottom_color=_RULE)
    link = styles(text_wrap=True, bottom=1, bottom_color=_RULE, font_color=_TEAL, underline=1)
    for row, (name, value) in enumerate(rows, start=6):
        sheet.write_string(row, 1, name, label)
        sheet.set_row(row, _height(value, 84, 11) + 4)
        if value == contents.page:
            sheet.write_url(row, 2, value, link)
        else:
            sheet.write_string(row, 2, value, text)
    sheet.write_url(
        len(rows) + 7, 1, "internal:'Contents'!A1", styles(font_color=_TEAL, underline=1), "Contents"
    )


def _list_of_sheets(book: Workbook, styles: _Styles, sheets: tuple[_Sheet, ...]) -> None:
    sheet = _page(book, styles, "Contents", "Contents")
    sheet.set_column(1, 1, 20)
    sheet.set_column(2, 2, 72)
    sheet.set_column(3, 3, 10)
    heading: _Properties = {"bold": True, "font_color": _QUIET, "bottom": 2, "bottom_color": _INK}
    sheet.write_string(3, 1, "Sheet", styles(**heading))
    sheet.write_string(3, 2, "What it holds", styles(**heading))
    sheet.write_string(3, 3, "Rows", styles(align="right", **heading))
    entries = (
        ("Cover", "What this workbook is, where it comes from and on what terms.", None),
        *((entry.name, entry.about, len(entry.table.rows)) for entry in sheets),
        ("Notes", "How to read the figures, and their sources one by one.", None),
    )
    rule: _Properties = {"bottom": 1, "bottom_color": _RULE}
    for row, (name, about, count) in enumerate(entries, start=4):
        sheet.set_row(row, _height(about, 72, 11) + 4)
        sheet.write_url(row, 1, f"internal:'{name}'!A1", styles(font_color=_TEAL, underline=1, **rule), name)
        sheet.write_string(row, 2, about, styles(text_wrap=True, **rule))
        if count is None:
            sheet.write_blank(row, 3, None, styles(**rule))
        else:
            sheet.write_number(row, 3, count, styles(num_format="#,##0", **rule))


def _notes(book: Workbook, styles: _Styles, contents: Contents) -> None:
    sheet = _page(book, styles, "Notes", "Notes")
    sheet.set_column(1, 1, 40)
    sheet.set_column(2, 2, 62)
    heading = styles(font_name=_SERIF, font_size=14, bold=True, bottom=1, bottom_color=_INK)
    sheet.write_string(3, 1, "How to read the figures", heading)
    sheet.write_blank(3, 2, None, heading)
    row = 4
    for sentence in READING:
        _paragraph(sheet, row, sentence, styles(text_wrap=True))
        row += 1
    row += 1
    sheet.write_string(row, 1, "Sources", heading)
    sheet.write_blank(row, 2, None, heading)
    rule: _Properties = {"bottom": 1, "bottom_color": _RULE, "text_wrap": True}
    for source in contents.provenance.sources:
        row += 1
        terms = f"{source.credit}, {source.year}. Published for {source.geography}. {source.licence}."
        sheet.write_string(row, 1, source.title, styles(bold=True, **rule))
        sheet.write_string(row, 2, terms, styles(**rule))
        sheet.set_row(row, max(_height(terms, 62, 11), _height(source.title, 38, 11)) + 4)
    row += 2
    for text in (contents.provenance.attribution, contents.provenance.notice):
        _paragraph(sheet, row, text, styles(text_wrap=True, font_color=_QUIET))
        row += 1


def _paragraph(sheet: Worksheet, row: int, text: str, style: Format, extra: int = 4) -> None:
    """A text across the two columns of a page, in a row as high as it needs."""
    sheet.set_row(row, _height(text, 102, 11) + extra)
    sheet.merge_range(row, 1, row, 2, text, style)


def _height(text: str, characters: int, size: int) -> int:
    """How many points a text needs in a column of so many characters; a spreadsheet does not work it out."""
    lines = -(-len(text) // int(characters * 1.15))
    return max(lines, 1) * round(size * 1.4)


# --- the sheets that are worked with


def _table(book: Workbook, styles: _Styles, content: _Sheet, title: str) -> None:
    """A table: its first row stays in view and filters, and so does the column of names."""
    sheet = book.add_worksheet(content.name)
    columns, rows = content.table.columns, content.table.rows
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    sheet.set_header(f"&L&8&K4D5866{title.replace('&', '&&')}")
    sheet.set_footer("&L&8&K4D5866&A&R&8&K4D5866Page &P of &N")
    sheet.freeze_panes(1, 2)
    if len(columns) <= _MOST_ON_PAPER:
        sheet.fit_to_pages(1, 0)
    head = styles(bold=True, text_wrap=True, valign="bottom", bottom=2, bottom_color=_INK, bg_color="#f1efe8")
    sheet.set_row(0, 48)
    for index, column in enumerate(columns):
        width = _width(column, [row[index] for row in rows])
        sheet.set_column(index, index, width)
        sheet.write_string(0, index, column.title, head)
        for number, row in enumerate(rows, start=1):
            _write(sheet, number, index, row[index], column, styles)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)


def _width(column: Column, values: list[Value]) -> int:
    longest = max((len(str(value)) for value in values if value is not None), default=0)
    heading = max(len(word) for word in column.title.split()) + 3
    return _WIDEST if longest > _LONG_TEXT else min(max(longest + 2, heading, _NARROWEST), _WIDEST)


def _write(sheet: Worksheet, row: int, index: int, value: Value, column: Column, styles: _Styles) -> None:
    """A value in a cell of its own type. Text is written as text, so that none is taken for a formula."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, index, value, styles(align="left"))
    elif isinstance(value, int | Decimal):
        decimals = column.decimals
        if decimals is None:
            sheet.write_number(row, index, float(value), styles())
        else:
            shown = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
            sheet.write_number(row, index, float(value), styles(num_format=shown))
    elif value.startswith(("https://", "http://")):
        sheet.write_url(row, index, value, styles(font_color=_TEAL, underline=1))
    else:
        sheet.write_string(row, index, value, styles(text_wrap=len(value) > _LONG_TEXT))
