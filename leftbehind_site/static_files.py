"""Style sheets, scripts and icons: WhiteNoise, from the first that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

Answer = Callable[[HttpRequest], HttpResponseBase]


class StaticFiles:
    """Middleware: WhiteNoise looks at each file when it is made, and no page has to wait for that."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    @cached_property
    def _whitenoise(self) -> Answer:
        # Two threads may come first, and make two: they are alike.
        answer: Answer = WhiteNoiseMiddleware(self.get_response)
        return answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request."""
        of_files = request.path_info.startswith(settings.STATIC_URL)
        return (self._whitenoise if of_files else self.get_response)(request)
