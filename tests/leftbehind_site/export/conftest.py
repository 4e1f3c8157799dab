"""A small site with everything in it, exported."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from leftbehind_site import enumeration
from leftbehind_site.export.writing import export
from neighbourhoods.files.addresses import paths as file_paths
from tests.appg import items
from tests.appg.record import full_record
from tests.neighbourhoods.factory import make_release


def make_content() -> None:
    """A record with an item of every kind, and a dozen neighbourhoods."""
    full_record()
    make_release(12)
    items.news(slug="moved", legacy_paths=[{"path": "/2021/06/Old-News"}, {"path": "/?p=12"}])


@pytest.fixture
def small(db: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001  (the database)
    """That content, with a few of its data files: they take their time, and are files like any."""
    monkeypatch.setattr(enumeration, "file_paths", lambda: list(file_paths())[:4])
    make_content()


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
