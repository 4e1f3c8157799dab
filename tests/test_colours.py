"""The colours of maps and charts, by the numbers: told apart by every eye, in both themes and on paper."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

Colour = tuple[float, float, float]

MARKS = ("brick", "teal")
"""What a reader must find: this place and the listed ones; their median."""

GROUNDS = ("paper", "land", "area", "tenth", "scale-1", "scale-2", "scale-3", "scale-4")
"""What marks stand on."""

SCALE = ("scale-1", "scale-2", "scale-3", "scale-4")

# Machado, Oliveira and Fernandes, A Physiologically-based Model for Simulation of Color Vision Deficiency
# (IEEE TVCG, 2009), severity 1: rows that mix linear red, green and blue.
EYES = {
    "common": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
    "no colour at all": ((0.2126, 0.7152, 0.0722),) * 3,
}


def tokens(theme: str) -> dict[str, Colour]:
    """The colours of a theme, linear; print takes from the light one what it does not set itself."""
    css = (Path(settings.BASE_DIR) / "static/css/site.css").read_text()
    blocks = {
        "light": css[css.index("@layer tokens") :],
        "dark": css[css.index("prefers-color-scheme: dark") :],
        "print": css[css.index("@page { size: A4") :],
    }
    colours = {} if theme == "light" else tokens("light")
    block = blocks[theme][: blocks[theme].index("}\n", blocks[theme].index(":root {"))]
    for name, value in re.findall(r"--([\w-]+): #([0-9a-f]{3}|[0-9a-f]{6});", block):
        digits = value if len(value) == 6 else "".join(digit * 2 for digit in value)
        colours[name] = _linear(digits)
    return colours


def _linear(digits: str) -> Colour:
    red, green, blue = (_light(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return red, green, blue


def _light(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def seen(colour: Colour, eye: str) -> Colour:
    """A colour as an eye sees it."""
    red, green, blue = (
        min(1.0, max(0.0, sum(part * light for part, light in zip(row, colour, strict=True))))
        for row in EYES[eye]
    )
    return red, green, blue


def luminance(colour: Colour) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def contrast(one: Colour, other: Colour) -> float:
    """The contrast of two colours (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("eye", EYES)
def test_marks_stand_out_from_all_they_stand_on(theme: str, eye: str) -> None:
    colours = tokens(theme)
    weak = {
        (mark, ground): round(found, 2)
        for mark in MARKS
        for ground in GROUNDS
        if (found := contrast(seen(colours[mark], eye), seen(colours[ground], eye))) < 3
    }

    assert weak == {}


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("eye", EYES)
def test_the_scale_climbs_away_from_the_paper(theme: str, eye: str) -> None:
    colours = tokens(theme)
    steps = [contrast(seen(colours["paper"], eye), seen(colours[name], eye)) for name in SCALE]

    assert steps == sorted(steps)
    assert all(later / earlier >= 1.1 for earlier, later in pairwise(steps))


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_this_place_and_the_median_differ_in_form_and_to_every_eye_for_colour(theme: str) -> None:
    """Without any colour, the dot and the tick still differ in form."""
    colours = tokens(theme)
    for eye in ("common", "protanopia", "deuteranopia", "tritanopia"):
        for one, other in combinations((seen(colours[mark], eye) for mark in MARKS), 2):
            assert max(abs(a - b) for a, b in zip(one, other, strict=True)) > 0.1, eye


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_words_on_maps_can_be_read(theme: str) -> None:
    colours = tokens(theme)

    assert min(contrast(colours["ink"], colours[ground]) for ground in GROUNDS) >= 7
