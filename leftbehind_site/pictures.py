"""Pictures for previews of links: SVG → PNG, the same bytes for the same drawing.

The letters come from font files that are installed with the site, never from the machine, and so does the
library that shapes and draws them. What draws is imported when the first picture is asked for: it is large,
and most workers never draw one.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from io import BytesIO
from typing import Final

from django.utils.http import quote_etag

WIDTH: Final = 1200
HEIGHT: Final = 630
"""What the readers of Open Graph expect: 1.91 to 1."""

SERIF: Final = "Source Serif 4"
SANS: Final = "Source Sans 3"

_DRAWN_BY: Final = ("resvg-py", "pillow", "fontpkg-source-serif-4", "fontpkg-source-sans-3")

_COLOURS: Final = 128
"""Enough for paper, ink, a few tones and the edges between them; half the bytes of full colour."""


@cache
def _makers() -> str:
    """What draws, in its version: another one may set other pixels."""
    return " ".join(f"{name} {version(name)}" for name in _DRAWN_BY)


def etag(svg: str) -> str:
    """The entity tag of a drawing's picture, known without drawing it."""
    return quote_etag(hashlib.sha256(f"{_makers()}\n{_COLOURS}\n{svg}".encode()).hexdigest()[:32])


def png(svg: str) -> bytes:
    """A drawing as a PNG with a palette.

    Args:
        svg: The drawing, of ``WIDTH`` × ``HEIGHT`` pixels, with letters in ``SERIF`` and ``SANS``.
    """
    import fontpkg  # noqa: PLC0415  (see above)
    import resvg_py  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    drawn = resvg_py.svg_to_bytes(
        svg_string=svg,
        skip_system_fonts=True,
        font_files=[str(fontpkg.path(name)) for name in (SERIF, SANS)],
    )
    picture = Image.open(BytesIO(drawn)).convert("RGB")
    written = BytesIO()
    few = picture.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(written, "PNG")
    return written.getvalue()
