"""Every security header of the site, named once.

``SecurityHeaders`` puts them on each answer, whoever gives it: a page, a file, a redirect, an error. What is
published or exported keeps them; ``deploy/headers/`` says the same to the front server, and a test compares.
Pages are finished bytes that everyone is sent, so their policy can name no nonce: it allows no script and no
style but the site's own files.

A view says what is special about its answer (``framed``, ``for_everyone``, ``only_for_reading``); nothing
else sets such a header.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import Any, Final

from csp.constants import HEADER as POLICY
from csp.constants import NONE, SELF
from csp.middleware import CSPMiddleware, PolicyParts
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Directives = dict[str, Any]

REFERRER_POLICY: Final = "same-origin"
"""Other sites do not learn which page a reader came from."""

OPENER_POLICY: Final = "same-origin"
"""A window that another site opened, or that this site opens on one, knows nothing of the other."""

HSTS_SECONDS: Final = 365 * 24 * 60 * 60

OFF: Final = (
    *("accelerometer", "autoplay", "camera", "clipboard-read", "display-capture", "encrypted-media"),
    *("fullscreen", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer"),
    *("microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "serial", "usb"),
    "xr-spatial-tracking",
)
"""What a browser could let a page do, and no page here does; names that every Chromium knows."""

PERMISSIONS: Final = ", ".join(sorted([*(f"{name}=()" for name in OFF), "clipboard-write=(self)"]))
"""All off, but for the buttons that copy a sentence."""

CONSTANT: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": REFERRER_POLICY,
    "Permissions-Policy": PERMISSIONS,
    "Cross-Origin-Opener-Policy": OPENER_POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
"""What is on every answer whose view says nothing else, besides the policy and, by https, its insistence."""

NAMES: Final = frozenset(
    {*(name.lower() for name in CONSTANT), POLICY.lower(), "strict-transport-security"}
    | {"access-control-allow-origin"}
)
"""The headers that are this module's, in lower case."""

SERVER: Final = ("server", "archive")
"""Instead of the name of the program that serves."""

PAGE: Final[Directives] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF],
    "base-uri": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
}
"""The policy of everything but what follows. JSON-LD is data that no browser runs: no exception is needed."""

SEARCHING: Final[Directives] = {**PAGE, "connect-src": [SELF]}
"""The page that searches a copy of the site by fetching its index."""

FRAMED: Final[Directives] = {
    "default-src": [NONE],
    "style-src": [SELF],
    "img-src": [SELF],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": ["*"],
}
"""The one page that other sites may frame: it loads a stylesheet and an icon, and no more."""

READ: Final[Directives] = {"default-src": [NONE], "frame-ancestors": [NONE], "sandbox": True}
"""A file that somebody uploaded: whatever is in it, it can do nothing here."""

DESK: Final[Directives] = {
    **PAGE,
    "connect-src": [SELF],
    "font-src": [SELF],
    "img-src": [SELF, "data:"],
}
"""The editing desk, to which ``_desk`` adds the one inline script that its text editor needs."""


def written(directives: Directives) -> str:
    """A policy as its header's value, in the same order each time.

    Args:
        directives: Names with their sources.
    """
    return _in_order(build_policy(config={**directives, **_insistence()}))


def _insistence() -> Directives:
    """What a policy says besides where the site is an https one."""
    return {"upgrade-insecure-requests": settings.SITE_URL.startswith("https://")}


def _in_order(policy: str) -> str:
    return "; ".join(sorted(policy.split("; ")))


# --- what views say of their answers


def framed(response: HttpResponseBase) -> None:
    """Let other sites frame an answer."""
    response.headers[POLICY] = written(FRAMED)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"


def for_everyone(response: HttpResponseBase) -> None:
    """Let pages of other sites show an answer and read it: it is public and knows no visitor."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"


def only_for_reading(response: HttpResponseBase) -> None:
    """Let an answer, whatever it holds, do nothing."""
    response.headers[POLICY] = written(READ)


def searching(response: HttpResponseBase) -> None:
    """Let a page fetch what it searches; nobody whom it links to learns what was looked for."""
    response.headers[POLICY] = written(SEARCHING)
    response.headers["Referrer-Policy"] = "no-referrer"


# --- every answer


class SecurityHeaders(CSPMiddleware):
    """Middleware, the first of all: what the others answer by themselves passes it too."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """The policy of an answer: that of pages, or the editing desk's."""
        parts = super().get_policy_parts(request, response, report_only)
        match = request.resolver_match
        if not report_only and parts.config is None and match and "admin" in match.app_names:
            parts.config = _desk()
        return parts

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add what the answer does not say itself."""
        answer = super().process_response(request, response)
        policy = answer.headers.get(POLICY, "")
        if policy:
            answer.headers[POLICY] = _in_order(policy)
        for name, value in CONSTANT.items():
            answer.headers.setdefault(name, value)
        if "frame-ancestors *" in policy:
            # It knows no "anyone", and where it is missing browsers ask the policy.
            del answer.headers["X-Frame-Options"]
        return answer


@cache
def _desk() -> Directives:
    """The desk's policy. The editor finds its modules by an import map, which is an inline script."""
    # Here because a frozen site has no desk, and its settings no admin.
    from django_prose_editor.widgets import importmap  # noqa: PLC0415

    script = re.sub(r"\A<script[^>]*>|</script>\Z", "", str(importmap))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return {**DESK, **_insistence(), "script-src": [SELF, f"'sha256-{digest}'"]}


# --- for other servers


def of_pages() -> dict[str, str]:
    """The headers of every page at the site's own address, by name."""
    hsts = settings.SECURE_HSTS_SECONDS
    secure = {"Strict-Transport-Security": f"max-age={hsts}"} if hsts else {}
    return {POLICY: written(PAGE), **CONSTANT, **secure}


def for_nginx() -> dict[str, str]:
    """``deploy/headers/``: the headers of each kind of answer that the front server gives itself.

    To write them anew: ``manage.py shell -c "from leftbehind_site.common.headers import for_nginx;
    [open(f'deploy/headers/{kind}.conf', 'w').write(text) for kind, text in for_nginx().items()]"``

    Returns:
        The text of each file by its name. What only https has stands in variables, which
        ``deploy/nginx.conf`` sets.
    """
    shared = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
    framed = {"Cross-Origin-Resource-Policy": "cross-origin", "X-Frame-Options": ""}
    return {
        "page": _for_nginx(PAGE, {}),
        "file": _for_nginx(PAGE, shared),
        "upload": _for_nginx(READ, shared),
        "search": _for_nginx(SEARCHING, {"Referrer-Policy": "no-referrer"}),
        "embed": _for_nginx(FRAMED, framed),
    }


def _for_nginx(directives: Directives, special: dict[str, str]) -> str:
    values = {
        POLICY: f"{_in_order(build_policy(config=directives))}$policy_by_https",
        **CONSTANT,
        **special,
        "Strict-Transport-Security": "$transport_security",
    }
    lines = [f'add_header {name} "{value}" always;' for name, value in values.items() if value]
    return "\n".join(("# Written by leftbehind_site/common/headers.py: see for_nginx() there.", *lines, ""))
