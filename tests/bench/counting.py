"""Ask Django for every page, and say what pages of each kind there are and how many queries they take.

Run as a program: ``python -m tests.bench.counting``, with the settings of its site. Nothing is published or
cached: the answers come out of Django, as they do to a visitor without cookies.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from typing import Any

import django


def main() -> None:
    """Print, as JSON, of each kind the paths of its pages, and the most queries of one."""
    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.urls import resolve

    from leftbehind_site.enumeration import Kind, addresses
    from leftbehind_site.finishing import answer

    found: dict[str, Any] = defaultdict(lambda: {"paths": [], "queries": 0})
    for path in [address.path for address in addresses() if address.kind is Kind.PAGE]:
        with CaptureQueriesContext(connection) as queries:
            status, *_ = answer(path)
        if status != 200:
            raise RuntimeError(f"{path} answers {status}")
        kind = found[resolve(path).view_name]
        kind["paths"].append(path)
        kind["queries"] = max(kind["queries"], len(queries))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
