"""The editors' guide and its pictures belong to each other."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

from tests.pictures import FOLDER, MOST_BYTES

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "editing.md"


def test_every_picture_is_there_small_described_and_used() -> None:
    shown = dict(re.findall(r"!\[([^\]]+)\]\(images/editing/([a-z-]+)\.png\)", GUIDE.read_text("utf-8")))
    assert set(shown.values()) == {path.stem for path in FOLDER.glob("*.png")}
    for path in FOLDER.glob("*.png"):
        assert path.stat().st_size < MOST_BYTES
        with Image.open(path) as picture:
            assert picture.width == 1000


def test_every_heading_is_in_the_list_of_contents() -> None:
    text = GUIDE.read_text("utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    anchors = re.findall(r"^- \[(.+?)\]\(#(.+?)\)$", text, re.MULTILINE)
    assert anchors == [(name, re.sub(r"[^a-z -]", "", name.lower()).replace(" ", "-")) for name in headings]
