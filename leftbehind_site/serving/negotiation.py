"""What a request's headers ask for, of an answer that is already there in several codings."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.utils.http import parse_etags, parse_http_date_safe


@lru_cache(maxsize=256)
def codings(accepted: str) -> tuple[str, ...]:
    """The codings a browser takes, the best first; the body as it is comes last.

    Args:
        accepted: The header Accept-Encoding; empty where there is none.
    """
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, *options = (piece.strip() for piece in part.split(";"))
        weights[name] = _weight(options)
    rest = weights.get("*", 0.0)
    found = [name for name in ("br", "gzip") if weights.get(name, rest) > 0]
    found.sort(key=lambda name: -weights.get(name, rest))
    return (*found, "")


def _weight(options: list[str]) -> float:
    for option in options:
        name, _, value = option.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def unchanged(environ: dict[str, Any], etag: str, modified: int) -> bool:
    """Whether the visitor has these very bytes already.

    Args:
        environ: The request.
        etag: Of what would be sent.
        modified: When it last changed, in seconds of the epoch.
    """
    tags = environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        if tags == etag:
            return True
        # Compared weakly (RFC 9110, 13.1.2): a front server may have marked the tag.
        listed = parse_etags(tags)
        return listed == ["*"] or etag in (tag.removeprefix("W/") for tag in listed)
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    # The same time and no later one: a clock that was wrong may have dated an older version in the future.
    return since is not None and parse_http_date_safe(since) == modified


def span(asked: str, size: int) -> tuple[int, int] | None:
    """The first byte and the one after the last that a Range header asks for.

    Args:
        asked: The header.
        size: Bytes in all.

    Returns:
        Nothing if it is not answered in part: several ranges, another unit, nonsense. An empty span if it
        lies outside.
    """
    unit, _, ranges = asked.partition("=")
    first, dash, last = ranges.strip().partition("-")
    if unit.strip().lower() != "bytes" or not dash or not (_number(first) and _number(last)):
        return None
    if not first:
        return (max(size - int(last), 0), size) if last else None
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size


def _number(text: str) -> bool:
    return not text or (text.isascii() and text.isdecimal() and len(text) < 16)
