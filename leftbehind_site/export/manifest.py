"""What an export says of itself: every address with its answer, every file with its digest.

The manifest is written last. A folder without one is no export, however much lies in it. Nothing in it tells
when or where the export was made: the same content gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from leftbehind_site.enumeration import Kind

NAME: Final = "manifest.json"
VERSION: Final = 1


class ExportError(Exception):
    """A folder that is no whole export, or that cannot become one, in words for whoever asked."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of the export.

    Attributes:
        name: Under the folder, with slashes.
        size: Bytes.
        sha256: In hexadecimal digits.
    """

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Exported:
    """An address of the site and its answer.

    Attributes:
        path: As in a link.
        kind: What stands there.
        status: As answered.
        headers: As answered, without those that depend on the encoding; names in lower case, in order.
        etag: Strong, of the body as it is.
        files: The body as it is under the empty name, and compressed where that is smaller, by coding.
    """

    path: str
    kind: Kind
    status: int
    headers: tuple[tuple[str, str], ...]
    etag: str
    files: dict[str, File]


@dataclass(frozen=True, slots=True)
class Redirected:
    """An address that leads elsewhere for good.

    Attributes:
        source: Path, with a query where that is what decides; a star at its end stands for anything.
        target: Address of this site, or a whole one.
    """

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that an export holds.

    Attributes:
        site_url: The address of the site that it is a copy of.
        release: Mark of the release whose figures it shows; empty without one.
        addresses: Sorted by path.
        redirects: Sorted by source.
        others: Files that answer no address by themselves, sorted by name; the manifest is none of them.
    """

    site_url: str
    release: str
    addresses: tuple[Exported, ...]
    redirects: tuple[Redirected, ...]
    others: tuple[File, ...]

    def files(self) -> Iterator[File]:
        """Every file but the manifest."""
        for address in self.addresses:
            yield from address.files.values()
        yield from self.others


def file_at(folder: Path, name: str) -> File:
    """A file as it is.

    Raises:
        OSError: If it cannot be read.
    """
    body = (folder / name).read_bytes()
    return File(name, len(body), hashlib.sha256(body).hexdigest())


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, which makes the folder a whole export."""
    beside = folder / f"{NAME}.part"
    text = json.dumps({"version": VERSION, **asdict(manifest)}, ensure_ascii=False, indent=1)
    beside.write_text(f"{text}\n", encoding="utf-8")
    beside.replace(folder / NAME)


def read(folder: Path) -> Manifest:
    """The manifest of an export.

    Raises:
        ExportError: If the folder has none, or none that can be understood.
    """
    path = folder / NAME
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ExportError(f"{folder} is no whole export: it has no {NAME}") from None
    except (OSError, ValueError) as error:
        raise ExportError(f"{path} cannot be read: {error}") from error
    if not isinstance(fields, dict) or fields.pop("version", None) != VERSION:
        raise ExportError(f"{path} is not of version {VERSION}, the one that is understood here")
    try:
        return _manifest(fields)
    except (KeyError, TypeError, ValueError) as error:
        raise ExportError(f"{path} is damaged: {error!r}") from error


def _manifest(fields: dict[str, Any]) -> Manifest:
    return Manifest(
        site_url=str(fields["site_url"]),
        release=str(fields["release"]),
        addresses=tuple(_exported(one) for one in fields["addresses"]),
        redirects=tuple(Redirected(**one) for one in fields["redirects"]),
        others=tuple(File(**one) for one in fields["others"]),
    )


def _exported(fields: dict[str, Any]) -> Exported:
    return Exported(
        path=fields["path"],
        kind=Kind(fields["kind"]),
        status=int(fields["status"]),
        headers=tuple((name, value) for name, value in fields["headers"]),
        etag=fields["etag"],
        files={coding: File(**one) for coding, one in fields["files"].items()},
    )
