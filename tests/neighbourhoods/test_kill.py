"""Loads that are under way, and two at once: the public never sees anything but a whole release.

The loads are processes of their own, on a database of the kind the tests run on.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.db import connection

from neighbourhoods import datapackage
from tests.neighbourhoods import published
from tests.neighbourhoods.published import EXPECT, Published
from tests.neighbourhoods.sites import SiteDatabase, refused, script, succeeded
from tests.waiting import PATIENCE

LOAD = """
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "load_neighbourhoods", "--from", sys.argv[1], "--expect", sys.argv[2],
                           "--by", "child", "--verbosity", "0"])
"""

PAUSED = """
from neighbourhoods import loading

moment = int(sys.argv[3])
write, verify = loading._write, loading._verify
written = 0

def pause():
    print("paused", flush=True)
    sys.stdin.readline()

def counting_write(*arguments):
    global written
    if written == moment:
        pause()
    written += 1
    write(*arguments)

def pausing_verify(*arguments):
    verify(*arguments)
    if moment < 0:
        pause()

loading._write, loading._verify = counting_write, pausing_verify
"""

ANNOUNCED = """
from types import SimpleNamespace
from neighbourhoods import loading

begin, wait = loading.transaction.atomic, loading._wait_for_other_loads

def announcing_begin():
    print("waiting", flush=True)
    return begin()

def announcing_wait():
    wait()
    print(time.monotonic(), flush=True)

loading.transaction, loading._wait_for_other_loads = SimpleNamespace(atomic=announcing_begin), announcing_wait
"""
"""Says that it waits for its turn, and when its turn came."""

HALF_WAY, BEFORE_THE_END = 8, -1

IMPATIENT = """
from django.db import connection
connection.ensure_connection()
with connection.cursor() as cursor:
    cursor.execute(sys.argv[3])
