"""Pictures for previews of links: SVG → PNG, the same bytes for the same drawing.

The letters come from font files that are installed with the site, never from the machine, and so does the
library that shapes and draws them. What draws is imported when the first picture is asked for: it is large,
and most workers never draw one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

from django.utils.http import quote_etag

if TYPE_CHECKING:
    from PIL import Image

WIDTH: Final = 1200
HEIGHT: Final = 630
"""What the readers of Open Graph expect: 1.91 to 1."""

KEPT: Final = "public, max-age=86400"
"""A picture may be a day old: those who show it elsewhere keep it far longer."""

SERIF: Final = "Source Serif 4"
SANS: Final = "Source Sans 3"

_DRAWN_BY: Final = ("resvg-py", "pillow", "fontpkg-source-serif-4", "fontpkg-source-sans-3")

Box = tuple[int, int, int, int]
"""Left, upper, right and lower edge, in pixels."""

_WHOLE: Final = (0, 0, WIDTH, HEIGHT)

_MARGIN: Final = 16
"""How much of a part's rectangle has to stay free along each edge, in pixels."""

_SMOOTHED: Final = 8
"""Pixels along the edge of a drawing that may be smoothed otherwise than inside it; three were seen."""

_ICON_SIZES: Final = ((16, 16), (32, 32))
"""Width and height in pixels, the largest last."""

_COLOURS: Final = 128
"""Enough for paper, ink, a few tones and the edges between them; half the bytes of full colour."""


@cache
def _makers() -> str:
    """What draws, in its version: another one may set other pixels."""
    return " ".join(f"{name} {version(name)}" for name in _DRAWN_BY)


def etag(svg: str) -> str:
    """The entity tag of a drawing's picture, known without drawing it."""
    return quote_etag(hashlib.sha256(f"{_makers()}\n{_COLOURS}\n{svg}".encode()).hexdigest()[:32])


class Part(NamedTuple):
    """A rectangle of a picture that holds something of its own, with a drawing of no more than that.

    Attributes:
        svg: The drawing, as large as the picture; outside the rectangle it may lack what the picture has.
        box: The rectangle: left, upper, right and lower edge in pixels.
    """

    svg: str
    box: Box


def png(svg: str, ground: str = "", parts: Sequence[Part] = ()) -> bytes:
    """A drawing as a PNG with a palette.

    Args:
        svg: The drawing, of ``WIDTH`` × ``HEIGHT`` pixels, with letters in ``SERIF`` and ``SANS``.
        ground: The same without what is its own. Where many pictures share it, it is drawn once, and of the
            others only their parts: the bytes are the same, in two thirds of the time.
        parts: All that is its own.
    """
    from PIL import Image  # noqa: PLC0415  (see above)

    picture = (_pieced(ground, parts) if ground else None) or _drawn(svg, _WHOLE)
    written = BytesIO()
    few = picture.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(written, "PNG")
    return written.getvalue()


def icon(svg: str) -> bytes:
    """A small square drawing as an icon file, in the two sizes that browsers show in a tab.

    Args:
        svg: The drawing, without letters.
    """
    import resvg_py  # noqa: PLC0415  (see above)
    from PIL import Image  # noqa: PLC0415

    largest = _ICON_SIZES[-1]
    drawn = resvg_py.svg_to_bytes(svg_string=svg, width=largest[0], height=largest[1], skip_system_fonts=True)
    written = BytesIO()
    Image.open(BytesIO(drawn)).convert("RGBA").save(written, "ICO", sizes=_ICON_SIZES)
    return written.getvalue()


def _pieced(ground: str, parts: Sequence[Part]) -> Image.Image | None:
    """The ground with parts on it; nothing if one of them is larger than its rectangle."""
    from PIL import ImageChops  # noqa: PLC0415  (see above)

    picture = _ground(ground).copy()
    for svg, box in parts:
        piece = _drawn(svg, box)
        own = ImageChops.difference(piece, _ground(ground).crop(box)).getbbox()
        # What is drawn to the edge of its rectangle would go on beyond it.
        right, lower = piece.width - _MARGIN, piece.height - _MARGIN
        if own and (min(own[:2]) < _MARGIN or own[2] > right or own[3] > lower):
            return None
        picture.paste(piece, box[:2])
    return picture


@lru_cache(maxsize=1)
def _ground(svg: str) -> Image.Image:
    return _drawn(svg, _WHOLE)


def _drawn(svg: str, box: Box) -> Image.Image:
    """A rectangle of a drawing; drawn a little larger, since its edge is smoothed in another way."""
    import fontpkg  # noqa: PLC0415  (see above)
    import resvg_py  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    left, top = max(box[0] - _SMOOTHED, 0), max(box[1] - _SMOOTHED, 0)
    width, height = min(box[2] + _SMOOTHED, WIDTH) - left, min(box[3] + _SMOOTHED, HEIGHT) - top
    size, seen = f'width="{WIDTH}" height="{HEIGHT}"', f'width="{width}" height="{height}"'
    drawn = resvg_py.svg_to_bytes(
        svg_string=svg.replace(size, f'{seen} viewBox="{left} {top} {width} {height}"', 1),
        skip_system_fonts=True,
        font_files=[str(fontpkg.path(name)) for name in (SERIF, SANS)],
    )
    picture = Image.open(BytesIO(drawn)).convert("RGB")
    return picture.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
