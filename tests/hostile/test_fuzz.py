"""Whatever is written into an address, a header or a form, the answer is no fault."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hostile import fuzz

PARTS = 4


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_that_is_sent_makes_a_fault(part: int, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    counts, wrong = fuzz.run(fuzz.REQUESTS // PARTS, fuzz.SEED + part)
    assert wrong == []
    assert counts.total() == fuzz.REQUESTS // PARTS
    # It reached pages, was sent on, and was refused.
    assert all(counts[status] for status in (200, 301, 302, 400, 403, 404, 405, 414))
