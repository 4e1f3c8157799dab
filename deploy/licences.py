"""List the licence of every locked package, and refuse one that nobody has looked at.

`make lock` writes docs/licences.md with it; run with --check it says what is wrong with the file, or with a
package. What a package says of itself counts: its licence expression (PEP 639), else its licence field, else
its classifiers. Names are SPDX identifiers, and `BSD` where a package does not say which.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, distributions
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parent.parent
FILE: Final = ROOT / "docs" / "licences.md"

ANYWHERE: Final = frozenset(
    {
        *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0"),
        *("MIT-CMU", "OFL-1.1", "PSF-2.0", "Public-Domain", "Unlicense", "ZPL-2.1", "Zlib"),
        # Of a library that is used as it comes: files that nobody here changes, modules that are imported.
        *("MPL-2.0", "LGPL-3.0-only"),
    }
)
"""Licences under which a package may be part of the site."""

TOOLS_ONLY: Final = frozenset({"AGPL-3.0", "Artistic-1.0-Perl", "GPL-2.0-or-later", "GPL-3.0"})
"""Licences under which a package may be a tool of the tests besides: nothing of it is passed on."""

SPELT: Final = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Artistic License": "Artistic-1.0-Perl",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD License": "BSD",
    "GNU Affero General Public License v3": "AGPL-3.0",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
    "Public Domain": "Public-Domain",
    "The Unlicense (Unlicense)": "Unlicense",
}
"""How packages spell a licence in free text and classifiers, and its name here."""

READ: Final = {
    "axe-playwright-python": "MIT",
    "pywb": "GPL-3.0",
    "resvg-py": "MIT",
    "text-unidecode": "Artistic-1.0-Perl OR GPL-2.0-or-later",
}
"""Packages that say it in their licence file alone, or say several things: somebody has read it."""

HEAD: Final = """# Licences of packages

