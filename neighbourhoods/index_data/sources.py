"""Finding the published files: by header in a folder, or one by one by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leftbehind_site.common.errors import SourceError
from neighbourhoods.index_data.boundaries import BOUNDARY_FORMATS, BoundaryFormat, properties
from neighbourhoods.index_data.formats import CSV_FORMATS, Format
from neighbourhoods.index_data.reading import PublishedFile, header, open_published

AnyFormat = Format | BoundaryFormat

FORMATS: Final[Mapping[str, AnyFormat]] = {known.key: known for known in (*CSV_FORMATS, *BOUNDARY_FORMATS)}
EVIDENCE: Final = "evidence"
"""The folder, inside the folder of published files, of those that tell how the list came about. An earlier
state of a file has the header of the later one, so that only its place can tell them apart."""
_SUFFIXES: Final = (".csv", ".csv.gz", ".geojson", ".geojson.gz")


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """The published files that a dataset is built from.

    Attributes:
        by_format: Format key → its files, in order of name; none only of a format that is evidence.
        ignored: Names of files in the folder that no known format fits.
    """

    by_format: Mapping[str, tuple[PublishedFile, ...]]
    ignored: tuple[str, ...]

    def one(self, key: str) -> PublishedFile:
        """The file of a format that has only one."""
        return self.by_format[key][0]


def find(
    folder: Path | None,
    named: Mapping[str, Path],
    progress: Callable[[Iterable[Path]], Iterable[Path]] = iter,
) -> FoundFiles:
    """Open the published files and tell which is which.

    Args:
        folder: Where to look, and in its “evidence”; each file is recognised by its header, whatever it is
            called.
        named: Format key → file, for those the caller names; they go before the folder's.
        progress: Wraps the paths as they are opened, for a progress bar.

    Returns:
        The files by format, and what no format fits.

    Raises:
        SourceError: If a format has no file or too many, or a named file has another format.
    """
    found: dict[str, list[PublishedFile]] = {key: [] for key in FORMATS}
    unknown: dict[bool, list[PublishedFile]] = {False: [], True: []}
    for key, path in named.items():
        found[key].append(_named(open_published(path), FORMATS[key]))
    taken = {file.sha256 for files in found.values() for file in files}
    for path in progress(_paths(folder)):
        file, evidence = open_published(path), path.parent != folder
        known = recognise(file, evidence=evidence)
        if known is None:
            unknown[evidence].append(file)
        elif known.key not in named and file.sha256 not in taken:
            found[known.key].append(file)
            taken.add(file.sha256)
    for key, files in found.items():
        evidence, several = _is_evidence(FORMATS[key]), getattr(FORMATS[key], "several", False)
        if not files and not evidence:
            raise _missing(FORMATS[key], unknown[False], folder)
        if (several or evidence) and key not in named:
            _refuse_nearly(FORMATS[key], unknown[evidence])
        if len(files) > 1 and not several:
            raise SourceError(
                files[1].name,
                f"only one file of the kind “{FORMATS[key].title}”",
                value=f"also {files[0].name}",
                hint=_which(FORMATS[key]),
            )
    return FoundFiles(
        {
            key: tuple(sorted(files, key=lambda file: (file.name, file.sha256)))
            for key, files in found.items()
        },
        tuple(file.name for file in unknown[False]),
    )


def recognise(file: PublishedFile, *, evidence: bool = False) -> AnyFormat | None:
    """The format that a file has: of those whose columns it holds, the one with the most; or none.

    Args:
        file: The file.
        evidence: Whether it lies among the evidence, for which other formats are known.
    """
    is_json = file.text.lstrip().startswith("{")
    names = properties(file) if is_json else frozenset(header(file))
    fitting = [
        known
        for known in FORMATS.values()
        if _marks(known) <= names and _is_json(known) == is_json and _is_evidence(known) == evidence
    ]
    return max(fitting, key=lambda known: len(_marks(known)), default=None)


def _marks(known: AnyFormat) -> frozenset[str]:
    return known.properties if isinstance(known, BoundaryFormat) else known.columns


def _is_evidence(known: AnyFormat) -> bool:
    return isinstance(known, Format) and known.evidence


def _which(known: AnyFormat) -> str:
    """How to say which of two files with the same header is meant."""
    option = f"Say which with --{known.key} FILE"
    twins = [other for other in FORMATS.values() if other is not known and _marks(other) == _marks(known)]
    if not twins or _is_evidence(known):
        return f"{option}."
    return f"{option}, or put the other into a folder “{EVIDENCE}” if it is “{twins[0].title}”."


def _is_json(known: AnyFormat) -> bool:
    return isinstance(known, BoundaryFormat)


def _paths(folder: Path | None) -> list[Path]:
    if folder is None:
        return []
    if not folder.is_dir():
        raise SourceError(str(folder), "a folder of published files")
    return [
        path
        for place in (folder, folder / EVIDENCE)
        if place.is_dir()
        for path in sorted(place.iterdir())
        if path.is_file() and path.name.lower().endswith(_SUFFIXES)
    ]


def _named(file: PublishedFile, known: AnyFormat) -> PublishedFile:
    """The file, if it has the columns of the format it was named for."""
    if isinstance(known, BoundaryFormat):
        present = properties(file)
        what = "a GeoJSON file whose features have"
    else:
        present = frozenset(header(file))
        what = "a CSV file with the column"
    missing = sorted(_marks(known) - present)
    if missing:
        other = recognise(file)
        raise SourceError(
            file.name,
            f"{what} “{missing[0]}” ({known.title})",
            line=1,
            column=missing[0],
            value=f"the file for --{other.key}" if other else "no such column",
        )
    return file


def _shared(known: AnyFormat, file: PublishedFile) -> frozenset[str]:
    """The columns or properties of a format that a file has."""
    return _marks(known) & (properties(file) if _is_json(known) else frozenset(header(file)))


def _lacking(known: AnyFormat, file: PublishedFile) -> SourceError:
    """What to say of a file that may be meant for a format, but lacks a column."""
    column = min(_marks(known) - _shared(known, file))
    return SourceError(
        file.name,
        f"the column “{column}”, if this is “{known.title}”",
        line=1,
        column=column,
        value="no such column",
    )


def _refuse_nearly(known: AnyFormat, unknown: list[PublishedFile]) -> None:
    """Refuse a file that has most of a format's columns, lest it be left out without a word."""
    for file in unknown:
        if len(_shared(known, file)) * 2 > len(_marks(known)):
            raise _lacking(known, file)


def _missing(known: AnyFormat, unknown: list[PublishedFile], folder: Path | None) -> SourceError:
    """What to say when no file has a format: the likeliest file and what it lacks, or where it was sought."""
    likeliest = max(unknown, key=lambda file: len(_shared(known, file)), default=None)
    if likeliest is not None and len(_shared(known, likeliest)) * 2 >= len(_marks(known)):
        return _lacking(known, likeliest)
    return SourceError(
        str(folder) if folder else f"--{known.key}",
        f"a file of the kind “{known.title}” ({known.publisher}) with {', '.join(sorted(_marks(known)))}",
        value="none",
    )