"""


def files(folder: Path, people: str) -> Path:
    """Published files that give the first ward another population."""
    changed = Published()
    changed["population"].put(2, "pop", people)
    return changed.write(folder)


@contextmanager
def paused_load(site: SiteDatabase, folder: Path, moment: int) -> Iterator[subprocess.Popen[str]]:
    """A load that has come to a moment inside its transaction, and waits for a line before it goes on."""
    with started(site, PAUSED + LOAD, folder, EXPECT, moment, stdin=subprocess.PIPE) as child:
        expect_line(child, "paused")
        yield child


@contextmanager
def started(
    site: SiteDatabase, text: str, *values: object, **options: int
) -> Iterator[subprocess.Popen[str]]:
    """A load that is under way, and does not outlive the test."""
    child = site.start(*script(text, *values), **options)
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def expect_line(child: subprocess.Popen[str], line: str) -> None:
    """Wait until a load says where it is."""
    assert child.stdout is not None
    assert child.stdout.readline() == f"{line}\n", child.communicate(timeout=PATIENCE)


def finish(child: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    out, err = child.communicate("go on\n" if child.stdin else None, timeout=PATIENCE)
    return subprocess.CompletedProcess(child.args, child.returncode, out, err)


def served(site: SiteDatabase) -> tuple[int, int, set[str]]:
    """What the public sees: how many wards, the population of the first, and in which state releases are."""
    ((wards,),) = site.ask(
        "SELECT count(*) FROM neighbourhoods_neighbourhood n"
        " JOIN neighbourhoods_release r ON r.id = n.release_id"
        " WHERE r.state = 'current'"
    )
    ((people,),) = site.ask(
        "SELECT f.value FROM neighbourhoods_figure f JOIN neighbourhoods_release r ON r.id = f.release_id"
        " WHERE r.state = 'current' AND f.measure = 'population' AND f.neighbourhood_id = 'E05000001'"
    )
    return wards, int(people), {state for (state,) in site.ask("SELECT state FROM neighbourhoods_release")}


def figures_by_release(site: SiteDatabase) -> list[int]:
    """How many figures each release has; a whole one has 72."""
    rows = site.ask("SELECT count(*) FROM neighbourhoods_figure GROUP BY release_id")
    return [count for (count,) in rows]


def is_exactly(site: SiteDatabase, dataset_people: int) -> bool:
    """Whether one whole release is in force, and every table agrees with it."""
    ((current,),) = site.ask("SELECT count(*) FROM neighbourhoods_release WHERE state = 'current'")
    ((astray,),) = site.ask(
        "SELECT count(*) FROM neighbourhoods_neighbourhood n"
        " JOIN neighbourhoods_release r ON r.id = n.release_id"
        " WHERE r.state <> 'current'"
    )
    wards, people, _ = served(site)
    return (current, astray, wards, people) == (1, 0, EXPECT, dataset_people) and set(
        figures_by_release(site)
    ) == {72}


def test_while_a_load_writes_the_public_sees_what_it_saw_before(site: SiteDatabase, tmp_path: Path) -> None:
    """What becomes of one that is killed is one of the faults (``tests/faults``)."""
    before = served(site)
    with paused_load(site, files(tmp_path / "files", "9,999"), BEFORE_THE_END) as child:
        assert served(site) == before == (EXPECT, 3510, {"current"})
        assert figures_by_release(site) == [72]
        succeeded(finish(child))
    assert is_exactly(site, 12_349)


def test_of_two_loads_at_once_the_second_waits_for_the_first(site: SiteDatabase, tmp_path: Path) -> None:
    one, other = files(tmp_path / "one", "2,000"), files(tmp_path / "other", "3,000")
    with paused_load(site, one, HALF_WAY) as first, started(site, ANNOUNCED + LOAD, other, EXPECT) as second:
        expect_line(second, "waiting")
        # If it did not wait, its turn would come within this second.
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(timeout=1)
        assert served(site)[1] == 3510
        before = time.monotonic()
        succeeded(finish(first))
        assert float(succeeded(finish(second))) > before
    assert is_exactly(site, 5_350)
    assert len(figures_by_release(site)) == 3


def test_one_that_has_waited_too_long_says_so_and_changes_nothing(site: SiteDatabase, tmp_path: Path) -> None:
    one, other = files(tmp_path / "one", "2,000"), files(tmp_path / "other", "3,000")
    limit = {"postgresql": "SET statement_timeout = '300ms'", "sqlite": "PRAGMA busy_timeout = 300"}
    impatient = (IMPATIENT + LOAD, other, EXPECT, limit[connection.vendor])
    with paused_load(site, one, HALF_WAY) as first, started(site, *impatient) as second:
        said = refused(finish(second))
        assert said.startswith("CommandError: The database refused: ")
        assert said.endswith(
            ". Another load may be running; try again when it has ended.\nNothing was changed.\n"
        )
        assert served(site)[1] == 3510
        succeeded(finish(first))
    assert is_exactly(site, 4_350)


def test_loads_that_start_in_the_same_moment_leave_one_of_them_whole(
    site: SiteDatabase, tmp_path: Path
) -> None:
    one, other = files(tmp_path / "one", "2,000"), files(tmp_path / "other", "3,000")
    with ExitStack() as stack:
        for child in [
            stack.enter_context(started(site, LOAD, folder, EXPECT)) for folder in (one, other, one)
        ]:
            succeeded(finish(child))
    assert is_exactly(site, 4_350) or is_exactly(site, 5_350)
    assert len(figures_by_release(site)) == 3


def test_the_same_files_at_the_same_moment_are_loaded_once(site: SiteDatabase, tmp_path: Path) -> None:
    folder = files(tmp_path / "files", "2,000")
    with ExitStack() as stack:
        for child in [stack.enter_context(started(site, LOAD, folder, EXPECT)) for _ in range(2)]:
            succeeded(finish(child))
    assert is_exactly(site, 4_350)
    assert len(figures_by_release(site)) == 2


def test_the_databases_of_these_tests_start_from_the_small_dataset(site: SiteDatabase) -> None:
    assert is_exactly(site, 3510)
    ((fingerprint,),) = site.ask("SELECT fingerprint FROM neighbourhoods_release")
    assert fingerprint == datapackage.fingerprint(published.small())
