"""The dataset as a folder of plain files: a Frictionless Data Package.

One CSV per table, one GeoJSON file per kind of area, and ``datapackage.json`` with schemas, sources,
licences and the register of measures. The same dataset always gives the same bytes: no times, fixed
order, fixed line ends.

Specification: Data Package standard, version 1 (tabular-data-package), https://specs.frictionlessdata.io/.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from leftbehind_site.common.errors import SourceError
from neighbourhoods.dataset import TABLES, ColumnType, Dataset, Table, columns
from neighbourhoods.measures import IOD, MEASURES, SOURCES

DATA: Final = Path(__file__).parent / "data"
"""Where the shipped dataset lies."""

DESCRIPTOR: Final = "datapackage.json"
COMPRESSED: Final = frozenset({"postcodes"})
BOUNDARY_FILES: Final = {
    "wards.geojson": ("E05", "Outlines of the listed wards, simplified"),
    "authorities.geojson": ("E0", "Outlines of the local authorities of 2019 with a listed ward, simplified"),
    "regions.geojson": ("E12", "Outlines of the regions of England, simplified"),
    "country.geojson": ("E92", "England as its regions, in the order of their codes, for small maps"),
}
"""File, beginning of the codes it holds, and title; a code goes to the first file whose beginning it has."""

ATTRIBUTIONS: Final = (
    "Community Needs Index 2019, OCSI and Local Trust.",
    f"{IOD.credit}, {IOD.title}, {IOD.licence}.",
    "Source: Office for National Statistics licensed under the Open Government Licence v3.0.",
    "Contains OS data © Crown copyright and database right 2017, 2019, 2024.",
    "Contains Royal Mail data © Royal Mail copyright and database right 2024.",
    "Contains National Statistics data © Crown copyright and database right 2017, 2019, 2021, 2024.",
    "Outlines of 47 wards by way of Martin Chorley, UK-GeoJSON, CC BY 4.0.",
)
"""The words that the sources' licences ask for."""


def to_files(dataset: Dataset) -> dict[str, bytes]:
    """The dataset as files.

    Returns:
        File name → content, the descriptor first.
    """
    files = {file_name(table): _table_bytes(dataset, table) for table in TABLES}
    files |= {name: _boundary_bytes(dataset, name) for name in BOUNDARY_FILES}
    descriptor = json.dumps(_descriptor(dataset, files), ensure_ascii=False, indent=1) + "\n"
    return {DESCRIPTOR: descriptor.encode(), **files}


def file_names() -> tuple[str, ...]:
    """The names of the files beside the descriptor."""
    return (*map(file_name, TABLES), *BOUNDARY_FILES)


def compact_json(value: object) -> str:
    """JSON without needless spaces, the same for the same value."""
    return json.dumps(value, separators=(",", ":"))


def fingerprint(dataset: Dataset) -> str:
    """SHA-256 over the dataset's files before compression: the same for the same data, however it came."""
    digest = hashlib.sha256()
    for name, content in sorted(to_files(dataset).items()):
        if name == DESCRIPTOR:
            continue
        plain = gzip.decompress(content) if name.endswith(".gz") else content
        digest.update(f"{name} {hashlib.sha256(plain).hexdigest()}\n".encode())
    digest.update(f"{dataset.title} {dataset.geography} {dataset.wards_compared}\n".encode())
    return digest.hexdigest()


