"""Every fault, in little; ``python -m tests.faults`` does them at large."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.conftest import ROOT
from tests.faults.clock import library
from tests.faults.register import FAULTS
from tests.faults.site import FaultSite, copy_of
from tests.needs import require
from tests.waiting import PATIENCE

DOCUMENT = ROOT / "docs" / "faults.md"


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_promised_holds(
    name: str, original: FaultSite, tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> None:
    if name == "clock":
        require(library(), "Turning the clock: no libfaketime on this machine")
    if name == "disk":
        require(shutil.which("unshare"), "Filling a disk: no unshare on this machine")
    fault = FAULTS[name]
    with django_db_blocker.unblock(), copy_of(original, tmp_path / name) as site:
        lines = fault.run(site, fault.little)
    assert lines


def test_the_faults_are_listed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(FAULTS)


def test_the_document_names_every_fault_and_no_other() -> None:
    rows = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == list(FAULTS)
