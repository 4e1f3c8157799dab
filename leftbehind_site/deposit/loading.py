"""Take a deposit in: an empty site becomes the one that was deposited."""

from __future__ import annotations

import shutil
from pathlib import Path

import bagit
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.core.management import CommandError, call_command
from django.core.serializers.base import DeserializationError
from django.db import DatabaseError, transaction
from django.db.models import Model

from appg.models import CONTENT_MODELS, Redirect, Upload
from leftbehind_site.deposit.making import MEDIA, ROWS, DepositError
from neighbourhoods.models import Release


def load(folder: Path) -> int:
    """Fill an empty database, and the folder of uploads, from a deposit.

    Args:
        folder: The bag, unpacked.

    Returns:
        How many rows were loaded.

    Raises:
        DepositError: If the bag is not whole, or the database is not empty; nothing is written then.
        DatabaseError: If the database cannot be asked, has no tables, or refuses.
        OSError: If an upload cannot be written.
    """
    try:
        bagit.Bag(str(folder)).validate()
    except bagit.BagError as error:
        raise DepositError(f"{folder} is no whole deposit: {error}") from error
    rows = folder / "data" / ROWS
    if not rows.is_file():
        raise DepositError(f"{folder} is a bag, but no deposit of this site: it has no data/{ROWS}")
    with transaction.atomic():
        _refuse_content()
        try:
            call_command("loaddata", str(rows), verbosity=0)
        except (CommandError, DatabaseError, DeserializationError, FieldDoesNotExist) as error:
            raise DepositError(f"{rows} does not fit this version of the site: {error}") from error
        media = folder / "data" / MEDIA
        if media.is_dir():
            shutil.copytree(media, settings.MEDIA_ROOT, dirs_exist_ok=True)
    with rows.open(encoding="utf-8") as lines:
        return sum(1 for _ in lines)


def _refuse_content() -> None:
    """A deposit is a whole site: it is not mixed with another one's content."""
    models: tuple[type[Model], ...] = (Release, Redirect, Upload, *CONTENT_MODELS.values())
    for model in models:
        if model._default_manager.exists():
            raise DepositError(
                f"the database already has content ({model._meta.verbose_name_plural}), and a deposit fills"
                " an empty one; name another in DATABASE_URL"
            )
