"""How a page is cited: in plain text, and as the files that reference managers read.

Nothing here knows what the page is about. The year is that of the data or of the publication, never today's;
where it is not known there is none.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_TEX: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
"""The characters that mean something to TeX."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is cited, in the words of each format.

    Attributes:
        bibtex: The type of a BibTeX entry.
        ris: The type of a RIS record.
        csl: The type of a CSL-JSON item.
        publisher: BibTeX's field for who published it.
    """

    bibtex: str
    ris: str
    csl: str
    publisher: str = "publisher"


WEB_PAGE: Final = Kind("misc", "ELEC", "webpage")
REPORT: Final = Kind("techreport", "RPRT", "report", publisher="institution")
CHAPTER: Final = Kind("incollection", "CHAP", "chapter")


@dataclass(frozen=True, slots=True)
class Citation:
    """A page as a bibliography lists it.

    Attributes:
        key: What it is called in a bibliography's source, in ASCII letters, digits, hyphens and underscores.
        title: The page's title.
        authors: Bodies, or people as the record names them; each is one name, commas and all.
        address: Its permanent address.
        year: The year of its data or of its publication, if it is known.
        publisher: Who published it, if that is not the author.
        note: What the reader of a citation must know besides.
        kind: What it is.
        part_of: The title of the work that it is a chapter of.
    """

    key: str
    title: str
    authors: tuple[str, ...]
    address: str
    year: int | None = None
    publisher: str = ""
    note: str = ""
    kind: Kind = WEB_PAGE
    part_of: str = ""

    @property
    def plain(self) -> str:
        """The citation in words; the address comes last, so that no full stop clings to it."""
        stop = "" if self.title.endswith(("?", "!", ".")) else "."
        whole = f" In: {self.part_of}." if self.part_of else ""
        publisher = f" {self.publisher}." if self.publisher else ""
        note = f" {self.note}" if self.note else ""
        year = self.year or "n.d."
        return (
            f"{'; '.join(self.authors)} ({year}). {self.title}{stop}{whole}{publisher}{note} {self.address}"
        )


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file in which a citation can be taken away.

    Attributes:
        suffix: How the file's name ends, without the leading dot.
        label: What the kind is called.
        media_type: What a server says it is.
        write: Makes the file of a citation.
    """

    suffix: str
    label: str
    media_type: str
    write: Callable[[Citation], str]


def _one_line(text: str) -> str:
    """A text without line ends and control characters, which would end a field."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def bibtex(citation: Citation) -> str:
    """The citation as a BibTeX entry. Braces inside braces keep a body one name and a title as it is."""

    def tex(text: str) -> str:
        return _one_line(text).translate(_TEX)

    fields = {
        "author": " and ".join(f"{{{tex(author)}}}" for author in citation.authors),
        "title": f"{{{tex(citation.title)}}}",
        "year": str(citation.year or ""),
        "booktitle": tex(citation.part_of),
        citation.kind.publisher: tex(citation.publisher),
        "url": _one_line(citation.address),
        "note": tex(citation.note),
        "langid": "british",
    }
    lines = "".join(f"  {name} = {{{text}}},\n" for name, text in fields.items() if text)
    return f"@{citation.kind.bibtex}{{{citation.key},\n{lines}}}\n"


def ris(citation: Citation) -> str:
    """The citation as a RIS record: a tag, its value, a line end of two characters."""
    fields = [
        ("TY", citation.kind.ris),
        ("ID", citation.key),
        *(("AU", author) for author in citation.authors),
        ("TI", citation.title),
        ("T2", citation.part_of),
        ("PY", str(citation.year or "")),
        ("PB", citation.publisher),
        ("UR", citation.address),
        ("N1", citation.note),
        ("LA", "en-GB"),
    ]
    lines = [f"{tag}  - {_one_line(value)}\r\n" for tag, value in fields if value]
    return "".join([*lines, "ER  - \r\n"])


def csl_json(citation: Citation) -> str:
    """The citation as CSL-JSON, which Zotero and citation processors read: a list of one item."""
    item: dict[str, object] = {
        "id": citation.key,
        "type": citation.kind.csl,
        "title": citation.title,
        "author": [{"literal": author} for author in citation.authors],
        "URL": citation.address,
        "language": "en-GB",
    }
    if citation.year:
        item["issued"] = {"date-parts": [[citation.year]]}
    if citation.part_of:
        item["container-title"] = citation.part_of
    if citation.publisher:
        item["publisher"] = citation.publisher
    if citation.note:
        item["note"] = citation.note
    return f"{json.dumps([item], ensure_ascii=False, indent=2)}\n"


FORMS: Final = {
    form.suffix: form
    for form in (
        Form("bib", "BibTeX", "application/x-bibtex", bibtex),
        Form("ris", "RIS", "application/x-research-info-systems", ris),
        Form("csl.json", "CSL-JSON", "application/vnd.citationstyles.csl+json", csl_json),
    )
}
"""The files in which a citation can be taken away, by suffix."""


def file_path(path: str, form: Form) -> str:
    """The address of a citation's file: that of the page, with a suffix in place of the last stroke."""
    return f"{path.rstrip('/')}.{form.suffix}"


@dataclass(frozen=True, slots=True)
class CitationFile:
    """A citation's file as a page links to it."""

    label: str
    media_type: str
    path: str


def files_of(path: str) -> tuple[CitationFile, ...]:
    """The citation files of the page at a path."""
    return tuple(CitationFile(form.label, form.media_type, file_path(path, form)) for form in FORMS.values())
