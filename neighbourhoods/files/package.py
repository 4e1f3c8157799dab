"""The Data Package of the release in force, and the whole directory's files: what stands under ``/data/``.

One descriptor, ``datapackage.json``, describes everything there: the directory as one wide table and as
outlines, and the release's tables, from which the directory can be built anew. The tables are the bytes that
``datapackage`` writes for the release's dataset. All is made once for each release and kept by the process,
for it takes a second or two.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from neighbourhoods import datapackage, stored
from neighbourhoods.files import selections
from neighbourhoods.files.addresses import ARCHIVE, TABLES
from neighbourhoods.files.contents import PROVENANCE, wide_readers
from neighbourhoods.files.formats import BY_EXTENSION, FORMATS
from neighbourhoods.files.tables import Column
from neighbourhoods.measures import MEASURES
from neighbourhoods.models import Release

_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The time that all files in the archive have: the first that the format knows, never the clock's."""

_IN_PACKAGE: Final = ("csv", "geojson")
"""The formats of the whole directory that the package holds; the others say the same."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What the files of a release depend on.

    Attributes:
        fingerprint: Of the release.
        loaded: When the release came into force.
        notice: The archive notice.
        release: The release itself, which the others identify.
    """

    fingerprint: str
    loaded: str
    notice: str
    release: Release = field(compare=False)


def edition(release: Release, notice: str) -> Edition:
    """The edition of a release under a notice."""
    return Edition(release.fingerprint, release.loaded_at.isoformat(), notice, release)


@lru_cache(maxsize=1)
def directory_files(which: Edition) -> Mapping[str, bytes]:
    """The whole directory by format; five queries the first time."""
    contents = selections.of_directory(which.release, which.notice, outlines=True)
    return {file_format.extension: file_format.write(contents) for file_format in FORMATS}


@lru_cache(maxsize=1)
def files(which: Edition) -> Mapping[str, bytes]:
    """The Data Package by path beside its descriptor, and all of it as one archive."""
    tables = datapackage.to_files(stored.dataset(which.release))
    descriptor = json.loads(tables.pop(datapackage.DESCRIPTOR))
    whole = directory_files(which)
    directory = {f"{selections.DIRECTORY}.{extension}": whole[extension] for extension in _IN_PACKAGE}
    described = {
        **descriptor,
        "fingerprint": which.fingerprint,
        "archive_notice": which.notice,
        "resources": [
            *_directory_resources(directory),
            *({**resource, "path": f"{TABLES}/{resource['path']}"} for resource in descriptor["resources"]),
        ],
    }
    found = {
        datapackage.DESCRIPTOR: (json.dumps(described, ensure_ascii=False, indent=1) + "\n").encode(),
        **directory,
        **{f"{TABLES}/{name}": content for name, content in tables.items()},
    }
    return {**found, ARCHIVE: _archive(found)}


def _directory_resources(content: Mapping[str, bytes]) -> list[dict[str, Any]]:
    table, outlines = content.items()
    return [
        {
            "profile": "tabular-data-resource",
            "name": "directory",
            "title": "The whole directory, one row per neighbourhood",
            **_file(*table),
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "dialect": {"lineTerminator": "\r\n"},
            "schema": {
                "fields": [
                    {
                        "name": column.name,
                        "type": datapackage.FIELD_TYPES[column.kind],
                        "title": column.title,
                        "description": column.description,
                    }
                    for column in directory_columns()
                ],
                "primaryKey": ["ward_code"],
                "missingValues": [""],
            },
        },
        {
            "name": "directory-outlines",
            "title": "The same with the outlines of the wards",
            **_file(*outlines),
            "format": "geojson",
            "mediatype": BY_EXTENSION["geojson"].media_type,
        },
    ]


def directory_columns() -> tuple[Column, ...]:
    """The columns of the whole directory's CSV file."""
    return (*(reader.column for reader in wide_readers(MEASURES)), *(reader.column for reader in PROVENANCE))


def _file(path: str, content: bytes) -> dict[str, Any]:
    return {
        "path": path,
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }


def _archive(content: Mapping[str, bytes]) -> bytes:
    """Files in a ZIP archive: in order of their names, without times, so that its bytes are fixed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content[name])
    return stream.getvalue()