def from_folder(folder: Path = DATA) -> Dataset:
    """Read a dataset from a data package.

    Args:
        folder: Where ``datapackage.json`` lies.

    Raises:
        SourceError: If a file is missing or damaged, or a value does not fit its schema.
    """
    descriptor = _read_json(folder / DESCRIPTOR)
    tables: dict[str, Any] = {table.name: _read_table(folder / file_name(table), table) for table in TABLES}
    boundaries: dict[str, Mapping[str, Any]] = {}
    for name in BOUNDARY_FILES:
        boundaries |= _read_boundaries(folder / name)
    _prove_whole(folder, descriptor)
    try:
        return Dataset(
            title=str(descriptor["title"]),
            geography=str(descriptor["geography"]),
            wards_compared=int(descriptor["wards_compared"]),
            boundaries=boundaries,
            **tables,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(DESCRIPTOR, "the keys title, geography and wards_compared", value=error) from error


def write_folder(dataset: Dataset, folder: Path = DATA) -> list[str]:
    """Write a dataset as a data package, touching only the files that differ.

    The descriptor, which holds the checksum of every other file, is written last: a folder whose writing was
    cut short is recognised by ``from_folder`` and refused.

    Returns:
        The names of the files that were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    files = to_files(dataset)
    for name in (*(name for name in files if name != DESCRIPTOR), DESCRIPTOR):
        path = folder / name
        if not path.exists() or path.read_bytes() != files[name]:
            beside = path.with_name(f".{name}.new")
            beside.write_bytes(files[name])
            beside.replace(path)
            written.append(name)
    return written


# Writing ----------------------------------------------------------------------------------------------


def file_name(table: Table) -> str:
    """The name of a table's file."""
    return f"{table.name}.csv.gz" if table.name in COMPRESSED else f"{table.name}.csv"


def _table_bytes(dataset: Dataset, table: Table) -> bytes:
    """A table as CSV (RFC 4180 but for the line end, which is a line feed)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column.name for column in columns(table))
    writer.writerows([_cell(value) for value in row] for row in getattr(dataset, table.name))
    content = text.getvalue().encode()
    return gzip.compress(content, 9, mtime=0) if table.name in COMPRESSED else content


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _boundary_bytes(dataset: Dataset, name: str) -> bytes:
    """One feature per line, so that a change shows as the lines it changes."""
    features = (
        compact_json({"type": "Feature", "properties": {"code": code}, "geometry": dataset.boundaries[code]})
        for code in sorted(dataset.boundaries)
        if _boundary_file(code) == name
    )
    return ('{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n").encode()


def _boundary_file(code: str) -> str:
    order = sorted(BOUNDARY_FILES, key=lambda name: -len(BOUNDARY_FILES[name][0]))
    return next(name for name in order if code.startswith(BOUNDARY_FILES[name][0]))


FIELD_TYPES: Final[Mapping[type, str]] = {str: "string", int: "integer", Decimal: "number", bool: "boolean"}
"""Types of fields, by the Table Schema."""


def _descriptor(dataset: Dataset, files: Mapping[str, bytes]) -> dict[str, Any]:
    """The descriptor, with the register of measures as the data dictionary."""
    return {
        "profile": "data-package",
        "name": "left-behind-neighbourhoods",
        "title": dataset.title,
        "description": (
            "The wards identified as ‘left behind’ neighbourhoods, with their ranks and figures, areas,"
            " simplified outlines and postcodes, derived from the published files that sources.csv names."
            " Community Needs Index scores belong to OCSI and Local Trust and are not included: ranks of the"
            " listed wards only."
        ),
        "geography": dataset.geography,
        "wards_compared": dataset.wards_compared,
        "licenses": [
            {
                "name": "OGL-UK-3.0",
                "title": "Open Government Licence v3.0 (all but the Community Needs Index ranks)",
                "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
            }
        ],
        "attributions": list(ATTRIBUTIONS),
        "sources": [
            {"title": f"{source.title} ({source.credit})", "licence": source.licence}
            for source in SOURCES.values()
        ],
        "measures": [
            {
                "key": measure.key,
                "label": measure.label,
                "unit": measure.unit.value,
                "source": measure.source.key,
                "geography": measure.source.geography,
                "period": measure.period,
                "ranked": measure.ranked,
                "direction": measure.direction,
                "value_published": measure.value_published,
                "calculated_here": measure.ours,
                "note": measure.note,
            }
            for measure in MEASURES
        ],
        "resources": [_table_resource(table, files) for table in TABLES]
        + [
            {
                "name": name.removesuffix(".geojson") + "-outlines",
                "title": title,
                "path": name,
                "format": "geojson",
                "mediatype": "application/geo+json",
                "bytes": len(files[name]),
                "hash": f"sha256:{hashlib.sha256(files[name]).hexdigest()}",
            }
            for name, (_, title) in BOUNDARY_FILES.items()
        ],
    }


def _table_resource(table: Table, files: Mapping[str, bytes]) -> dict[str, Any]:
    name = file_name(table)
    compression = {"compression": "gz"} if name.endswith(".gz") else {}
    return {
        "profile": "tabular-data-resource",
        "name": table.name.replace("_", "-"),
        "title": table.title,
        "path": name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **compression,
        "bytes": len(files[name]),
        "hash": f"sha256:{hashlib.sha256(files[name]).hexdigest()}",
        "dialect": {"lineTerminator": "\n"},
        "schema": {
            "fields": [_field(column) for column in columns(table)],
            "primaryKey": list(table.key),
            "foreignKeys": [
                {
                    "fields": [column],
                    "reference": {
                        "resource": "" if other == table.name else other.replace("_", "-"),
                        "fields": [other_column],
                    },
                }
                for column, other, other_column in table.refers
            ],
            "missingValues": [""],
        },
    }


def _field(column: ColumnType) -> dict[str, Any]:
    constraints: dict[str, Any] = {} if column.optional else {"required": True}
    if column.column.pattern:
        constraints["pattern"] = column.column.pattern
    if column.column.minimum is not None:
        constraints["minimum"] = column.column.minimum
    if column.column.maximum is not None:
        constraints["maximum"] = column.column.maximum
    if column.column.one_of:
        constraints["enum"] = [column.kind(value) for value in column.column.one_of]
    return {
        "name": column.name,
        "type": FIELD_TYPES[column.kind],
        "description": column.column.description,
        "constraints": constraints,
    }


# Reading ----------------------------------------------------------------------------------------------


def _prove_whole(folder: Path, descriptor: Mapping[str, Any]) -> None:
    """Refuse a folder whose files are not the ones its descriptor was written with."""
    try:
        hashes = {resource["path"]: resource["hash"] for resource in descriptor["resources"]}
    except (LookupError, TypeError) as error:
        raise SourceError(DESCRIPTOR, "resources, each with its path and hash", value=error) from error
    for name in file_names():
        found = f"sha256:{hashlib.sha256((folder / name).read_bytes()).hexdigest()}"
        if found != hashes.get(name):
            raise SourceError(
                name,
                f"the checksum in {DESCRIPTOR}, {hashes.get(name, 'which has none')}",
                value=found,
                hint="The dataset was half-written or edited by hand; build it anew with build_dataset.",
            )


def _read_bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except FileNotFoundError:
        raise SourceError(path.name, f"the file to lie in {path.parent}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(path.name, "a readable file", value=error) from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_read_bytes(path))
    except ValueError as error:
        raise SourceError(path.name, "JSON", value=error) from error
    if not isinstance(found, dict):
        raise SourceError(path.name, "a JSON object", value=found)
    return found


def _read_table(path: Path, table: Table) -> list[tuple[Any, ...]]:
    try:
        text = _read_bytes(path).decode()
    except UnicodeDecodeError as error:
        raise SourceError(path.name, "text in UTF-8", value=error) from error
    types = columns(table)
    names = [column.name for column in types]
    reader = csv.reader(io.StringIO(text), strict=True)
    rows = []
    try:
        header = next(reader, [])
        if header != names:
            raise SourceError(path.name, f"the header {','.join(names)}", 1, value=",".join(header))
        parsers = [_parser(column) for column in types]
        for cells in reader:
            if len(cells) != len(names):
                raise SourceError(path.name, f"{len(names)} cells", reader.line_num, value=len(cells))
            try:
                rows.append(table.row(*[parse(cell) for parse, cell in zip(parsers, cells, strict=True)]))
            except ValueError:
                raise _first_bad_cell(path, reader.line_num, types, cells) from None
    except csv.Error as error:
        raise SourceError(path.name, "a well-formed CSV file", reader.line_num, value=error) from error
    return rows


def _first_bad_cell(path: Path, line: int, types: tuple[ColumnType, ...], cells: list[str]) -> SourceError:
    for column, cell in zip(types, cells, strict=True):
        try:
            _parser(column)(cell)
        except ValueError as error:
            return SourceError(path.name, str(error), line, column.name, cell)
    raise AssertionError("one of the cells was refused")  # pragma: no cover


def _parser(column: ColumnType) -> Callable[[str], Any]:
    """A function from cell to value, which raises ValueError with the expectation as its message."""
    rule = column.column
    convert = _CONVERT[column.kind]
    # As decimals: a binary fraction such as 0.0001 lies beside the number it is written as.
    least, most = (None if at is None else Decimal(str(at)) for at in (rule.minimum, rule.maximum))
    shape = re.compile(rule.pattern, re.ASCII).fullmatch if rule.pattern else None

    def parse(cell: str) -> Any:
        if not cell:
            if column.optional:
                return None
            raise ValueError("a value")
        if shape and not shape(cell):
            raise ValueError(f"a match of {rule.pattern}")
        if rule.one_of and cell not in rule.one_of:
            raise ValueError(f"one of {', '.join(rule.one_of)}")
        value = convert(cell)
        if least is not None and value < least:
            raise ValueError(f"{rule.minimum:g} or more")
        if most is not None and value > most:
            raise ValueError(f"{rule.maximum:g} or less")
        return value

    return parse


def _integer(cell: str) -> int:
    if not re.fullmatch(r"-?[0-9]+", cell):
        raise ValueError("a whole number")
    return int(cell)


def _decimal(cell: str) -> Decimal:
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell):
        raise ValueError("a number")
    return Decimal(cell)


def _boolean(cell: str) -> bool:
    if cell not in {"true", "false"}:
        raise ValueError("true or false")
    return cell == "true"


_CONVERT: Final[Mapping[type, Callable[[str], Any]]] = {
    str: str,
    int: _integer,
    Decimal: _decimal,
    bool: _boolean,
}


def _read_boundaries(path: Path) -> dict[str, Mapping[str, Any]]:
    try:
        return {
            feature["properties"]["code"]: feature["geometry"] for feature in _read_json(path)["features"]
        }
    except (KeyError, TypeError) as error:
        raise SourceError(path.name, "GeoJSON features with a code", value=error) from error
