"""JSON: RFC 8259, UTF-8, one shape for a single neighbourhood and for all of them."""

from __future__ import annotations

import json

from neighbourhoods.files.contents import Contents


def write(contents: Contents) -> bytes:
    """The whole tree; numbers are numbers, and what is missing is null."""
    return (json.dumps(contents.tree, ensure_ascii=False, indent=1) + "\n").encode()
