"""Redirects and headers in the forms that servers of files read; the manifest has the same as data.

``_redirects`` and ``_headers`` are read by Netlify, Cloudflare Pages and their like, ``Caddyfile`` is
imported into a site of Caddy's. A server that reads none of them sends the pages all the same, and at a
former address a page that leads on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import unquote

from django.template.loader import render_to_string

from leftbehind_site.common import headers
from leftbehind_site.export.manifest import Exported, Manifest, Redirected
from leftbehind_site.finishing import OF_THE_ANSWER, file_of

REDIRECTS: Final = "_redirects"
HEADERS: Final = "_headers"
CADDY: Final = "Caddyfile"

Headers = tuple[tuple[str, str], ...]


def texts(manifest: Manifest) -> dict[str, str]:
    """The files for servers, by name."""
    return {
        REDIRECTS: _redirects(manifest.redirects),
        HEADERS: _headers(manifest.addresses),
        CADDY: _caddy(manifest),
    }


# --- redirects


def _redirects(redirects: Iterable[Redirected]) -> str:
    """Lines of ``_redirects``: the exclamation mark lets a rule win over the page that leads on."""
    lines = []
    for one in redirects:
        path, mark, query = one.source.partition("?")
        condition = f" {query.replace('&', ' ')}" if mark else ""
        lines.append(f"{path}{condition} {one.target} 301!")
    return "\n".join((*lines, ""))


def pages_that_lead_on(manifest: Manifest) -> Iterator[tuple[str, bytes]]:
    """For servers that know no redirects: at each former address a page that leads on, where nothing stands.

    Returns:
        Names of files with what is in them.
    """
    taken = {address.files[""].name for address in manifest.addresses}
    folders = {"/".join(name.split("/")[:depth]) for name in taken for depth in range(1, name.count("/") + 1)}
    for one in manifest.redirects:
        if "?" in one.source or "*" in one.source:
            continue
        name = file_of(f"{one.source.rstrip('/')}/")
        # A former address may be another one's beginning, as a folder; none is a file and a folder at once.
        above = {"/".join(name.split("/")[:depth]) for depth in range(1, name.count("/") + 1)}
        if name in taken or name in folders or above & taken:
            continue
        taken.add(name)
        address = f"{manifest.site_url}{one.target}" if one.target.startswith("/") else one.target
        text = render_to_string("moved.html", {"target": one.target, "address": address})
        yield name, text.encode()


# --- headers


def _own(address: Exported) -> Headers:
    return tuple(pair for pair in address.headers if pair[0] not in OF_THE_ANSWER)


def _common(addresses: Sequence[Exported]) -> Headers:
    """The headers that every answer has."""
    own = [_own(address) for address in addresses]
    return tuple(pair for pair in own[0] if all(pair in others for others in own[1:])) if own else ()


def _headers(addresses: Sequence[Exported]) -> str:
    """``_headers``: what all have once, and what each has for itself.

    Where several rules match, servers add them up: so no rule for many may say what one has otherwise.
    """
    common = _common(addresses)
    rules = [("/*", common), *((address.path, _rest(address, common)) for address in addresses)]
    return "".join(
        f"{path}\n" + "".join(f"  {_title(name)}: {value}\n" for name, value in pairs)
        for path, pairs in rules
        if pairs
    )


def _rest(address: Exported, common: Headers) -> Headers:
    return tuple(pair for pair in _own(address) if pair not in common)


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


# --- Caddy


def _caddy(manifest: Manifest) -> str:
    """A snippet for a site of Caddy's whose root is the folder.

    What not every address has is looked up in a table; that is what Caddy's ``map`` is for, and it knows a
    path by its letters, not by how they are escaped. A security header is what pages have unless the table
    says otherwise, so that errors and redirects have it too.
    """
    common = _common(manifest.addresses)
    rest = {address.path: dict(_rest(address, common)) for address in manifest.addresses}
    names = sorted({name for own in rest.values() for name in own})
    usual = {name.lower(): value for name, value in headers.of_pages().items()}
    lines = [
        "# The headers and redirects of the archive. In a site's block, after its root:",
        "#     root * /srv/archive",
        "#     import /srv/archive/Caddyfile",
        *(f"header {_title(name)} {_quoted(value)}" for name, value in common),
        "header -Server",
    ]
    for number, name in enumerate(names):
        default, variable = usual.get(name, ""), f"{{header_{number}}}"
        lines += [
            f"map {{path}} {variable} {{",
            *(
                f"\t{_quoted(unquote(path))} {_quoted(own.get(name, ''))}"
                for path, own in rest.items()
                if own.get(name, "") != default
            ),
            f"\tdefault {_quoted(default)}",
            "}",
            f'@header_{number} expression `{variable} != ""`',
            f"header @header_{number} {_title(name)} {variable}",
        ]
    lines += [*_caddy_redirects(manifest.redirects), *_CADDY_FILES]
    return "\n".join((*lines, ""))


_CADDY_FILES: Final = (
    "file_server {",
    "\tprecompressed br gzip",
    "}",
    "handle_errors {",
    "\theader -Server",
    "\t@unknown expression `{http.error.status_code} == 404`",
    "\thandle @unknown {",
    "\t\trewrite * /404.html",
    "\t\tfile_server {",
    "\t\t\tprecompressed br gzip",
    "\t\t}",
    "\t}",
    "}",
)


def _caddy_redirects(redirects: Iterable[Redirected]) -> Iterator[str]:
    exact: dict[str, str] = {}
    starred: list[Redirected] = []
    asked = 0
    for one in redirects:
        path, mark, query = one.source.partition("?")
        plain = unquote(path).rstrip("/")
        if mark:
            asked += 1
            yield f"@asked_{asked} {{\n\tpath {_quoted(path)}\n\tquery {_quoted(query)}\n}}"
            yield f"redir @asked_{asked} {_quoted(one.target)} 301"
        elif path.endswith("*"):
            starred.append(one)
        else:
            exact.update({plain: one.target, f"{plain}/": one.target})
    yield "map {path} {moved} {"
    yield from (f"\t{_quoted(path)} {_quoted(target)}" for path, target in sorted(exact.items()))
    yield from (f"\t{_quoted(f'~^{one.source[:-1]}')} {_quoted(one.target)}" for one in starred)
    yield '\tdefault ""\n}'
    yield '@moved expression `{moved} != ""`'
    yield "redir @moved {moved} 301"


def _quoted(text: str) -> str:
    """A word of a Caddyfile, whatever is in it."""
    return json.dumps(text, ensure_ascii=False)
