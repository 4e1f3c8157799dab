"""What the documentation promises about the data and the commands is still there, and nothing is left out."""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import URLResolver, get_resolver, resolve

from leftbehind_site.environment import Environment
from neighbourhoods.index_data.sources import FORMATS
from tests.conftest import ROOT

pytestmark = pytest.mark.once

DATA_DOC = ROOT / "docs" / "data.md"
README = ROOT / "README.md"


def test_the_data_page_names_the_option_of_every_published_format_and_no_other() -> None:
    named = set(re.findall(r"^\| `--([a-z0-9-]+)` \|", DATA_DOC.read_text(encoding="utf-8"), re.MULTILINE))
    assert named == set(FORMATS)


def test_the_data_page_lists_exactly_the_wards_on_which_list_and_rule_part() -> None:
    text = DATA_DOC.read_text(encoding="utf-8")
    rule = text[text.index("## The rule") : text.index("## How each figure")]
    with (ROOT / "neighbourhoods" / "data" / "outcomes.csv").open(encoding="utf-8", newline="") as file:
        parted = {row["ward_code"]: row for row in csv.DictReader(file) if row["flagged"] != row["predicted"]}
    assert set(re.findall(r"E05\d{6}", rule)) == set(parted)
    for code, row in parted.items():
        assert f"{row['ward_name']}, {row['authority_name']} ({code}) | {row['imd_rank']} |" in rule, code


@pytest.mark.parametrize("command", ["load_neighbourhoods", "build_dataset"])
def test_every_option_the_data_page_shows_exists(command: str) -> None:
    shown = set(re.findall(rf"{command} [^\n`]*?(--[a-z-]+)", DATA_DOC.read_text(encoding="utf-8")))
    parser = load_command_class("neighbourhoods", command).create_parser("manage.py", command)
    assert shown <= {option for action in parser._actions for option in action.option_strings}


@pytest.mark.parametrize(
    "document", [README, *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda path: path.name
)
def test_every_file_a_document_links_to_is_there(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_folder_and_file_the_readme_places_is_there() -> None:
    table = README.read_text(encoding="utf-8").split("## Where things live")[1].split("##")[0]
    for cell in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE):
        base = ""
        for name in re.findall(r"`([^`]+)`", cell):
            base = base or str(Path(name).parent)
            assert (ROOT / name).exists() or (ROOT / base / name).exists(), name


def make_targets() -> set[str]:
    """The targets that ``make help`` lists."""
    return set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def own_commands() -> set[str]:
    """The management commands of the project."""
    own = {"leftbehind_site", "neighbourhoods", "appg"}
    return {name for name, app in get_commands().items() if app in own}


def documentation() -> str:
    """Everything written for people, decisions aside: they tell how it was, too."""
    pages = [README, *sorted((ROOT / "docs").glob("*.md"))]
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


def test_every_make_target_is_documented_and_every_documented_one_exists() -> None:
    text = documentation()
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE))
    listed = README.read_text(encoding="utf-8").split("`make help` lists the rest:")[1].split("\n\n")[0]
    named |= set(re.findall(r"`([a-z]+)`", listed))
    assert named - {"help"} == make_targets() - {"help"}


def test_every_command_is_documented_and_every_documented_one_exists() -> None:
    text = documentation()
    for name in own_commands():
        assert re.search(rf"\b{name}\b", text), name
    for name in re.findall(r"manage\.py\s+([a-z_]+)", text):
        assert name in get_commands(), name


def test_every_variable_is_in_the_example_and_every_one_in_the_documentation_exists() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    of_the_site, _, of_compose = example.partition("# --- Read by docker-compose.yml")
    shown, others = (
        set(re.findall(r"^([A-Z_]+)=", part, re.MULTILINE)) for part in (of_the_site, of_compose)
    )
    assert shown == {field.name.upper() for field in dataclasses.fields(Environment)}
    for name in re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`", documentation()):
        assert name in shown | others | OTHERS, name


OTHERS = frozenset({"PUBLISHED_FILES", "TENTH_DOMAINS", "ACCESS_LOG", "EXPIRES", "LEFT_OUT", "SITE_FACTS"})
"""Names in capitals that are no settings: of the proofs, the server, the code, a program of its own."""


def named_addresses(patterns: Iterable[Any], namespace: str = "") -> set[str]:
    """The names of the site's addresses, the editing desk's and the gallery's aside."""
    found: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            within = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            found |= set() if pattern.namespace == "admin" else named_addresses(pattern.url_patterns, within)
        elif pattern.name:
            found.add(namespace + pattern.name)
    return found


def test_every_name_of_an_address_is_listed_with_one_that_has_it() -> None:
    table = (ROOT / "docs" / "addresses.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([a-z:-]+)` \| `(/[^`]*)` \|", table, re.MULTILINE))
    assert set(listed) == named_addresses(get_resolver().url_patterns)
    assert {name: resolve(address).view_name for name, address in listed.items()} == {n: n for n in listed}


def test_every_make_target_the_readme_names_exists() -> None:
    targets = make_targets()
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets
    assert {"run", "test"} <= named


def test_every_test_that_keeps_a_promise_exists() -> None:
    text = documentation()
    named = re.findall(r"(?:`|proved-by )(tests/[^`:\s]+)::(\w+)", text)
    assert len(named) > 10
    for file, test in named:
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), test


def test_every_promise_names_a_test_that_keeps_it() -> None:
    tables = re.findall(r"^\| promise \| kept by \|\n\|[-|]+\|\n((?:\|.*\n)+)", documentation(), re.MULTILINE)
    assert len(tables) > 8
    for row in (row for table in tables for row in table.splitlines()):
        assert re.search(r"`tests/[^`]+::\w+`|the same ", row), row
