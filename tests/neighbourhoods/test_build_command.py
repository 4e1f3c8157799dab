"""What `build_dataset` writes, and that it writes nothing when something is wrong."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from neighbourhoods import datapackage
from tests.neighbourhoods import published
from tests.neighbourhoods.published import EXPECT, Published


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("build_dataset", *map(str, arguments), stdout=out, no_color=True)
    return out.getvalue()


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_it_writes_the_dataset_that_the_files_make(tmp_path: Path) -> None:
    told = run("--from", Published().write(tmp_path / "files"), "--to", tmp_path / "data", "--expect", EXPECT)
    assert content(tmp_path / "data") == datapackage.to_files(published.small())
    assert told.splitlines()[:2] == [
        "Not needed: Needless_(December_2017).csv",
        "Not needed: england.geojson",
    ]
    assert told.splitlines()[-1].startswith(f"{tmp_path / 'data'}: regions.csv, authorities.csv, ")
    assert told.endswith(", datapackage.json\n")


def test_the_same_files_again_write_nothing(tmp_path: Path) -> None:
    arguments = (
        "--from",
        Published().write(tmp_path / "files"),
        "--to",
        tmp_path / "data",
        "--expect",
        EXPECT,
    )
    run(*arguments)
    times = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "data").iterdir()}
    assert run(*arguments).endswith(f"{tmp_path / 'data'}: nothing changed\n")
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "data").iterdir()} == times


def test_it_is_silent_when_asked(tmp_path: Path) -> None:
    folder = Published().write(tmp_path / "files")
    assert run("--from", folder, "--to", tmp_path / "data", "--expect", EXPECT, "--verbosity", 0) == ""


def test_a_fault_in_a_file_leaves_the_dataset_as_it_was(tmp_path: Path) -> None:
    datapackage.write_folder(published.small(), tmp_path / "data")
    before = content(tmp_path / "data")
    files = Published()
    files["cni"].put(5, "Community Needs Index rank", "0")
    with pytest.raises(CommandError) as caught:
        run("--from", files.write(tmp_path / "files"), "--to", tmp_path / "data", "--expect", EXPECT)
    assert str(caught.value) == (
        "cni2019_england_ward17.csv, line 5, column “Community Needs Index rank”: found '0', expected"
        " a number from 1 to 20.\nNothing was changed."
    )
    assert content(tmp_path / "data") == before


def test_225_wards_are_expected_unless_another_number_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="found '4', expected 225 wards flagged TRUE"):
        run("--from", Published().write(tmp_path / "files"), "--to", tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_it_must_be_told_where_the_files_are() -> None:
    with pytest.raises(CommandError, match=r"^Say where the published files lie: --from DIR$"):
        run()


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a folder")
    with pytest.raises(CommandError, match="File exists"):
        run("--from", Published().write(tmp_path / "files"), "--to", tmp_path / "data", "--expect", EXPECT)
