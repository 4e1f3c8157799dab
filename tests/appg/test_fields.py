"""Dates as well as they are known, and lists of entries written as lines."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from appg.fields import LinesField, LinesFormField, Part, PartialDate, parse_lines, write_lines

PARTS = (Part("title", required=True), Part("author"), Part("url", address=True))


@pytest.mark.parametrize(
    ("text", "words", "machine"),
    [
        ("2020-09-02", "2 September 2020", "2020-09-02"),
        ("2020-09", "September 2020", "2020-09"),
        ("2020", "2020", "2020"),
        ("2024-02-29", "29 February 2024", "2024-02-29"),
    ],
)
def test_a_date_in_words_and_for_a_machine(text: str, words: str, machine: str) -> None:
    parsed = PartialDate.parse(text)
    assert (str(parsed), parsed.machine) == (words, machine)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20",
        "2020-9",
        "2020-00",
        "2020-09-00",
        "2020-13",
        "2021-02-29",
        "22 September",
        "\uff12\uff10\uff12\uff10",
    ],
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match="date"):
        PartialDate.parse(text)


@pytest.mark.parametrize("text", ["0202-09-22", "1899", "2101-01", "9999"])
def test_a_year_that_can_only_be_a_slip(text: str) -> None:
    with pytest.raises(ValueError, match="a year between 1900 and 2100"):
        PartialDate.parse(text)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2021-02", date(2021, 2, 1), date(2021, 2, 28)),
        ("2020-09-22", date(2020, 9, 22), date(2020, 9, 22)),
        ("2100", date(2100, 1, 1), date(2100, 12, 31)),
    ],
)
def test_a_partial_date_means_these_days(text: str, begin: date, end: date) -> None:
    known = PartialDate.parse(text)
    assert (known.begin, known.end) == (begin, end)


def test_lines_are_entries_and_entries_are_lines() -> None:
    text = "A | B | https://a.example/\n\nC\nD | | /files/1/d.pdf"
    entries = parse_lines(text, PARTS)
    assert entries == [
        {"title": "A", "author": "B", "url": "https://a.example/"},
        {"title": "C"},
        {"title": "D", "url": "/files/1/d.pdf"},
    ]
    assert parse_lines(write_lines(entries, PARTS), PARTS) == entries


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A | B | /x | more", "Line 1 has 4 parts, at most 3 were expected: title | author | url."),
        ("A\n| B", "Line 2 lacks its title."),
        ("A | B | javascript:alert(1)", "“javascript:alert(1)” is not a web address"),
        ("A | B | www.example.org", "is not a web address"),
    ],
)
def test_a_line_that_is_wrong_is_named(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match="Line") as caught:
        parse_lines(text, PARTS)
    assert message in caught.value.messages[0]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("A", "A list was expected."),
        (["A"], "Entry 1: its parts by name were expected."),
        ([{"title": "A", "colour": "red"}], "“colour” is not known; expected author, title, url."),
        ([{"title": "A | B"}], "a title may not hold a bar or a line end"),
        ([{"author": "B"}], "Entry 1 lacks its title."),
    ],
)
def test_what_no_form_has_checked_is_checked_too(value: Any, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        LinesField(parts=PARTS).clean(value, None)
    assert message in caught.value.messages[0]


def test_only_different_entries_are_a_change() -> None:
    field = LinesFormField(parts=PARTS)
    stored = [{"title": "A", "author": "B"}]
    assert not field.has_changed(stored, "A|B\n")
    assert not field.has_changed(None, "")
    assert field.has_changed(stored, "A")
    assert field.has_changed(stored, "| nothing")
    assert field.prepare_value(stored) == "A | B"
    assert field.prepare_value("as written | ") == "as written | "
