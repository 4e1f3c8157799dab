"""A small site with something of every kind in it, secrets too, deposited."""

from __future__ import annotations

import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from appg.models import Redirect, Upload
from leftbehind_site.deposit.making import make
from neighbourhoods.models import Release
from tests.appg import items
from tests.leftbehind_site.export.conftest import make_content

SECRETS = ("Olivia Overlooked", "olivia", "Draftwords", "Scheduledwords", "Withdrawnwords", "Unseenwords")
"""Words of what the public does not see."""

A_YEAR = timedelta(days=365)


def make_site() -> None:
    """Content of every kind, in every state, with names of accounts wherever one can stand."""
    make_content()
    account = get_user_model().objects.create_user(
        "olivia", "olivia@example.org", first_name="Olivia", last_name="Overlooked"
    )
    Release.objects.update(loaded_by=account, loaded_by_name="Olivia Overlooked")
    text = {"summary": "{}", "body": "<p>{}</p>"}

    def saying(words: str) -> dict[str, Any]:
        return {"title": f"An item {words[:2]}", **{key: value.format(words) for key, value in text.items()}}

    draft = items.session(slug="draftwords", **saying("Draftwords"), **items.DRAFT)
    scheduled = items.future() | {"publish_at": timezone.now() + 2 * A_YEAR}
    items.news(slug="scheduledwords", **saying("Scheduledwords"), **scheduled)
    hidden = items.publication(
        slug="unseenwords",
        **(saying("Unseenwords") | {"title": "A report to come"}),
        authors=[{"name": "Unseenwords"}],
        **items.DRAFT,
    )
    items.chapter(title="A chapter before its report", publication=hidden, order=1)
    withdrawn = saying("Withdrawnwords")
    items.session(slug="gone-session", publications=[hidden], **withdrawn, **items.WITHDRAWN)
    items.news(slug="gone-news", sessions=[draft], **withdrawn, **items.WITHDRAWN)
    items.publication(slug="gone-report", authors=[{"name": "An author"}], **withdrawn, **items.WITHDRAWN)
    items.question(slug="gone-question", title="Gone?", body="<p>Withdrawnwords</p>", **items.WITHDRAWN)
    items.word(slug="gone-word", title="Gone", summary="Withdrawnwords", **items.WITHDRAWN)
    items.person({"start": "2020"}, slug="gone-person", body="<p>Withdrawnwords</p>", **items.WITHDRAWN)
    items.event(slug="gone-event", title="It never was", **items.WITHDRAWN)
    items.coverage(title="Gone coverage", url="https://x.org/Withdrawnwords", **items.WITHDRAWN)
    items.news(slug="standing", title="Of a draft", sessions=[draft], publications=[hidden])
    items.correction(items.news(slug="corrected"), made_by=account)
    Redirect.objects.create(old_path="/kept/", new_path="/news/standing/")
    Redirect.objects.create(old_path="/to-a-draft/", new_path="/evidence/draftwords/")
    # Where the new address is none of those that are listed, and the way leads on all the same.
    Redirect.objects.create(old_path="/health/", new_path="/search/?q=health")
    Redirect.objects.create(old_path="/oldest-news/", new_path="/2021/06/old-news")
    for name, reason in (("minutes.txt", ""), ("gone.txt", "It was the wrong file.")):
        upload = Upload(
            name=name,
            title="Minutes" if not reason else "Withdrawnwords",
            media_type="text/plain",
            size=7,
            sha256=name[:1].encode().hex() * 32,
            withdrawn_reason=reason,
            uploaded_by=account,
        )
        upload.file.save(name, ContentFile(b"A text." if not reason else b"Withdrawnwords"))


@pytest.fixture(scope="session")
def deposits(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,  # noqa: ARG001
    django_db_blocker: DjangoDbBlocker,
) -> tuple[Path, Path]:
    """Two deposits of the same content, under one name: the second a year later and with its own export."""
    folder = tmp_path_factory.mktemp("deposits")
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patched,
        transaction.atomic(),
    ):
        patched.setattr("django.conf.settings.MEDIA_ROOT", str(folder / "media"))
        make_site()
        make(folder / "one" / "left-behind.zip", copy=folder / "copy")
        with time_machine.travel(timezone.now() + A_YEAR):
            make(folder / "two" / "left-behind.zip")
        transaction.set_rollback(True)
    return folder / "one" / "left-behind.zip", folder / "two" / "left-behind.zip"


@pytest.fixture
def bag(deposits: tuple[Path, Path], tmp_path: Path) -> Path:
    """A deposit, unpacked."""
    with zipfile.ZipFile(deposits[0]) as archive:
        archive.extractall(tmp_path)
    return tmp_path / "left-behind"
