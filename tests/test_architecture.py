"""The picture of the architecture shows what the modules import, no more and no less."""

from __future__ import annotations

import re
from itertools import product

import grimp
import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.once

Arrows = set[tuple[str, str]]

DOCUMENT = ROOT / "docs" / "architecture.md"
PACKAGES = ("deploy", "leftbehind_site", "neighbourhoods", "appg")
BACKEND = "leftbehind_site.postgresql"
"""Named in the settings; it imports nothing of the project, and nothing imports it."""


@pytest.fixture(scope="module")
def text() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def parts(text: str) -> dict[str, str]:
    """Where each part lives, as a package."""
    return dict(re.findall(r"^\| (\w+) \| `([\w.]+)` \|", text, re.MULTILINE))


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def part_of(module: str, parts: dict[str, str]) -> str:
    """The part with the longest package that a module is in."""
    within = [(len(where), part) for part, where in parts.items() if f"{module}.".startswith(f"{where}.")]
    return max(within)[1]


def reached(arrows: Arrows) -> Arrows:
    """Every pair of which the second can be reached from the first."""
    found = set(arrows)
    while more := {(a, d) for (a, b), (c, d) in product(found, found) if b == c} - found:
        found |= more
    return found


def fewest(arrows: Arrows) -> Arrows:
    """The arrows without which something could no longer be reached."""
    return {arrow for arrow in arrows if reached(arrows - {arrow}) != reached(arrows)}


def test_every_part_is_a_package_with_a_place_in_the_picture(text: str, parts: dict[str, str]) -> None:
    drawn = {name for arrow in drawn_in(text) for name in arrow}
    assert drawn == set(parts)
    for where in parts.values():
        assert (ROOT / where.replace(".", "/") / "__init__.py").is_file(), where


def test_every_package_of_the_project_has_a_part(parts: dict[str, str]) -> None:
    site = ROOT / "leftbehind_site"
    inner = {f"leftbehind_site.{file.parent.name}" for file in site.glob("*/__init__.py")}
    plumbing = {f"leftbehind_site.{name}" for name in ("migrations", "templatetags")}
    assert inner - plumbing - {BACKEND} <= set(parts.values())


def test_the_arrows_are_the_imports(text: str, parts: dict[str, str], imports: grimp.ImportGraph) -> None:
    taken = {
        (part_of(module, parts), part_of(other, parts))
        for module in imports.modules
        for other in imports.find_modules_directly_imported_by(module)
    }
    apart = {(part, other) for part, other in taken if part != other}
    assert not {part for part, other in reached(apart) if part == other}, "parts import each other"
    assert drawn_in(text) == fewest(apart)


def drawn_in(text: str) -> Arrows:
    """The arrows of the picture, by the short names of the parts."""
    return set(re.findall(r"^ +(\w+)(?:\[[^\]]+\])? --> (\w+)", text, re.MULTILINE))
