"""A small site with everything in it, exported."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from appg.models import Redirect
from leftbehind_site import enumeration
from leftbehind_site.export.writing import export
from neighbourhoods.files.addresses import paths as file_paths
from neighbourhoods.models import Postcode
from tests.appg import items
from tests.appg.record import ODD, full_record
from tests.neighbourhoods.factory import code, make_release
from tests.ports import free_port
from tests.servers import process
from tests.waiting import PATIENCE


def make_content(count: int = 12) -> None:
    """A record with an item of every kind, and some neighbourhoods; of a dozen every region has one."""
    full_record()
    make_release(count)
    for postcode, index in (("TS24 0XT", 0), ("TS24 1AB", 0), ("TS24 1AA", 5)):
        Postcode.objects.create(postcode=postcode, neighbourhood_id=code(index))
    former = ("/2021/06/Old-News", "/?p=12", "/news/‘left-behind’-areas/", '/news/the-"odd"-one/')
    items.news(title=ODD, slug="moved", legacy_paths=[{"path": path} for path in former])
    for old, new in (("/ward/", f"/neighbourhoods/{code(0)}/"), ("/how/", "/neighbourhoods/method")):
        Redirect.objects.create(old_path=old, new_path=new)


@pytest.fixture
def small(db: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001  (the database)
    """Half of that content, with a few of its data files: they take their time, and are files like any."""
    monkeypatch.setattr(enumeration, "file_paths", lambda: list(file_paths())[:4])
    make_content(6)


@pytest.fixture
def exported(small: None, tmp_path: Path) -> Path:  # noqa: ARG001  (what is exported)
    """An export of it."""
    export(tmp_path / "copy")
    return tmp_path / "copy"


@pytest.fixture(scope="session")
def _whole(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,  # noqa: ARG001
    django_db_blocker: DjangoDbBlocker,
) -> Path:
    """An export of all of it, made once."""
    folder = tmp_path_factory.mktemp("whole") / "copy"
    with django_db_blocker.unblock(), transaction.atomic():
        make_content()
        export(folder)
        transaction.set_rollback(True)
    return folder


@pytest.fixture
def copy(_whole: Path, tmp_path: Path) -> Path:
    """All of it, to be spoilt; the site's content is no longer there."""
    shutil.copytree(_whole, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.fixture
def served(copy: Path) -> Iterator[str]:
    """Python's own server of files, on the folder; its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1", "--directory", copy]

    def answers() -> bool:
        with contextlib.suppress(OSError), urlopen(f"{address}/robots.txt", timeout=PATIENCE):
            return True
        return False

    with process(command, copy.with_name("log"), until=answers):
        yield address
