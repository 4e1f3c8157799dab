"""JSON: RFC 8259, UTF-8, one shape for a single neighbourhood and for all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from neighbourhoods.files.contents import Contents


def write(contents: Contents) -> bytes:
    """The whole tree; numbers are numbers, and what is missing is null."""
    return f"{_indented(contents.tree, 0)}\n".encode()


def _indented(value: Any, depth: int) -> str:
    """A value as ``json.dumps`` writes it with an indent of one, which it does letter by letter in Python.

    What holds no more than texts and numbers is written in one go, by the part that is fast.
    """
    if not value or not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    start, end = "\n" + " " * (depth + 1), "\n" + " " * depth
    inner = value.values() if isinstance(value, dict) else value
    if not any(isinstance(one, dict | list) for one in inner):
        text = json.dumps(value, ensure_ascii=False, separators=(f",{start}", ": "))
        return f"{text[0]}{start}{text[1:-1]}{end}{text[-1]}"
    parts = f",{start}".join(_parts(value, depth + 1))
    return f"{{{start}{parts}{end}}}" if isinstance(value, dict) else f"[{start}{parts}{end}]"


def _parts(value: dict[str, Any] | list[Any], depth: int) -> Iterator[str]:
    if isinstance(value, list):
        yield from (_indented(one, depth) for one in value)
    else:
        for name, one in value.items():
            yield f"{json.dumps(name, ensure_ascii=False)}: {_indented(one, depth)}"
