"""JSON comes out as the standard library's encoder writes it with an indent, only sooner."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from neighbourhoods.files.json_file import _indented

LEAVES = some.none() | some.booleans() | some.integers() | some.floats() | some.text()
TREES = some.recursive(
    LEAVES, lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(), inner, max_size=4)
)


@given(TREES)
def test_it_is_written_as_by_the_standard_library(value: Any) -> None:
    assert _indented(value, 0) == json.dumps(value, ensure_ascii=False, indent=1)
