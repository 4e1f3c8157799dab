"""What crawlers are told."""

from django.test import Client


def test_everything_but_the_admin_may_be_read(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.text.splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "",
        "Sitemap: https://leftbehind.test/sitemap.xml",
    ]


def test_only_reading_is_answered(client: Client) -> None:
    assert client.head("/robots.txt").status_code == 200
    assert client.post("/robots.txt").status_code == 405


def test_no_cookie_is_set(client: Client) -> None:
    assert not client.get("/robots.txt").cookies
