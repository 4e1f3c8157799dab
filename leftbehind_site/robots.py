"""What crawlers may read: everything but the editors' entrance, which is named only if everybody knows it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """Answer /robots.txt; the sitemap's address is the canonical one, whichever host was asked."""
    lines = [
        "User-agent: *",
        # A hidden one would be told to everybody here. Its pages say themselves that they are not for lists.
        f"Disallow: {'/admin/' if settings.ADMIN_PATH == 'admin' else ''}".rstrip(),
        "",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
