"""Citations, read back by programs that are not our own."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware

from leftbehind_site.common.citation import FORMS, Citation, file_path, files_of

AWKWARD = "St Anne's & ‘Park’ {100%} #1_2 ~ ^ $5 \\ end"

PLAIN = Citation(
    key="leftbehind-E05000001",
    title="Three Corners, Hartlepool (E05000001)",
    authors=("Archive of the group", "Somebody and Sons, Ltd"),
    address="https://leftbehind.test/neighbourhoods/E05000001/three-corners/",
    year=2019,
    publisher="Publisher",
    note="Figures: some.",
)
EMPTY = Citation("leftbehind-x", "Title", ("Author",), "https://leftbehind.test/x/")


def bibtex_fields(text: str) -> tuple[str, str, dict[str, str]]:
    library = parse_string(text, append_middleware=[LatexDecodingMiddleware()])
    assert not library.failed_blocks
    (entry,) = library.entries
    return entry.entry_type, entry.key, {field.key: field.value for field in entry.fields}


def ris_fields(text: str) -> dict[str, Any]:
    (entry,) = rispy.loads(text)
    return dict(entry)


def check_csl(text: str) -> dict[str, Any]:
    """The rules of the CSL-JSON schema for the fields we write."""
    items = json.loads(text)
    assert isinstance(items, list)
    (item,) = items
    known = {"id", "type", "title", "author", "URL", "language", "issued", "publisher", "note"}
    assert set(item) <= known | {"container-title"}
    assert item["type"] in {"webpage", "report", "chapter"}
    for name in ("id", "title", "URL", "language"):
        assert isinstance(item[name], str)
    assert all(set(author) == {"literal"} and author["literal"] for author in item["author"])
    if "issued" in item:
        ((year,),) = item["issued"]["date-parts"]
        assert isinstance(year, int)
    return dict(item)


def test_in_words_the_address_comes_last() -> None:
    assert PLAIN.plain == (
        "Archive of the group; Somebody and Sons, Ltd (2019). Three Corners, Hartlepool (E05000001)."
        " Publisher. Figures: some. https://leftbehind.test/neighbourhoods/E05000001/three-corners/"
    )
    assert EMPTY.plain == "Author (n.d.). Title. https://leftbehind.test/x/"


def test_a_title_that_ends_in_a_question_gets_no_full_stop() -> None:
    asked = Citation("leftbehind-x", "Why?", ("Author",), "https://leftbehind.test/x/")

    assert asked.plain == "Author (n.d.). Why? https://leftbehind.test/x/"


def test_bibtex_reads_back() -> None:
    kind, key, fields = bibtex_fields(FORMS["bib"].write(PLAIN))

    assert (kind, key) == ("misc", "leftbehind-E05000001")
    assert fields["title"].strip("{}") == PLAIN.title
    # Each body in braces of its own: its commas and its "and" part no names.
    assert "author = {{Archive of the group} and {Somebody and Sons, Ltd}}" in FORMS["bib"].write(PLAIN)
    assert (fields["year"], fields["url"]) == ("2019", PLAIN.address)
    assert (fields["publisher"], fields["note"]) == ("Publisher", "Figures: some.")


def test_ris_reads_back() -> None:
    text = FORMS["ris"].write(PLAIN)
    fields = ris_fields(text)

    assert fields["type_of_reference"] == "ELEC"
    assert fields["authors"] == list(PLAIN.authors)
    assert (fields["title"], fields["year"], fields["publisher"]) == (PLAIN.title, "2019", "Publisher")
    assert fields["urls"] == [PLAIN.address]
    assert fields["notes"] == [PLAIN.note]
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in text.split("\r\n")[:-1])


def test_csl_json_keeps_its_schemas_rules() -> None:
    item = check_csl(FORMS["csl.json"].write(PLAIN))

    assert item["title"] == PLAIN.title
    assert [author["literal"] for author in item["author"]] == list(PLAIN.authors)
    assert item["issued"] == {"date-parts": [[2019]]}
    assert (item["URL"], item["note"], item["publisher"]) == (PLAIN.address, PLAIN.note, "Publisher")


@pytest.mark.parametrize("text", [AWKWARD, "Above<b>Below", 'Park & "Garden"', "Ynys Môn – “x”"])
def test_awkward_names_come_through_every_format(text: str) -> None:
    citation = Citation("key", text, (text,), "https://leftbehind.test/", 2019, note=text)
    _, _, fields = bibtex_fields(FORMS["bib"].write(citation))
    loose = re.sub(r"[\s{}]", "", text).replace("\\", "")

    # What TeX makes of its own signs comes back with other spacing, and braces only group.
    for name in ("title", "note"):
        assert re.sub(r"[\s{}\\]", "", fields[name]).replace("\u02c6", "^") == loose
    assert ris_fields(FORMS["ris"].write(citation))["title"] == text
    assert ris_fields(FORMS["ris"].write(citation))["notes"] == [text]
    item = check_csl(FORMS["csl.json"].write(citation))
    assert (item["title"], item["note"]) == (text, text)


def test_line_ends_cannot_begin_another_field() -> None:
    citation = Citation("key", "One\nER  - \r\nTY  - BOOK\x00", ("A\nB",), "https://leftbehind.test/", 2019)

    assert len(rispy.loads(FORMS["ris"].write(citation))) == 1
    assert ris_fields(FORMS["ris"].write(citation))["title"] == "One ER - TY - BOOK"
    assert bibtex_fields(FORMS["bib"].write(citation))[2]["author"] == "A B"


def test_what_is_not_known_is_left_out() -> None:
    assert set(bibtex_fields(FORMS["bib"].write(EMPTY))[2]) == {"author", "title", "url", "langid"}
    assert "year" not in ris_fields(FORMS["ris"].write(EMPTY))
    assert "issued" not in check_csl(FORMS["csl.json"].write(EMPTY))


def test_files_stand_beside_the_page() -> None:
    assert file_path("/news/an-item/", FORMS["csl.json"]) == "/news/an-item.csl.json"
    assert [(file.label, file.path) for file in files_of("/a/b/")] == [
        ("BibTeX", "/a/b.bib"),
        ("RIS", "/a/b.ris"),
        ("CSL-JSON", "/a/b.csl.json"),
    ]
