"""The icon that browsers ask for by themselves."""

from __future__ import annotations

from io import BytesIO

from django.test import Client
from PIL import Image


def test_the_icon_is_the_drawing_of_the_pages_in_two_sizes(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert response.status_code == 200
    assert response["Content-Type"] == "image/vnd.microsoft.icon"
    assert not response.cookies
    with Image.open(BytesIO(response.content)) as icon:
        assert icon.format == "ICO"
        assert icon.info["sizes"] == {(16, 16), (32, 32)}
        # The circle in the middle of the edge.
        assert icon.convert("RGB").getpixel((6, 13)) == (0xA6, 0x3D, 0x1E)


def test_who_has_it_is_told_so(client: Client) -> None:
    first = client.get("/favicon.ico")
    assert client.get("/favicon.ico").content == first.content
    assert client.get("/favicon.ico", headers={"if-none-match": first["ETag"]}).status_code == 304
    assert client.head("/favicon.ico").status_code == 200
    assert client.post("/favicon.ico").status_code == 405
