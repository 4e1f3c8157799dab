"""How other sites show a neighbourhood: its picture, its card in a frame, and what tells them of it (oEmbed).

Source of the rules: the oEmbed specification, https://oembed.com/, sections 2.2 to 2.3.4.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.html import format_html

from leftbehind_site.common import pictures
from leftbehind_site.common.page import SITE_NAME
from leftbehind_site.common.paths import path_to
from leftbehind_site.common.structured import address
from neighbourhoods.models import Neighbourhood


def card_path(neighbourhood: Neighbourhood) -> str:
    """Where its picture is."""
    return _path("card", neighbourhood)


def embed_path(neighbourhood: Neighbourhood) -> str:
    """Where its card for a frame on another site is."""
    return _path("embed", neighbourhood)


def oembed_path(neighbourhood: Neighbourhood) -> str:
    """Where its oEmbed document is, in the form that needs no query."""
    return _path("oembed", neighbourhood)


def _path(view: str, neighbourhood: Neighbourhood) -> str:
    return path_to(f"neighbourhoods:{view}", neighbourhood.code, neighbourhood.slug)


def card_paths(listed: Iterable[Neighbourhood]) -> Iterator[str]:
    """The address of every picture, the site's own first.

    Args:
        listed: The neighbourhoods that are on the list.
    """
    yield path_to("card")
    yield from map(card_path, listed)


def embed_paths(listed: Iterable[Neighbourhood]) -> Iterator[str]:
    """The address of every card for a frame, and of the document that tells of it.

    Args:
        listed: The neighbourhoods that are on the list.
    """
    for neighbourhood in listed:
        yield embed_path(neighbourhood)
        yield oembed_path(neighbourhood)


# --- the frame on another site

WIDTH: Final = 480
"""How wide the frame is if nobody asks for less, in pixels."""

_HEIGHTS: Final = ((440, 370), (360, 460), (0, 530))
"""The least width of a frame, and how tall the card with the longest name is in it, in pixels."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame in which another site shows a neighbourhood's card.

    Attributes:
        neighbourhood: Which, with its authority fetched along.
        width: In pixels.
        height: In pixels.
    """

    neighbourhood: Neighbourhood
    width: int
    height: int

    @classmethod
    def of(
        cls, neighbourhood: Neighbourhood, max_width: int | None = None, max_height: int | None = None
    ) -> Frame:
        """The frame that shows the card best within what another site has room for.

        Args:
            neighbourhood: Which, with its authority fetched along.
            max_width: The widest it may be, in pixels.
            max_height: The tallest, in pixels; in a frame less tall than the card its reader scrolls.
        """
        width = min(max_width or WIDTH, WIDTH)
        height = next(tall for least, tall in _HEIGHTS if width >= least)
        return cls(neighbourhood, width, min(max_height or height, height))

    @property
    def title(self) -> str:
        """What is in the frame."""
        where = self.neighbourhood.authority.in_prose
        return f"{self.neighbourhood.name}, {where}: ranks for community need and deprivation"

    @property
    def path(self) -> str:
        """Where the card is."""
        return embed_path(self.neighbourhood)

    @property
    def oembed_address(self) -> str:
        """Where oEmbed tells of it."""
        return address(oembed_path(self.neighbourhood))

    @property
    def html(self) -> str:
        """The element that another site puts on its page."""
        return format_html(
            '<iframe src="{}" width="{}" height="{}" title="{}" loading="lazy" frameborder="0"></iframe>',
            address(self.path),
            self.width,
            self.height,
            self.title,
        )


def oembed(frame: Frame, *, picture: bool = True) -> dict[str, Any]:
    """What oEmbed says of a neighbourhood.

    Args:
        frame: The frame that holds its card.
        picture: Whether the other site has room for its picture.
    """
    document: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "title": frame.title,
        "provider_name": SITE_NAME,
        "provider_url": address(path_to("home")),
        "html": frame.html,
        "width": frame.width,
        "height": frame.height,
    }
    if picture:
        document |= {
            "thumbnail_url": address(card_path(frame.neighbourhood)),
            "thumbnail_width": pictures.WIDTH,
            "thumbnail_height": pictures.HEIGHT,
        }
    return document


def as_xml(document: dict[str, Any]) -> bytes:
    """An oEmbed document as XML."""
    root = ET.Element("oembed")
    for name, value in document.items():
        ET.SubElement(root, name).text = str(value)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
