"""An export as a web archive (WARC 1.1, ISO 28500), which archives of the web index and replay.

It holds every address as a visitor without cookies is answered, uncompressed, and every redirect. Nothing was
crawled: the records are made of the export's files and headers, and carry the moment of the content's latest
change, so that the same content gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote
from uuid import NAMESPACE_URL, uuid5

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from leftbehind_site.export.manifest import Manifest

_VERSION: Final = "WARC/1.1"
_FORMAT: Final = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


def write(path: Path, export: Path, manifest: Manifest, *, moment: str, description: str) -> int:
    """Write the archive.

    Args:
        path: Where to; its name ends in ``.warc.gz``.
        export: The exported folder.
        manifest: Its manifest.
        moment: Of all records, in ISO form and UTC.
        description: What the archive is, in words.

    Returns:
        How many answers it holds.
    """
    answers = 0
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version=_VERSION)
        about = {
            "description": description,
            "format": _VERSION.replace("/", " file version "),
            "conformsTo": _FORMAT,
        }
        fields = "".join(f"{name}: {value}\r\n" for name, value in about.items())
        writer.write_record(_record(writer, "", "warcinfo", fields.encode(), moment, name=path.name))
        for address, status, headers, body in _answers(export, manifest):
            line = f"{status} {HTTPStatus(status).phrase}"
            http = StatusAndHeaders(line, headers, protocol="HTTP/1.1")
            writer.write_record(_record(writer, address, "response", body, moment, http=http))
            answers += 1
    return answers


def _answers(export: Path, manifest: Manifest) -> Iterator[tuple[str, int, list[tuple[str, str]], bytes]]:
    """Address, status, headers and body of everything."""
    for one in manifest.addresses:
        body = (export / one.files[""].name).read_bytes()
        headers = [*one.headers, ("content-length", str(len(body))), ("etag", one.etag)]
        yield f"{manifest.site_url}{one.path}", one.status, headers, body
    taken = {_key(one.path) for one in manifest.addresses}
    for moved in manifest.redirects:
        # A rule for everything under a folder is no address.
        if _key(moved.source) not in taken and not moved.source.endswith("*"):
            taken.add(_key(moved.source))
            target = f"{manifest.site_url}{moved.target}" if moved.target.startswith("/") else moved.target
            headers = [("location", target), ("content-length", "0")]
            yield f"{manifest.site_url}{moved.source}", HTTPStatus.MOVED_PERMANENTLY, headers, b""


def _key(address: str) -> str:
    """An address as indexes of web archives know it: of two with one key, a reader may get either."""
    path, mark, query = address.partition("?")
    return f"{unquote(path).lower().rstrip('/')}{mark}{query.lower()}"


def _record(
    writer: Any,
    address: str,
    kind: str,
    body: bytes,
    moment: str,
    *,
    http: StatusAndHeaders | None = None,
    name: str = "",
) -> Any:
    """A record whose identifier follows from what is in it."""
    identifier = uuid5(NAMESPACE_URL, f"{address} {kind} {moment} {name}").urn
    own = {"WARC-Record-ID": f"<{identifier}>", "WARC-Date": moment}
    if name:
        own["WARC-Filename"] = name
    payload = io.BytesIO(body)
    return writer.create_warc_record(
        address, kind, payload=payload, length=len(body), warc_headers_dict=own, http_headers=http
    )
