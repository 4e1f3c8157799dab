"""The site of which every fault here spoils a copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.faults.site import FaultSite, template


@pytest.fixture(scope="session")
def original(
    tmp_path_factory: pytest.TempPathFactory,
    collected: Path,
    django_db_setup: None,  # noqa: ARG001
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[FaultSite]:
    """A small site, made once; to be copied, never spoilt."""
    folder = tmp_path_factory.mktemp("faults")
    with django_db_blocker.unblock(), template(folder, collected) as made:
        yield made
