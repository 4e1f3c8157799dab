"""Prove an export against a site: every address answers the same there, every redirect leads the same way."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from leftbehind_site.enumeration import Kind
from leftbehind_site.export.manifest import Exported, ExportError, Manifest, Redirected
from leftbehind_site.finishing import OF_THE_ANSWER

CONNECTIONS: Final = 4
"""How many questions are asked at a time."""

_PATIENCE: Final = 60.0
"""Seconds that a site may take for an answer."""

_UNKNOWN: Final = "/there-is-nothing-at-this-address-to-be-found/"
_MOVED: Final = frozenset({301, 308})


class Site:
    """A site that is asked; to be closed.

    Args:
        address: Such as ``https://www.example.org``.

    Raises:
        ExportError: If that is no site's address.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if (
            parts.scheme not in {"http", "https"}
            or not parts.hostname
            or parts.path.strip("/")
            or parts.query
        ):
            raise ExportError(
                f"{address!r} is no address of a site: it has to be like https://www.example.org"
            )
        self.address = f"{parts.scheme}://{parts.netloc}"
        self._host = parts.netloc
        self._make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._own = threading.local()
        self._open: list[http.client.HTTPConnection] = []

    def close(self) -> None:
        """Close the connections of all threads."""
        while self._open:
            self._open.pop().close()

    def _connection(self) -> http.client.HTTPConnection:
        """This thread's own; it opens itself again where it was closed."""
        if not hasattr(self._own, "connection"):
            self._own.connection = self._make(self._host, timeout=_PATIENCE)
            self._open.append(self._own.connection)
        connection: http.client.HTTPConnection = self._own.connection
        return connection

    def ask(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers by name in lower case, and body of an answer.

        Raises:
            ExportError: If there is none.
        """
        for last in (False, True):
            connection = self._connection()
            try:
                connection.request("GET", path, headers={"Accept-Encoding": "identity"})
                response = connection.getresponse()
                body = response.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                # A server may close a connection that has been open for long.
                if last:
                    raise ExportError(f"{self.address}{path} does not answer: {error}") from error
            else:
                return response.status, {name.lower(): value for name, value in response.getheaders()}, body
        raise AssertionError("unreachable")


def differences(folder: Path, manifest: Manifest, site: Site) -> Iterator[str]:
    """Where a site's answers are other than an export's, in words.

    Raises:
        ExportError: If the site does not answer.
    """

    def differ(task: Exported | Redirected) -> list[str]:
        if isinstance(task, Exported):
            return list(_of_address(folder, task, site))
        return list(_of_redirect(task, manifest, site))

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for found in pool.map(differ, (*manifest.addresses, *manifest.redirects)):
            yield from found
    status, _, _ = site.ask(_UNKNOWN)
    if status != http.HTTPStatus.NOT_FOUND:
        yield f"{_UNKNOWN}: the site answers {status} where nothing is"


def _of_address(folder: Path, address: Exported, site: Site) -> Iterator[str]:
    status, headers, body = site.ask(address.path)
    # A server of files knows the page about unknown addresses as one of its files.
    expected = {address.status, 200} if address.kind is Kind.UNKNOWN else {address.status}
    if status not in expected:
        yield f"{address.path}: the site answers {status}, the export has {address.status}"
        return
    for name, value in address.headers:
        if name not in OF_THE_ANSWER and headers.get(name) != value:
            yield f"{address.path}: the site sends {name}: {headers.get(name)}, the export has {value}"
    own = (folder / address.files[""].name).read_bytes()
    if body != own:
        place = next((at for at, (one, other) in enumerate(zip(body, own, strict=False)) if one != other), -1)
        place = min(len(body), len(own)) if place < 0 else place
        yield f"{address.path}: the site's bytes are others than the export's, from byte {place:,} on"


def _of_redirect(one: Redirected, manifest: Manifest, site: Site) -> Iterator[str]:
    status, headers, _ = site.ask(one.source.replace("*", "anything/"))
    location = headers.get("location", "").removeprefix(site.address).removeprefix(manifest.site_url)
    if status not in _MOVED or location != one.target:
        yield (
            f"{one.source}: the site answers {status} {location}".rstrip()
            + f", the export leads to {one.target}"
        )
