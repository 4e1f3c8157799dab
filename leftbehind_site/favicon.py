"""The icon for whoever asks for one by itself: ``/favicon.ico``.

Pages name their own, a drawing. Browsers ask for this one beside whatever is no page, such as a file, and so
do readers of feeds. It is drawn from the same drawing. A redirect to that would not do: its name tells its
contents, so that where it leads would change with the drawing.
"""

from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from leftbehind_site.common import pictures
from leftbehind_site.common.headers import for_everyone


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Answer /favicon.ico; who has it already is told so before anything is drawn."""
    svg = Path(str(finders.find("img/icon.svg"))).read_text(encoding="utf-8")
    etag = pictures.etag(svg)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        icon = pictures.icon(svg)
        response = HttpResponse(icon, content_type="image/vnd.microsoft.icon", headers={"ETag": etag})
    response["Cache-Control"] = pictures.KEPT
    for_everyone(response)
    return response