Written by `python -m deploy.licences`, which `make lock` runs; a test compares. The lock files have the
versions. What only other systems or other versions of Python need is not listed. The licences of the site’s
content are in the [README](../README.md#licences)."""

_ROW: Final = re.compile(r"^\| (?!package )([a-z0-9@/._-]+) \| (.+) \|$", re.MULTILINE)

_WORD: Final = re.compile(r"[A-Za-z0-9.+-]+")


class UnknownLicenceError(Exception):
    """A package whose licence is not known, or not one for its use."""


@dataclass(frozen=True, slots=True)
class Group:
    """Packages of one use.

    Attributes:
        title: Of their table.
        lock: The name of their lock file.
        allowed: Licences that are right for this use.
        environment: The folder of the environment that they are installed in; this one by default.
    """

    title: str
    lock: str
    allowed: frozenset[str]
    environment: str = ""


GROUPS: Final = (
    Group("Part of the site", "requirements.txt", ANYWHERE),
    Group("For development and tests", "requirements-dev.txt", ANYWHERE | TOOLS_ONLY),
    Group(
        "The replayer of web archives, in an environment of its own",
        "requirements-replay.txt",
        ANYWHERE | TOOLS_ONLY,
        ".venv-replay",
    ),
)
NPM: Final = Group("From npm, for tests", "package-lock.json", ANYWHERE | TOOLS_ONLY)


def licence(name: str, said: Mapping[str, str], classifiers: list[str]) -> str:
    """The licence of a package, as an expression.

    Args:
        name: Of the package.
        said: Its metadata.
        classifiers: Its classifiers.

    Returns:
        SPDX identifiers with AND, OR between them; empty where the package says nothing that is known here.
    """
    if name in READ:
        return READ[name]
    if expression := said.get("License-Expression"):
        return expression
    text = said.get("License", "")
    told = [SPELT.get(text, text)]
    told += [SPELT.get(one.rpartition(" :: ")[2], "") for one in classifiers if one.startswith("License ::")]
    return next((one for one in told if one and _known(one, ANYWHERE | TOOLS_ONLY)), "")


def _known(expression: str, allowed: frozenset[str]) -> bool:
    """Whether every licence in an expression is one of these; of alternatives one is enough."""
    alternatives = [set(_WORD.findall(words)) - {"AND"} for words in expression.split(" OR ")]
    return any(licences and licences <= allowed for licences in alternatives)


def locked(lock: str) -> Iterator[tuple[str, bool]]:
    """The packages of a lock file, and whether this machine's Python installs them."""
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if re.match(r"[a-z0-9]", line):
            wanted = Requirement(line.partition(" \\")[0])
            yield canonicalize_name(wanted.name), wanted.marker is None or wanted.marker.evaluate()


def of_group(group: Group) -> dict[str, str]:
    """The licence of each package of a group that is installed here.

    Raises:
        UnknownLicenceError: Naming each package without a licence that is right for its use.
    """
    places = [str(path) for path in (ROOT / group.environment / "lib").glob("python3*/site-packages")]
    found = distributions(path=places) if group.environment else distributions()
    installed: dict[str, PackageMetadata] = {
        canonicalize_name(one.metadata["Name"]): one.metadata for one in found
    }
    licences: dict[str, str] = {}
    for name in sorted({name for name, applies in locked(group.lock) if applies}):
        said = installed.get(name)
        # A package that this machine lacks: `make test` installs it and asks again.
        if said is not None:
            fields = {field: said[field] for field in ("License-Expression", "License") if field in said}
            licences[name] = licence(name, fields, said.get_all("Classifier") or [])
    return _fit(group, licences)


def of_npm() -> dict[str, str]:
    """The same for what npm installs; its lock file says it.

    Raises:
        UnknownLicenceError: Naming each package without a licence that is right for its use.
    """
    packages = json.loads((ROOT / NPM.lock).read_text(encoding="utf-8"))["packages"]
    told = {
        path.rpartition("node_modules/")[2]: package.get("license", "")
        for path, package in packages.items()
        if path
    }
    return _fit(NPM, dict(sorted(told.items())))


def _fit(group: Group, licences: dict[str, str]) -> dict[str, str]:
    """The same, if every licence is right for the use of the group."""
    odd = [
        f"{name}: {told or 'says none'}" for name, told in licences.items() if not _known(told, group.allowed)
    ]
    if odd:
        raise UnknownLicenceError(
            f"{group.lock}: a licence that is not known, or not for this use. Read it, then add it to"
            f" deploy/licences.py or do without the package.\n  " + "\n  ".join(odd)
        )
    return licences


def tables() -> dict[str, dict[str, str]]:
    """Title of each table with its packages and their licences; each package stands in the first that has it.

    Raises:
        UnknownLicenceError: Naming each package without a licence that is right for its use.
    """
    site, development, replay = (of_group(group) for group in GROUPS)
    tools = {name: told for name, told in development.items() if name not in site}
    return dict(zip([group.title for group in (*GROUPS, NPM)], [site, tools, replay, of_npm()], strict=True))


def text() -> str:
    """The file that docs/licences.md has to be.

    Raises:
        UnknownLicenceError: Naming each package without a licence that is right for its use.
    """
    lines = [HEAD]
    for title, packages in tables().items():
        lines += ["", f"## {title}", "", "| package | licence |", "|---|---|"]
        lines += [f"| {name} | {told} |" for name, told in packages.items()]
    return "\n".join((*lines, ""))


def main(arguments: list[str]) -> int:
    """Write the file, or check it."""
    try:
        wanted = text()
    except UnknownLicenceError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    if arguments != ["--check"]:
        FILE.write_text(wanted, encoding="utf-8")
        return 0
    found = stale(wanted, FILE.read_text(encoding="utf-8") if FILE.is_file() else "")
    if found:
        sys.stderr.write(f"docs/licences.md: {'; '.join(found)}. Run `python -m deploy.licences`.\n")
    return 1 if found else 0


def stale(wanted: str, written: str) -> list[str]:
    """Where the file and what the packages say part.

    Args:
        wanted: The file as this machine would write it.
        written: The file as it is. What another version of Python has put into it, or would, is no fault.
    """
    rows, known = (set(_ROW.findall(text)) for text in (wanted, written))
    here = {name for name, _ in rows}
    every = {name for group in GROUPS for name, _ in locked(group.lock)} | set(of_npm())
    return [
        *(f"{name} lacks" for name, told in sorted(rows - known) if name not in sometimes()),
        *(f"{name} is {told} no more" for name, told in sorted(known - rows) if name in here),
        *(f"{name} is not locked" for name, _ in sorted(known) if name not in every),
    ]


def sometimes() -> set[str]:
    """Packages that only some systems or versions of Python need."""
    return {name for group in GROUPS for name, applies in locked(group.lock) if not applies}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
