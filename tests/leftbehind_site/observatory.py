"""The HTTP Observatory's rules, as MDN publishes them under "Tests & Scoring" (2025), for an answer by https.

A site begins with 100 points. Deductions come first; the extra credit counts where 90 or more are left. What
takes another kind of look is left out: whether http leads to https has tests of its own (``test_server``),
and preloading is not this site's to decide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

GRADES: Final = (
    *((100, "A+"), (90, "A"), (85, "A-"), (80, "B+"), (70, "B"), (65, "B-"), (60, "C+")),
    *((50, "C"), (45, "C-"), (40, "D+"), (30, "D"), (25, "D-"), (0, "F")),
)

_BROAD: Final = {"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"}
_INLINE: Final = {"'unsafe-inline'", "data:"}
_SIX_MONTHS: Final = 15_768_000

Policy = dict[str, set[str]]


def grade(response: Any) -> tuple[int, str]:
    """Points and grade of an answer of Django's."""
    found = marks(response).values()
    points = 100 + sum(mark for mark in found if mark < 0)
    if points >= 90:
        points += sum(mark for mark in found if mark > 0)
    points = max(points, 0)
    return points, next(letter for least, letter in GRADES if points >= least)


def marks(response: Any) -> dict[str, int]:
    """What each test gives or takes."""
    headers = {name.lower(): value for name, value in response.items()}
    policy = _policy(headers.get("content-security-policy", ""))
    return {
        "content-security-policy": _of_policy(policy),
        "cookies": _of_cookies(response.cookies, secure_anyway="strict-transport-security" in headers),
        "cross-origin-resource-sharing": _of_sharing(headers),
        "cross-origin-resource-policy": {None: 0, "cross-origin": 0, "same-site": 10, "same-origin": 10}.get(
            headers.get("cross-origin-resource-policy"), -5
        ),
        "referrer-policy": _of_referrer(headers.get("referrer-policy")),
        "strict-transport-security": _of_transport(headers.get("strict-transport-security")),
        "subresource-integrity": _of_scripts(response.content.decode()),
        "x-content-type-options": 0 if headers.get("x-content-type-options") == "nosniff" else -5,
        "x-frame-options": _of_frames(headers.get("x-frame-options"), policy),
    }


def _policy(text: str) -> Policy:
    found: Policy = {}
    for directive in filter(None, (part.split() for part in text.split(";"))):
        found.setdefault(directive[0].lower(), {source.lower() for source in directive[1:]})
    return found


def _of_policy(policy: Policy) -> int:
    if not policy:
        return -25
    default = policy.get("default-src", {"*"})
    script, style = policy.get("script-src", default), policy.get("style-src", default)
    objects, images = policy.get("object-src", default), policy.get("img-src", default)
    script, style = (_without_what_a_digest_overrules(sources) for sources in (script, style))
    passive = images | policy.get("media-src", default)
    active = script.union(
        *(found for name, found in policy.items() if name not in {"img-src", "media-src", "script-src"})
    )
    # The first that holds.
    rules: tuple[tuple[object, int], ...] = (
        (script & (_BROAD | _INLINE) or objects & _BROAD, -20),
        (_insecure(active), -20),
        ("'unsafe-eval'" in script | style, -10),
        (_insecure(passive), -10),
        (style & (_BROAD | _INLINE), 0),
        (policy.get("default-src") == {"'none'"}, 10),
    )
    return next((points for holds, points in rules if holds), 5)


def _without_what_a_digest_overrules(sources: set[str]) -> set[str]:
    named = any(re.match(r"'(sha\d+|nonce)-", source) for source in sources)
    return sources - {"'unsafe-inline'"} if named else sources


def _insecure(sources: set[str]) -> bool:
    return any(source.startswith(("http:", "ftp:")) for source in sources)


def _of_cookies(cookies: Mapping[str, Any], *, secure_anyway: bool) -> int:
    if not cookies:
        return 0
    worst = 5
    for name, cookie in cookies.items():
        session, anticsrf = "sess" in name.lower(), "csrf" in name.lower()
        same_site = str(cookie["samesite"] or "").lower()
        if not cookie["secure"]:
            worst = min(worst, (-10 if session else -5) if secure_anyway else (-40 if session else -20))
        if session and not cookie["httponly"]:
            worst = min(worst, -30)
        if not same_site:
            worst = min(worst, -20 if anticsrf else 0)
        elif same_site not in {"strict", "lax"}:
            worst = min(worst, -20)
    return worst


def _of_sharing(headers: Mapping[str, str]) -> int:
    shared = headers.get("access-control-allow-origin", "*")
    return -50 if shared != "*" and headers.get("access-control-allow-credentials") == "true" else 0


def _of_referrer(value: str | None) -> int:
    if value is None:
        return 0
    private = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
    return 5 if value.split(",")[-1].strip().lower() in private else -5


def _of_transport(value: str | None) -> int:
    age = re.search(r"max-age=(\d+)", value or "")
    if age is None:
        return -20
    return 0 if int(age[1]) >= _SIX_MONTHS else -10


def _of_scripts(html: str) -> int:
    worst = 0
    for attributes in re.findall(r"<script\b([^>]*)>", html):
        source = re.search(r"""src=["']?([^"'\s>]+)""", attributes)
        if source is None or not re.match(r"(https?:)?//", source[1]):
            continue
        whole = "integrity=" in attributes
        if source[1].startswith("https:"):
            worst = min(worst, 0 if whole else -5)
        else:
            worst = min(worst, -20 if whole else -50)
    return worst


def _of_frames(value: str | None, policy: Policy) -> int:
    if "frame-ancestors" in policy:
        return 5
    if value is None:
        return -20
    return 0 if value.lower() in {"deny", "sameorigin"} or value.lower().startswith("allow-from") else -20
