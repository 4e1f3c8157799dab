"""What the project takes from others: locked, named, licensed, and watched by rules that stay on."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from deploy import licences
from tests.conftest import ROOT
from tests.needs import require

pytestmark = pytest.mark.once

DEBIAN = ROOT / "deploy" / "debian.txt"


# --- licences


@pytest.fixture(scope="module")
def replayer() -> None:
    """The environment whose packages are listed besides this one's."""
    require(
        (ROOT / ".venv-replay").is_dir(),
        "Listing licences: the replayer is not installed (`make test` does it)",
    )


def test_every_package_has_a_licence_that_is_right_for_its_use(replayer: None) -> None:  # noqa: ARG001
    tables = licences.tables()
    assert [len(packages) > 0 for packages in tables.values()] == [True] * 4
    assert tables["Part of the site"]["django"] == "BSD-3-Clause"
    assert tables["From npm, for tests"]["vnu-jar"] == "MIT"


def test_the_list_of_licences_is_what_the_packages_say(
    replayer: None,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert licences.main(["--check"]) == 0, capsys.readouterr().err


def test_a_list_that_is_stale_is_noticed(
    replayer: None,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = licences.FILE.read_text(encoding="utf-8")
    text = text.replace("| django | BSD-3-Clause |", "| django | MIT |").replace("| nh3 | MIT |\n", "")
    monkeypatch.setattr(licences, "FILE", tmp_path / "licences.md")
    licences.FILE.write_text(f"{text}| left-pad | MIT |\n", encoding="utf-8")
    assert licences.main(["--check"]) == 1
    said = capsys.readouterr().err
    for told in ("django is MIT no more", "nh3 lacks", "left-pad is not locked"):
        assert told in said


@pytest.mark.parametrize(
    ("said", "classifiers", "told"),
    [
        ({"License-Expression": "MIT OR Apache-2.0", "License": "GPL"}, [], "MIT OR Apache-2.0"),
        ({"License": "Apache License, Version 2.0"}, [], "Apache-2.0"),
        ({"License": "Copyright, and so on"}, ["License :: OSI Approved :: BSD License"], "BSD"),
        ({}, ["Framework :: Django", "License :: OSI Approved :: MIT License"], "MIT"),
        ({"License": "My own"}, ["License :: Other/Proprietary License"], ""),
        ({}, [], ""),
    ],
)
def test_what_a_package_says_of_itself(said: dict[str, str], classifiers: list[str], told: str) -> None:
    assert licences.licence("a-package", said, classifiers) == told


@pytest.mark.parametrize(
    "told", ["", "Proprietary", "MIT AND Proprietary", "AGPL-3.0", "GPL-3.0 OR AGPL-3.0"]
)
def test_a_licence_that_nobody_has_looked_at_is_refused(told: str) -> None:
    with pytest.raises(licences.UnknownLicenceError, match=r"requirements\.txt: (?s:.*)a-package: "):
        licences._fit(licences.GROUPS[0], {"a-package": told})


def test_of_alternatives_one_is_enough() -> None:
    told = {"a-package": "Proprietary OR MIT"}
    assert licences._fit(licences.GROUPS[0], told) == told


# --- Debian


def debian() -> dict[str, list[str]]:
    """The packages that bring each program."""
    lines = DEBIAN.read_text(encoding="utf-8").splitlines()
    entries = [line.split() for line in lines if line and not line.startswith("#")]
    return {program: packages for program, *packages in entries}


def test_there_is_one_list_of_debian_packages() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "done <deploy/debian.txt" in ci
    assert set(re.findall(r"missing\+=\(([^)]*)\)", ci)) == {'"${packages[@]}"'}
    assert len(re.findall(r"apt-get .*install", ci)) == 1
    assert "apt-get" not in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for document in ("README.md", "docs/operations.md"):
        assert "deploy/debian.txt" in (ROOT / document).read_text(encoding="utf-8"), document


def test_every_debian_package_has_a_reason_and_a_name_that_debian_allows() -> None:
    lines = DEBIAN.read_text(encoding="utf-8").splitlines()
    assert {"make", "git", "python3", "postgres"} <= set(debian())
    for program, packages in debian().items():
        assert packages, program
        assert all(re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", package) for package in packages), program
    for number, line in enumerate(lines):
        if line and not line.startswith("#"):
            above = lines[:number][::-1]
            assert next(other for other in above if other.startswith("#") or not other) != "", line


def test_what_is_missing_of_them_is_what_would_be_installed(tmp_path: Path) -> None:
    """The very lines of .ci/run, on a machine that has nothing but git."""
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    loop = ci[ci.index("missing=()\n") : ci.index("done <deploy/debian.txt")] + f"done <{DEBIAN}\n"
    script = tmp_path / "missing"
    script.write_text(
        'set -eu\nhas() { [ "$1" = git ]; }\npostgres_programs() { :; }\npython3() { false; }\n'
        f"{loop}"
        'printf "%s\\n" "${missing[@]}"\n'
    )
    done = subprocess.run(["bash", str(script)], check=True, capture_output=True, text=True)
    wanted = [package for program, packages in debian().items() if program != "git" for package in packages]
    assert done.stdout.split() == wanted


# --- the rules of security


def test_the_rules_of_security_stay_on() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    off = [rule for rule in lint["ignore"] if re.fullmatch(r"S\d*", rule)]
    assert off == []
    relaxed = [where for where, rules in lint["per-file-ignores"].items() if any(r[0] == "S" for r in rules)]
    assert relaxed == ["tests/**"]


def test_the_rules_find_what_they_are_there_for() -> None:
    bad = "import subprocess\n\nsubprocess.run(input(), shell=True, check=True)\n"
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--stdin-filename", "deploy/bad.py", "-"],
        cwd=ROOT,
        input=bad,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "S602" in done.stdout


def test_every_exception_from_them_says_why() -> None:
    """Behind the exception, or in a comment above it."""
    excepted = 0
    for folder in ("deploy", "leftbehind_site", "neighbourhoods", "appg"):
        for file in (ROOT / folder).rglob("*.py"):
            above = ""
            for line in file.read_text(encoding="utf-8").splitlines():
                found = re.search(r"# noqa: (?:[A-Z]+\d+, ?)*S\d+(?:, ?[A-Z]+\d+)*(.*)", line)
                if found:
                    excepted += 1
                    reason = above.strip() if above.strip().startswith("#") else found[1]
                    assert len(re.sub(r"\W", "", reason)) > 10, f"{file.name}: {line.strip()}"
                above = line
    assert excepted > 3
