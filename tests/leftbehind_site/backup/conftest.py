"""A small site with something of every kind in it, backed up."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.test.utils import override_settings
from pytest_django import DjangoDbBlocker, Settings

from appg.models import Upload
from appg.records import write_version
from leftbehind_site.backup import contents
from leftbehind_site.backup.making import back_up
from tests.appg import items
from tests.leftbehind_site.deposit.conftest import make_site

PASSWORD = "a long and boring sentence"


def make_content() -> None:
    """What a site has after some years: content in every state, accounts with rights, versions, uploads."""
    make_site()
    # Theirs have made-up checksums. Their files stay, and belong to nobody.
    Upload.objects.all()._raw_delete("default")
    items.upload("minutes.txt", b"The minutes.")
    items.upload("other.txt", bytes(range(256)) * 300)
    editor = get_user_model().objects.create_user("edith", "edith@example.org", PASSWORD, is_staff=True)
    editor.groups.add(Group.objects.get_or_create(name="Secretariat")[0])
    changed = items.news(title="Changed ‘twice’ – è \U0001f600", slug="changed")
    write_version(changed, by=editor, why="A slip.")
    # A number that was given and is gone must not be given again.
    items.news(slug="deleted").delete()


@pytest.fixture(scope="session")
def _made(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,  # noqa: ARG001
    django_db_blocker: DjangoDbBlocker,
) -> Path:
    """A back-up of it, made once, in the transaction of a test."""
    folder = tmp_path_factory.mktemp("back-up")
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patched,
        override_settings(MEDIA_ROOT=folder / "media"),
        transaction.atomic(),
    ):
        patched.setattr(contents, "one_moment", contextlib.nullcontext)
        make_content()
        back_up(folder / "site.zip")
        transaction.set_rollback(True)
    return folder / "site.zip"


@pytest.fixture
def made(_made: Path) -> Path:
    """That back-up, not to be changed."""
    return _made


@pytest.fixture
def media(
    db: None,  # noqa: ARG001  (the database)
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A media folder of the test's own, of a site that is backed up within the test's transaction."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(contents, "one_moment", contextlib.nullcontext)
    return tmp_path / "media"
