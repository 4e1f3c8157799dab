"""Ask Django for the page of every listed neighbourhood, and say what one takes.

Run as a program: ``python -m tests.bench.answering PAGE``, with the settings of its site. Nothing is
published or cached: the answers come out of Django, as they do to a visitor without cookies.
"""

from __future__ import annotations

import json
import sys
import time

import django

PLAIN = "plain"
OURS = "ours"
SETTINGS = {PLAIN: "tests.bench.plain.settings", OURS: "leftbehind_site.settings"}

_FIRST = 10
"""Answers before it counts: templates are read and the SQL of statements is written only once."""


def main(page: str) -> None:
    """Print the processor's seconds for a page, and its bytes, as JSON."""
    django.setup()
    from leftbehind_site.finishing import answer
    from neighbourhoods.models import Neighbourhood

    listed = list(Neighbourhood.objects.listed().order_by("code"))
    paths = [f"/plain/{one.code}/" if page == PLAIN else one.get_absolute_url() for one in listed]
    for path in paths[:_FIRST]:
        answer(path)
    size = 0
    began = time.process_time()
    for path in paths:
        status, _, body = answer(path)
        if status != 200:
            raise RuntimeError(f"{path} answers {status}")
        size += len(body)
    seconds = time.process_time() - began
    sys.stdout.write(json.dumps({"seconds": seconds / len(paths), "bytes": size // len(paths)}))


if __name__ == "__main__":
    main(sys.argv[1])
